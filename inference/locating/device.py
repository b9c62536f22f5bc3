"""Locates the device in a decoded photo: its view, its outline and how large its surface is."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from phonegrade.core.arrays import RGB, Mask
from phonegrade.core.devices.catalogue import ASSUMED_DEVICE, Device, surface_size_mm
from phonegrade.core.geometry import aspect, mean_scale, small_from_large
from phonegrade.core.vocabulary import Surface, View
from phonegrade.inference.card import BoundaryRefinerCard, LocatorCard, SegmenterCard
from phonegrade.inference.locating.coarse import Outline
from phonegrade.inference.locating.locate import Location, locate
from phonegrade.inference.locating.outline import OutlineFit, fit_outline
from phonegrade.inference.locating.regions import canvas_frame, largest_hull, region_on_canvas
from phonegrade.inference.photo.downscale import downscaled
from phonegrade.inference.photo.photo import Photo
from phonegrade.inference.session import OnnxModel

WORK_PX = 750
"""Least long side of the photo in which the device is sought, at most twice that: fine enough for edges within 0.2 mm,
smooth enough to ignore texture."""
MIN_CAMERA_SHARE = 0.005
"""Share of a back from which on what looks like a camera island is one."""


@dataclass(frozen=True)
class LocatedDevice:
    """Where the device lies in a decoded photo. Coordinates are the photo's decoded pixels."""

    view: View
    """The view that the geometry follows: the promised one, else the likeliest."""
    location: Location
    """The locator's answer that the outline comes from; for the whole photo where there is none."""
    outline: Outline | None
    size_mm: tuple[float, float] | None
    """(width, height) of the surface; None without an outline."""
    px_per_mm: float | None
    """Decoded pixels per millimetre, mean over the outline; None without one."""
    cut_off: bool
    """True where the device runs out of the photo."""
    body_share: float
    """Share of the photo that the body covers."""
    body_mask: Mask
    """The body's largest component on the locator's grid (S/stride, S/stride); all False where there is none."""
    photo_hw: tuple[int, int]
    """Height and width of the decoded photo."""
    photo_scale: float
    """Decoded pixels per full-size pixel."""

    def finer_long_side_px(self, px_per_mm: float) -> int | None:
        """Return the long side to decode the photo at for `px_per_mm`; None where a finer decoding would not help."""
        if self.px_per_mm is None or self.photo_scale == 1.0 or self.px_per_mm >= px_per_mm:
            return None
        return math.ceil(max(self.photo_hw) * px_per_mm / self.px_per_mm)


def locate_device(
    photo: Photo,
    locator: OnnxModel[LocatorCard],
    refiner: OnnxModel[BoundaryRefinerCard],
    card_of: Callable[[View], SegmenterCard],
    *,
    promised: View | None,
    surface: Surface | None,
    device: Device,
) -> LocatedDevice:
    """Locate the device in a decoded photo that was sent as `surface`, or as a `promised` view.

    `card_of` gives the card of the segmenter for a view: its canvas is what a back is turned upright on.
    """
    known = None if surface is None or device is ASSUMED_DEVICE else surface_size_mm(device, surface)
    view, fit = locate_outline(photo.rgb, locator, refiner, promised, known)
    outline, size_mm = fit.outline, None
    if outline is not None:
        size_mm = _size_mm(outline, photo.hw, view, surface, device)
        if view is View.BACK and _is_upside_down(fit.location, outline, size_mm, card_of(view)):
            outline = outline.turned()
    return LocatedDevice(
        view=view,
        location=fit.location,
        outline=outline,
        size_mm=size_mm,
        px_per_mm=None if outline is None or size_mm is None else mean_scale(outline.quad, size_mm),
        cut_off=fit.cut_off,
        body_share=fit.body_share,
        body_mask=fit.body_mask,
        photo_hw=photo.hw,
        photo_scale=photo.scale,
    )


def locate_outline(
    rgb: RGB,
    locator: OnnxModel[LocatorCard],
    refiner: OnnxModel[BoundaryRefinerCard],
    promised: View | None,
    size_mm: tuple[float, float] | None = None,
) -> tuple[View, OutlineFit]:
    """Return the view that the geometry follows in a photo (H, W, 3), and the device's outline in the photo's pixels.

    `size_mm` is the surface's, where device and surface are known. All steps work on one picture of WORK_PX to twice
    that: making it smaller is a third of what they cost.
    """
    small, factor = downscaled(rgb, WORK_PX)
    location = locate(small, locator)
    view = location.likeliest_view() if promised is None or promised is View.NONE else promised
    ratio = None if size_mm is None or view is not View.EDGE else size_mm[0] / size_mm[1]
    fit = fit_outline(small, location, view, locator, refiner, ratio)
    return (view, fit) if factor == 1 else (view, fit.moved(small_from_large(factor)))


def _size_mm(
    outline: Outline, photo_hw: tuple[int, int], view: View, surface: Surface | None, device: Device
) -> tuple[float, float]:
    """Return the surface's size; of an edge that was not named, the long or the short one, by its proportions."""
    if surface is not None:
        return surface_size_mm(device, surface)
    if view is not View.EDGE:
        return surface_size_mm(device, Surface.FRONT)
    ratio = aspect(outline.quad, photo_hw)
    sizes = [surface_size_mm(device, edge) for edge in (Surface.LEFT, Surface.TOP)]
    return min(sizes, key=lambda size: abs(float(np.log(ratio / (size[0] / size[1])))))


def _is_upside_down(location: Location, outline: Outline, size_mm: tuple[float, float], card: SegmenterCard) -> bool:
    """Return True when the camera island of a back sits in the lower half of the canvas that `outline` makes."""
    photo_from_canvas, canvas_hw = canvas_frame(outline.quad, size_mm, card.px_per_mm)
    camera = region_on_canvas(
        location.regions["camera"], location.map_from_photo, photo_from_canvas, canvas_hw, card.output_stride
    )
    island = largest_hull(camera >= 0.5, MIN_CAMERA_SHARE)
    return bool(island.any()) and float(np.argwhere(island)[:, 0].mean()) > island.shape[0] / 2
