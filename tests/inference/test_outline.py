"""Outlines: the drawn quad comes back, upright, whatever the turn and tilt; what cannot be trusted does not."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from phonegrade.core.geometry import aspect, robust_line
from phonegrade.core.vocabulary import Surface, View
from phonegrade.inference.card import BoundaryRefinerCard, LocatorCard
from phonegrade.inference.locating.locate import locate
from phonegrade.inference.locating.outline import OutlineFit, fit_outline
from phonegrade.inference.session import OnnxModel, load_model
from phonegrade.tests.drawn import photograph, quad_px, surface_mm
from phonegrade.tests.stub_models import BACKGROUND, BODY

HW = (1200, 900)


Fit = Callable[[np.ndarray, View], OutlineFit]


@pytest.fixture(scope="module")
def locator(stub_models: Path) -> OnnxModel[LocatorCard]:
    return load_model(stub_models / "locator.onnx", LocatorCard)


@pytest.fixture(scope="module")
def fit(stub_models: Path) -> Fit:
    locator = load_model(stub_models / "locator.onnx", LocatorCard)
    refiner = load_model(stub_models / "boundary_refiner.onnx", BoundaryRefinerCard)
    return lambda rgb, view: fit_outline(rgb, locate(rgb, locator), view, locator, refiner)


@pytest.mark.parametrize("surface", [Surface.FRONT, Surface.BACK])
@pytest.mark.parametrize("tilt", [0.0, 0.15, 0.3])
@pytest.mark.parametrize("turn", [0, 7, -30, 45, 80])
def test_drawn_quads_come_back_within_one_percent(fit: Fit, surface: Surface, turn: int, tilt: float) -> None:
    quad = quad_px(surface, HW, turn_deg=turn, tilt=tilt)
    outline = fit(photograph(surface, photo_hw=HW, quad=quad), surface.view).outline
    assert outline is not None
    assert outline.refined
    size = np.linalg.norm(quad[0] - quad[3])
    assert np.linalg.norm(outline.quad - quad, axis=1).max() < 0.01 * size


@pytest.mark.parametrize("surface", [Surface.LEFT, Surface.TOP])
@pytest.mark.parametrize("turn", [0, 7, -30, 80])
def test_edges_come_back_as_wide_strips(fit: Fit, surface: Surface, turn: int) -> None:
    quad = quad_px(surface, HW, turn_deg=turn)
    outline = fit(photograph(surface, photo_hw=HW, quad=quad), View.EDGE).outline
    assert outline is not None
    assert np.linalg.norm(outline.quad - quad, axis=1).max() < 0.01 * np.linalg.norm(quad[1] - quad[0])


@pytest.mark.parametrize("surface", [Surface.FRONT, Surface.LEFT])
def test_a_crop_is_taken_where_its_boundary_score_is_higher_and_only_then(
    fit: Fit, monkeypatch: pytest.MonkeyPatch, surface: Surface
) -> None:
    quad = quad_px(surface, HW, turn_deg=30)
    rgb = photograph(surface, photo_hw=HW, quad=quad)
    monkeypatch.setattr("phonegrade.inference.locating.search.SURE_SCORE", 0.0)
    once = fit(rgb, surface.view)
    monkeypatch.setattr("phonegrade.inference.locating.search.SURE_SCORE", 2.0)
    twice = fit(rgb, surface.view)
    assert once.outline is not None
    assert twice.outline is not None
    assert np.linalg.norm(twice.outline.quad - quad, axis=1).max() < 0.01 * np.linalg.norm(quad[0] - quad[1])
    scales = [abs(np.linalg.det(fitted.location.map_from_photo[:2, :2])) for fitted in (once, twice)]
    assert (twice.outline.boundary_score > once.outline.boundary_score) == (scales[1] > scales[0])
    assert twice.outline.boundary_score >= once.outline.boundary_score


def test_a_bump_on_a_strip_does_not_turn_its_sides_apart(fit: Fit) -> None:
    quad = quad_px(Surface.LEFT, HW, turn_deg=7)
    rgb = photograph(Surface.LEFT, photo_hw=HW, quad=quad)
    at = quad[0] + 0.75 * (quad[1] - quad[0])
    cv2.ellipse(rgb, np.round(at).astype(int).tolist(), (60, 25), 7, 0, 360, BODY, cv2.FILLED)
    outline = fit(rgb, View.EDGE).outline
    assert outline is not None
    assert np.linalg.norm(outline.quad - quad, axis=1).max() < 0.02 * np.linalg.norm(quad[1] - quad[0])


def test_an_edge_beside_a_larger_thing_that_looks_like_a_body_is_found(fit: Fit) -> None:
    quad = quad_px(Surface.TOP, HW, fill=0.5)
    rgb = photograph(Surface.TOP, photo_hw=HW, quad=quad)
    cv2.rectangle(rgb, (500, 950), (800, 1150), BODY, cv2.FILLED)
    outline = fit(rgb, View.EDGE).outline
    assert outline is not None
    assert np.linalg.norm(outline.quad - quad, axis=1).max() < 0.02 * np.linalg.norm(quad[1] - quad[0])


def test_the_corner_radius_is_read_from_the_shape(fit: Fit) -> None:
    outline = fit(photograph(Surface.BACK, photo_hw=HW), View.BACK).outline
    assert outline is not None
    assert outline.radius_share == pytest.approx(11.5 / 71.5, abs=0.04)


def test_of_two_ways_round_the_photos_own_upright_wins(fit: Fit) -> None:
    quad = quad_px(Surface.FRONT, HW, turn_deg=180)
    outline = fit(photograph(Surface.FRONT, photo_hw=HW, quad=quad), View.FRONT).outline
    assert outline is not None
    assert outline.quad[0] == pytest.approx(quad[2], abs=3)


@pytest.mark.parametrize("tilt_deg", [0, 40, 68])
def test_a_steep_view_does_not_swap_width_and_height(tilt_deg: int) -> None:
    w, h = surface_mm(Surface.FRONT)
    angle = np.deg2rad(tilt_deg)
    corners = np.array([[-w, -h], [w, -h], [w, h], [-w, h]]) / 2
    depth = 350 + corners[:, 1] * -np.sin(angle)
    detected = np.stack([corners[:, 0], corners[:, 1] * np.cos(angle)], axis=1) / depth[:, None] * 0.75 * HW[0]
    quad = detected + np.array([HW[1] - 1, HW[0] - 1]) / 2
    assert aspect(quad, HW) == pytest.approx(w / h, rel=0.02)


def test_a_phone_that_leaves_the_photo_has_no_outline(fit: Fit) -> None:
    quad = quad_px(Surface.FRONT, HW) + np.array([330.0, 0.0])
    fitted = fit(photograph(Surface.FRONT, photo_hw=HW, quad=quad), View.FRONT)
    assert fitted.cut_off
    assert fitted.outline is None
    assert fitted.body_mask.any()


def test_a_corner_beyond_the_photo_is_cut_off_although_the_mask_stops_short_of_the_rim(
    fit: Fit,
) -> None:
    quad = quad_px(Surface.BACK, HW, fill=0.9, turn_deg=45)
    quad[:, 0] -= quad[:, 0].min() + 80
    rgb = photograph(Surface.BACK, photo_hw=HW, quad=quad)
    rgb[:, :25] = BACKGROUND
    fitted = fit(rgb, View.BACK)
    assert fitted.cut_off
    assert fitted.outline is None


@pytest.mark.parametrize(("from_rim_px", "reported"), [(6, True), (150, False)])
def test_a_shape_too_stout_for_a_phone_is_a_cut_one_only_beside_the_photos_rim(
    fit: Fit, from_rim_px: int, reported: bool
) -> None:
    rgb = np.full((*HW, 3), BACKGROUND, np.uint8)
    cv2.rectangle(rgb, (100, 100), (800, HW[0] - from_rim_px), BODY, cv2.FILLED)
    fitted = fit(rgb, View.BACK)
    assert fitted.cut_off is reported
    assert (fitted.outline is None) is reported


def test_a_phone_that_nearly_fills_the_photo_keeps_its_outline(fit: Fit) -> None:
    quad = quad_px(Surface.FRONT, HW, fill=0.985)
    outline = fit(photograph(Surface.FRONT, photo_hw=HW, quad=quad), View.FRONT).outline
    assert outline is not None
    assert np.linalg.norm(outline.quad - quad, axis=1).max() < 0.01 * np.linalg.norm(quad[0] - quad[3])


def test_a_shape_that_is_no_rectangle_has_no_outline(fit: Fit) -> None:
    rgb = np.full((*HW, 3), BACKGROUND, np.uint8)
    triangle = np.array([[450, 100], [850, 1100], [50, 1100]], np.int32)
    cv2.fillPoly(rgb, [triangle], BODY)
    assert fit(rgb, View.BACK).outline is None


def test_an_empty_table_has_no_outline_and_no_body(fit: Fit) -> None:
    fitted = fit(np.full((*HW, 3), BACKGROUND, np.uint8), View.FRONT)
    assert fitted.outline is None
    assert not fitted.cut_off
    assert not fitted.body_mask.any()


def test_a_finger_over_one_side_does_not_bend_the_outline(fit: Fit) -> None:
    quad = quad_px(Surface.BACK, HW)
    rgb = photograph(Surface.BACK, photo_hw=HW, quad=quad)
    y = int(quad[:, 1].mean())
    cv2.ellipse(rgb, (int(quad[1, 0]), y), (60, 90), 0, 0, 360, BACKGROUND, -1)
    outline = fit(rgb, View.BACK).outline
    assert outline is not None
    assert np.linalg.norm(outline.quad - quad, axis=1).max() < 0.015 * np.linalg.norm(quad[0] - quad[3])


def test_the_view_is_recognised(locator: OnnxModel[LocatorCard]) -> None:
    for surface in Surface:
        assert locate(photograph(surface, photo_hw=(600, 450)), locator).view is surface.view
    assert locate(np.full((600, 450, 3), BACKGROUND, np.uint8), locator).view is View.NONE


@pytest.mark.parametrize("degrees", [0, 37, 90, 135])
def test_a_third_of_the_points_far_off_hardly_bends_a_line(degrees: float) -> None:
    rng = np.random.default_rng(5)
    d = np.array([np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))])
    points = np.array([300.0, 200.0]) + rng.uniform(-200, 200, (300, 1)) * d + rng.normal(0, 0.3, (300, 2))
    points[:100] += 4 * np.array([-d[1], d[0]])
    point, direction = robust_line(points)
    assert abs(float(direction @ d)) > np.cos(np.deg2rad(0.2))
    assert abs(float((point - (300, 200)) @ np.array([-d[1], d[0]]))) < 1.0
