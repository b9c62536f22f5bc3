"""Sizes of drawn strokes: true at every angle, along curves and over branches."""

from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phonegrade.inference.defects.measure import hull_area_px, measure_px
from phonegrade.tests.drawn import convex_mask

PX_PER_MM = 8.0
OVER = 6


def drawn(polygons: list[np.ndarray], size: int = 480) -> np.ndarray:
    """Mask (size, size) of the union of convex polygons (N, 2) in pixels, true where covered by half."""
    big = np.zeros((size * OVER, size * OVER), np.uint8)
    for polygon in polygons:
        big[convex_mask((polygon + 0.5) * OVER - 0.5, big.shape)] = 255
    return cv2.resize(big, (size, size), interpolation=cv2.INTER_AREA) >= 128


def band(centre: tuple[float, float], length: float, width: float, angle: float) -> np.ndarray:
    d = np.array([np.cos(angle), np.sin(angle)])
    n = np.array([-d[1], d[0]]) * width / 2
    d = d * length / 2
    return np.asarray(centre) + np.array([d + n, d - n, -d - n, -d + n])


@settings(max_examples=60, deadline=None)
@given(
    angle=st.floats(0, 180),
    length_mm=st.floats(10, 45),
    width_mm=st.floats(0.3, 1.2),
    x=st.floats(-0.5, 0.5),
    y=st.floats(-0.5, 0.5),
)
def test_a_straight_stroke_measures_true_at_any_angle(
    angle: float, length_mm: float, width_mm: float, x: float, y: float
) -> None:
    stroke = band((240 + x, 240 + y), length_mm * PX_PER_MM, width_mm * PX_PER_MM, np.deg2rad(angle))
    sizes = measure_px("scratch", drawn([stroke])).scaled(1 / PX_PER_MM)
    assert sizes.length == pytest.approx(length_mm, rel=0.04)
    assert sizes.width == pytest.approx(width_mm, abs=0.15)


def test_length_follows_the_curve_and_not_the_chord() -> None:
    angles = np.linspace(0, 1.5 * np.pi, 200)
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    pieces = [240 + np.array([162 * a, 162 * b, 158 * b, 158 * a]) for a, b in pairwise(ring)]
    assert measure_px("scratch", drawn(pieces)).length == pytest.approx(160 * 1.5 * np.pi, rel=0.03)


RAYS = [band((240, 240), 300, 4, 0.1), band((240, 160), 160, 4, np.pi / 2 + 0.1), band((300, 320), 160, 4, 1.3)]


def test_a_branching_scratch_is_as_long_as_all_its_branches() -> None:
    assert measure_px("scratch", drawn(RAYS)).length == pytest.approx(300 + 160 + 160, rel=0.04)


def test_a_crack_is_as_long_as_it_extends_and_covers_what_its_branches_do() -> None:
    corners = np.concatenate(RAYS)
    extent = np.linalg.norm(corners[:, None] - corners[None], axis=2).max()
    sizes = measure_px("crack", drawn(RAYS))
    assert sizes.length == pytest.approx(extent, rel=0.02)
    assert sizes.area == pytest.approx(4 * (300 + 160 + 160), rel=0.1)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 12))
def test_no_crack_is_longer_than_its_surface_or_covers_more_than_all_of_it(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    web = [band(tuple(rng.uniform(0, 120, 2)), rng.uniform(5, 200), 3, rng.uniform(0, np.pi)) for _ in range(count)]
    mask = drawn(web, 120)
    if mask.any():
        assert measure_px("crack", mask).length <= np.hypot(*mask.shape) + 1
        assert mask.sum() <= hull_area_px(mask) <= mask.size


def test_the_hull_of_a_mask_holds_what_lies_between_its_branches() -> None:
    square = np.zeros((50, 60), np.bool_)
    square[10, 5:45] = square[10:40, 5] = True
    assert hull_area_px(square) == pytest.approx(40 * 30 / 2, rel=0.1)


def test_a_ragged_border_does_not_lengthen_a_stroke() -> None:
    rng = np.random.default_rng(3)
    smooth = drawn([band((240, 240), 320, 8, 0.3)]).astype(np.float32)
    noise = cv2.GaussianBlur(rng.normal(0, 1, smooth.shape).astype(np.float32), (0, 0), 1.0)
    ragged = cv2.GaussianBlur(smooth, (0, 0), 1.0) + 0.4 * noise > 0.5
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ragged.astype(np.uint8), connectivity=8)
    largest = labels == 1 + int(stats[1:count, cv2.CC_STAT_AREA].argmax())
    assert measure_px("scratch", largest).length == pytest.approx(320, rel=0.05)


@pytest.mark.parametrize("kind", ["chip", "dent", "scuff"])
@pytest.mark.parametrize("angle", [0.0, 0.4, 1.0])
def test_a_patch_is_measured_across(kind: str, angle: float) -> None:
    sizes = measure_px(kind, drawn([band((240.3, 240.2), 80, 30, angle)]))
    assert (sizes.length, sizes.width) == (pytest.approx(80, abs=2), pytest.approx(30, abs=2))
    assert sizes.area == pytest.approx(2400, rel=0.02)


@pytest.mark.parametrize("shape", [(1, 1), (1, 6), (3, 3)])
def test_the_smallest_masks_have_sizes(shape: tuple[int, int]) -> None:
    sizes = measure_px("scratch", np.ones(shape, np.bool_))
    assert sizes.length > 0
    assert sizes.width > 0
    assert sizes.area == pytest.approx(shape[0] * shape[1], rel=0.01)
