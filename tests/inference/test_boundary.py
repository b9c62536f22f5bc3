"""The sides of an outline: strips lie where they say, and a coarse quad comes back to the drawn border."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from phonegrade.core.arrays import Quad
from phonegrade.core.geometry import area
from phonegrade.core.vocabulary import SURFACE_VIEWS, View
from phonegrade.inference.card import BoundaryRefinerCard
from phonegrade.inference.locating.boundary import farther_ends, refine_boundary
from phonegrade.inference.locating.strips import ACROSS, ALONG, STRAIGHT, STRIDE, along_of, offset_of, strips
from phonegrade.inference.session import OnnxModel, load_model
from phonegrade.tests.stub_models import BACKGROUND, BODY

FINER = 8
QUAD = np.array([[210.0, 120.0], [520.0, 150.0], [500.0, 780.0], [190.0, 760.0]])


@pytest.fixture(scope="module")
def refiner(stub_models: Path) -> OnnxModel[BoundaryRefinerCard]:
    return load_model(stub_models / "boundary_refiner.onnx", BoundaryRefinerCard)


class ByView:
    """A boundary refiner's session, to which a front ends at one sample of every strip and all else at another."""

    def run(self, _: list[str], feeds: dict[str, np.ndarray]) -> list[np.ndarray]:
        border = np.zeros((len(feeds["image"]), len(SURFACE_VIEWS), ALONG // STRIDE, ACROSS), np.float32)
        border[..., 44] = 1.0
        border[:, SURFACE_VIEWS.index(View.FRONT)] = np.eye(ACROSS, dtype=np.float32)[20]
        return [border]


def drawn(quad: Quad) -> np.ndarray:
    large = np.full((900 * FINER, 700 * FINER, 3), BACKGROUND, np.uint8)
    cv2.fillConvexPoly(large, np.round((quad + 0.5) * FINER - 0.5).astype(np.int32), BODY)
    return cv2.resize(large, (700, 900), interpolation=cv2.INTER_AREA)


def moved(quad: Quad, by_px: float) -> Quad:
    """The quad grown by about `by_px` on every side."""
    middle = quad.mean(axis=0)
    return np.asarray(quad + by_px * np.sign(quad - middle))


def test_a_side_lies_where_it_ends_in_a_photo_of_that_view(refiner: OnnxModel[BoundaryRefinerCard]) -> None:
    by_view = OnnxModel(ByView(), refiner.card, refiner.sha256)  # type: ignore[arg-type]
    sizes = {}
    for view in SURFACE_VIEWS:
        refined = refine_boundary(drawn(QUAD), QUAD, view, by_view, (0.02,))
        assert refined is not None
        sizes[view] = area(refined.quad)
    assert sizes[View.FRONT] < area(QUAD) < sizes[View.BACK] == sizes[View.EDGE]


def test_samples_reach_over_the_straight_part_and_from_the_inside_out() -> None:
    ends = along_of(np.array([-0.5, ALONG - 0.5]))
    assert ends == pytest.approx(STRAIGHT)
    assert offset_of(np.array([-0.5, ACROSS - 0.5]), 12.0) == pytest.approx([-12.0, 12.0])


@pytest.mark.parametrize("off_px", [-6.0, 0.0, 9.0])
def test_a_strip_shows_the_border_at_the_sample_that_lies_there(off_px: float) -> None:
    box = np.array([[100.0, 100.0], [300.0, 100.0], [300.0, 500.0], [100.0, 500.0]])
    coarse = moved(box, off_px)
    sides = np.stack([coarse, np.roll(coarse, -1, axis=0)], axis=1)
    for strip in strips(drawn(box), sides, reach=16.0):
        body = (strip[ALONG // 2, :, 0] > 150).sum()
        assert offset_of(np.array([body - 0.5]), 16.0) == pytest.approx([-off_px], abs=0.8)


@pytest.mark.parametrize("off_px", [-15.0, -4.0, 5.0, 12.0])
def test_a_coarse_quad_comes_back_to_the_border_below_a_pixel(
    off_px: float, refiner: OnnxModel[BoundaryRefinerCard]
) -> None:
    refined = refine_boundary(drawn(QUAD), moved(QUAD, off_px), View.FRONT, refiner)
    assert refined is not None
    assert np.linalg.norm(refined.quad - QUAD, axis=1).max() < 0.6
    assert refined.boundary_score > 0.3


def test_sides_without_a_border_keep_their_place(refiner: OnnxModel[BoundaryRefinerCard]) -> None:
    empty = np.full((900, 700, 3), BACKGROUND, np.uint8)
    refined = refine_boundary(empty, QUAD, View.FRONT, refiner)
    assert refined is not None
    assert refined.quad == pytest.approx(QUAD)
    assert refined.boundary_score < 0.1


STRIP = np.array([[100.0, 400.0], [600.0, 420.0], [598.0, 470.0], [98.0, 450.0]])


@pytest.mark.parametrize("missing", ["left", "right"])
def test_an_end_that_the_mask_lost_is_sought_farther_along_the_strip(
    missing: str, refiner: OnnxModel[BoundaryRefinerCard]
) -> None:
    rgb, half = drawn(STRIP), STRIP.copy()
    middle = (STRIP + STRIP[[1, 0, 3, 2]]) / 2
    lost = [0, 3] if missing == "left" else [1, 2]
    half[lost] = middle[lost]
    short = refine_boundary(rgb, half, View.EDGE, refiner)
    assert short is not None
    assert short.boundary_score < 0.3
    longer = farther_ends(rgb, short, refiner, 0.3)
    assert longer is not None
    refined = refine_boundary(rgb, longer, View.EDGE, refiner)
    assert refined is not None
    assert np.linalg.norm(refined.quad - STRIP, axis=1).max() < 1.0


def test_a_strip_with_both_ends_is_left_alone(refiner: OnnxModel[BoundaryRefinerCard]) -> None:
    whole = refine_boundary(drawn(STRIP), STRIP, View.EDGE, refiner)
    assert whole is not None
    assert farther_ends(drawn(STRIP), whole, refiner, 0.3) is None
