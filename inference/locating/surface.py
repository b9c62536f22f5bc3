"""A photo with its surface laid flat: everything known before the segmenter looks."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.devices.catalogue import ASSUMED_DEVICE, Device, surface_size_mm
from phonegrade.core.geometry import Quad, aspect, side_lengths, transform, upright
from phonegrade.core.vocabulary import Surface, View
from phonegrade.inference.card import BoundaryRefinerCard, LocatorCard, SegmenterCard
from phonegrade.inference.locating.coarse import Outline
from phonegrade.inference.locating.locate import Location, locate
from phonegrade.inference.locating.outline import OutlineFit, fit_outline
from phonegrade.inference.locating.rectify import Canvas, to_canvas, whole_photo
from phonegrade.inference.locating.valid_mask import CHIPPED_RIM_MM, body_on_canvas, region_on_canvas
from phonegrade.inference.locating.zones import ZoneMap, camera_is_below, zone_map
from phonegrade.inference.photo.decode import Photo
from phonegrade.inference.photo.downscale import RGB, downscaled
from phonegrade.inference.quality import JUDGED_PX_PER_MM
from phonegrade.inference.session import OnnxModel

WORK_PX = 750
"""Least long side of the photo in which the device is sought, at most twice that: fine enough for edges within 0.2 mm,
smooth enough to ignore texture."""
DISPLAY_STRIDE = 8
"""Canvas pixels for each that the display's light is judged by."""
LIT_CHROMA = 40
"""Difference of the strongest and the weakest of red, green and blue that a tenth of a lit display exceeds; a dark one
that mirrors something coloured may too."""
FALLBACK_LONG_MM = 150.0
"""Long side that a body without an outline is laid flat with: what most phones have."""
FALLBACK_SHORT_MM = 77.5
"""And its short side: of a front or back that the photo cuts off, the long side is not all of it."""
FALLBACK_SHARE = 0.875
"""Of that scale, what such a body has on average, as the margin is part of its sides."""
FALLBACK_MARGIN = 0.04
"""What is shown round such a body, as a share of its sides."""
FALLBACK_RIM_MM = 0.75
"""Taken off the rim of such a body: about what fronts and backs with an outline lose."""


@dataclass(frozen=True)
class Survey:
    """Where the device lies in a photo, and its surface as a canvas."""

    photo: Photo
    fit: OutlineFit
    view: View
    """The view that the geometry follows: the promised one, else the likeliest."""
    outline: Outline | None
    size_mm: tuple[float, float] | None
    canvas: Canvas

    @property
    def location(self) -> Location:
        """What the locator saw of the device, as near as it looked."""
        return self.fit.location

    @property
    def photo_hw(self) -> tuple[int, int]:
        """Height and width of the decoded photo."""
        return self.photo.rgb.shape[0], self.photo.rgb.shape[1]

    def inside(self, stride: int) -> NDArray[np.bool_]:
        """Where on the canvas' grid divided by `stride` marks are believed; everywhere when no body is known."""
        if self.outline is not None:
            return body_on_canvas(self.canvas, stride, self.view, self.outline.radius_share)
        body = self.fit.body_mask.astype(np.float32)
        seen = region_on_canvas(body, self.location, self.canvas, stride) >= 0.5
        if self.view is not View.EDGE:
            rim = np.ones((2 * round(FALLBACK_RIM_MM * self.canvas.about_px_per_mm / stride) + 1,) * 2, np.uint8)
            seen = cv2.erode(seen.astype(np.uint8), rim, borderValue=1) > 0
        return np.asarray(seen if seen.any() else np.ones_like(seen))

    def chipped(self, stride: int) -> NDArray[np.bool_] | None:
        """The same for chips, which sit on the rim of fronts and backs; None where that is not known."""
        if self.outline is None:
            return None
        return body_on_canvas(self.canvas, stride, self.view, self.outline.radius_share, CHIPPED_RIM_MM)

    def judged_canvas(self) -> RGB:
        """The canvas at the scale that light and sharpness are judged at; a finer one is averaged down."""
        factor = max(1, round(self.canvas.about_px_per_mm / JUDGED_PX_PER_MM))
        return downscaled(self.canvas.rgb, max(self.canvas.rgb.shape) // factor)[0]

    def display_is_lit(self) -> bool:
        """True for a front whose display shows a picture: colours that no dark glass mirrors."""
        zones = self.zones(DISPLAY_STRIDE) if self.view is View.FRONT else None
        if zones is None:
            return False
        height, width = zones.special.shape
        small = cv2.resize(self.canvas.rgb, (width, height), interpolation=cv2.INTER_AREA)
        chroma = small.max(axis=2) - small.min(axis=2)
        return bool(zones.special.any() and np.percentile(chroma[zones.special], 90) >= LIT_CHROMA)

    def glaring(self) -> NDArray[np.bool_] | None:
        """Where on the judged canvas glare hides marks: on a front the dark display; None without an outline."""
        zones = self.zones(DISPLAY_STRIDE)
        if zones is None:
            return None
        height, width = self.judged_canvas().shape[:2]
        if self.view is not View.FRONT:
            return np.ones((height, width), np.bool_)
        display = zones.special & (not self.display_is_lit())
        return cv2.resize(display.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0

    def zones(self, stride: int) -> ZoneMap | None:
        """The zones of the canvas; None where it has no scale."""
        if self.outline is None or self.canvas.px_per_mm is None:
            return None
        regions = self.location.regions
        display, camera = (
            region_on_canvas(regions[name], self.location, self.canvas, stride) for name in ("display", "camera")
        )
        return zone_map(
            self.view,
            display,
            camera,
            px_per_mm=self.canvas.px_per_mm,
            stride=stride,
            radius_share=self.outline.radius_share,
        )


def survey(
    photo: Photo,
    locator: OnnxModel[LocatorCard],
    finder: OnnxModel[BoundaryRefinerCard],
    segmenter_of: Callable[[View], SegmenterCard],
    *,
    promised: View | None,
    surface: Surface | None,
    device: Device,
) -> Survey:
    """Locate the device in a decoded photo, fit its outline, and rectify the surface to its segmenter's canvas."""
    known = None if surface is None or device is ASSUMED_DEVICE else surface_size_mm(device, surface)
    view, fit = find_device(photo.rgb, locator, finder, promised, known)
    location, outline, segmenter = fit.location, fit.outline, segmenter_of(view)
    if outline is None:
        return Survey(photo, fit, view, None, None, _loose_canvas(photo.rgb, fit, view, segmenter.px_per_mm))
    size_mm = _size_mm(outline, (photo.rgb.shape[0], photo.rgb.shape[1]), view, surface, device)
    canvas = to_canvas(photo.rgb, outline.quad, size_mm, segmenter.px_per_mm)
    if view is View.BACK:
        camera = region_on_canvas(location.regions["camera"], location, canvas, segmenter.output_stride)
        if camera_is_below(camera):
            outline = outline.turned()
            canvas = to_canvas(photo.rgb, outline.quad, size_mm, segmenter.px_per_mm)
    return Survey(photo, fit, view, outline, size_mm, canvas)


def on_finer(seen: Survey, photo: Photo) -> Survey:
    """What was found, on a finer decoding of the same photo; the device is not sought again."""
    if seen.outline is None or seen.size_mm is None or seen.canvas.px_per_mm is None:
        return seen
    fit = _enlarged(replace(seen.fit, outline=seen.outline), photo.scale / seen.photo.scale)
    outline = fit.outline or seen.outline
    canvas = to_canvas(photo.rgb, outline.quad, seen.size_mm, seen.canvas.px_per_mm)
    return Survey(photo, fit, seen.view, outline, seen.size_mm, canvas)


def find_device(
    rgb: NDArray[np.uint8],
    locator: OnnxModel[LocatorCard],
    finder: OnnxModel[BoundaryRefinerCard],
    promised: View | None,
    size_mm: tuple[float, float] | None = None,
) -> tuple[View, OutlineFit]:
    """The view that the geometry follows in a photo (H, W, 3), and the device's outline, in the photo's pixels.

    `size_mm` is the surface's, where device and surface are known. All steps look at one picture of WORK_PX to twice
    that: making it smaller is a third of what they cost.
    """
    small, factor = downscaled(rgb, WORK_PX)
    location = locate(small, locator)
    view = location.likeliest_view() if promised is None or promised is View.NONE else promised
    ratio = None if size_mm is None or view is not View.EDGE else size_mm[0] / size_mm[1]
    fit = fit_outline(small, location, view, locator, finder, ratio)
    return (view, fit) if factor == 1 else (view, _enlarged(fit, factor))


def _enlarged(fit: OutlineFit, factor: float) -> OutlineFit:
    """A fit in a picture that was made smaller `factor` times, in the photo's pixels."""
    shift = 0.5 / factor - 0.5
    small_from_photo = np.array([[1 / factor, 0, shift], [0, 1 / factor, shift], [0, 0, 1.0]])
    fit = replace(fit, location=replace(fit.location, map_from_photo=fit.location.map_from_photo @ small_from_photo))
    if fit.outline is None:
        return fit
    quad = transform(np.asarray(np.linalg.inv(small_from_photo)), fit.outline.quad)
    return replace(fit, outline=replace(fit.outline, quad=quad))


def _loose_canvas(rgb: NDArray[np.uint8], fit: OutlineFit, view: View, px_per_mm: float) -> Canvas:
    """The body without scale, upright and about as large as with one; the whole photo where no body is seen."""
    quad = _box_of_body(fit, (rgb.shape[0], rgb.shape[1]), view)
    if quad is None:
        return whole_photo(rgb)
    width, height = side_lengths(quad)
    grow = FALLBACK_LONG_MM * px_per_mm / max(width, height)
    if view is not View.EDGE:
        grow = min(grow, FALLBACK_SHORT_MM * px_per_mm / min(width, height))
    canvas = to_canvas(rgb, quad, (width, height), grow)
    return replace(canvas, px_per_mm=None, about_px_per_mm=FALLBACK_SHARE * px_per_mm)


def _box_of_body(fit: OutlineFit, photo_hw: tuple[int, int], view: View) -> Quad | None:
    """Corners (4, 2) in photo pixels of the smallest rectangle about the body and a margin; None without a body."""
    rows, columns = np.nonzero(fit.body_mask)
    if len(rows) == 0:
        return None
    centre, (width, height), turn = cv2.minAreaRect(np.stack([columns, rows], axis=1).astype(np.float32))
    margin = 2 * FALLBACK_MARGIN * max(width, height) + 1
    corners = cv2.boxPoints((centre, (width + margin, height + margin), turn)).astype(np.float64)
    quad = transform(np.asarray(np.linalg.inv(fit.location.map_from_photo), np.float64), corners)
    clockwise = quad if cv2.contourArea(quad.astype(np.float32), oriented=True) > 0 else quad[::-1]
    return upright(clockwise, photo_hw, view)


def _size_mm(
    outline: Outline, photo_hw: tuple[int, int], view: View, surface: Surface | None, device: Device
) -> tuple[float, float]:
    """Size of the surface; of an edge that was not named, the long or the short one, whichever has its proportions."""
    if surface is not None:
        return surface_size_mm(device, surface)
    if view is not View.EDGE:
        return surface_size_mm(device, Surface.FRONT)
    seen = aspect(outline.quad, photo_hw)
    sizes = [surface_size_mm(device, edge) for edge in (Surface.LEFT, Surface.TOP)]
    return min(sizes, key=lambda size: abs(float(np.log(seen / (size[0] / size[1])))))
