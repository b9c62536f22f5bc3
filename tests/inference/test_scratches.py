"""Scratches counted one by one: crossing ones apart, interrupted ones whole."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from phonegrade.core.vocabulary import DefectKind
from phonegrade.inference.defects.instances import Instance
from phonegrade.inference.defects.measure import measure_px
from phonegrade.inference.defects.merge import single_scratches

PX_PER_MM = 8.0
SIZE, OVER = 420, 4
Path = np.ndarray
"""(N, 2) x, y of a scratch's course, in pixels."""


def straight(x: float, y: float, length: float, degrees: float) -> Path:
    """A course through its middle (x, y)."""
    d = np.array([np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))]) * length / 2
    return np.array([[x, y]]) + np.stack([-d, d])


def arc(x: float, y: float, radius: float, first: float, last: float) -> Path:
    t = np.deg2rad(np.linspace(first, last, 60))
    return np.stack([x + radius * np.cos(t), y + radius * np.sin(t)], axis=1)


def course_px(path: Path) -> float:
    return float(np.linalg.norm(np.diff(path, axis=0), axis=1).sum())


def scratches(paths: list[Path], width: int = 4, ragged: float = 0.3, seed: int = 0) -> list[Instance]:
    """One scratch for each connected part of all the courses drawn together, with ragged borders."""
    big = np.zeros((SIZE * OVER, SIZE * OVER), np.uint8)
    for path in paths:
        cv2.polylines(big, [np.round(path * OVER).astype(np.int32)], False, 255, width * OVER)
    cover = cv2.resize(big, (SIZE, SIZE), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    noise = np.random.default_rng(seed).normal(0, ragged, cover.shape).astype(np.float32)
    noise *= cv2.dilate(cover, np.ones((7, 7), np.uint8))
    drawn = cv2.GaussianBlur(cover, (0, 0), 1.0) + cv2.GaussianBlur(noise, (0, 0), 1.0) > 0.5
    count, labels, stats, _ = cv2.connectedComponentsWithStats(drawn.astype(np.uint8), connectivity=8)
    instances = []
    for x, y, w, h, size in stats[1:count]:
        part = labels[y : y + h, x : x + w]
        if size > 20:
            instances.append(
                Instance(DefectKind.SCRATCH, 0.5, part == np.bincount(part.ravel())[1:].argmax() + 1, (x, y))
            )
    return instances


def lengths(paths: list[Path], **how: float) -> list[float]:
    reported = single_scratches(scratches(paths, **how), PX_PER_MM)  # type: ignore[arg-type]
    return sorted(measure_px("scratch", mark.mask, bridges=mark.bridges).length for mark in reported)


@pytest.mark.parametrize("degrees", [25, 35, 45, 60, 90])
@pytest.mark.parametrize("turn", [0, 17, 50])
def test_two_that_cross_are_two(degrees: float, turn: float) -> None:
    paths = [straight(200, 200, 240, turn), straight(200, 200, 200, turn + degrees)]
    assert lengths(paths) == pytest.approx(sorted(map(course_px, paths)), rel=0.07)


@pytest.mark.parametrize(
    "paths",
    [
        [straight(200, 200, 240, 10), straight(200, 205, 240, 70), straight(195, 200, 240, 130)],
        [straight(200, 160, 260, 3), straight(200, 240, 240, -3), straight(160, 200, 250, 92)],
        [arc(200, 350, 200, 200, 340), straight(200, 200, 220, 70)],
        [straight(200, 200, 240, 0), straight(200, 255, 110, 90)],
    ],
    ids=["three through one point", "a ladder", "an arc crossed", "one ends at another"],
)
def test_each_goes_straight_on_where_they_meet(paths: list[Path]) -> None:
    assert lengths(paths) == pytest.approx(sorted(map(course_px, paths)), rel=0.06)


@pytest.mark.parametrize(
    "path",
    [straight(200, 200, 250, 33), arc(200, 200, 120, 0, 300), np.array([[100.0, 100], [250, 100], [250, 250]])],
    ids=["straight", "nearly a ring", "a corner"],
)
@pytest.mark.parametrize("seed", range(4))
def test_one_alone_stays_one_however_ragged(path: Path, seed: int) -> None:
    assert lengths([path], ragged=0.5, seed=seed) == pytest.approx([course_px(path)], rel=0.06)


def test_the_parts_of_a_crossing_keep_its_place_and_its_pixels() -> None:
    (whole,) = scratches([straight(200, 200, 240, 0), straight(200, 200, 200, 70)])
    parts = single_scratches([whole], PX_PER_MM)
    painted = np.zeros((SIZE, SIZE), int)
    for part in parts:
        x, y = part.origin
        painted[y : y + part.mask.shape[0], x : x + part.mask.shape[1]] |= part.mask
    x, y = whole.origin
    before = np.zeros((SIZE, SIZE), int)
    before[y : y + whole.mask.shape[0], x : x + whole.mask.shape[1]] = whole.mask
    assert len(parts) == 2
    np.testing.assert_array_equal(painted, before)


@pytest.mark.parametrize("gap", [5, 12, 20])
def test_a_curved_scratch_that_pauses_is_one(gap: float) -> None:
    share = np.rad2deg(gap / 150)
    edges = [200.0, 235.0, 262.0, 300.0]
    paths = [arc(200, 300, 150, a, b - share) for a, b in pairwise(edges)]
    assert lengths(paths) == pytest.approx([np.deg2rad(100) * 150 - gap], rel=0.06)


def test_two_interrupted_ones_that_cross_at_a_pause_stay_two() -> None:
    cut = [(-120, -12), (12, 120)]
    paths = [
        np.array([[200, 200]]) + np.outer(span, [np.cos(t), np.sin(t)]) for t in (0.2, 1.4) for span in map(list, cut)
    ]
    assert lengths(paths) == pytest.approx([240, 240], rel=0.05)


@pytest.mark.parametrize("aside", [12, 20, 40])
def test_parallel_neighbours_stay_apart(aside: float) -> None:
    paths = [straight(180, 200, 150, 10), straight(180 + 90, 200 + aside + 16, 150, 10), straight(170, 230, 80, 10)]
    assert len(lengths([paths[0], paths[0] + [0, aside]])) == 2
    assert len(lengths([paths[0], paths[0] + [165 * np.cos(0.17) - aside, aside + 30]])) == 2


def test_specks_in_a_row_are_no_scratch() -> None:
    paths = [straight(60 + 24 * step, 200, 5, 0) for step in range(6)]
    assert len(lengths(paths)) == 6
