"""A photo with its surface laid flat: everything known before the segmenter looks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phonegrade.configs.catalogue import Device, surface_size_mm
from phonegrade.configs.vocabulary import Surface, View
from phonegrade.inference.body import body_on_canvas, region_on_canvas
from phonegrade.inference.card import LocatorCard, SegmenterCard
from phonegrade.inference.decode import Photo
from phonegrade.inference.locate import Location, locate
from phonegrade.inference.outline import Outline, OutlineFit, fit_outline
from phonegrade.inference.quad import aspect
from phonegrade.inference.rectify import Canvas, to_canvas, whole_photo
from phonegrade.inference.session import OnnxModel
from phonegrade.inference.zones import ZoneMap, camera_is_below, zone_map


@dataclass(frozen=True)
class Survey:
    """Where the device lies in a photo, and its surface as a canvas."""

    photo: Photo
    location: Location
    fit: OutlineFit
    view: View
    """The view that the geometry follows: the promised one, else the likeliest."""
    outline: Outline | None
    size_mm: tuple[float, float] | None
    canvas: Canvas

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
        return np.asarray(seen if seen.any() else np.ones_like(seen))

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
    segmenter: SegmenterCard,
    *,
    promised: View | None,
    surface: Surface | None,
    device: Device,
) -> Survey:
    """Locate the device in a decoded photo, fit its outline, and rectify the surface to `segmenter`'s canvas."""
    location = locate(photo.rgb, locator)
    view = location.likeliest_view() if promised is None or promised is View.NONE else promised
    fit = fit_outline(photo.rgb, location, view, locator.card.body_threshold)
    outline = fit.outline
    if outline is None:
        return Survey(photo, location, fit, view, None, None, whole_photo(photo.rgb))
    size_mm = _size_mm(outline, (photo.rgb.shape[0], photo.rgb.shape[1]), view, surface, device)
    canvas = to_canvas(photo.rgb, outline.quad, size_mm, segmenter.px_per_mm)
    if view is View.BACK:
        camera = region_on_canvas(location.regions["camera"], location, canvas, segmenter.output_stride)
        if camera_is_below(camera):
            outline = outline.turned()
            canvas = to_canvas(photo.rgb, outline.quad, size_mm, segmenter.px_per_mm)
    return Survey(photo, location, fit, view, outline, size_mm, canvas)


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
