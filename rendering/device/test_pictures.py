"""Pictures that testers put on a display: plain colours, ramps, grids, and what a broken panel adds to any picture."""

import cv2
import numpy as np

from phonegrade.core.arrays import RGB
from phonegrade.rendering.device.ui_parts import WHITE, Ink, ink, label
from phonegrade.rendering.texture import between, chance, hsv_colour, soft_noise


def draw_test_picture(height: int, width: int, rng: np.random.Generator) -> RGB:
    """One plain colour, a ramp, colour bars, a checkerboard, a grid or a touch test (height, width, 3)."""
    picture = np.zeros((height, width, 3), np.uint8)
    match int(rng.integers(8)):
        case 0 | 1 | 2:
            colours: tuple[Ink, ...] = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (128, 128, 128), (255, 255, 0))
            picture[:] = colours[rng.integers(len(colours))]
        case 3:
            steps = int(rng.integers(8, 257))
            ramp = np.floor(np.linspace(0, steps - 1e-3, height)) / max(steps - 1, 1)
            picture[:] = (ramp * 255).astype(np.uint8)[:, None, None]
        case 4:
            for bar in range(8):
                rows = slice(height * bar // 8, height * (bar + 1) // 8)
                picture[rows] = (255 * (bar & 1), 255 * (bar >> 1 & 1), 255 * (bar >> 2 & 1))
        case 5:
            cell = width // int(rng.integers(2, 13))
            board = np.indices((height, width)) // max(cell, 1)
            picture[board.sum(0) % 2 == 0] = 255
        case 6:
            pitch = width // int(rng.integers(6, 15))
            for x in range(0, width, pitch):
                cv2.line(picture, (x, 0), (x, height), WHITE, 2)
            for y in range(0, height, pitch):
                cv2.line(picture, (0, y), (width, y), WHITE, 2)
        case _:
            cell = width // int(rng.integers(8, 14))
            ground, hit = (255, 70) if chance(rng, 0.5) else (20, 190)
            picture[:] = ground
            for y in range(0, height, cell):
                for x in range(0, width, cell):
                    if y < cell or x < cell or x > width - 2 * cell or abs(x * height - y * width) < cell * height:
                        tone: Ink = (60, hit, 60) if chance(rng, 0.8) else (220, 220, 220)
                        cv2.rectangle(picture, (x + 1, y + 1), (x + cell - 2, y + cell - 2), tone, -1)
    return picture


def draw_dark_picture(height: int, width: int, rng: np.random.Generator) -> RGB:
    """A black screen that is on: nothing, a maker's sign while it starts, or a dim clock."""
    picture = np.full((height, width, 3), int(rng.integers(0, 12)), np.uint8)
    match int(rng.integers(4)):
        case 0:
            name = "".join(chr(int(c)) for c in rng.integers(65, 91, int(rng.integers(4, 8))))
            label(picture, name, (width / 2, height / 2), width * 0.06, WHITE, 0.12, middle=True)
        case 1:
            y, tone = height * between(rng, 0.2, 0.5), int(rng.integers(70, 180))
            text = f"{rng.integers(1, 24)}:{rng.integers(10, 60)}"
            label(picture, text, (width / 2, y), width * 0.12, (tone, tone, tone), 0.05, middle=True)
        case _:
            pass
    return picture


def break_panel(picture: RGB, rng: np.random.Generator) -> None:
    """A fault of the panel, none of the glass: stuck lines, a dead band, leaked ink, burn-in, a tint."""
    height, width = picture.shape[:2]
    match int(rng.integers(6)):
        case 0 | 1:
            for _ in range(int(rng.integers(1, 5))):
                wide, place = int(rng.integers(1, 5)), rng.random()
                colour = ink(hsv_colour(rng.random(), float(rng.choice([0.0, 0.9])), 1.0))
                if chance(rng, 0.85):
                    picture[:, int(place * width) : int(place * width) + wide] = colour
                else:
                    picture[int(place * height) : int(place * height) + wide] = colour
        case 2:
            left, wide = int(between(rng, 0, 0.9) * width), int(between(rng, 0.02, 0.3) * width)
            stripes = rng.integers(0, 256, (1, picture[:, left : left + wide].shape[1], 3))
            picture[:, left : left + wide] = stripes if chance(rng, 0.6) else 0
        case 3:
            _leak(picture, rng)
        case 4:
            ghost = np.full((height, width), 1.0, np.float32)
            ghost[: int(height * 0.04)] = between(rng, 0.75, 0.93)
            ghost[int(height * between(rng, 0.62, 0.94)) :] = between(rng, 0.75, 0.95)
            picture[:] = (picture * cv2.GaussianBlur(ghost, (0, 0), 3)[..., None]).astype(np.uint8)
        case _:
            tint = np.array(hsv_colour(float(rng.choice([0.33, 0.85])), between(rng, 0.15, 0.5), 1.0))
            rows = slice(int(height * between(rng, 0, 0.6)), height)
            picture[rows] = (picture[rows] * tint).astype(np.uint8)


def _leak(picture: RGB, rng: np.random.Generator) -> None:
    """Black blots with violet seams that spread from an edge."""
    height, width = picture.shape[:2]
    small = (height // 8 + 1, width // 8 + 1)
    rows, columns = np.indices(small, np.float32)
    x, y = float(rng.choice([0.0, 1.0])) * small[1], between(rng, 0, 1) * small[0]
    reach = between(rng, 0.15, 0.6) * small[1]
    away = np.hypot(columns - x, rows - y) / reach + soft_noise(*small, small[1] / 5, rng) * 0.35
    full = cv2.resize(away.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    seam = np.clip(1 - np.abs(full - 1.04) * 14, 0, 1)[..., None]
    kept = np.clip((full - 1) * 40, 0, 1)[..., None]
    violet = np.array([120, 40, 170], np.float32)
    picture[:] = (picture * kept * (1 - seam) + violet * seam * kept).astype(np.uint8)
