"""The hard cases by name: what fools a detector of defects, or hides them from it, each rendered on purpose."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.configs.render_settings import CameraSettings, Light, RenderSettings, load_preset
from phonegrade.core.devices.catalogue import ASSUMED_DEVICE
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import Surface
from phonegrade.datasets.annotations.annotation import Annotation
from phonegrade.rendering.camera import draw_pose
from phonegrade.rendering.compression import Compression
from phonegrade.rendering.device.device_style import DeviceStyle
from phonegrade.rendering.device.materials import metal, plastic, steel
from phonegrade.rendering.device.screens import Screen
from phonegrade.rendering.device.surfaces import SurfaceMaps, draw_surface
from phonegrade.rendering.phone import Phone, draw_phone
from phonegrade.rendering.photo import RenderedPhoto, Route, render_photo
from phonegrade.rendering.wear.cracks import draw_crack
from phonegrade.rendering.wear.defects import draw_chip, draw_dent, draw_scratch, draw_scuff
from phonegrade.rendering.wear.dirt import draw_dust, draw_oil, draw_smudge

SIZE = tuple[float, float]


class DrawAnnotation(Protocol):
    """A painter of one kind of mark on a surface of (width, height) mm."""

    __name__: str

    def __call__(self, size_mm: SIZE, rng: np.random.Generator) -> Annotation:
        """One mark."""


Restyle = Callable[[DeviceStyle], DeviceStyle]
Shows = Callable[[SurfaceMaps], float]
SEED = 2024
TRIES = 40
"""Phones among which one is chosen that shows what the case is about."""
MOST_DRAWS = 300
PICK_PX_PER_MM = 6.0
LONG_LINE_MM = 60.0


def _as_it_is(style: DeviceStyle) -> DeviceStyle:
    return style


@dataclass(frozen=True)
class HardCase:
    """One named case. Where nothing else is said: a sound, clean front, its screen off, sharp, square and on a desk."""

    name: str
    seed: int = 0
    surface: Surface = Surface.FRONT
    screen: Screen = Screen.OFF
    light: Light = Light.ROOM
    ground: str = "wood"
    held: bool = False
    cluttered: bool = False
    cased: bool = False
    protected: bool = False
    camera: dict[str, object] = field(default_factory=dict)
    """Fields of CameraSettings that differ from SHARP."""
    restyle: Restyle = _as_it_is
    marks: tuple[DrawAnnotation, ...] = ()
    shows: Shows | None = None
    """How clearly a phone's clean surface shows the case: the clearest of TRIES phones is taken."""


SHARP: dict[str, object] = {
    "long_side_px": (1000, 1000),
    "fill": (0.8, 0.88),
    "cropped_share": 0.0,
    "tilt_deg": 4.0,
    "turned_share": 0.0,
    "blur_share": 0.0,
    "noise": (0.012, 0.015),
    "resize_share": 0.0,
    "jpeg_quality": (92, 94),
    "chat_share": 0.0,
}


@dataclass(frozen=True)
class HardCasePhoto:
    """The photo of one case as a file, and its truth."""

    case: HardCase
    file: PhotoFile
    phone: Phone
    photo: RenderedPhoto

    @property
    def visible_kinds(self) -> list[str]:
        """Kinds of the marks that can be seen."""
        return [mark.kind for mark in self.visible(self.case.surface)]

    @property
    def hidden(self) -> int:
        """How many marks there are that cannot be seen."""
        return len(self.phone.marks[self.case.surface]) - len(self.visible_kinds)

    @property
    def rgb(self) -> NDArray[np.uint8]:
        """The photo (H, W, 3)."""
        return self.photo.rgb

    @property
    def body(self) -> NDArray[np.bool_]:
        """Where the body is, on a coarser grid (h, w)."""
        return (self.photo.regions & 1) > 0

    def visible(self, surface: Surface) -> list[Annotation]:
        """The marks that can be seen."""
        marks = zip(self.phone.marks[surface], self.photo.visible, strict=True)
        return [mark for mark, is_visible in marks if is_visible]


def shoot(case: HardCase) -> HardCasePhoto:
    """Render one case; the same case gives the same photo."""
    settings = _settings(case)
    surface = case.surface
    phone = _phone(case, settings)
    rng = np.random.default_rng((SEED, case.seed, 1))
    pose = draw_pose(phone.size_mm(surface), settings.camera, rng)
    compression = Compression.draw(settings.camera, rng)
    photo = render_photo(phone, surface, case.screen, pose, settings, Route.FLAT, rng)
    file = PhotoFile(case.name, compression.encode(photo.rgb), surface)
    return HardCasePhoto(case, file, phone, photo)


def _settings(case: HardCase) -> RenderSettings:
    plain = load_preset("app")
    camera = CameraSettings.model_validate(plain.camera.model_dump() | SHARP | case.camera)
    changes = {
        "lights": {case.light: 1.0},
        "grounds": (case.ground,),
        "hand_share": float(case.held),
        "clutter_share": float(case.cluttered),
        "case_share": float(case.cased),
        "protector_share": float(case.protected),
        "camera": camera,
    }
    return RenderSettings.model_validate(plain.model_dump() | changes)


def _phone(case: HardCase, settings: RenderSettings) -> Phone:
    seeds = [case.seed] if case.shows is None else [case.seed + 1000 * step for step in range(TRIES)]
    phones = [draw_phone(ASSUMED_DEVICE, settings, (SEED, seed)) for seed in seeds]
    drawn = [replace(phone, style=case.restyle(phone.style)) for phone in phones]
    phone = drawn[0]
    if case.shows is not None:
        clearness = [case.shows(_maps(one, case)) for one in drawn]
        phone = drawn[int(np.argmax(clearness))]
    rng = np.random.default_rng((SEED, case.seed, 2))
    marks = tuple(draw(phone.size_mm(case.surface), rng) for draw in case.marks)
    return replace(phone, marks={surface: marks if surface is case.surface else () for surface in Surface})


def _maps(phone: Phone, case: HardCase) -> SurfaceMaps:
    size_mm, rng = phone.size_mm(case.surface), phone.rng(case.surface)
    return draw_surface(phone.style, case.surface, size_mm, PICK_PX_PER_MM, case.screen, rng)


def long_lines(maps: SurfaceMaps) -> float:
    """Millimetres of long lines on the lit display."""
    grey = maps.emission.mean(axis=2)
    levels = np.clip(grey / max(float(grey.max()), 1e-6) * 255, 0, 255).astype(np.uint8)
    edges, _ = cv2.findContours(cv2.Canny(levels, 40, 120), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    least = LONG_LINE_MM * PICK_PX_PER_MM
    inner = [edge for edge in edges if len(edge) > least and cv2.boundingRect(edge)[3] < 0.8 * grey.shape[0]]
    return sum(len(edge) for edge in inner) / PICK_PX_PER_MM


def faulty_columns(maps: SurfaceMaps) -> float:
    """How much the most deviant column of the lit display differs from its neighbour in nearly every row."""
    rows, columns = np.nonzero(maps.display)
    lit = maps.emission[rows.min() + 40 : rows.max() - 40, columns.min() + 4 : columns.max() - 4].mean(axis=2)
    step = np.abs(np.diff(lit, axis=1))
    return float(np.percentile(step, 15, axis=0).max())


def of_style(draw: DrawAnnotation, style: str) -> DrawAnnotation:
    """`draw` until a mark is of `style`; raises ValueError where none ever is."""

    def drawn(size_mm: SIZE, rng: np.random.Generator) -> Annotation:
        for _ in range(MOST_DRAWS):
            mark = draw(size_mm, rng)
            if mark.style == style:
                return mark
        raise ValueError(f"{draw.__name__} draws no {style}: it has other styles now")

    return drawn


def _many_lenses(style: DeviceStyle) -> DeviceStyle:
    cover = replace(style.cover, camera_layout="square", lens_count=4, lens_mm=6.0, lens_ring=steel(0.1), sticker=False)
    return replace(style, cover=cover)


def _printed(style: DeviceStyle) -> DeviceStyle:
    cover = replace(style.cover, logo=True, emblem="letter", print_lines=5, worn_print=0.0, pattern="plain")
    return replace(style, logo_opacity=0.95, cover=cover)


def _metal_back(style: DeviceStyle) -> DeviceStyle:
    finish = metal((0.5, 0.5, 0.51), 0.24)
    return replace(style, cover=replace(style.cover, finish=finish, pattern="brushed", glass=False, unibody=True))


def _matte_back(style: DeviceStyle) -> DeviceStyle:
    finish = plastic((0.02, 0.02, 0.024), 0.5)
    return replace(style, cover=replace(style.cover, finish=finish, pattern="plain", glass=False))


def _holes(style: DeviceStyle) -> DeviceStyle:
    return replace(style, port="usb_c", headphone_jack=True, speaker="round", speaker_holes=8, antenna_bands=True)


def _clear_case(style: DeviceStyle) -> DeviceStyle:
    return style if style.case is None else replace(style, case=replace(style.case, kind="clear"))


_HAIRLINE = of_style(draw_scratch, "hairline")
_DEEP = of_style(draw_scratch, "deep")
_WORN = (of_style(draw_crack, "star"), _DEEP, _DEEP, draw_chip)
_EDGE = {"fill": (0.92, 0.96), "tilt_deg": 2.0}

HARD_CASES = (
    HardCase("lit screen", 1, screen=Screen.UI),
    HardCase("lit screen, white, scratched", 2, screen=Screen.WHITE, marks=(_DEEP, _DEEP)),
    HardCase("wallpaper of lines", 3, screen=Screen.UI, shows=long_lines),
    HardCase("test picture", 5, screen=Screen.UI, shows=faulty_columns),
    HardCase("panel fault: band", 6, screen=Screen.UI, shows=faulty_columns),
    HardCase("panel fault: lines", 9, screen=Screen.UI, shows=faulty_columns),
    HardCase("mirrored photographer", 209),
    HardCase("mirrored lamps", 208),
    HardCase("mirrored light bars", 7, light=Light.BARS, ground="studio"),
    HardCase("rim highlights", 101, light=Light.WINDOW, camera={"tilt_deg": 20.0}),
    HardCase("camera rings", 9, surface=Surface.BACK, restyle=_many_lenses),
    HardCase("logo and print", 10, surface=Surface.BACK, restyle=_printed),
    HardCase("port and speaker holes", 11, surface=Surface.BOTTOM, restyle=_holes, camera=_EDGE),
    HardCase("seams and buttons", 12, surface=Surface.RIGHT, restyle=_holes, camera=_EDGE),
    HardCase("oil rims", 13, light=Light.TENT, marks=(of_style(draw_oil, "drops"), of_style(draw_oil, "ring"))),
    HardCase("lint and dust", 14, marks=(of_style(draw_dust, "lint"), of_style(draw_dust, "specks"))),
    HardCase("fingerprints and smears", 15, marks=(draw_smudge, draw_smudge, draw_smudge)),
    HardCase("screen protector", 16, protected=True),
    HardCase("clear case", 17, surface=Surface.BACK, cased=True, restyle=_clear_case),
    HardCase("case, front", 17, cased=True),
    HardCase("palm creases, in a hand", 18, held=True),
    HardCase("printed form", 103, ground="printed_page", cluttered=True),
    HardCase("hairlines at the visibility limit", 20, marks=(_HAIRLINE,) * 4),
    HardCase("crushed white zone", 21, marks=(of_style(draw_crack, "shatter"),)),
    HardCase("metal back, scuffed", 22, surface=Surface.BACK, restyle=_metal_back, marks=(draw_scuff, _DEEP)),
    HardCase("matte back, scratched", 23, surface=Surface.BACK, restyle=_matte_back, marks=(_DEEP, _DEEP, draw_scuff)),
    HardCase("edge with dents", 24, surface=Surface.LEFT, marks=(draw_dent, draw_dent), camera=_EDGE),
    HardCase("edge with nicks", 25, surface=Surface.TOP, marks=(draw_chip, draw_chip, draw_chip), camera=_EDGE),
    HardCase("small photo", 26, marks=_WORN, camera={"long_side_px": (400, 400)}),
    HardCase("blurred photo", 26, marks=_WORN, camera={"blur_share": 1.0, "blur_px": 6.0}),
    HardCase("noisy photo", 26, marks=_WORN, camera={"noise": (0.3, 0.31)}),
    HardCase(
        "recompressed photo", 26, marks=_WORN, camera={"chat_share": 1.0, "chat_quality": (24, 26), "resize_share": 1.0}
    ),
    HardCase("cut off", 27, camera={"cropped_share": 1.0}),
)


def hard_case_photos() -> Iterator[HardCasePhoto]:
    """Yield every hard case, rendered when it is asked for."""
    return (shoot(case) for case in HARD_CASES)
