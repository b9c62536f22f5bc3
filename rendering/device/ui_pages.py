"""What a lit display shows: a page or a picture with its status bar."""

from collections.abc import Callable

import numpy as np

from phonegrade.core.arrays import RGB
from phonegrade.rendering.device.app_pages import chart_page, chat_page, feed_page, keys_page, list_page, map_page
from phonegrade.rendering.device.launcher_pages import home_page, lock_page
from phonegrade.rendering.device.pictograms import pictogram
from phonegrade.rendering.device.scenery import draw_scenery
from phonegrade.rendering.device.ui_parts import WHITE, status_bar
from phonegrade.rendering.device.wallpapers import draw_wallpaper
from phonegrade.rendering.texture import chance

BUSY_BARE_SHARE = 0.2
"""Busy screens that show a picture alone."""
PAGES: tuple[tuple[float, Callable[[RGB, np.random.Generator], None]], ...] = (
    (0.3, home_page),
    (0.16, lock_page),
    (0.12, list_page),
    (0.09, chat_page),
    (0.12, feed_page),
    (0.06, keys_page),
    (0.05, map_page),
    (0.05, chart_page),
)
"""Pages with how often each is shown."""


def draw_page(height: int, width: int, rng: np.random.Generator) -> RGB:
    """A page or a bare picture (height, width, 3), sRGB bytes, with its status bar."""
    picture = draw_wallpaper(height, width, rng)
    draw = rng.random()
    for weight, page in PAGES:
        draw -= weight
        if draw < 0:
            page(picture, rng)
            break
    if chance(rng, 0.8):
        _readable_status_bar(picture, rng)
    return picture


def draw_busy_page(height: int, width: int, rng: np.random.Generator) -> RGB:
    """A picture with the detail of a photograph, alone or under icons or messages: (height, width, 3), sRGB bytes."""
    picture = draw_scenery(height, width, rng)
    if chance(rng, BUSY_BARE_SHARE):
        return picture
    if chance(rng, 0.75):
        home_page(picture, rng, pictogram)
    else:
        lock_page(picture, rng)
    _readable_status_bar(picture, rng)
    return picture


def _readable_status_bar(picture: RGB, rng: np.random.Generator) -> None:
    bright = picture[: picture.shape[0] // 25].mean() > 150
    status_bar(picture, (40, 40, 40) if bright else WHITE, rng)
