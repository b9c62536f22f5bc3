"""One photo in, everything it tells out: the seam between seeing and judging."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from phonegrade.configs.catalogue import ASSUMED_DEVICE, Device, surface_size_mm
from phonegrade.configs.inspection import Inspection, ModelRef, Point, QualityFlag, Scale
from phonegrade.configs.vocabulary import ScaleSource, Surface, View
from phonegrade.inference.body import body_on_canvas, region_on_canvas
from phonegrade.inference.card import LocatorCard, SegmenterCard
from phonegrade.inference.decode import Limits, Photo, decode
from phonegrade.inference.instances import find_instances
from phonegrade.inference.locate import Location, locate
from phonegrade.inference.merge import merge_scratches
from phonegrade.inference.outline import Outline, OutlineFit, fit_outline
from phonegrade.inference.quad import area, aspect
from phonegrade.inference.quality import (
    assumed_scale_flag,
    device_flags,
    dirt_flags,
    light_flags,
    outline_flags,
    sharpness_flags,
    view_flags,
)
from phonegrade.inference.records import Reader
from phonegrade.inference.rectify import Canvas, to_canvas, whole_photo
from phonegrade.inference.segment import segment
from phonegrade.inference.session import OnnxModel, load_model
from phonegrade.inference.zones import ZoneMap, camera_is_below, zone_map

RESOLVED_PX = 2.0
"""A mark narrower than two photo pixels cannot be told from noise."""


@dataclass(frozen=True)
class Surveyed:
    """A photo with its surface laid flat: everything known before the segmenter looks."""

    photo: Photo
    location: Location
    fit: OutlineFit
    view: View
    """The view that the geometry follows: the promised one, else the likeliest."""
    size_mm: tuple[float, float] | None
    canvas: Canvas
    outline: Outline | None


@dataclass(frozen=True)
class Inspector:
    """Finds and measures the defects of one photo at a time; safe to call from several threads."""

    locator: OnnxModel[LocatorCard]
    segmenter: OnnxModel[SegmenterCard]
    limits: Limits

    @classmethod
    def load(cls, models_dir: Path | None = None, threads: int = 1, limits: Limits | None = None) -> "Inspector":
        """Open `locator.onnx` and `segmenter.onnx` of `models_dir` (the shipped ones by default) on `threads` threads.

        Raises ModelFileError.
        """
        folder = Path(__file__).parents[1] / "models" if models_dir is None else models_dir
        return cls(
            load_model(folder / "locator.onnx", LocatorCard, threads),
            load_model(folder / "segmenter.onnx", SegmenterCard, threads),
            limits or Limits(),
        )

    @property
    def model_ref(self) -> ModelRef:
        """Versions and hashes of both models."""
        return ModelRef(
            locator=self.locator.card.provenance.version,
            locator_sha256=self.locator.sha256,
            segmenter=self.segmenter.card.provenance.version,
            segmenter_sha256=self.segmenter.sha256,
        )

    def inspect(
        self,
        data: bytes,
        name: str,
        *,
        surface: Surface | None = None,
        view: View | None = None,
        device: Device | None = None,
        min_confidence: float | None = None,
    ) -> Inspection:
        """Inspect the photo file `data`, called `name` in the record.

        `surface` or `view` say what the photo was promised to show, `device` gives the millimetres. Defects below
        `min_confidence` are left out: None takes the model card's limits, 0 tells everything that the masks hold.
        A photo without a device, or of another surface, is answered with quality flags. Raises the PhotoError family.
        """
        promised = surface.view if surface is not None else view
        surveyed = self.survey(decode(data, self.limits), promised, surface, device)
        probability = segment(surveyed.canvas.rgb, self.segmenter)
        inside = self._inside(surveyed)
        px_per_mm = surveyed.canvas.px_per_mm
        found = find_instances(probability, inside, self.segmenter.card, px_per_mm, min_confidence)
        reader = Reader(
            surveyed.photo, surveyed.canvas, self._zones(surveyed), "d" if surface is None else f"{surface}-"
        )
        defects, dirt = reader.read(merge_scratches(found, px_per_mm))
        scale = _scale(surveyed, device)
        flags = _flags(surveyed, promised, device, scale)
        body_px = max(int(inside.sum()), 1) * self.segmenter.card.output_stride**2
        flags += dirt_flags(reader.dirt_px(found) / body_px)
        outline = surveyed.outline
        return Inspection(
            photo=name,
            photo_sha256=hashlib.sha256(data).hexdigest(),
            view=surveyed.location.view,
            view_confidence=min(1.0, surveyed.location.view_confidence),
            outline=None if outline is None else _corners(surveyed.photo.to_full(outline.quad)),
            scale=scale,
            surface_size_mm=surveyed.size_mm,
            quality=tuple(flags),
            contamination=dirt,
            defects=defects,
            model=self.model_ref,
        )

    def survey(self, photo: Photo, promised: View | None, surface: Surface | None, device: Device | None) -> Surveyed:
        """Locate the device in a decoded photo and lay its surface flat."""
        location = locate(photo.rgb, self.locator)
        view = promised if promised not in (None, View.NONE) else location.likeliest_view()
        fit = fit_outline(photo.rgb, location, view, self.locator.card.body_threshold)
        if fit.outline is None:
            return Surveyed(photo, location, fit, view, None, whole_photo(photo.rgb), None)
        outline = fit.outline
        hw = (photo.rgb.shape[0], photo.rgb.shape[1])
        size_mm = _size_mm(outline, hw, view, surface, device or ASSUMED_DEVICE)
        canvas = to_canvas(photo.rgb, outline.quad, size_mm, self.segmenter.card.px_per_mm)
        if view is View.BACK:
            camera = region_on_canvas(location.regions["camera"], location, canvas, self.segmenter.card.output_stride)
            if camera_is_below(camera):
                outline = outline.turned()
                canvas = to_canvas(photo.rgb, outline.quad, size_mm, self.segmenter.card.px_per_mm)
        return Surveyed(photo, location, fit, view, size_mm, canvas, outline)

    def _inside(self, surveyed: Surveyed) -> NDArray[np.bool_]:
        """Where on the canvas marks are believed; everywhere when nothing is known of the body."""
        stride = self.segmenter.card.output_stride
        if surveyed.outline is not None:
            return body_on_canvas(surveyed.canvas, stride, surveyed.view, surveyed.outline.radius_share)
        body = surveyed.fit.body_mask.astype(np.float32)
        seen = region_on_canvas(body, surveyed.location, surveyed.canvas, stride) >= 0.5
        return seen if seen.any() else np.ones_like(seen)

    def _zones(self, surveyed: Surveyed) -> ZoneMap | None:
        if surveyed.outline is None:
            return None
        stride = self.segmenter.card.output_stride
        regions = surveyed.location.regions
        display, camera = (
            region_on_canvas(regions[name], surveyed.location, surveyed.canvas, stride)
            for name in ("display", "camera")
        )
        return zone_map(
            surveyed.view,
            display,
            camera,
            px_per_mm=self.segmenter.card.px_per_mm,
            stride=stride,
            radius_share=surveyed.outline.radius_share,
        )


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


def _scale(surveyed: Surveyed, device: Device | None) -> Scale:
    if surveyed.outline is None or surveyed.size_mm is None:
        return Scale(px_per_mm=None, source=ScaleSource.NONE, resolvable_mm=None)
    width, height = surveyed.size_mm
    px_per_mm = float(np.sqrt(area(surveyed.photo.to_full(surveyed.outline.quad)) / (width * height)))
    source = ScaleSource.ASSUMED if device is None else ScaleSource.CATALOGUE
    return Scale(px_per_mm=px_per_mm, source=source, resolvable_mm=RESOLVED_PX / px_per_mm)


def _flags(surveyed: Surveyed, promised: View | None, device: Device | None, scale: Scale) -> list[QualityFlag]:
    location, fit = surveyed.location, surveyed.fit
    flags = device_flags(
        cut_off=fit.cut_off,
        outline_found=surveyed.outline is not None,
        body_share=fit.body_share,
        seen=location.view,
    )
    flags += view_flags(promised, location.views, location.view)
    if surveyed.outline is not None and surveyed.size_mm is not None and scale.resolvable_mm is not None:
        hw = (surveyed.photo.rgb.shape[0], surveyed.photo.rgb.shape[1])
        flags += outline_flags(surveyed.outline.quad, hw, surveyed.size_mm, scale.resolvable_mm)
        if device is None:
            flags.append(assumed_scale_flag(ASSUMED_DEVICE.name))
    return flags + light_flags(surveyed.photo.rgb, surveyed.canvas.rgb) + sharpness_flags(surveyed.canvas.rgb)


def _corners(quad: NDArray[np.float64]) -> tuple[Point, Point, Point, Point]:
    a, b, c, d = ((round(float(x), 2), round(float(y), 2)) for x, y in quad)
    return a, b, c, d
