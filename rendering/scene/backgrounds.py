"""What a phone lies on or is held before: desks, cloth, stone, paper, blurred rooms; all drawn, no photo."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.rendering.scene.ground_hard import carbon, concrete, gravel, laminate, marble, tiles, wood
from phonegrade.rendering.scene.ground_paper import cardboard, keyboard, printed_page
from phonegrade.rendering.scene.ground_soft import carpet, cloth, foam, grass, leather, sheet
from phonegrade.rendering.scene.ground_station import belt, tray
from phonegrade.rendering.scene.room import bokeh_room, studio, tent, window_light
from phonegrade.rendering.texture import between, chance, soft_noise

_Painter = Callable[[int, int, float, np.random.Generator], NDArray[np.float32]]
# Desks, cloth and plain stands are what people use most, so they come up most.
_PAINTERS: tuple[tuple[_Painter, float], ...] = (
    (wood, 5),
    (laminate, 4),
    (cloth, 4),
    (sheet, 2),
    (studio, 4),
    (bokeh_room, 3),
    (concrete, 3),
    (printed_page, 2),
    (tent, 2),
    (marble, 1.5),
    (gravel, 0.7),
    (foam, 1.5),
    (tray, 1.5),
    (belt, 1),
    (leather, 1),
    (tiles, 1),
    (carpet, 1),
    (carbon, 1),
    (cardboard, 1),
    (keyboard, 0.7),
    (grass, 0.3),
)

SUNLIT_SHARE = 0.08
"""Grounds on which the sun falls through a window."""
_WINDOWLESS: tuple[_Painter, ...] = (tent, foam, tray, belt, studio)
FLAT_GROUNDS = tuple(painter.__name__ for painter, _ in _PAINTERS if painter is not bokeh_room)
"""Names of all that something can lie on."""


def _light(picture: NDArray[np.float32], sunlit_share: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Uneven room light: a broad slope, a soft shadow, at times the bars of a window."""
    height, width = picture.shape[:2]
    field = 1 + between(rng, 0.02, 0.3) * soft_noise(16, 16, 10, rng)
    warm = between(rng, -0.05, 0.05)
    tint = np.array([1 + warm, 1, 1 - warm], np.float32)
    level = between(rng, 0.55, 1.1)
    grown = cv2.resize(field * np.float32(level), (width, height), interpolation=cv2.INTER_CUBIC)
    if chance(rng, sunlit_share):
        grown = grown * window_light(height, width, rng)
    return np.asarray(cv2.multiply(picture, cv2.merge([grown * part for part in tint])), np.float32)


def draw_background(
    height_px: int,
    width_px: int,
    mm_per_px: float,
    rng: np.random.Generator,
    grounds: tuple[str, ...] | None = None,
) -> NDArray[np.uint8]:
    """A background (height_px, width_px, 3), sRGB 0..255, its textures sized for `mm_per_px`; `grounds` None: any kind.

    Raises ValueError when none of `grounds` is known.
    """
    painters = [(painter, weight) for painter, weight in _PAINTERS if grounds is None or painter.__name__ in grounds]
    if not painters:
        known = ", ".join(painter.__name__ for painter, _ in _PAINTERS)
        raise ValueError(f"no background among {grounds}; there are: {known}")
    weights = np.array([weight for _, weight in painters])
    painter = painters[int(rng.choice(len(painters), p=weights / weights.sum()))][0]
    sunlit = 0.0 if painter in _WINDOWLESS else SUNLIT_SHARE
    picture = _light(painter(height_px, width_px, mm_per_px, rng), sunlit, rng)
    return np.asarray(np.clip(picture * 255 + 0.5, 0, 255), np.uint8)
