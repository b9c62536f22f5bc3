"""One phone: its design, and the wear that all its photos share."""

from dataclasses import dataclass

import numpy as np

from phonegrade.configs.render_settings import RenderSettings, WearLevel
from phonegrade.core.devices.catalogue import Device, surface_size_mm
from phonegrade.core.vocabulary import Surface, View
from phonegrade.datasets.annotations.annotation import Annotation
from phonegrade.rendering.device.device_style import DeviceStyle, draw_style
from phonegrade.rendering.streams import Stream, stream
from phonegrade.rendering.wear.severity import draw_dirt, draw_failed_tests, draw_wear, surface_levels


@dataclass(frozen=True)
class Phone:
    """A device with its design and annotations; `seed` fixes all that belongs to the phone and not to a photo."""

    device: Device
    style: DeviceStyle
    level: WearLevel
    annotations: dict[Surface, tuple[Annotation, ...]]
    """Defects and dirt of each surface; none where a case hides it."""
    seed: tuple[int, ...]
    failed_tests: tuple[str, ...] = ()
    """Functional tests of its display that it fails; no picture shows them."""

    def size_mm(self, surface: Surface) -> tuple[float, float]:
        """Return (width, height) of the surface's canvas."""
        return surface_size_mm(self.device, surface)

    def depth_mm(self, surface: Surface) -> float:
        """Return how far the device reaches behind the surface."""
        match surface.view:
            case View.EDGE:
                return self.style.height_mm if surface in (Surface.TOP, Surface.BOTTOM) else self.style.width_mm
            case _:
                return self.style.depth_mm

    def rng(self, surface: Surface) -> np.random.Generator:
        """Return a generator that is the same for every photo of this surface: looks and paint are drawn from it."""
        return stream(Stream.SURFACE, *self.seed, list(Surface).index(surface))

    def paint_rng(self, surface: Surface, number: int) -> np.random.Generator:
        """Return a generator for the paint of annotation `number` of a surface, the same for every photo."""
        return stream(Stream.PAINT, *self.seed, list(Surface).index(surface), number)


def draw_phone(device: Device, settings: RenderSettings, seed: tuple[int, ...]) -> Phone:
    """Draw a used `device`. Same arguments, same phone."""
    rng = stream(Stream.PHONE, *seed)
    levels = settings.wear.levels
    weights = np.array(list(levels.values()))
    level = list(levels)[int(rng.choice(len(levels), p=weights / weights.sum()))]
    style = draw_style(
        device.height_mm,
        device.width_mm,
        device.depth_mm,
        device.year,
        settings.case_share,
        settings.protector_share,
        rng,
    )
    glass = {Surface.FRONT: True, Surface.BACK: style.glass_back}
    annotations: dict[Surface, tuple[Annotation, ...]] = {}
    for surface, worn in surface_levels(level, rng).items():
        size_mm, near = surface_size_mm(device, surface), settings.wear.near_limit_share
        defects = draw_wear(surface.view, size_mm, worn, glass.get(surface, False), near, rng)
        dirt = draw_dirt(size_mm, rng) if rng.random() < settings.wear.dirty_share else []
        hidden = surface is not Surface.FRONT and style.case is not None and style.case.hides_back
        annotations[surface] = () if hidden else (*defects, *dirt)
    cracked = any(annotation.kind == "crack" for annotation in annotations[Surface.FRONT])
    return Phone(device, style, level, annotations, seed, draw_failed_tests(level, cracked, rng))
