"""The sides of an outline: strips lie where they say, and a coarse quad comes back to the drawn border."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from phonegrade.inference.card import SidesCard
from phonegrade.inference.quad import Quad
from phonegrade.inference.session import OnnxModel, load_model
from phonegrade.inference.sides import refine_sides
from phonegrade.inference.strips import ACROSS, ALONG, STRAIGHT, along_of, offset_of, strips
from phonegrade.tests.stub_models import BACKGROUND, BODY

FINER = 8
QUAD = np.array([[210.0, 120.0], [520.0, 150.0], [500.0, 780.0], [190.0, 760.0]])


@pytest.fixture(scope="module")
def finder(stub_models: Path) -> OnnxModel[SidesCard]:
    return load_model(stub_models / "sides.onnx", SidesCard)


def drawn(quad: Quad) -> np.ndarray:
    large = np.full((900 * FINER, 700 * FINER, 3), BACKGROUND, np.uint8)
    cv2.fillConvexPoly(large, np.round((quad + 0.5) * FINER - 0.5).astype(np.int32), BODY)
    return cv2.resize(large, (700, 900), interpolation=cv2.INTER_AREA)


def moved(quad: Quad, by_px: float) -> Quad:
    """The quad grown by about `by_px` on every side."""
    middle = quad.mean(axis=0)
    return np.asarray(quad + by_px * np.sign(quad - middle))


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
def test_a_coarse_quad_comes_back_to_the_border_below_a_pixel(off_px: float, finder: OnnxModel[SidesCard]) -> None:
    found = refine_sides(drawn(QUAD), moved(QUAD, off_px), finder)
    assert found is not None
    assert np.linalg.norm(found.quad - QUAD, axis=1).max() < 0.6
    assert found.support > 0.3


def test_sides_without_a_border_keep_their_place(finder: OnnxModel[SidesCard]) -> None:
    empty = np.full((900, 700, 3), BACKGROUND, np.uint8)
    found = refine_sides(empty, QUAD, finder)
    assert found is not None
    assert found.quad == pytest.approx(QUAD)
    assert found.support < 0.1
