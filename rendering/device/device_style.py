"""One phone's fixed design, drawn once and shared by the pictures of its six surfaces."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from phonegrade.rendering.device.case_style import CaseStyle, draw_case
from phonegrade.rendering.device.cover_style import CoverStyle, draw_cover
from phonegrade.rendering.device.face_style import FaceStyle, draw_face
from phonegrade.rendering.device.fields import branch
from phonegrade.rendering.device.materials import body_colour, metal, plastic
from phonegrade.rendering.device.sheet import Finish
from phonegrade.rendering.lettering import made_up_word
from phonegrade.rendering.texture import Colour, between, chance, linear_colour, scaled

FrameProfile = Literal["flat", "curved", "round"]
Port = Literal["usb_c", "micro_usb", "slim"]
SpeakerHoles = Literal["round", "slots", "slit"]


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
    """Over which the front's glass bends down to the frame."""
    rim_slope: float
    """Its slope where it meets the frame."""
    curve_mm: float
    """Over which the front falls away at its long sides, as curved displays do; 0 is flat."""
    frame: Finish
    frame_brushed: bool
    frame_visible_mm: float
    """Width of the frame that is seen round the front."""
    chamfer_mm: float
    """Width of a polished facet along the frame; 0 has none."""
    frame_profile: FrameProfile
    antenna_bands: bool
    band: Colour
    logo: str
    logo_opacity: float
    port: Port
    headphone_jack: bool
    speaker: SpeakerHoles
    speaker_holes: int
    button_mm: float
    face: FaceStyle
    cover: CoverStyle
    case: CaseStyle | None

    @property
    def glass_back(self) -> bool:
        """Whether the back that a photo shows is glass: no case hides it."""
        return self.cover.glass and not (self.case is not None and self.case.hides_back)


def _frame_colour(bezel_white: bool, rng: np.random.Generator) -> Colour:
    """Black or silver, as most are; white fronts come with silver and gold."""
    draw = rng.random()
    if bezel_white and draw < 0.6:
        return linear_colour(between(rng, 0.05, 0.15), between(rng, 0, 0.25), between(rng, 0.7, 0.9))
    if draw < 0.45:
        return linear_colour(between(rng, 0, 1), between(rng, 0, 0.15), between(rng, 0.05, 0.3))
    if draw < 0.75:
        return linear_colour(between(rng, 0.5, 0.7), between(rng, 0, 0.08), between(rng, 0.5, 0.86))
    return body_colour(rng)


def _draw_frame(bezel_white: bool, rng: np.random.Generator) -> Finish:
    """Blasted aluminium, polished steel, or painted plastic."""
    colour = _frame_colour(bezel_white, rng)
    match int(rng.integers(6)):
        case 0:
            return plastic(colour, between(rng, 0.05, 0.35))
        case 1:
            return metal(colour, between(rng, 0.05, 0.11))
        case _:
            return metal(colour, between(rng, 0.16, 0.32))


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
    face = draw_face(year, corner, protector_share, branch(rng))
    frame = _draw_frame(min(face.bezel.colour) > 0.5, branch(rng))
    cover = draw_cover(year, frame, branch(rng))
    profiles: tuple[FrameProfile, ...] = ("flat", "curved", "round")
    speakers: tuple[SpeakerHoles, ...] = ("round", "round", "slots", "slit")
    ports: tuple[Port, ...] = (
        ("micro_usb", "micro_usb", "usb_c", "slim") if year <= 2016 else ("usb_c", "usb_c", "slim")
    )
    soft = year >= 2014 and chance(rng, 0.75)
    curved = face.side_bezel_mm < 2 and year >= 2016 and chance(rng, 0.35)
    return DeviceStyle(
        height_mm=height_mm,
        width_mm=width_mm,
        depth_mm=depth_mm,
        year=year,
        corner_mm=corner,
        corner_exponent=between(rng, 2.0, 2.6),
        rim_mm=between(rng, 0.8, 2.2) if soft else between(rng, 0.15, 0.4),
        rim_slope=between(rng, 0.5, 1.0) if soft else between(rng, 0.3, 0.8),
        curve_mm=between(rng, 3.5, 7) if curved else 0.0,
        frame=frame,
        frame_brushed=chance(rng, 0.2),
        frame_visible_mm=between(rng, 0.15, 0.6) if soft else between(rng, 0.4, 1.5),
        chamfer_mm=between(rng, 0.15, 0.35) if frame.gloss > 0.1 and chance(rng, 0.35) else 0.0,
        frame_profile=profiles[rng.integers(3)],
        antenna_bands=frame.gloss > 0.06 and chance(rng, 0.75),
        band=scaled(frame.colour, between(rng, 0.4, 1.3), between(rng, 0, 0.06)),
        logo=made_up_word(rng),
        logo_opacity=between(rng, 0.3, 0.95),
        port=ports[rng.integers(len(ports))],
        headphone_jack=chance(rng, 0.8 if year <= 2018 else 0.25),
        speaker=speakers[rng.integers(len(speakers))],
        speaker_holes=int(rng.integers(3, 9)),
        button_mm=between(rng, 9, 17),
        face=face,
        cover=cover,
        case=draw_case(branch(rng)) if chance(rng, case_share) else None,
    )
