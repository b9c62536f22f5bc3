"""One photo in, its inspection out: the stages in the order in which they happen."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from phonegrade.core.arrays import Quad
from phonegrade.core.devices.catalogue import ASSUMED_DEVICE, Device
from phonegrade.core.inspection import RESOLVED_PX, Defect, Inspection, ModelRef, Point, Scale
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.stages import stage
from phonegrade.core.vocabulary import ONNX_RUNTIME, DefectKind, Runtime, ScaleSource, View
from phonegrade.inference.card import BoundaryRefinerCard, LocatorCard, SegmenterCard
from phonegrade.inference.defects.drawn import measure_outline
from phonegrade.inference.defects.extract import extract
from phonegrade.inference.defects.records import measure_instances
from phonegrade.inference.defects.segment import segment
from phonegrade.inference.locating.device import LocatedDevice, locate_device
from phonegrade.inference.locating.surface import RectifiedSurface, rectify_surface
from phonegrade.inference.photo.decode import LONG_SIDE_PX, Limits, decode_file
from phonegrade.inference.photo.photo import Photo
from phonegrade.inference.quality import check_quality, dirt_flags
from phonegrade.inference.session import OnnxModel, load_best

SHIPPED = Path(__file__).parents[1] / "models" / "weights"
"""Folder of the models that come with the package."""
FRAME_SEGMENTER = "frame_segmenter.onnx"
"""The segmenter of edges; a folder need not have one."""
LISTED_FROM = 0.3
"""Less sure defects are not listed where a device is graded; which of the listed ones count, the policy decides."""


class DrawnOutline(NamedTuple):
    """A defect that a person outlined: (x, y) in full-size photo pixels."""

    name: str
    kind: DefectKind
    polygon: tuple[Point, ...]


@dataclass(frozen=True)
class Inspector:
    """Finds and measures the defects of one photo at a time; safe to call from several threads."""

    locator: OnnxModel[LocatorCard]
    boundary_refiner: OnnxModel[BoundaryRefinerCard]
    segmenter: OnnxModel[SegmenterCard]
    limits: Limits
    frame_segmenter: OnnxModel[SegmenterCard] | None = None
    """The segmenter of edges, at a finer scale; None: `segmenter` serves them too."""

    @classmethod
    def load(
        cls,
        models_dir: Path | None = None,
        threads: int = 1,
        limits: Limits | None = None,
        runtime: Runtime = ONNX_RUNTIME,
    ) -> "Inspector":
        """Open the models of `models_dir` (the shipped ones by default) on `threads` threads.

        Of each the int8 file is taken where it is proven (`load_best`). Raises ModelFileError, and SetupError for
        OpenVINO where it is not installed.
        """
        folder = models_dir or SHIPPED
        return cls(
            load_best(folder, "locator", LocatorCard, threads, runtime),
            load_best(folder, "boundary_refiner", BoundaryRefinerCard, threads, runtime),
            load_best(folder, "segmenter", SegmenterCard, threads, runtime),
            limits or Limits(),
            load_best(folder, "frame_segmenter", SegmenterCard, threads, runtime)
            if (folder / FRAME_SEGMENTER).is_file()
            else None,
        )

    @property
    def models(self) -> dict[str, OnnxModel[Any]]:
        """Every model by name."""
        models: dict[str, OnnxModel[Any]] = {
            "locator": self.locator,
            "boundary_refiner": self.boundary_refiner,
            "segmenter": self.segmenter,
        }
        return models if self.frame_segmenter is None else {**models, "frame_segmenter": self.frame_segmenter}

    @property
    def model_ref(self) -> ModelRef:
        """Return versions and hashes of the models."""
        return ModelRef(
            locator=self.locator.card.provenance.version,
            locator_sha256=self.locator.sha256,
            boundary_refiner=self.boundary_refiner.card.provenance.version,
            boundary_refiner_sha256=self.boundary_refiner.sha256,
            segmenter=self.segmenter.card.provenance.version,
            segmenter_sha256=self.segmenter.sha256,
            frame_segmenter=None if self.frame_segmenter is None else self.frame_segmenter.card.provenance.version,
            frame_segmenter_sha256=None if self.frame_segmenter is None else self.frame_segmenter.sha256,
            runtime=self.runtime,
        )

    @property
    def runtime(self) -> str | None:
        """Return which models another library than ONNX Runtime runs, and how; None where it runs all."""
        others = [f"{name}: {model.runtime}" for name, model in self.models.items() if model.runtime != ONNX_RUNTIME]
        return "; ".join(others) or None

    def _locate(self, file: PhotoFile, promised: View | None, device: Device) -> tuple[Photo, LocatedDevice]:
        """Decode the photo, as finely as its device needs, and find that in it."""
        with stage("decode"):
            photo = decode_file(file, self.limits, LONG_SIDE_PX)
        with stage("locate"):
            located = locate_device(
                photo,
                self.locator,
                self.boundary_refiner,
                lambda view: self.segmenter_of(view).card,
                promised=promised,
                surface=file.surface,
                device=device,
            )
        # a small device leaves the canvas short of pixels, of which the file may hold more
        finer_px = located.finer_long_side_px(self.segmenter_of(located.view).card.px_per_mm)
        if finer_px is not None:
            with stage("decode"):
                photo = decode_file(file, self.limits, finer_px)
        return photo, located

    def segmenter_of(self, view: View) -> OnnxModel[SegmenterCard]:
        """Return the segmenter for the surfaces of `view`."""
        return self.frame_segmenter if self.frame_segmenter is not None and view is View.EDGE else self.segmenter

    def inspect(
        self,
        file: PhotoFile,
        *,
        view: View | None = None,
        device: Device | None = None,
        min_confidence: float | None = None,
    ) -> Inspection:
        """Inspect one photo file.

        `file.surface`, or else `view`, is what the photo was sent as; `device` gives the millimetres. Defects below
        `min_confidence` are left out: None takes the model card's limits, 0 reports everything that the masks hold.
        A photo without a device, or of another surface, is answered with quality flags. Raises the PhotoError family,
        which holds the file.
        """
        return self.inspect_decoded(file, view=view, device=device, min_confidence=min_confidence)[0]

    def inspect_decoded(
        self, file: PhotoFile, *, view: View | None, device: Device | None, min_confidence: float | None
    ) -> tuple[Inspection, Photo]:
        """Do what `inspect` does, and return the decoded photo too, for pictures of it."""
        sent_as = file.surface
        promised = sent_as.view if sent_as is not None else view
        photo, located = self._locate(file, promised, device or ASSUMED_DEVICE)
        segmenter = self.segmenter_of(located.view)
        card = segmenter.card
        with stage("rectify"):
            surface = rectify_surface(photo, located, card)
        scale = scale_of(surface, device)
        with stage("check_quality"):
            flags = check_quality(surface, scale, promised, sent_as, device)
        with stage("segment"):
            probability = segment(surface.canvas.rgb, segmenter)
        with stage("extract"):
            extracted = extract(probability, surface, card, min_confidence)
        flags += dirt_flags(extracted.dirt_share)
        id_prefix = "d" if sent_as is None else f"{sent_as}-"
        with stage("measure"):
            defects, dirt = measure_instances(extracted.placed, surface, card, id_prefix)
        outline, location = surface.device.outline, surface.device.location
        inspection = Inspection(
            photo=file.name,
            photo_sha256=file.sha256,
            view=location.view,
            view_confidence=min(1.0, location.view_confidence),
            outline=None if outline is None else _corners(photo.to_full(outline.quad)),
            scale=scale,
            surface_size_mm=surface.device.size_mm,
            quality=tuple(flags),
            contamination=dirt,
            defects=defects,
            model=self.model_ref,
        )
        return inspection, photo

    def measure_outlines(
        self, file: PhotoFile, outlines: Sequence[DrawnOutline], device: Device | None
    ) -> tuple[Defect, ...]:
        """Measure what a person outlined in a photo, in the order given. Raises the PhotoError family, OutlineError."""
        promised = None if file.surface is None else file.surface.view
        photo, located = self._locate(file, promised, device or ASSUMED_DEVICE)
        surface = rectify_surface(photo, located, self.segmenter_of(located.view).card)
        return tuple(measure_outline(one.name, one.kind, one.polygon, surface) for one in outlines)


def scale_of(surface: RectifiedSurface, device: Device | None) -> Scale:
    """Return the millimetres of a rectified surface and where they come from: `device`, or None for the assumed one."""
    decoded, canvas = surface.device.px_per_mm, surface.canvas.px_per_mm
    if decoded is None or canvas is None:
        return Scale(px_per_mm=None, source=ScaleSource.NONE, resolvable_mm=None)
    source = ScaleSource.ASSUMED if device is None else ScaleSource.CATALOGUE
    # the segmenter sees the decoded photo through the canvas: the coarser of the two limits what can be resolved
    return Scale(
        px_per_mm=decoded / surface.photo.scale, source=source, resolvable_mm=RESOLVED_PX / min(decoded, canvas)
    )


def _corners(quad: Quad) -> tuple[Point, Point, Point, Point]:
    a, b, c, d = ((round(float(x), 2), round(float(y), 2)) for x, y in quad)
    return a, b, c, d
