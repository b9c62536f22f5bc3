"""The design of a phone's back: cover, camera module, print and what is stuck on it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from phonegrade.rendering.device.materials import black, body_colour, glass, metal, plastic
from phonegrade.rendering.device.sheet import Finish
from phonegrade.rendering.texture import Colour, between, chance, linear_colour

BackPattern = Literal[
    "plain",
    "gradient",
    "two_tone",
    "shimmer",
    "rays",
    "dots",
    "brushed",
    "leather",
    "cloth",
    "carbon",
    "wood",
    "ribs",
]
CameraLayout = Literal["single", "row", "column", "square", "bar", "centre_pill", "loose_column", "round_island"]
Emblem = Literal["none", "ring", "bars", "leaf", "letter", "arch"]


@dataclass(frozen=True)
class CoverStyle:
    """The back's design; lengths in mm, camera_x and logo_y are shares of width and height."""

    finish: Finish
    second: Colour
    pattern: BackPattern
    glass: bool
    unibody: bool
    """The cover runs round into the frame without a seam."""
    camera_layout: CameraLayout
    camera_x: float
    camera_y_mm: float
    lens_mm: float
    """Outer radius of a lens ring."""
    lens_count: int
    bump_mm: float
    bump: Finish
    lens_ring: Finish
    fingerprint: bool
    emblem: Emblem
    logo: bool
    logo_y: float
    logo_upright: bool
    logo_metal: bool
    print_lines: int
    worn_print: float
    """How much of the print has rubbed off, 0..1."""
    sticker: bool
    ring: bool
    """A folding ring or a round grip is stuck on it."""


def _draw_finish(rng: np.random.Generator) -> tuple[Finish, bool]:
    """What the cover is made of, and whether that is glass."""
    colour = body_colour(rng)
    match int(rng.integers(7)):
        case 0 | 1 | 2:
            return glass(colour, between(rng, 0.02, 0.05)), True
        case 3:
            return glass(colour, between(rng, 0.14, 0.3)), True
        case 4:
            return plastic(colour, between(rng, 0.04, 0.2)), False
        case 5:
            return plastic(colour, between(rng, 0.3, 0.55)), False
        case _:
            return metal(colour, between(rng, 0.18, 0.34)), False


def _draw_pattern(finish: Finish, is_glass: bool, rng: np.random.Generator) -> BackPattern:
    """Metal is brushed, plastic may be grained; what shimmers lies under glass or lacquer."""
    patterns: tuple[BackPattern, ...]
    if finish.gloss > 0.1:
        patterns = (*("plain",) * 7, "brushed", "brushed", "two_tone", "two_tone", "gradient")
    elif is_glass:
        patterns = (*("plain",) * 9, *("gradient",) * 4, "shimmer", "shimmer", "rays", "two_tone", "dots")
    elif finish.roughness > 0.25:
        patterns = (*("plain",) * 6, "leather", "leather", "cloth", "carbon", "dots", "wood", "ribs")
    else:
        patterns = (*("plain",) * 5, *("gradient",) * 3, "shimmer", "rays", "two_tone", "carbon", "dots")
    return patterns[rng.integers(len(patterns))]


def _draw_layout(year: int, rng: np.random.Generator) -> tuple[CameraLayout, int]:
    layouts: tuple[CameraLayout, ...]
    if year <= 2017:
        layouts = ("single", "single", "single", "row", "column", "centre_pill", "loose_column")
    elif year <= 2020:
        layouts = ("row", "column", "column", "square", "square", "centre_pill", "loose_column", "round_island")
    else:
        layouts = ("column", "square", "square", "square", "bar", "loose_column", "loose_column", "round_island")
    layout = layouts[rng.integers(len(layouts))]
    if layout == "single":
        return layout, 1
    return layout, int(rng.integers(1, 3)) if year <= 2017 else int(rng.integers(2, 5))


def draw_cover(year: int, frame: Finish, rng: np.random.Generator) -> CoverStyle:
    """A back in the fashion of `year`."""
    finish, is_glass = _draw_finish(rng)
    layout, count = _draw_layout(year, rng)
    centred = layout == "centre_pill" or chance(rng, 0.3 if layout in ("single", "round_island") else 0.05)
    emblems: tuple[Emblem, ...] = ("none", "none", "none", "ring", "bars", "leaf", "letter", "arch")
    dark = glass(black(rng, 0.0015, 0.008), between(rng, 0.02, 0.06))
    matt = Finish(finish.colour, finish.gloss, 0.22 if finish.roughness < 0.1 else 0.03)
    big = year > 2019
    return CoverStyle(
        finish=finish,
        second=body_colour(rng),
        pattern=_draw_pattern(finish, is_glass, rng),
        glass=is_glass,
        unibody=not is_glass and chance(rng, 0.6),
        camera_layout=layout,
        camera_x=0.5 if centred else (0.2 if chance(rng, 0.85) else 0.8),
        camera_y_mm=between(rng, 8, 18),
        lens_mm=between(rng, 4.4, 7.6) if big and layout != "row" else between(rng, 3.0, 4.8),
        lens_count=count,
        bump_mm=between(rng, 1.0, 2.6) if big else between(rng, 0.3, 1.3),
        bump=(finish, matt, dark, dark)[int(rng.integers(4))],
        lens_ring=(frame, metal(linear_colour(0.1, 0.05, between(rng, 0.1, 0.8)), 0.1), dark)[int(rng.integers(3))],
        fingerprint=chance(rng, 0.4 if 2015 <= year <= 2020 else 0.05),
        emblem=emblems[rng.integers(len(emblems))],
        logo=chance(rng, 0.7),
        logo_y=between(rng, 0.3, 0.85),
        logo_upright=chance(rng, 0.15),
        logo_metal=chance(rng, 0.45),
        print_lines=int(rng.integers(0, 6)),
        worn_print=between(rng, 0.2, 0.8) if chance(rng, 0.15) else 0.0,
        sticker=chance(rng, 0.06),
        ring=chance(rng, 0.015),
    )
