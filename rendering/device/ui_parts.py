"""Parts of a phone's user interface, drawn on pictures (H, W, 3) of sRGB 0..255 bytes; lengths in pixels."""

import cv2
import numpy as np

from phonegrade.core.arrays import RGB
from phonegrade.rendering.lettering import LIGHT, made_up_word
from phonegrade.rendering.texture import Colour, between, chance, hsv_colour

Ink = tuple[int, int, int]
WHITE: Ink = (255, 255, 255)
BLACK: Ink = (18, 18, 18)


def ink(colour: Colour) -> Ink:
    """Bytes of a colour 0..1."""
    red, green, blue = (round(255 * min(1.0, max(0.0, channel))) for channel in colour)
    return red, green, blue


def accent(rng: np.random.Generator) -> Ink:
    """A colour as icons and buttons have it: many blues and greens, full but not glaring."""
    hues = (0.57, 0.6, 0.38, 0.33, 0.02, 0.08, 0.13, 0.75, 0.92)
    hue = hues[rng.integers(len(hues))] + between(rng, -0.03, 0.03)
    return ink(hsv_colour(hue, between(rng, 0.45, 0.85), between(rng, 0.55, 0.93)))


def box(picture: RGB, x: float, y: float, size: tuple[float, float], radius: float, colour: Ink) -> None:
    """A filled rounded rectangle with its top left corner at x, y."""
    left, top, right, bottom = round(x), round(y), round(x + size[0]), round(y + size[1])
    r = int(max(0, min(radius, (right - left) / 2, (bottom - top) / 2)))
    if r < 2:
        cv2.rectangle(picture, (left, top), (right, bottom), colour, -1)
        return
    cv2.rectangle(picture, (left + r, top), (right - r, bottom), colour, -1)
    cv2.rectangle(picture, (left, top + r), (right, bottom - r), colour, -1)
    for centre_x in (left + r, right - r):
        for centre_y in (top + r, bottom - r):
            cv2.circle(picture, (centre_x, centre_y), r, colour, -1, cv2.LINE_AA)


def veil(
    picture: RGB, x: float, y: float, size: tuple[float, float], radius: float, colour: Ink, opacity: float
) -> None:
    """A see-through rounded rectangle."""
    rows = slice(max(0, round(y)), max(0, round(y + size[1]) + 1))
    columns = slice(max(0, round(x)), max(0, round(x + size[0]) + 1))
    part = picture[rows, columns]
    if part.size:
        over = part.copy()
        box(over, x - columns.start, y - rows.start, size, radius, colour)
        picture[rows, columns] = cv2.addWeighted(part, 1 - opacity, over, opacity, 0)


def label(
    picture: RGB, text: str, at: tuple[float, float], tall: float, colour: Ink, bold: float, middle: bool
) -> float:
    """Text with capitals `tall` pixels high on the line at[1], from at[0] or centred there; returns its width."""
    font = cv2.FONT_HERSHEY_SIMPLEX
    stroke = 1 if bold < LIGHT else max(2, round(tall * bold))
    scale = tall / 22
    wide = cv2.getTextSize(text, font, scale, stroke)[0][0]
    left = at[0] - wide / 2 if middle else at[0]
    cv2.putText(picture, text, (round(left), round(at[1])), font, scale, colour, stroke, cv2.LINE_AA)
    return float(wide)


def words(count: int, rng: np.random.Generator) -> str:
    """`count` made-up words, the first with a capital."""
    return " ".join(made_up_word(rng) for _ in range(count)).capitalize()


def clock(rng: np.random.Generator) -> str:
    """A time of day."""
    return f"{rng.integers(1, 24)}:{rng.integers(10, 60)}"


def status_bar(picture: RGB, colour: Ink, rng: np.random.Generator) -> None:
    """Time, signal, wireless fan and battery along the top."""
    width = picture.shape[1]
    tall = width * between(rng, 0.024, 0.03)
    base = tall * between(rng, 1.7, 2.2)
    label(picture, clock(rng), (width * 0.07, base), tall, colour, 0.1, middle=False)
    x = width * 0.93
    box(picture, x - tall * 1.9, base - tall, (tall * 1.7, tall), tall * 0.25, colour)
    x -= tall * 3.4
    for bar in range(4):
        box(picture, x + bar * tall * 0.3, base - tall * (0.3 + 0.22 * bar), (tall * 0.16, tall * 0.1), 0, colour)
        rows = (tall * 0.16, tall * (0.3 + 0.22 * bar))
        box(picture, x + bar * tall * 0.3, base - rows[1], rows, 0, colour)
    x -= tall * 1.1
    for ring in (0.95, 0.6, 0.25):
        size = (round(tall * ring),) * 2
        cv2.ellipse(picture, (round(x), round(base)), size, 0, 225, 315, colour, max(1, round(tall / 8)), cv2.LINE_AA)


def icon(picture: RGB, x: float, y: float, side: float, radius: float, rng: np.random.Generator) -> None:
    """An app's icon with its top left corner at x, y: a tile, mostly plain or shaded, with a simple sign."""
    ground = WHITE if chance(rng, 0.25) else accent(rng)
    sign = accent(rng) if ground == WHITE or chance(rng, 0.2) else WHITE
    box(picture, x, y, (side, side), radius, ground)
    if chance(rng, 0.5):
        veil(picture, x, y + side * 0.5, (side, side * 0.5), radius, (0, 0, 0), 0.12)
    middle, thick = (round(x + side / 2), round(y + side / 2)), max(1, round(side * 0.07))
    match int(rng.integers(8)):
        case 0:
            box(picture, x + side * 0.22, y + side * 0.3, (side * 0.56, side * 0.4), side * 0.08, sign)
            points = np.array([[0.22, 0.32], [0.5, 0.54], [0.78, 0.32]]) * side + (x, y)
            cv2.polylines(picture, [np.round(points).astype(np.int32)], False, ground, thick, cv2.LINE_AA)
        case 1:
            cv2.circle(picture, middle, round(side * 0.28), sign, thick, cv2.LINE_AA)
            cv2.circle(picture, middle, round(side * 0.12), sign, -1, cv2.LINE_AA)
        case 2:
            text = made_up_word(rng)[0]
            label(picture, text, (x + side / 2, y + side * 0.68), side * 0.42, sign, 0.14, middle=True)
        case 3:
            points = np.array([[0.36, 0.25], [0.36, 0.75], [0.76, 0.5]]) * side + (x, y)
            cv2.fillPoly(picture, [np.round(points).astype(np.int32)], sign, cv2.LINE_AA)
        case 4:
            cv2.ellipse(picture, middle, (round(side * 0.32), round(side * 0.25)), 0, 0, 360, sign, -1, cv2.LINE_AA)
            points = np.array([[0.3, 0.6], [0.26, 0.82], [0.46, 0.7]]) * side + (x, y)
            cv2.fillPoly(picture, [np.round(points).astype(np.int32)], sign, cv2.LINE_AA)
        case 5:
            for bar, tall in enumerate(rng.uniform(0.2, 0.55, 4).tolist()):
                place = (x + side * (0.22 + 0.15 * bar), y + side * (0.75 - tall))
                box(picture, *place, (side * 0.1, side * tall), 1, sign)
        case 6:
            for petal in range(4):
                at = np.array([np.cos(petal * np.pi / 2 + 0.78), np.sin(petal * np.pi / 2 + 0.78)]) * side * 0.16
                place = (round(middle[0] + float(at[0])), round(middle[1] + float(at[1])))
                cv2.circle(picture, place, round(side * 0.15), accent(rng), -1, cv2.LINE_AA)
        case _:
            cv2.ellipse(picture, middle, (round(side * 0.27),) * 2, -45, 0, 270, sign, thick, cv2.LINE_AA)
