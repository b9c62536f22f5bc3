"""Overlays: marks are drawn where they are, at the picture's own scale."""

from pathlib import Path

import numpy as np
import pytest

from phonegrade.core.geometry import transform
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import DefectKind, Surface
from phonegrade.inference.inspector import Inspector
from phonegrade.inference.overlay import KIND_RGB, LONG_SIDE_PX, draw_overlay
from phonegrade.tests.drawn import Mark, jpeg, photo_from_mm, photograph, quad_px

MARKS = (
    Mark("scratch", ((15, 30), (45, 70)), 0.6),
    Mark("oil", ((20, 90), (40, 90), (40, 110), (20, 110)), filled=True),
)


@pytest.mark.parametrize("photo_px", [1000, 2400])
def test_marks_are_drawn_in_their_place(stub_models: Path, photo_px: int) -> None:
    hw = (photo_px, photo_px * 3 // 4)
    rgb = photograph(Surface.FRONT, MARKS, photo_hw=hw)
    before = rgb.copy()
    inspection = Inspector.load(stub_models).inspect(PhotoFile("p", jpeg(rgb), Surface.FRONT))
    drawn = draw_overlay(rgb, inspection)
    assert (rgb == before).all()
    assert max(drawn.shape[:2]) == min(photo_px, LONG_SIDE_PX)
    to_drawn = photo_from_mm(Surface.FRONT, quad_px(Surface.FRONT, hw))
    x, y = np.round(transform(to_drawn, np.array([30.0, 50.0])) * drawn.shape[0] / photo_px).astype(int)
    own = drawn[y - 1 : y + 2, x - 1 : x + 2].reshape(-1, 3).mean(axis=0)
    assert own[0] < 60  # the scratch is pure green and stays so: nothing is drawn on it
    around = drawn[y - 15 : y + 16, x - 15 : x + 16].reshape(-1, 3)
    orange = np.abs(around.astype(int) - KIND_RGB[DefectKind.SCRATCH]).max(axis=1) < 60
    assert orange.sum() > 20


def test_a_reduced_photo_is_drawn_at_its_scale(stub_models: Path) -> None:
    rgb = photograph(Surface.FRONT, MARKS, photo_hw=(1600, 1200))
    inspection = Inspector.load(stub_models).inspect(PhotoFile("p", jpeg(rgb), Surface.FRONT))
    half = np.ascontiguousarray(rgb[::2, ::2])
    changed = np.abs(draw_overlay(half, inspection, scale=0.5).astype(int) - half).max(axis=2) > 40
    rows, columns = np.nonzero(changed)
    quad = quad_px(Surface.FRONT, (800, 600))
    assert rows.min() == pytest.approx(quad[:, 1].min(), abs=5)
    assert rows.max() == pytest.approx(quad[:, 1].max(), abs=5)
    assert columns.min() == pytest.approx(quad[:, 0].min(), abs=5)


def test_a_photo_without_findings_is_left_as_it_is(stub_models: Path) -> None:
    rgb = np.full((600, 500, 3), 100, np.uint8)
    inspection = Inspector.load(stub_models).inspect(PhotoFile("table", jpeg(rgb)))
    assert (draw_overlay(rgb, inspection) == rgb).all()
