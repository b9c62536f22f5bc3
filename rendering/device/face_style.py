"""The design of a phone's front, and of the protector that may be stuck on it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from phonegrade.rendering.device.materials import black, glass
from phonegrade.rendering.device.sheet import Finish
from phonegrade.rendering.texture import Colour, between, chance, linear_colour

Cutout = Literal["none", "notch", "drop", "punch_left", "punch_centre", "punch_right", "pill"]
HomeButton = Literal["none", "round", "oval", "square", "keys"]


@dataclass(frozen=True)
class ProtectorStyle:
    """A stuck-on sheet: tempered glass with a ground edge, or film; lengths in mm."""

    film: bool
    inset_mm: float
    corner_mm: float
    thick_mm: float
    cutout_mm: float
    """Depth of the bay at the ear slot; 0 has none."""
    bubbles: int
    dust: int
    """Specks under its sticky edge."""
    chipped: bool
    """A corner is broken off."""


@dataclass(frozen=True)
class FaceStyle:
    """The front's design; lengths in mm, colours linear RGB 0..1."""

    side_bezel_mm: float
    top_bezel_mm: float
    bottom_bezel_mm: float
    bezel: Finish
    display: Finish
    display_corner_mm: float
    border: Colour
    """The black mask between bezel and display."""
    border_mm: float
    oled: bool
    """Black pixels of a lit screen shine not at all."""
    cutout: Cutout
    home: HomeButton
    home_ring: bool
    ear_slot_mm: float
    dots: int
    logo: bool
    protector: ProtectorStyle | None


def _draw_cutout(year: int, rng: np.random.Generator) -> tuple[Cutout, HomeButton]:
    cutouts: tuple[Cutout, ...]
    if year <= 2017:
        homes: tuple[HomeButton, ...] = ("none", "none", "round", "round", "oval", "oval", "square", "keys")
        return "none", homes[rng.integers(len(homes))]
    if year <= 2019:
        cutouts = ("none", "none", "notch", "notch", "drop", "punch_left", "punch_right")
    else:
        cutouts = ("notch", "drop", "punch_left", "punch_centre", "punch_centre", "punch_right", "pill", "none")
    home: HomeButton = "round" if chance(rng, 0.05) else "none"
    return ("none", home) if home != "none" else (cutouts[rng.integers(len(cutouts))], home)


def _draw_bezels(year: int, cutout: Cutout, home: HomeButton, rng: np.random.Generator) -> tuple[float, float, float]:
    """Side, top and bottom bezels."""
    side = between(rng, 2.2, 4.6) if year <= 2016 else between(rng, 1.4, 3.8)
    if chance(rng, 0.12):
        side = between(rng, 0.8, 1.4)
    if home != "none":
        return side, between(rng, 9, 17), between(rng, 11, 19)
    if year <= 2017 and cutout == "none":
        return side, between(rng, 7, 16), between(rng, 6, 18)
    if cutout == "none":
        return side, between(rng, 4, 9), between(rng, 4, 9)
    return side, side + between(rng, 0, 1.5), side + between(rng, 0.3, 5)


def _draw_bezel(year: int, rng: np.random.Generator) -> Colour:
    """Black, white on many older phones, now and then slate or the colour of the body."""
    draw = rng.random()
    if draw < (0.36 if year <= 2018 else 0.05):
        return linear_colour(between(rng, 0, 1), between(rng, 0, 0.04), between(rng, 0.8, 0.93))
    if draw > 0.96:
        return linear_colour(between(rng, 0, 1), between(rng, 0, 0.25), between(rng, 0.2, 0.65))
    if draw > 0.88:
        return black(rng, 0.008, 0.03)
    return black(rng, 0.0015, 0.006)


def _draw_protector(corner_mm: float, rng: np.random.Generator) -> ProtectorStyle:
    film, clean = chance(rng, 0.3), chance(rng, 0.5)
    return ProtectorStyle(
        film=film,
        inset_mm=between(rng, 0.3, 2.6),
        corner_mm=max(1.0, corner_mm * between(rng, 0.5, 1)),
        thick_mm=between(rng, 0.1, 0.2) if film else between(rng, 0.26, 0.4),
        cutout_mm=between(rng, 5, 13) if chance(rng, 0.5) else 0.0,
        bubbles=0 if clean else int(rng.integers(0, 9)),
        dust=int(rng.integers(0, 20)) if clean else int(rng.integers(20, 220)),
        chipped=not film and chance(rng, 0.12),
    )


def draw_face(year: int, corner_mm: float, protector_share: float, rng: np.random.Generator) -> FaceStyle:
    """A front in the fashion of `year`."""
    cutout, home = _draw_cutout(year, rng)
    side, top, bottom = _draw_bezels(year, cutout, home, rng)
    follows = cutout != "none" or min(top, bottom) < 0.7 * corner_mm
    bezel, oled = _draw_bezel(year, rng), chance(rng, 0.15 if year <= 2016 else 0.5)
    display = black(rng, 0.0015, 0.004) if oled else black(rng, 0.003, 0.012)
    return FaceStyle(
        side_bezel_mm=side,
        top_bezel_mm=top,
        bottom_bezel_mm=bottom,
        bezel=glass(bezel, between(rng, 0.02, 0.04)),
        display=glass(display, between(rng, 0.02, 0.04)),
        display_corner_mm=max(0.0, corner_mm - side - 0.5) if follows else between(rng, 0, 0.6),
        border=black(rng, 0.0015, 0.004),
        border_mm=between(rng, 0.1, 0.8),
        oled=oled,
        cutout=cutout,
        home=home,
        home_ring=chance(rng, 0.6),
        ear_slot_mm=between(rng, 6, 14),
        dots=int(rng.integers(1, 5)),
        logo=(top > 8 or bottom > 9) and chance(rng, 0.4),
        protector=_draw_protector(corner_mm, rng) if chance(rng, protector_share) else None,
    )
