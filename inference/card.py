"""The card that rides inside each ONNX file: how to use the model, and where it comes from."""

from typing import Annotated, Literal, NamedTuple

from pydantic import AliasChoices, Field, PositiveFloat, PositiveInt, TypeAdapter

from phonegrade.core.strict import Strict
from phonegrade.core.vocabulary import LOCATOR_REGIONS, LOCATOR_VIEWS, SEGMENTER_CLASSES, DefectKind, View, Zone
from phonegrade.inference.defects.confidence import PlattScaling
from phonegrade.inference.defects.rescoring import Rescoring

CARD_KEY = "phonegrade_card"
"""Key of the card's JSON in the ONNX file's metadata properties."""

CalibrationName = Literal["minmax", "percentile", "entropy"]
Precision = Literal["bf16", "f32"]
"""What a network's products are computed in."""


def _named(name: str, once: str) -> AliasChoices:
    """Return the field's own name, and what files of phonegrade 0.2 and before call it."""
    return AliasChoices(name, once)


class Provenance(Strict):
    """Where a model comes from."""

    version: str
    encoder: str
    started_from: str | None = None
    """SHA-256 of the earlier weights that training started from; None: from the encoder's."""
    licence: str = "Apache-2.0"
    training_data_sha256: str
    commit: str
    config: str
    metrics: dict[str, float]


class Quantisation(Strict):
    """How an int8 file was made from a float32 one, and what that costs."""

    precision: Literal["int8"] = "int8"
    method: CalibrationName
    """How the ranges of the activations were chosen."""
    pictures: PositiveInt
    """Rendered training pictures that they were read from."""
    data_sha256: str
    """Of the manifest of the set that holds those pictures."""
    source_sha256: str
    """Of the float32 file."""
    loss_points: dict[str, float] | None = None
    """By figure of `phonegrade evaluate`, the points of a hundred lost against float32; None: not measured yet."""
    accepted: bool = False
    """It loses nothing against float32 in paired tests (`evaluation.acceptance`)."""


class RuntimeProof(Strict):
    """What another runtime costs on this very file, against ONNX Runtime, in paired tests (`evaluation.acceptance`)."""

    accepted: bool
    reasons: tuple[str, ...]
    """Why it is not; nothing where it is."""
    runtime: str
    """Which, with its version."""
    rendered_sha256: tuple[str, ...]
    """Of the manifests of the rendered sets that it was tested on."""
    real_sha256: str
    """Of the manifest of the real photos."""


class LocatorCard(Strict):
    """Locator: uint8 RGB (N, H, W, 3) -> `regions` (N, R, H/stride, W/stride) and `view` (N, V), probabilities."""

    task: Literal["locator"] = "locator"
    input_px: PositiveInt
    """Side of the square, letterboxed input."""
    output_stride: PositiveInt
    regions: tuple[str, ...] = LOCATOR_REGIONS
    views: tuple[str, ...] = LOCATOR_VIEWS
    body_threshold: Annotated[float, Field(gt=0, lt=1)] = 0.5
    provenance: Provenance
    quantisation: Quantisation | None = None
    """None: float32."""


class BoundaryRefinerCard(Strict):
    """Boundary refiner: uint8 RGB strips (N, along, across, 3) -> `border` (N, V, along/stride, across)."""

    task: Literal["boundary_refiner"] = "boundary_refiner"
    along: PositiveInt
    across: PositiveInt
    stride: PositiveInt
    """The border is predicted for every so many samples along."""
    views: tuple[View, ...]
    """Of which photos the borders are, in the order of V."""
    provenance: Provenance
    quantisation: Quantisation | None = None
    """None: float32."""


ClassLimit = Annotated[float, Field(ge=0, le=1)]


class EndpointBias(NamedTuple):
    """How far the mask of a line goes on beyond each of its tips, in canvas pixels."""

    beyond_px: float
    share: float
    """Of the mask's own length, on top: a long scratch fades out over a longer stretch, this is then below 0."""
    error_px: float
    """Standard error of what both say."""


class SegmenterCard(Strict):
    """Segmenter: uint8 RGB (N, H, W, 3) -> `probability` (N, C, H/stride, W/stride), multi-label."""

    task: Literal["segmenter"] = "segmenter"
    px_per_mm: PositiveFloat
    output_stride: PositiveInt
    size_multiple: PositiveInt
    """Height and width must be multiples of this; pad to the right and below."""
    classes: tuple[str, ...] = SEGMENTER_CLASSES
    mask_threshold: dict[str, float]
    """By class: a pixel belongs to the class from this probability on."""
    label_shift: dict[str, float] = Field(default_factory=dict, validation_alias=_named("label_shift", "prior_shift"))
    """By class: added to the log odds of a pixel where classes are compared, and of a detection where they are counted,
    as training showed more of some classes than phones have. The confidence of one detection does not depend on it: a
    scuff is no less likely for being few pixels of all."""
    rescoring: dict[str, Rescoring] = Field(default_factory=dict, validation_alias=_named("rescoring", "context"))
    """By class: what the detections of other classes add to the evidence; to a class that is not listed, nothing."""
    platt_scaling: dict[str, PlattScaling] = Field(
        default_factory=dict, validation_alias=_named("platt_scaling", "confidence")
    )
    """By class: factor and shift of the evidence that its confidence comes from (`inference.defects.confidence`)."""
    min_confidence: dict[str, float]
    """By class: an instance is reported from this confidence on unless the caller asks otherwise."""
    zone_min_confidence: dict[Zone, dict[str, ClassLimit]] = Field(default_factory=dict)
    """By zone and class, where the limit is higher: what looks like damage there is mostly something else."""
    lit_min_confidence: dict[str, ClassLimit] = Field(default_factory=dict)
    """By class, on a lit display, where the limit is higher: its pictures look like damage."""
    endpoint_bias: EndpointBias | None = Field(default=None, validation_alias=_named("endpoint_bias", "tips"))
    """How far the mask of a scratch goes on beyond each of its tips; None: as far as beside it."""
    provenance: Provenance
    quantisation: Quantisation | None = None
    """None: float32."""
    openvino: dict[Precision, RuntimeProof] = Field(default_factory=dict)
    """By precision: whether OpenVINO may run the network where it is chosen by `auto`; not listed: not tested."""

    def counts_from(self, name: str, zone: Zone | None, *, lit: bool) -> float:
        """The confidence from which on an instance of class `name` in `zone` is reported; `lit`: on a lit display.

        In an unknown zone damage takes the highest limit of all zones.
        """
        limits = [self.min_confidence[name]]
        if zone is None and name in DefectKind.__members__.values():
            limits += [of.get(name, 0.0) for of in (*self.zone_min_confidence.values(), self.lit_min_confidence)]
        elif zone is not None:
            limits.append(self.zone_min_confidence.get(zone, {}).get(name, 0.0))
            limits.append(self.lit_min_confidence.get(name, 0.0) if lit and zone is Zone.DISPLAY else 0.0)
        return max(limits)


AnyCard = LocatorCard | BoundaryRefinerCard | SegmenterCard
Card = Annotated[AnyCard, Field(discriminator="task")]
CARD: TypeAdapter[AnyCard] = TypeAdapter(Card)
