"""One photo in, everything it tells out: the seam between seeing and judging."""

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from phonegrade.core.devices.catalogue import ASSUMED_DEVICE, Device, surface_size_mm
from phonegrade.core.geometry import area
from phonegrade.core.inspection import RESOLVED_PX, Inspection, ModelRef, Point, QualityFlag, Scale
from phonegrade.core.vocabulary import ScaleSource, Surface, View
from phonegrade.inference.card import BoundaryRefinerCard, LocatorCard, SegmenterCard
from phonegrade.inference.defects.extract import Reader
from phonegrade.inference.defects.instances import Instance, find_instances
from phonegrade.inference.defects.merge import single_scratches
from phonegrade.inference.defects.segment import segment
from phonegrade.inference.locating.surface import Survey, on_finer, survey
from phonegrade.inference.photo.decode import LONG_SIDE_PX, Limits, decode
from phonegrade.inference.quality import (
    assumed_scale_flag,
    device_flags,
    dirt_flags,
    light_flags,
    outline_flags,
    sharpness_flags,
    view_flags,
)
from phonegrade.inference.session import OnnxModel, load_best

SHIPPED = Path(__file__).parents[1] / "models" / "weights"
"""Folder of the models that come with the package."""
FRAME_SEGMENTER = "frame_segmenter.onnx"
"""The segmenter of edges; a folder need not have one."""
LISTED_FROM = 0.3
"""Less sure marks are not listed where a device is graded; which of the listed ones count is the policy's to say."""


@dataclass(frozen=True)
class Inspector:
    """Finds and measures the defects of one photo at a time; safe to call from several threads."""

    locator: OnnxModel[LocatorCard]
    boundary_refiner: OnnxModel[BoundaryRefinerCard]
    segmenter: OnnxModel[SegmenterCard]
    limits: Limits
    frame_segmenter: OnnxModel[SegmenterCard] | None = None
    """The segmenter of edges, which it sees finer; None: `segmenter` sees them too."""

    @classmethod
    def load(cls, models_dir: Path | None = None, threads: int = 1, limits: Limits | None = None) -> "Inspector":
        """Open locator, side finder and segmenters of `models_dir` (the shipped ones by default) on `threads` threads.

        Of each the int8 file is taken where it is proven (`load_best`). Raises ModelFileError.
        """
        folder = models_dir or SHIPPED
        return cls(
            load_best(folder, "locator", LocatorCard, threads),
            load_best(folder, "boundary_refiner", BoundaryRefinerCard, threads),
            load_best(folder, "segmenter", SegmenterCard, threads),
            limits or Limits(),
            load_best(folder, "frame_segmenter", SegmenterCard, threads)
            if (folder / FRAME_SEGMENTER).is_file()
            else None,
        )

    @property
    def model_ref(self) -> ModelRef:
        """Versions and hashes of the models."""
        return ModelRef(
            locator=self.locator.card.provenance.version,
            locator_sha256=self.locator.sha256,
            boundary_refiner=self.boundary_refiner.card.provenance.version,
            boundary_refiner_sha256=self.boundary_refiner.sha256,
            segmenter=self.segmenter.card.provenance.version,
            segmenter_sha256=self.segmenter.sha256,
            frame_segmenter=None if self.frame_segmenter is None else self.frame_segmenter.card.provenance.version,
            frame_segmenter_sha256=None if self.frame_segmenter is None else self.frame_segmenter.sha256,
        )

    def segmenter_of(self, view: View) -> OnnxModel[SegmenterCard]:
        """The one that sees the surfaces of `view`."""
        return self.frame_segmenter if self.frame_segmenter is not None and view is View.EDGE else self.segmenter

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
        seen = self._survey(data, promised, surface, device or ASSUMED_DEVICE)
        segmenter = self.segmenter_of(seen.view)
        card = segmenter.card
        inside, chipped = seen.inside(card.output_stride), seen.chipped(card.output_stride)
        probability = segment(seen.canvas.rgb, segmenter)
        found = find_instances(probability, inside, card, seen.canvas.about_px_per_mm, min_confidence, chipped)
        prefix = "d" if surface is None else f"{surface}-"
        reader = Reader(seen.photo, seen.canvas, seen.zones(card.output_stride), prefix, card, seen.display_is_lit())
        defects, dirt = reader.read(self._reported(found, reader, seen, min_confidence))
        scale = _scale(seen, device)
        # whether to clean and retake is the photo's own property, whatever limit the caller reads it with
        own = found
        if min_confidence is not None:
            own = find_instances(probability, inside, card, seen.canvas.about_px_per_mm, None, chipped)
        dirt_share = reader.dirt_px(own) / max(int(inside.sum()) * card.output_stride**2, 1)
        return Inspection(
            photo=name,
            photo_sha256=hashlib.sha256(data).hexdigest(),
            view=seen.location.view,
            view_confidence=min(1.0, seen.location.view_confidence),
            outline=None if seen.outline is None else _corners(seen.photo.to_full(seen.outline.quad)),
            scale=scale,
            surface_size_mm=seen.size_mm,
            quality=(*_flags(seen, promised, surface, device, scale), *dirt_flags(dirt_share)),
            contamination=dirt,
            defects=defects,
            model=self.model_ref,
        )

    @staticmethod
    def _reported(found: list[Instance], reader: Reader, seen: Survey, min_confidence: float | None) -> list[Instance]:
        """Marks one by one, those of `found` that the caller asks for; where he names no limit, the card's by zone."""
        single = single_scratches(found, seen.canvas.about_px_per_mm)
        if min_confidence is not None:
            return single
        return [one for one in single if one.confidence >= reader.counts_from(one)]

    def _survey(self, data: bytes, promised: View | None, surface: Surface | None, device: Device) -> Survey:
        """Survey the reduced photo, and look at it finer where a small device leaves the canvas short of pixels."""
        seen = survey(
            decode(data, self.limits, LONG_SIDE_PX),
            self.locator,
            self.boundary_refiner,
            lambda view: self.segmenter_of(view).card,
            promised=promised,
            surface=surface,
            device=device,
        )
        px_per_mm, wanted = _decoded_px_per_mm(seen), self.segmenter_of(seen.view).card.px_per_mm
        if px_per_mm is None or seen.photo.scale == 1.0 or px_per_mm >= wanted:
            return seen
        return on_finer(seen, decode(data, self.limits, math.ceil(max(seen.photo_hw) * wanted / px_per_mm)))


def _decoded_px_per_mm(seen: Survey) -> float | None:
    """Mean over the outline, in the decoded photo; None without an outline."""
    if seen.outline is None or seen.size_mm is None:
        return None
    return float(np.sqrt(area(seen.outline.quad) / (seen.size_mm[0] * seen.size_mm[1])))


def _scale(seen: Survey, device: Device | None) -> Scale:
    decoded = _decoded_px_per_mm(seen)
    if decoded is None or seen.canvas.px_per_mm is None:
        return Scale(px_per_mm=None, source=ScaleSource.NONE, resolvable_mm=None)
    source = ScaleSource.ASSUMED if device is None else ScaleSource.CATALOGUE
    # the segmenter sees the decoded photo through the canvas: the coarser of the two is what was looked at
    resolvable_mm = RESOLVED_PX / min(decoded, seen.canvas.px_per_mm)
    return Scale(px_per_mm=decoded / seen.photo.scale, source=source, resolvable_mm=resolvable_mm)


def _flags(
    seen: Survey, promised: View | None, surface: Surface | None, device: Device | None, scale: Scale
) -> list[QualityFlag]:
    location, fit = seen.location, seen.fit
    flags = device_flags(
        cut_off=fit.cut_off,
        outline_found=seen.outline is not None,
        body_share=fit.body_share,
        none=location.views[View.NONE],
        seen=location.view,
        view=seen.view,
    )
    flags += view_flags(promised, location.views, location.view, outline_found=seen.outline is not None)
    if seen.outline is not None and seen.size_mm is not None and scale.resolvable_mm is not None:
        other_edge_mm = None if device is None or surface is None else _other_edge_mm(device, surface)
        flags += outline_flags(seen.outline.quad, seen.photo_hw, seen.size_mm, scale.resolvable_mm, other_edge_mm)
        if device is None:
            flags.append(assumed_scale_flag(ASSUMED_DEVICE.model))
    judged = seen.judged_canvas()
    return flags + light_flags(seen.photo.rgb, judged, seen.view, seen.glaring()) + sharpness_flags(judged)


def _other_edge_mm(device: Device, surface: Surface) -> tuple[float, float] | None:
    """Size of an edge at right angles to `surface`; None where that is a face."""
    if surface.view is not View.EDGE:
        return None
    return surface_size_mm(device, Surface.TOP if surface in (Surface.LEFT, Surface.RIGHT) else Surface.LEFT)


def _corners(quad: NDArray[np.float64]) -> tuple[Point, Point, Point, Point]:
    a, b, c, d = ((round(float(x), 2), round(float(y), 2)) for x, y in quad)
    return a, b, c, d
