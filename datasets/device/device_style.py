"""One phone's fixed design, drawn once and shared by the pictures of its six surfaces."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from phonegrade.datasets.device.lettering import made_up_word
from phonegrade.datasets.device.sheet import Finish
from phonegrade.datasets.scene.texture import RGB, between, chance, linear_colour

Cutout = Literal["none", "notch", "drop", "punch_left", "punch_centre", "punch_right", "pill"]
HomeButton = Literal["none", "round", "oval", "square", "keys"]
BackPattern = Literal["plain", "gradient", "two_tone", "leather", "dots", "brushed", "weave", "stripes"]
CameraLayout = Literal["single", "row", "column", "square", "bar", "centre_pill", "loose_column", "round_island"]
FrameProfile = Literal["flat", "curved", "round"]
Port = Literal["usb_c", "micro_usb", "slim"]


@dataclass(frozen=True)
class FaceStyle:
    """The front's design; lengths in mm, colours linear RGB 0..1, protector_mm the inset of a screen protector."""

    side_bezel_mm: float
    top_bezel_mm: float
    bottom_bezel_mm: float
    bezel: Finish
    display: Finish
    display_corner_mm: float
    display_border: RGB
    cutout: Cutout
    home: HomeButton
    home_ring: bool
    ear_slot_mm: float
    dots: int
    logo: bool
    protector_mm: float | None


@dataclass(frozen=True)
class CoverStyle:
    """The back's design; camera_x and logo_y are shares of width and height."""

    finish: Finish
    second: RGB
    pattern: BackPattern
    glass: bool
    camera_layout: CameraLayout
    camera_x: float
    camera_y_mm: float
    lens_mm: float
    lens_count: int
    bump_mm: float
    bump: Finish
    fingerprint: bool
    logo_y: float
    print_lines: int
    clear_case: bool
    sticker: bool


@dataclass(frozen=True)
class DeviceStyle:
    """Every design choice of one phone; lengths in mm, colours linear RGB 0..1."""

    height_mm: float
    width_mm: float
    depth_mm: float
    year: int
    corner_mm: float
    corner_exponent: float
    rim_mm: float
    frame: Finish
    frame_brushed: bool
    frame_visible_mm: float
    frame_profile: FrameProfile
    antenna_bands: bool
    logo: str
    logo_opacity: float
    port: Port
    headphone_jack: bool
    speaker_holes: int
    button_mm: float
    face: FaceStyle
    cover: CoverStyle


def _body_colour(rng: np.random.Generator) -> RGB:
    """Phones come mostly black, grey, white or silver, then gold, blue, and now and then loud."""
    draw = rng.random()
    if draw < 0.32:
        return linear_colour(between(rng, 0, 1), between(rng, 0, 0.2), between(rng, 0.07, 0.3))
    if draw < 0.46:
        return linear_colour(between(rng, 0, 1), between(rng, 0, 0.06), between(rng, 0.8, 0.95))
    if draw < 0.6:
        return linear_colour(between(rng, 0.5, 0.7), between(rng, 0, 0.12), between(rng, 0.35, 0.75))
    if draw < 0.74:
        return linear_colour(between(rng, 0.03, 0.12), between(rng, 0.15, 0.45), between(rng, 0.55, 0.9))
    return linear_colour(between(rng, 0, 1), between(rng, 0.2, 0.75), between(rng, 0.15, 0.8))


def _draw_frame(rng: np.random.Generator, bezel_white: bool) -> Finish:
    """Black or silver, as most are; white fronts come with silver and gold."""
    draw = rng.random()
    if bezel_white and draw < 0.6:
        colour = linear_colour(between(rng, 0.05, 0.15), between(rng, 0, 0.25), between(rng, 0.7, 0.92))
    elif draw < 0.5:
        colour = linear_colour(between(rng, 0, 1), between(rng, 0, 0.2), between(rng, 0.05, 0.3))
    elif draw < 0.78:
        colour = linear_colour(between(rng, 0.5, 0.7), between(rng, 0, 0.1), between(rng, 0.4, 0.85))
    else:
        colour = _body_colour(rng)
    # Dyed metal mirrors less than bare metal, so that black frames stay black.
    metal = 0.2 + 0.8 * max(colour) ** 0.45
    match int(rng.integers(4)):
        case 0:
            return Finish(colour, between(rng, 0.035, 0.06), between(rng, 0.15, 0.4))
        case 1:
            return Finish(colour, metal * between(rng, 0.35, 0.6), between(rng, 0.05, 0.15))
        case _:
            return Finish(colour, metal * between(rng, 0.1, 0.35), between(rng, 0.25, 0.45))


def _draw_back(rng: np.random.Generator) -> tuple[Finish, bool]:
    colour = _body_colour(rng)
    match int(rng.integers(5)):
        case 0 | 1:
            return Finish(colour, between(rng, 0.04, 0.07), between(rng, 0.02, 0.06)), True
        case 2:
            return Finish(colour, between(rng, 0.035, 0.1), between(rng, 0.15, 0.3)), chance(rng, 0.5)
        case 3:
            return Finish(colour, between(rng, 0.02, 0.04), between(rng, 0.32, 0.6)), False
        case _:
            return Finish(colour, between(rng, 0.1, 0.3), between(rng, 0.22, 0.4)), False


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


def _draw_face(year: int, corner_mm: float, protector_share: float, rng: np.random.Generator) -> FaceStyle:
    cutout, home = _draw_cutout(year, rng)
    side, top, bottom = _draw_bezels(year, cutout, home, rng)
    white = chance(rng, 0.36 if year <= 2018 else 0.06)
    value = between(rng, 0.82, 0.96) if white else between(rng, 0.03, 0.16)
    if not white and chance(rng, 0.06):
        value = between(rng, 0.25, 0.7)
    bezel = linear_colour(between(rng, 0, 1), between(rng, 0, 0.06 if white else 0.2), value)
    return FaceStyle(
        side_bezel_mm=side,
        top_bezel_mm=top,
        bottom_bezel_mm=bottom,
        bezel=Finish(bezel, between(rng, 0.038, 0.05), between(rng, 0.02, 0.05)),
        display=Finish(_near_black(rng), between(rng, 0.036, 0.05), between(rng, 0.02, 0.05)),
        display_corner_mm=max(0.0, corner_mm - side - 0.5) if cutout != "none" else between(rng, 0, 0.6),
        display_border=linear_colour(between(rng, 0, 1), 0.1, between(rng, 0.02, 0.24)),
        cutout=cutout,
        home=home,
        home_ring=chance(rng, 0.6),
        ear_slot_mm=between(rng, 5, 15),
        dots=int(rng.integers(1, 5)),
        logo=(top > 8 or bottom > 9) and chance(rng, 0.45),
        protector_mm=between(rng, 0.4, 3.0) if chance(rng, protector_share) else None,
    )


def _near_black(rng: np.random.Generator) -> RGB:
    return linear_colour(between(rng, 0.55, 0.75), between(rng, 0, 0.4), between(rng, 0.06, 0.17))


def _draw_cover(year: int, case_share: float, rng: np.random.Generator) -> CoverStyle:
    finish, glass = _draw_back(rng)
    patterns: tuple[BackPattern, ...] = (
        *("plain",) * 6,
        *("gradient",) * 4,
        *("two_tone", "leather", "dots", "brushed", "weave", "stripes"),
    )
    layouts: tuple[CameraLayout, ...] = ("single", "row", "column", "square", "bar", "centre_pill", "round_island")
    if year <= 2017:
        layouts = ("single", "single", "row", "column", "centre_pill", "loose_column")
    layout = layouts[rng.integers(len(layouts))]
    centred = layout == "centre_pill" or chance(rng, 0.12)
    return CoverStyle(
        finish=finish,
        second=_body_colour(rng),
        pattern=patterns[rng.integers(len(patterns))],
        glass=glass,
        camera_layout=layout,
        camera_x=0.5 if centred else (0.22 if chance(rng, 0.85) else 0.78),
        camera_y_mm=between(rng, 8, 20),
        lens_mm=between(rng, 2.6, 4.6) if year <= 2018 else between(rng, 3.4, 6.5),
        lens_count=1 if layout == "single" else int(rng.integers(2, 5)),
        bump_mm=between(rng, 0.3, 2.2),
        bump=finish
        if chance(rng, 0.4)
        else Finish(_near_black(rng), between(rng, 0.04, 0.06), between(rng, 0.02, 0.08)),
        fingerprint=chance(rng, 0.4 if 2015 <= year <= 2020 else 0.08),
        logo_y=between(rng, 0.3, 0.85),
        print_lines=int(rng.integers(0, 5)),
        clear_case=chance(rng, case_share),
        sticker=chance(rng, 0.08),
    )


def draw_style(
    height_mm: float,
    width_mm: float,
    depth_mm: float,
    year: int,
    case_share: float,
    protector_share: float,
    rng: np.random.Generator,
) -> DeviceStyle:
    """A plausible design for a phone of this size and year; the same generator state gives the same style."""
    corner = min(between(rng, 3, 10) if year <= 2016 else between(rng, 6, 13), width_mm / 4)
    face = _draw_face(year, corner, protector_share, rng)
    profiles: tuple[FrameProfile, ...] = ("flat", "curved", "round")
    ports: tuple[Port, ...] = (
        ("micro_usb", "micro_usb", "usb_c", "slim") if year <= 2016 else ("usb_c", "usb_c", "slim")
    )
    return DeviceStyle(
        height_mm=height_mm,
        width_mm=width_mm,
        depth_mm=depth_mm,
        year=year,
        corner_mm=corner,
        corner_exponent=between(rng, 2.0, 2.6),
        rim_mm=between(rng, 2.2, 4) if face.side_bezel_mm < 1.4 else between(rng, 0.3, 1.3),
        frame=_draw_frame(rng, min(face.bezel.colour) > 0.5),
        frame_brushed=chance(rng, 0.35),
        frame_visible_mm=between(rng, 0.25, 1.6),
        frame_profile=profiles[rng.integers(3)],
        antenna_bands=chance(rng, 0.6),
        logo=made_up_word(rng),
        logo_opacity=between(rng, 0.15, 0.95),
        port=ports[rng.integers(len(ports))],
        headphone_jack=chance(rng, 0.8 if year <= 2018 else 0.25),
        speaker_holes=int(rng.integers(3, 9)),
        button_mm=between(rng, 9, 17),
        face=face,
        cover=_draw_cover(year, case_share, rng),
    )
