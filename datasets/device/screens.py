"""What a lit display shows, as linear light: home screens, lists, locks, calls, pages, test colours."""

from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.datasets.device.lettering import made_up_word, text_mask
from phonegrade.datasets.device.wallpapers import draw_wallpaper
from phonegrade.datasets.scene.texture import RGB, between, chance, hsv_colour, to_linear

_Picture = NDArray[np.float32]
_WHITE: RGB = (1.0, 1.0, 1.0)


class Screen(StrEnum):
    """What the display shows while the photo is taken."""

    OFF = "off"
    UI = "ui"
    WHITE = "white"
    DARK = "dark"


def _stamp(picture: _Picture, mask: NDArray[np.float32], x: float, y: float, colour: RGB) -> None:
    """Lay `colour` by `mask` centred on x, y (pixels); what does not fit is cut."""
    top, left = int(y - mask.shape[0] / 2), int(x - mask.shape[1] / 2)
    rows = slice(max(0, top), min(picture.shape[0], top + mask.shape[0]))
    columns = slice(max(0, left), min(picture.shape[1], left + mask.shape[1]))
    if rows.start < rows.stop and columns.start < columns.stop:
        piece = mask[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left, None]
        picture[rows, columns] += piece * (np.array(colour, np.float32) - picture[rows, columns])


def _box(picture: _Picture, x: float, y: float, size: tuple[float, float], radius: float, colour: RGB) -> None:
    """A filled rounded rectangle with its top left corner at x, y (pixels)."""
    width, height = max(2, round(size[0])), max(2, round(size[1]))
    mask = np.zeros((height, width), np.uint8)
    round_px = int(min(radius, width / 2 - 1, height / 2 - 1))
    cv2.rectangle(mask, (0, round_px), (width, height - round_px - 1), 255, -1)
    cv2.rectangle(mask, (round_px, 0), (width - round_px - 1, height), 255, -1)
    for centre_x in (round_px, width - 1 - round_px):
        for centre_y in (round_px, height - 1 - round_px):
            cv2.circle(mask, (centre_x, centre_y), round_px, 255, -1, cv2.LINE_AA)
    _stamp(picture, mask.astype(np.float32) / np.float32(255), x + width / 2, y + height / 2, colour)


def _label(
    picture: _Picture, text: str, at: tuple[float, float], tall: float, colour: RGB, rng: np.random.Generator
) -> None:
    _stamp(picture, text_mask(text, tall, between(rng, 0.06, 0.16), rng), at[0], at[1], colour)


def _status_bar(picture: _Picture, colour: RGB, rng: np.random.Generator) -> None:
    width = picture.shape[1]
    tall = width * 0.028
    _label(picture, f"{rng.integers(1, 24)}:{rng.integers(10, 60)}", (width * 0.1, tall * 1.4), tall, colour, rng)
    for place in range(int(rng.integers(2, 6))):
        _box(picture, width * (0.93 - 0.055 * place), tall * 0.9, (tall * 1.3, tall), tall * 0.2, colour)


def _icon(picture: _Picture, x: float, y: float, side: float, radius: float, rng: np.random.Generator) -> None:
    ground = hsv_colour(between(rng, 0, 1), between(rng, 0, 1), between(rng, 0.3, 1))
    mark = _WHITE if chance(rng, 0.7) else hsv_colour(between(rng, 0, 1), 0.9, between(rng, 0.2, 1))
    _box(picture, x, y, (side, side), radius, ground)
    match int(rng.integers(4)):
        case 0:
            _box(picture, x + side * 0.25, y + side * 0.3, (side * 0.5, side * 0.4), side * 0.1, mark)
        case 1:
            _box(picture, x + side * 0.25, y + side * 0.25, (side * 0.5, side * 0.5), side, mark)
        case 2:
            _label(picture, made_up_word(rng)[0], (x + side / 2, y + side / 2), side * 0.5, mark, rng)
        case _:
            _box(picture, x + side * 0.2, y + side * 0.45, (side * 0.6, side * 0.12), 1, mark)
            _box(picture, x + side * 0.44, y + side * 0.2, (side * 0.12, side * 0.6), 1, mark)


def _home_screen(picture: _Picture, rng: np.random.Generator) -> None:
    height, width = picture.shape[:2]
    columns, rows = int(rng.integers(3, 6)), int(rng.integers(4, 8))
    pitch_x, pitch_y = width / columns, height * 0.84 / rows
    side = min(pitch_x, pitch_y) * between(rng, 0.5, 0.68)
    radius = side * (0.24 if chance(rng, 0.5) else between(rng, 0, 0.5))
    first = int(rng.integers(0, rows)) if chance(rng, 0.6) else 0
    for row in range(rows):
        if row < first:
            continue
        for column in range(columns):
            if chance(rng, 0.1):
                continue
            x = pitch_x * (column + 0.5) - side / 2
            y = height * 0.05 + pitch_y * (row + 0.5) - side / 2
            _icon(picture, x, y, side, radius, rng)
            if row < rows - 1:
                _label(picture, made_up_word(rng), (x + side / 2, y + side * 1.22), side * 0.13, _WHITE, rng)
    if first > 1:
        _label(
            picture,
            f"{rng.integers(10, 24)}:{rng.integers(10, 60)}",
            (width / 2, height * 0.16),
            width * 0.13,
            _WHITE,
            rng,
        )


def _list_screen(picture: _Picture, rng: np.random.Generator) -> None:
    """Settings, mails, chats: a bar above rows of text."""
    height, width = picture.shape[:2]
    light = chance(rng, 0.7)
    ground, ink = (between(rng, 0.92, 1), 0.15) if light else (between(rng, 0.02, 0.14), 0.85)
    picture[:] = ground
    accent = hsv_colour(between(rng, 0, 1), between(rng, 0, 0.9), between(rng, 0.3, 0.9))
    bar = height * between(rng, 0.06, 0.12)
    _box(picture, 0, 0, (width, bar), 0, accent)
    _label(picture, made_up_word(rng), (width * 0.3, bar * 0.65), bar * 0.22, _WHITE, rng)
    y, pitch = bar * 1.3, height * between(rng, 0.05, 0.13)
    while y < height - pitch:
        if chance(rng, 0.7):
            _box(
                picture, width * 0.04, y, (pitch * 0.55, pitch * 0.55), pitch, hsv_colour(between(rng, 0, 1), 0.6, 0.8)
            )
        for line in range(int(rng.integers(1, 3))):
            words = " ".join(made_up_word(rng) for _ in range(int(rng.integers(1, 4))))
            mask = text_mask(words, pitch * 0.16, 0.1, rng)[:, : int(width * 0.75)]
            _stamp(picture, mask, width * 0.2 + mask.shape[1] / 2, y + pitch * (0.15 + 0.3 * line), (ink, ink, ink))
        _box(picture, 0, y + pitch * 0.75, (width, 2), 0, (0.8 * ground + 0.2 * ink,) * 3)
        y += pitch


def _lock_screen(picture: _Picture, rng: np.random.Generator) -> None:
    height, width = picture.shape[:2]
    y = height * between(rng, 0.12, 0.3)
    _label(
        picture,
        f"{rng.integers(1, 24)}:{rng.integers(10, 60)}",
        (width / 2, y),
        width * between(rng, 0.09, 0.17),
        _WHITE,
        rng,
    )
    _label(
        picture,
        " ".join(made_up_word(rng) for _ in range(2)),
        (width / 2, y + width * 0.18),
        width * 0.035,
        _WHITE,
        rng,
    )
    for card in range(int(rng.integers(0, 4))):
        shade = between(rng, 0.6, 1)
        top = y + width * 0.3 + card * width * 0.22
        _box(picture, width * 0.05, top, (width * 0.9, width * 0.19), width * 0.03, (shade, shade, shade))
        _label(picture, made_up_word(rng), (width * 0.3, top + width * 0.06), width * 0.03, (0.1, 0.1, 0.1), rng)


def _page_screen(picture: _Picture, rng: np.random.Generator) -> None:
    """A browser or a shop: pictures between blocks of text."""
    height, width = picture.shape[:2]
    picture[:] = between(rng, 0.9, 1)
    y = height * 0.07
    while y < height * 0.93:
        block = height * between(rng, 0.08, 0.25)
        if chance(rng, 0.5):
            stop = min(height, int(y + block))
            picture[int(y) : stop, int(width * 0.05) : int(width * 0.95)] = draw_wallpaper(
                stop - int(y), int(width * 0.95) - int(width * 0.05), rng
            )
        else:
            for line in np.arange(y, min(y + block, height * 0.95), width * 0.055):
                _box(picture, width * 0.05, line, (width * between(rng, 0.4, 0.9), width * 0.02), 1, (0.35,) * 3)
        y += block + height * 0.02


def _key_pad(picture: _Picture, rng: np.random.Generator) -> None:
    height, width = picture.shape[:2]
    picture *= 0.25
    for key in range(12):
        x, y = width * (0.22 + 0.28 * (key % 3)), height * (0.4 + 0.13 * (key // 3))
        shade = between(rng, 0.25, 0.32)
        _box(picture, x - width * 0.1, y - width * 0.1, (width * 0.2, width * 0.2), width, (shade, shade, shade))
        _label(picture, "123456789*0#"[key], (x, y), width * 0.06, _WHITE, rng)


def _line_fault(picture: _Picture, rng: np.random.Generator) -> None:
    """Stuck columns of a damaged panel: a display fault, but no mark on the glass."""
    for _ in range(int(rng.integers(1, 4))):
        column = int(rng.integers(picture.shape[1]))
        picture[:, column : column + int(rng.integers(1, 4))] = hsv_colour(between(rng, 0, 1), between(rng, 0, 1), 1)


def draw_screen(height: int, width: int, screen: Screen, rng: np.random.Generator) -> NDArray[np.float32]:
    """Light (height, width, 3) of a display, linear 0..1.2, zero when off."""
    if screen is Screen.OFF:
        return np.zeros((height, width, 3), np.float32)
    brightness = np.float32(between(rng, 0.35, 1.2))
    if screen is Screen.WHITE:
        tint = np.array([between(rng, 0.85, 1), 1, between(rng, 0.85, 1)], np.float32)
        picture = np.full((height, width, 3), tint, np.float32)
    elif screen is Screen.DARK:
        picture = np.full((height, width, 3), between(rng, 0.02, 0.12), np.float32)
        if chance(rng, 0.5):
            _label(picture, made_up_word(rng), (width / 2, height / 2), width * 0.06, _WHITE, rng)
    else:
        picture = draw_wallpaper(height, width, rng)
        painters = (_home_screen, _home_screen, _home_screen, _list_screen, _lock_screen, _page_screen, _key_pad)
        if chance(rng, 0.9):
            painters[rng.integers(len(painters))](picture, rng)
    if screen is not Screen.DARK and chance(rng, 0.75):
        _status_bar(picture, (0.1, 0.1, 0.1) if picture[: height // 20].mean() > 0.6 else _WHITE, rng)
    if chance(rng, 0.05):
        _line_fault(picture, rng)
    return to_linear(picture) * brightness
