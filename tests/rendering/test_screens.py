"""What busy screens show: pictures with the detail of photographs, icons of many parts."""

import numpy as np
import pytest

from phonegrade.configs.render_settings import RenderSettings, load_preset
from phonegrade.core.vocabulary import Surface
from phonegrade.rendering.device.pictograms import pictogram
from phonegrade.rendering.device.scenery import PAINTERS, Painter, draw_scenery
from phonegrade.rendering.device.screens import Screen
from phonegrade.rendering.device.ui_pages import draw_busy_page
from phonegrade.rendering.shoot import draw_screen

HEIGHT, WIDTH = 300, 140
LIT_AT_SEED_5 = ["ui", "dark", "ui", "ui", "off", "ui", "off", "ui", "ui", "white", "white", "ui"]


def screens_of(settings: RenderSettings, count: int = 400) -> list[Screen]:
    rng = np.random.default_rng(5)
    return [draw_screen(settings, Surface.FRONT, rng) for _ in range(count)]


@pytest.mark.parametrize("painter", sorted(set(PAINTERS), key=lambda painter: painter.__name__))
@pytest.mark.parametrize("seed", range(4))
def test_every_scenery_is_a_picture_that_its_seed_fixes(painter: Painter, seed: int) -> None:
    first, again, other = (painter(HEIGHT, WIDTH, np.random.default_rng(at)) for at in (seed, seed, seed + 99))
    assert (first.shape, first.dtype) == ((HEIGHT, WIDTH, 3), np.uint8)
    assert first.tobytes() == again.tobytes() != other.tobytes()


@pytest.mark.parametrize("size", [(12, 9), (9, 40), (700, 320)])
def test_scenery_is_drawn_at_any_size(size: tuple[int, int]) -> None:
    for seed in range(12):
        assert draw_scenery(*size, np.random.default_rng(seed)).shape == (*size, 3)


@pytest.mark.parametrize("seed", range(12))
def test_a_pictogram_fills_its_rounded_tile_and_touches_nothing_else(seed: int) -> None:
    rng = np.random.default_rng(seed)
    picture = rng.integers(0, 256, (120, 100, 3)).astype(np.uint8)
    before = picture.copy()
    pictogram(picture, 20, 30, 60, 12, rng)
    changed = (picture != before).any(axis=2)
    assert changed[45:75, 35:65].mean() > 0.9
    changed[30:90, 20:80] = False
    assert not changed.any()
    assert (picture[30, 20] == before[30, 20]).all()  # a corner is round


def test_a_pictogram_beyond_the_picture_is_left_out() -> None:
    picture = np.zeros((50, 50, 3), np.uint8)
    for x, y in ((-10, 5), (30, 5), (5, 40), (60, 60)):
        pictogram(picture, x, y, 30, 5, np.random.default_rng(1))
    assert not picture.any()


def test_busy_pages_differ_and_are_fixed_by_their_seed() -> None:
    pages = [draw_busy_page(HEIGHT, WIDTH, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert pages[0].tobytes() == pages[1].tobytes() != pages[2].tobytes()


def test_a_place_shows_busy_screens_as_often_as_it_says() -> None:
    settings = load_preset("screens")
    shown = screens_of(settings)
    lit = [screen for screen in shown if screen is not Screen.OFF]
    assert len(lit) / len(shown) == pytest.approx(settings.lit_share, abs=0.05)
    assert lit.count(Screen.BUSY) / len(lit) == pytest.approx(settings.busy_share, abs=0.07)


def test_a_place_without_busy_screens_draws_none_and_its_other_screens_stay_what_they_were() -> None:
    settings = load_preset("lit")
    shown = screens_of(settings, 12)
    assert Screen.BUSY not in screens_of(settings)
    assert [screen.value for screen in shown] == LIT_AT_SEED_5


def test_only_a_place_with_busy_screens_is_written_down_with_them() -> None:
    assert "busy_share" not in load_preset("lit").model_dump(mode="json")
    dumped = load_preset("screens").model_dump(mode="json")
    assert RenderSettings.model_validate(dumped) == load_preset("screens")
