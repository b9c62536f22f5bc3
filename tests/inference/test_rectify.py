"""Canvases: a point drawn at some millimetres lands on those millimetres."""

import cv2
import numpy as np
import pytest

from phonegrade.core.geometry import transform
from phonegrade.core.vocabulary import Surface
from phonegrade.inference.locating.rectify import to_canvas, whole_photo
from phonegrade.tests.drawn import Mark, photo_from_mm, photograph, quad_px, surface_mm

SQUARE = Mark("crack", ((30, 60), (34, 60), (34, 64), (30, 64)), filled=True)


@pytest.mark.parametrize(
    ("photo_px", "turn", "tilt"), [(1600, 0, 0.0), (1600, 33, 0.2), (700, 10, 0.1), (3600, 5, 0.0)]
)
def test_millimetres_on_the_canvas_are_millimetres_on_the_phone(photo_px: int, turn: int, tilt: float) -> None:
    hw = (photo_px, photo_px * 3 // 4)
    quad = quad_px(Surface.BACK, hw, turn_deg=turn, tilt=tilt)
    rgb = photograph(Surface.BACK, (SQUARE,), photo_hw=hw, quad=quad)
    canvas = to_canvas(rgb, quad, surface_mm(Surface.BACK), 8.0)
    red = (canvas.rgb[..., 0] > 200) & (canvas.rgb[..., 1] < 110)
    assert canvas.rgb.shape == (1174, 572, 3)
    assert red.sum() / 64 == pytest.approx(16.0, rel=0.04)
    assert np.argwhere(red).mean(axis=0)[::-1] == pytest.approx([32 * 8 - 0.5, 62 * 8 - 0.5], abs=0.7)


def test_canvas_points_return_to_the_photo() -> None:
    hw = (1600, 1200)
    quad = quad_px(Surface.BACK, hw, turn_deg=20, tilt=0.2)
    canvas = to_canvas(np.zeros((*hw, 3), np.uint8), quad, surface_mm(Surface.BACK), 8.0)
    on_canvas = np.array([[80.0, 160.0], [400.0, 900.0]])
    want = transform(photo_from_mm(Surface.BACK, quad), (on_canvas + 0.5) / 8.0)
    assert transform(canvas.photo_from_canvas, on_canvas) == pytest.approx(want, abs=0.5)


def test_a_much_larger_photo_is_averaged_and_not_sampled() -> None:
    rgb = np.zeros((4000, 2000, 3), np.uint8)
    rgb[::2] = 255
    quad = np.array([[0, 0], [1999, 0], [1999, 3999], [0, 3999]], np.float64)
    canvas = to_canvas(rgb, quad, (40.0, 80.0), 8.0)
    assert np.abs(canvas.rgb[10:-10].astype(int) - 127).max() < 25


def test_the_whole_photo_stands_in_where_there_is_no_outline() -> None:
    canvas = whole_photo(cv2.resize(np.zeros((30, 20, 3), np.uint8), (1500, 2000)))
    assert canvas.rgb.shape == (1100, 825, 3)
    assert canvas.px_per_mm is None
    assert transform(canvas.photo_from_canvas, np.array([[824.5, 1099.5]])) == pytest.approx(
        np.array([[1499.5, 1999.5]])
    )
