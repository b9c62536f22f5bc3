"""Rectifies the located surface: the canvas and all that later stages need to know of it, computed once."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from phonegrade.core.arrays import RGB, Mask
from phonegrade.core.geometry import mean_scale, small_from_large, transform
from phonegrade.core.vocabulary import View
from phonegrade.inference.card import SegmenterCard
from phonegrade.inference.locating.device import LocatedDevice
from phonegrade.inference.locating.locate import Location
from phonegrade.inference.locating.rectify import Canvas, fallback_canvas, to_canvas
from phonegrade.inference.locating.regions import region_on_canvas
from phonegrade.inference.locating.valid_mask import CHIPPED_RIM_MM, body_on_canvas, fallback_body_on_canvas
from phonegrade.inference.locating.zones import ZoneMap, zone_map
from phonegrade.inference.photo.downscale import downscaled
from phonegrade.inference.photo.photo import Photo

JUDGED_PX_PER_MM = 8.0
"""Scale of the canvas that the limits of light and sharpness hold for."""
DISPLAY_STRIDE = 8
"""Canvas pixels for each that the display's light is judged by."""
LIT_CHROMA = 40
"""Difference of the strongest and the weakest of red, green and blue that a tenth of a lit display exceeds; a dark one
that mirrors something coloured may too."""


@dataclass(frozen=True)
class RectifiedSurface:
    """One surface of a device as a canvas. Grids are the canvas' divided by the segmenter's output stride."""

    photo: Photo
    """The decoded photo that the canvas was made from."""
    device: LocatedDevice
    """In the pixels of `photo`."""
    canvas: Canvas
    valid_mask: Mask
    """(h, w) where defects are evaluated; everywhere when no body is known."""
    chip_mask: Mask | None
    """(h, w) the same for chips, which sit on the rim of fronts and backs; None where that is not known."""
    zones: ZoneMap | None
    """None where the canvas has no scale."""
    display_is_lit: bool
    """True for a front whose display shows a picture: colours that no dark glass mirrors."""
    judged_rgb: RGB
    """The canvas at the scale that light and sharpness are judged at; a finer one is averaged down."""
    glare_zone: Mask | None
    """Where on `judged_rgb` glare hides defects: on a front the dark display; None without an outline."""


def rectify_surface(photo: Photo, device: LocatedDevice, card: SegmenterCard) -> RectifiedSurface:
    """Rectify the surface of a located device, from a decoded photo at any scale, for the segmenter of `card`."""
    device, stride = _in_pixels_of(photo, device), card.output_stride
    outline, size_mm, location = device.outline, device.size_mm, device.location
    if outline is None or size_mm is None:
        canvas = fallback_canvas(photo.rgb, device.body_mask, location.map_from_photo, device.view, card.px_per_mm)
        valid = fallback_body_on_canvas(canvas, stride, device.view, device.body_mask, location.map_from_photo)
        judged = _judged(canvas)
        return RectifiedSurface(photo, device, canvas, valid, None, None, False, judged, None)
    view, radius_share = device.view, outline.radius_share
    canvas = to_canvas(photo.rgb, outline.quad, size_mm, card.px_per_mm)
    judged = _judged(canvas)
    coarse_zones = _zones(location, view, radius_share, canvas, card.px_per_mm, DISPLAY_STRIDE)
    is_lit = _display_is_lit(canvas, coarse_zones)
    return RectifiedSurface(
        photo=photo,
        device=device,
        canvas=canvas,
        valid_mask=body_on_canvas(canvas, stride, view, radius_share),
        chip_mask=body_on_canvas(canvas, stride, view, radius_share, CHIPPED_RIM_MM),
        zones=_zones(location, view, radius_share, canvas, card.px_per_mm, stride),
        display_is_lit=is_lit,
        judged_rgb=judged,
        glare_zone=_glare_zone(coarse_zones, judged, is_lit=is_lit),
    )


def _in_pixels_of(photo: Photo, device: LocatedDevice) -> LocatedDevice:
    """Return the device in the pixels of `photo`, a finer decoding of the one that it was located in, or the same."""
    if photo.scale == device.photo_scale or device.outline is None or device.size_mm is None:
        return device
    located_from_photo = small_from_large(photo.scale / device.photo_scale)
    location = replace(device.location, map_from_photo=device.location.map_from_photo @ located_from_photo)
    quad = transform(np.asarray(np.linalg.inv(located_from_photo)), device.outline.quad)
    return replace(
        device,
        location=location,
        outline=replace(device.outline, quad=quad),
        px_per_mm=mean_scale(quad, device.size_mm),
        photo_hw=photo.hw,
        photo_scale=photo.scale,
    )


def _zones(
    location: Location, view: View, radius_share: float, canvas: Canvas, px_per_mm: float, stride: int
) -> ZoneMap:
    hw = (canvas.rgb.shape[0], canvas.rgb.shape[1])
    display, camera = (
        region_on_canvas(location.regions[name], location.map_from_photo, canvas.photo_from_canvas, hw, stride)
        for name in ("display", "camera")
    )
    return zone_map(view, display, camera, px_per_mm=px_per_mm, stride=stride, radius_share=radius_share)


def _judged(canvas: Canvas) -> RGB:
    factor = max(1, round(canvas.about_px_per_mm / JUDGED_PX_PER_MM))
    return downscaled(canvas.rgb, max(canvas.rgb.shape) // factor)[0]


def _display_is_lit(canvas: Canvas, zones: ZoneMap) -> bool:
    if zones.view is not View.FRONT:
        return False
    height, width = zones.special.shape
    small = cv2.resize(canvas.rgb, (width, height), interpolation=cv2.INTER_AREA)
    chroma = small.max(axis=2) - small.min(axis=2)
    return bool(zones.special.any() and np.percentile(chroma[zones.special], 90) >= LIT_CHROMA)


def _glare_zone(zones: ZoneMap, judged: RGB, *, is_lit: bool) -> Mask:
    height, width = judged.shape[:2]
    if zones.view is not View.FRONT:
        return np.ones((height, width), np.bool_)
    display = zones.special & (not is_lit)
    return cv2.resize(display.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0
