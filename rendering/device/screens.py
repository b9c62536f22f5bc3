"""What a lit display shows, as linear light: pages, pictures, test pictures, and the faults of its panel."""

from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.rendering.device.fields import branch
from phonegrade.rendering.device.test_pictures import break_panel, draw_dark_picture, draw_test_picture
from phonegrade.rendering.device.ui_pages import draw_busy_page, draw_page
from phonegrade.rendering.texture import between, chance

WIDTH_PX = 640
"""Every screen is drawn this wide and then scaled, so that it shows the same at any resolution."""
TEST_SHARE = 0.08
FAULT_SHARE = 0.06
_LINEAR = (np.arange(256, dtype=np.float32) / np.float32(255)) ** np.float32(2.2)


class Screen(StrEnum):
    """What the display shows while the photo is taken."""

    OFF = "off"
    UI = "ui"
    WHITE = "white"
    DARK = "dark"
    BUSY = "busy"
    """A picture with the detail of a photograph, alone or under a page."""


def draw_screen(
    shape_hw: tuple[int, int], aspect: float, screen: Screen, oled: bool, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Light (H, W, 3) of a display `aspect` times as tall as wide, linear 0..1.25; zero when off."""
    if screen is Screen.OFF:
        return np.zeros((*shape_hw, 3), np.float32)
    height = round(WIDTH_PX * aspect)
    brightness, warm = between(rng, 0.35, 1.15), between(rng, 0.88, 1)
    falloff, bleed = between(rng, 0, 0.14), 0.0 if oled else between(rng, 0.001, 0.006)
    tested, faulty = chance(rng, TEST_SHARE), chance(rng, FAULT_SHARE)
    own, fault = branch(rng), branch(rng)
    if screen is Screen.WHITE:
        picture = np.full((height, WIDTH_PX, 3), 255, np.uint8)
    elif screen is Screen.DARK:
        picture = draw_dark_picture(height, WIDTH_PX, own)
    elif screen is Screen.BUSY:
        picture = draw_busy_page(height, WIDTH_PX, own)
    elif tested:
        picture = draw_test_picture(height, WIDTH_PX, own)
    else:
        picture = draw_page(height, WIDTH_PX, own)
    if faulty:
        break_panel(picture, fault)
    size = (shape_hw[1], shape_hw[0])
    shrunk = size[0] < WIDTH_PX
    scaled = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if shrunk else cv2.INTER_LINEAR)
    light = np.asarray(cv2.LUT(scaled, _LINEAR), np.float32)
    light[..., 2] *= np.float32(warm)
    ys = np.linspace(-1, 1, shape_hw[0], dtype=np.float32)[:, None] ** 2
    xs = np.linspace(-1, 1, shape_hw[1], dtype=np.float32)[None] ** 2
    light *= (np.float32(brightness) * (1 - np.float32(falloff) * 0.5 * (ys + xs)))[..., None]
    if bleed > 0:
        # a backlight shines through black too, most along the borders
        light += (np.float32(bleed * brightness) * (1 + 1.5 * (ys**4 + xs**4)))[..., None]
    return light
