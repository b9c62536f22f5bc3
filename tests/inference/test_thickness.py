"""The known thickness of an edge corrects a long side that lies elsewhere, and leaves alone what is right or unsure."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from phonegrade.core.arrays import Quad
from phonegrade.inference.card import BoundaryRefinerCard
from phonegrade.inference.locating.coarse import Outline
from phonegrade.inference.locating.thickness import correct_thickness
from phonegrade.inference.session import OnnxModel, load_model
from phonegrade.tests.stub_models import BACKGROUND, BODY

WIDTH, HEIGHT = 700, 500
EDGE = np.array([[100.0, 200.0], [600.0, 200.0], [600.0, 250.0], [100.0, 250.0]])
RATIO = 10.0


@pytest.fixture(scope="module")
def finder(stub_models: Path) -> OnnxModel[BoundaryRefinerCard]:
    return load_model(stub_models / "boundary_refiner.onnx", BoundaryRefinerCard)


def drawn(quad: Quad) -> np.ndarray:
    picture = np.full((HEIGHT, WIDTH, 3), BACKGROUND, np.uint8)
    cv2.fillConvexPoly(picture, np.round(quad).astype(np.int32), BODY)
    return picture


def outline(quad: Quad, support: float) -> Outline:
    return Outline(quad, radius_share=0.2, iou=0.95, boundary_score=support, refined=True)


def everywhere(quad: Quad) -> float:
    return 1.0


def with_side(quad: Quad, side: str, off_px: float) -> Quad:
    """The quad with its upper or lower side so much farther out."""
    moved = quad.copy()
    corners, way = ([0, 1], -1) if side == "upper" else ([2, 3], 1)
    moved[corners, 1] += way * off_px
    return moved


@pytest.mark.parametrize("side", ["upper", "lower"])
@pytest.mark.parametrize("off_px", [-14.0, 12.0, 30.0])
def test_a_long_side_that_took_a_neighbours_border_comes_back(
    side: str, off_px: float, finder: OnnxModel[BoundaryRefinerCard]
) -> None:
    wrong = outline(with_side(EDGE, side, off_px), boundary_score=0.6)
    found = correct_thickness(drawn(EDGE), wrong, RATIO, finder, everywhere)
    assert np.abs(found.quad - EDGE).max() < 1.5
    assert found.boundary_score > 0.6


def test_an_outline_of_the_known_proportions_is_left_alone(finder: OnnxModel[BoundaryRefinerCard]) -> None:
    right = outline(EDGE, boundary_score=0.1)
    assert correct_thickness(drawn(with_side(EDGE, "lower", 20)), right, RATIO, finder, everywhere) is right


def test_an_edge_that_a_tilt_makes_slender_keeps_its_well_borne_out_sides(
    finder: OnnxModel[BoundaryRefinerCard],
) -> None:
    tilted = with_side(EDGE, "lower", -6)
    found = correct_thickness(drawn(tilted), outline(tilted, boundary_score=0.9), RATIO, finder, everywhere)
    assert np.abs(found.quad - tilted).max() < 1.5


def test_an_edge_that_the_photo_cuts_off_is_not_made_whole(finder: OnnxModel[BoundaryRefinerCard]) -> None:
    beyond = EDGE + np.array([400.0, 0.0])
    seen = outline(np.minimum(beyond, [WIDTH - 1.0, HEIGHT - 1.0]), boundary_score=0.2)
    assert correct_thickness(drawn(beyond), seen, RATIO, finder, everywhere) is seen


def test_a_side_that_would_lie_beyond_the_photo_is_not_sought(finder: OnnxModel[BoundaryRefinerCard]) -> None:
    at_rim = EDGE - np.array([0.0, 198.0])
    thin = outline(with_side(at_rim, "lower", -25), boundary_score=0.6)
    found = correct_thickness(drawn(at_rim), thin, RATIO, finder, everywhere)
    assert (found.quad >= 0).all()
    assert found.quad[2, 1] == pytest.approx(at_rim[2, 1], abs=1.5)


def test_where_no_border_is_elsewhere_the_first_outline_stays(finder: OnnxModel[BoundaryRefinerCard]) -> None:
    wrong = outline(with_side(EDGE, "lower", 30), boundary_score=0.3)
    nothing = np.full((HEIGHT, WIDTH, 3), BACKGROUND, np.uint8)
    assert correct_thickness(nothing, wrong, RATIO, finder, everywhere) is wrong
