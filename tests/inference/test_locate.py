"""The closer look: a coarse outline fills the locator's input, upright, and its maps lead back to the photo."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phonegrade.core.geometry import box, transform
from phonegrade.core.vocabulary import Surface
from phonegrade.inference.card import LocatorCard
from phonegrade.inference.locating.locate import CLOSE_MARGIN, locate, locate_on_crop, window
from phonegrade.inference.session import load_model
from phonegrade.tests.drawn import photograph, quad_px

SIDE = 320


@given(turn=st.floats(-np.pi, np.pi), long=st.floats(20, 3000), slender=st.floats(0.03, 0.95), first=st.integers(0, 3))
def test_a_window_stands_the_long_side_upright_with_a_margin_at_both_ends(
    turn: float, long: float, slender: float, first: int
) -> None:
    upright = box(slender * long, long)
    turned = upright @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) + (400, -50)
    seen = transform(window(np.roll(turned, first, axis=0), SIDE), turned)
    low, high = seen.min(axis=0), seen.max(axis=0)
    assert (low + high) / 2 == pytest.approx([(SIDE - 1) / 2] * 2, abs=1e-3)
    assert high - low == pytest.approx(SIDE * np.array([slender, 1.0]) / (1 + 2 * CLOSE_MARGIN), rel=1e-3)
    assert np.abs(np.linalg.det(np.stack([seen[1] - seen[0], seen[2] - seen[1]]))) == pytest.approx(
        np.prod(high - low), rel=1e-3
    )


@pytest.mark.parametrize("surface", [Surface.FRONT, Surface.LEFT])
def test_a_closer_look_is_finer_than_the_first(stub_models: Path, surface: Surface) -> None:
    locator = load_model(stub_models / "locator.onnx", LocatorCard)
    quad = quad_px(surface, (1200, 900), turn_deg=20)
    rgb = photograph(surface, photo_hw=(1200, 900), quad=quad)
    first = locate(rgb, locator)
    closer = locate_on_crop(rgb, quad, first, locator)
    assert closer.view is first.view
    for look in (first, closer):
        body = look.regions["body"] >= 0.5
        seen = float(body.sum()) / abs(float(np.linalg.det(look.map_from_photo[:2, :2])))
        width, height = np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[3] - quad[0])
        assert seen == pytest.approx(width * height, rel=0.15)
    assert np.linalg.det(closer.map_from_photo[:2, :2]) > 1.2 * np.linalg.det(first.map_from_photo[:2, :2])
