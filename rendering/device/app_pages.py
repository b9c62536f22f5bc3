"""Pages of apps: lists, chats, feeds, keypads, maps and charts, on plain ground."""

import cv2
import numpy as np

from phonegrade.core.arrays import RGB
from phonegrade.rendering.device.ui_parts import BLACK, WHITE, Ink, accent, box, label, words
from phonegrade.rendering.device.wallpapers import draw_wallpaper
from phonegrade.rendering.texture import between, chance


def list_page(picture: RGB, rng: np.random.Generator) -> None:
    """Settings, mails, contacts: a bar above rows of text."""
    height, width = picture.shape[:2]
    light = chance(rng, 0.65)
    ground, text = (int(rng.integers(236, 256)), BLACK) if light else (int(rng.integers(0, 34)), (225, 225, 225))
    picture[:] = ground
    bar = height * between(rng, 0.07, 0.13)
    if chance(rng, 0.5):
        box(picture, 0, 0, (width, bar), 0, accent(rng))
    label(picture, words(1, rng), (width * 0.06, bar * 0.8), width * 0.04, text, 0.09, middle=False)
    pitch, pictures, y = height * between(rng, 0.05, 0.1), chance(rng, 0.7), bar * 1.05
    line_tone: Ink = (int(ground * 0.85 + 25),) * 3
    while y < height - pitch:
        left = width * 0.06
        if pictures:
            box(picture, left, y + pitch * 0.2, (pitch * 0.6, pitch * 0.6), pitch, accent(rng))
            left += pitch * 0.6 + width * 0.04
        label(picture, words(2, rng), (left, y + pitch * 0.45), pitch * 0.16, text, 0.09, middle=False)
        if chance(rng, 0.7):
            grey: Ink = (140, 140, 140)
            label(picture, words(4, rng), (left, y + pitch * 0.78), pitch * 0.13, grey, 0.08, middle=False)
        if chance(rng, 0.2):
            box(picture, width * 0.86, y + pitch * 0.4, (width * 0.09, pitch * 0.22), pitch, accent(rng))
        box(picture, left, y + pitch, (width - left, 1), 0, line_tone)
        y += pitch


def chat_page(picture: RGB, rng: np.random.Generator) -> None:
    """Speech bubbles left and right, perhaps above a keyboard."""
    height, width = picture.shape[:2]
    light, mine = chance(rng, 0.65), accent(rng)
    picture[:] = int(rng.integers(225, 256)) if light else int(rng.integers(0, 30))
    theirs: Ink = (236, 236, 238) if light else (48, 48, 52)
    stop = height * (0.62 if chance(rng, 0.5) else 0.93)
    y = height * 0.09
    while y < stop - width * 0.12:
        lines, own = int(rng.integers(1, 4)), chance(rng, 0.5)
        size = (width * between(rng, 0.3, 0.72), width * (0.05 + 0.045 * lines))
        x = width * 0.96 - size[0] if own else width * 0.04
        box(picture, x, y, size, width * 0.035, mine if own else theirs)
        for line in range(lines):
            at = (x + width * 0.03, y + width * (0.05 + 0.045 * line))
            shade = WHITE if own or not light else BLACK
            text = words(6, rng)[: int(size[0] / (width * 0.021))]
            label(picture, text, at, width * 0.022, shade, 0.09, middle=False)
        y += size[1] + width * 0.025
    if stop < height * 0.7:
        _keyboard(picture, height * 0.66, light)


def _keyboard(picture: RGB, top: float, light: bool) -> None:
    height, width = picture.shape[:2]
    ground, key, text = ((208, 211, 217), WHITE, BLACK) if light else ((30, 30, 32), (75, 75, 78), WHITE)
    box(picture, 0, top, (width, height - top), 0, ground)
    tall = (height - top) / 5
    for row, keys in enumerate(("qwertyuiop", "asdfghjkl", "zxcvbnm", "   ")):
        wide = width / 10.3 if row < 3 else width / 3.6
        left = (width - wide * len(keys)) / 2
        for column, letter in enumerate(keys):
            x, y = left + column * wide, top + tall * (row + 0.2)
            box(picture, x + wide * 0.05, y, (wide * 0.9, tall * 0.84), 6, key)
            label(picture, letter, (x + wide / 2, y + tall * 0.58), tall * 0.3, text, 0.09, middle=True)


def feed_page(picture: RGB, rng: np.random.Generator) -> None:
    """A browser, a shop, a stream of pictures: images between blocks of text."""
    height, width = picture.shape[:2]
    light = chance(rng, 0.75)
    picture[:] = int(rng.integers(238, 256)) if light else int(rng.integers(8, 34))
    text = (60, 60, 62) if light else (205, 205, 205)
    y, edge = height * 0.07, width * (0.0 if chance(rng, 0.4) else 0.05)
    while y < height * 0.93:
        block = int(height * between(rng, 0.1, 0.3))
        if chance(rng, 0.5):
            stop = min(height, int(y) + block)
            wide = int(width - 2 * edge)
            picture[int(y) : stop, int(edge) : int(edge) + wide] = draw_wallpaper(stop - int(y), wide, rng)
        else:
            tall = width * between(rng, 0.02, 0.032)
            label(picture, words(3, rng), (width * 0.05, y + tall * 1.6), tall * 1.4, text, 0.12, middle=False)
            for line in np.arange(y + tall * 4, min(y + block, height * 0.95), tall * 2):
                count = int(rng.integers(4, 9))
                row = words(count, rng)[: int(width * 0.88 / tall)]
                label(picture, row, (width * 0.05, float(line)), tall, text, 0.08, middle=False)
        y += block + height * 0.02


def keys_page(picture: RGB, rng: np.random.Generator) -> None:
    """A dial pad, a code lock or a calculator."""
    height, width = picture.shape[:2]
    plain, columns = chance(rng, 0.5), int(rng.integers(3, 5))
    if plain:
        picture[:] = int(rng.integers(0, 40)) if chance(rng, 0.7) else int(rng.integers(235, 256))
    else:
        picture[:] = (picture * np.float32(0.35)).astype(np.uint8)
    dark = picture[height // 2].mean() < 128
    text: Ink = WHITE if dark else BLACK
    pitch = width * 0.92 / columns
    size, filled = pitch * between(rng, 0.6, 0.86), chance(rng, 0.7)
    for key in range(columns * (5 if columns == 4 else 4)):
        x = width * 0.04 + pitch * (key % columns + 0.5)
        y = height * 0.34 + pitch * (key // columns + 0.5) * 1.02
        if filled:
            tone = (72,) * 3 if dark else (222,) * 3
            face: Ink = accent(rng) if columns == 4 and key % 4 == 3 else tone
            box(picture, x - size / 2, y - size / 2, (size, size), size, face)
        label(picture, "123456789*0#+-%/=.C<()"[key], (x, y + size * 0.13), size * 0.3, text, 0.06, middle=True)
    digits = str(rng.integers(10, 10**9))
    label(picture, digits, (width / 2, height * 0.25), width * 0.07, text, 0.06, middle=True)


def map_page(picture: RGB, rng: np.random.Generator) -> None:
    """Streets, a river, parks and a route: many lines that are no cracks."""
    height, width = picture.shape[:2]
    dark = chance(rng, 0.2)
    ground, street = ((36, 40, 48), (70, 76, 86)) if dark else ((238, 236, 230), WHITE)
    picture[:] = ground
    for _ in range(int(rng.integers(1, 5))):
        corners = rng.uniform(0, 1, (5, 2)) * (width, height)
        hull = cv2.convexHull(corners.astype(np.float32)).astype(np.int32)
        cv2.fillConvexPoly(picture, hull, (60, 74, 64) if dark else (200, 226, 196), cv2.LINE_AA)
    for number in range(int(rng.integers(18, 45))):
        start = rng.uniform(-0.1, 1.1, 2) * (width, height)
        turn = int(rng.integers(4)) * np.pi / 2 + 0.5 + np.cumsum(rng.normal(0, 0.06, 24))
        path = start + np.cumsum(np.stack([np.cos(turn), np.sin(turn)], 1) * height / 20, 0)
        line = [np.round(path * 8).astype(np.int32)]
        main = number < 5
        thick = max(2, round(width * (between(rng, 0.012, 0.03) if main else 0.008)))
        colour: Ink = (255, 214, 120) if main and not dark else street
        if number == 0:
            colour, thick = (140, 190, 240), thick * 3
        cv2.polylines(picture, line, False, colour, thick, cv2.LINE_AA, 3)
        if number == 8:
            cv2.polylines(picture, line, False, (66, 112, 240), max(4, round(width * 0.014)), cv2.LINE_AA, 3)
    box(picture, width * 0.04, height * 0.05, (width * 0.92, width * 0.11), width * 0.03, WHITE)


def chart_page(picture: RGB, rng: np.random.Generator) -> None:
    """Curves and bars of health, shares or weather."""
    height, width = picture.shape[:2]
    dark = chance(rng, 0.6)
    picture[:] = int(rng.integers(0, 30)) if dark else int(rng.integers(238, 256))
    text: Ink = (220, 220, 220) if dark else BLACK
    for card in range(3):
        top, tall = height * (0.1 + 0.29 * card), height * 0.2
        label(picture, words(2, rng), (width * 0.06, top), width * 0.03, text, 0.1, middle=False)
        for line in range(5):
            y = round(top + tall * (0.2 + 0.2 * line))
            cv2.line(picture, (round(width * 0.06), y), (round(width * 0.94), y), (110, 110, 110), 1)
        xs = np.linspace(width * 0.06, width * 0.94, 40)
        walk = np.cumsum(rng.normal(0, 1, 40))
        walk = (walk - walk.min()) / max(float(np.ptp(walk)), 1e-3)
        points = np.stack([xs, top + tall * (1 - 0.75 * walk)], 1)
        if chance(rng, 0.6):
            thick = max(2, round(width * 0.006))
            curve = [np.round(points * 8).astype(np.int32)]
            cv2.polylines(picture, curve, False, accent(rng), thick, cv2.LINE_AA, 3)
        else:
            colour = accent(rng)
            for x, y in points[::2]:
                box(picture, x, y, (width * 0.025, top + tall - y), 3, colour)
