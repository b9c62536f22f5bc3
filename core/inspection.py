"""The record of one inspected photo: what `inference` writes and `grading` reads."""

from typing import Annotated

from pydantic import Field, NonNegativeFloat, PositiveFloat

from phonegrade.core.strict import Strict
from phonegrade.core.vocabulary import Contamination, DefectKind, ScaleSource, View, Zone

Confidence = Annotated[float, Field(ge=0.0, le=1.0)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Point = tuple[float, float]

RESOLVED_PX = 2.0
"""A defect narrower than two pixels of the inspected picture cannot be separated from noise."""


class Scale(Strict):
    """Millimetres of the rectified surface and where they come from."""

    px_per_mm: PositiveFloat | None
    """Photo pixels per millimetre, mean over the outline; None when no outline was found."""
    source: ScaleSource
    resolvable_mm: PositiveFloat | None
    """The narrowest visible defect: two pixels of the decoded photo or of the canvas, whichever is coarser."""


class QualityFlag(Strict):
    """Something about the photo that limits what it can prove."""

    code: str
    message: str
    value: float | None = None
    threshold: float | None = None


class Defect(Strict):
    """One located, measured defect. Millimetres are None when the photo has no scale."""

    id: str
    kind: DefectKind
    confidence: Confidence
    polygon: tuple[Point, ...]
    """Outer contour (x, y) in pixels of the photo as a viewer shows it."""
    length_mm: NonNegativeFloat | None
    """Of a scratch along its curve, never the chord or the box; of a crack its extent, the greatest distance between
    two of its points, as the branches of a shattered one add up to metres; of a patch its longer side."""
    width_mm: NonNegativeFloat | None
    """None also where the photo shows a line but not how wide it is."""
    area_mm2: NonNegativeFloat | None
    zone: Zone | None
    length_error_mm: NonNegativeFloat | None = None
    """One standard deviation of `length_mm`; None where it was not measured."""
    width_error_mm: NonNegativeFloat | None = None
    """One standard deviation of `width_mm`; None where it was not measured."""
    depth_mm: NonNegativeFloat | None = None
    """How far it goes in, where somebody felt or probed it; a photo does not show that."""
    counts_from: Confidence | None = None
    """The confidence from which on the model itself reports such a defect: by kind, face or edge, and zone. None in
    records from before models had such limits."""
    surface_share: Share | None = None
    """Share of the surface under the convex hull of a crack; None for other kinds, and where it was not measured."""


class Dirt(Strict):
    """One patch of contamination."""

    kind: Contamination
    confidence: Confidence
    polygon: tuple[Point, ...]
    area_mm2: NonNegativeFloat | None
    counts_from: Confidence | None = None
    """As of a defect."""


class ModelRef(Strict):
    """Which models answered."""

    locator: str
    locator_sha256: str
    boundary_refiner: str | None = None
    """The boundary refiner; None in records from before there was one."""
    boundary_refiner_sha256: str | None = None
    segmenter: str
    segmenter_sha256: str
    frame_segmenter: str | None = None
    """The segmenter of edges; None where the one of faces serves them too, as in records from before there were two."""
    frame_segmenter_sha256: str | None = None
    runtime: str | None = None
    """Which of them OpenVINO ran, its version and precision: it rounds otherwise. None: ONNX Runtime ran all."""


class Inspection(Strict):
    """The result of one photo."""

    photo: str
    photo_sha256: str
    view: View
    view_confidence: Confidence
    outline: tuple[Point, Point, Point, Point] | None
    """Corners of the body's bounding quadrilateral in photo pixels, clockwise from the canvas' top left."""
    scale: Scale
    surface_size_mm: tuple[PositiveFloat, PositiveFloat] | None
    """(width, height) of the rectified surface."""
    quality: tuple[QualityFlag, ...]
    contamination: tuple[Dirt, ...]
    defects: tuple[Defect, ...]
    model: ModelRef | None = None
    """None inside an assessment, which names its models once."""
