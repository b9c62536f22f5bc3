"""Paint: exact areas where the annotation lies, alike at every scale, and slopes that mean what they say."""

import cv2
import numpy as np
import pytest

from phonegrade.datasets.annotations.annotation import Annotation, Stroke, annotation_mask
from phonegrade.datasets.annotations.raster import region_cover, stroke_cover
from phonegrade.rendering.wear.cracks import draw_crack
from phonegrade.rendering.wear.defects import draw_chip, draw_dent, draw_scratch, draw_scuff
from phonegrade.rendering.wear.dirt import draw_dust, draw_oil, draw_smudge
from phonegrade.rendering.wear.layers import Layers
from phonegrade.rendering.wear.paint import paint
from phonegrade.rendering.wear.paint_lines import scratch_width_mm

SIZE_MM = (40.0, 60.0)
DRAWS = (draw_crack, draw_scratch, draw_scuff, draw_chip, draw_dent, draw_smudge, draw_oil, draw_dust)


def painted(annotation: Annotation, px_per_mm: float, seed: int = 0) -> Layers:
    layers = Layers.empty((round(SIZE_MM[1] * px_per_mm), round(SIZE_MM[0] * px_per_mm)))
    paint(layers, annotation, px_per_mm, np.random.default_rng(seed))
    return layers


def parts(layers: Layers) -> tuple[np.ndarray, ...]:
    return layers.cover, layers.white, layers.dark, layers.slope_x, layers.slope_y, layers.rough


def centroid_mm(weights: np.ndarray, px_per_mm: float) -> np.ndarray:
    rows, columns = np.nonzero(weights)
    at = (np.stack([columns, rows], axis=1) + 0.5) / px_per_mm
    return np.average(at, axis=0, weights=weights[rows, columns])


@pytest.mark.parametrize("px_per_mm", [4.0, 6.3, 10.0, 14.0])
@pytest.mark.parametrize("angle_deg", [0, 17, 45, 80])
@pytest.mark.parametrize("width_mm", [0.02, 0.1, 0.4, 1.5])
def test_a_stroke_covers_its_length_times_its_width_about_its_middle(
    px_per_mm: float, angle_deg: float, width_mm: float
) -> None:
    angle = np.deg2rad(angle_deg)
    start = np.array([11.3, 15.1])
    end = start + 20 * np.array([np.cos(angle), np.sin(angle)])
    shape = (round(SIZE_MM[1] * px_per_mm), round(SIZE_MM[0] * px_per_mm))
    cover = stroke_cover([np.array([start, end])], [width_mm], shape, px_per_mm)
    assert cover.sum() / px_per_mm**2 == pytest.approx(20 * width_mm, rel=0.02)
    assert np.hypot(*(centroid_mm(cover, px_per_mm) - (start + end) / 2)) * px_per_mm < 0.1


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("width_mm", [0.04, 0.2, 0.5])
def test_a_scratch_is_as_wide_as_its_grooves_lie_apart(width_mm: float, seed: int) -> None:
    px_per_mm, band = 60.0, np.array([[5.0, 10.0], [35.0, 10.0]])
    annotation = Annotation("scratch", "hairline", (Stroke(band, width_mm),))
    cover = painted(annotation, px_per_mm, seed).cover[:, round(5 * px_per_mm) : round(35 * px_per_mm)] > 0.1
    last = cover.shape[0] - 1 - cover[::-1].argmax(axis=0)
    breadth = np.where(cover.any(axis=0), last - cover.argmax(axis=0) + 1, 0) / px_per_mm
    recorded = scratch_width_mm(annotation, np.random.default_rng(seed))
    assert breadth.mean() == pytest.approx(recorded, rel=0.1, abs=2 / px_per_mm)


@pytest.mark.parametrize("px_per_mm", [4.0, 8.0, 10.0])
def test_a_region_covers_the_area_of_its_polygon(px_per_mm: float) -> None:
    region = np.array([[10.03, 10.1], [14.2, 10.4], [13.1, 15.2], [9.2, 14.1]])
    cover = region_cover(region, (round(60 * px_per_mm), round(40 * px_per_mm)), px_per_mm)
    area = cv2.contourArea(region.astype(np.float32))
    assert cover.sum() / px_per_mm**2 == pytest.approx(area, rel=0.005)
    moments = cv2.moments(region.astype(np.float32))
    middle = np.array([moments["m10"], moments["m01"]]) / moments["m00"]
    assert np.hypot(*(centroid_mm(cover, px_per_mm) - middle)) * px_per_mm < 0.1


@pytest.mark.parametrize("px_per_mm", [5.0, 8.0, 10.0])
def test_paint_lies_on_the_line_of_its_stroke(px_per_mm: float) -> None:
    start, end = np.array([8.2, 12.9]), np.array([30.4, 41.3])
    layers = painted(Annotation("scratch", "hairline", (Stroke(np.array([start, end]), 0.05),)), px_per_mm)
    way = (end - start) / np.hypot(*(end - start))
    aside = (centroid_mm(layers.cover, px_per_mm) - start) @ np.array([-way[1], way[0]])
    assert abs(aside) * px_per_mm < 0.1


@pytest.mark.parametrize("draw", [draw_crack, draw_scratch])
def test_a_lines_white_lies_where_its_label_is(draw) -> None:  # noqa: ANN001
    for seed in range(6):
        annotation = draw(SIZE_MM, np.random.default_rng(seed))
        layers = painted(annotation, 8.0, seed)
        near = (
            cv2.dilate(annotation_mask(annotation, layers.cover.shape, 8.0).astype(np.uint8), np.ones((7, 7), np.uint8))
            > 0
        )
        if annotation.style != "shatter":
            assert layers.white[near].sum() > 0.9 * layers.white.sum()


@pytest.mark.parametrize("draw", DRAWS)
def test_an_annotation_looks_alike_at_every_scale(draw) -> None:  # noqa: ANN001
    for seed in range(4):
        annotation = draw(SIZE_MM, np.random.default_rng(seed))
        fine, coarse = painted(annotation, 12.0, seed), painted(annotation, 6.0, seed)
        for one, other in zip(parts(fine), parts(coarse), strict=True):
            smaller = cv2.resize(one, other.shape[::-1], interpolation=cv2.INTER_AREA)
            a, b = (cv2.GaussianBlur(part, (0, 0), 1.5) for part in (smaller, other))
            if np.abs(a).max() > 1e-2:
                assert np.corrcoef(a.ravel(), b.ravel())[0, 1] > 0.9, (annotation.style, seed)
                assert np.abs(a).sum() == pytest.approx(np.abs(b).sum(), rel=0.25), (annotation.style, seed)


@pytest.mark.parametrize("draw", DRAWS)
def test_layers_stay_physical(draw) -> None:  # noqa: ANN001
    for seed in range(12):
        layers = painted(draw(SIZE_MM, np.random.default_rng(seed)), 8.0, seed)
        assert all(np.isfinite(part).all() for part in parts(layers))
        assert any(np.abs(part).max() > 0 for part in parts(layers))
        for share in (layers.cover, layers.dark):
            assert share.min() >= 0
            assert share.max() <= 1
        assert layers.white.min() >= 0
        assert layers.rough.min() >= 0


def test_a_dent_falls_towards_its_middle() -> None:
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    outline = np.array([20.0, 30.0]) + 2.5 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    layers = painted(Annotation("dent", "smooth", (), (outline,), depth_mm=0.4), 10.0)
    left, right = layers.slope_x[300, 170:190].mean(), layers.slope_x[300, 210:230].mean()
    assert left < -0.05
    assert right > 0.05
    assert layers.slope_x[300].sum() == pytest.approx(0, abs=0.5)  # outside, the metal is as high as it was


def test_an_annotation_off_the_surface_changes_nothing() -> None:
    far = Annotation("scratch", "deep", (Stroke(np.array([[90.0, 90.0], [95.0, 99.0]]), 0.2),))
    assert not any(part.any() for part in parts(painted(far, 8.0)))
