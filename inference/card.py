"""The card that rides inside each ONNX file: how to use the model, and where it comes from."""

from typing import Annotated, Literal, NamedTuple

from pydantic import Field, PositiveFloat, PositiveInt, TypeAdapter

from phonegrade.configs.strict import Strict
from phonegrade.configs.vocabulary import LOCATOR_REGIONS, LOCATOR_VIEWS, SEGMENTER_CLASSES, View
from phonegrade.inference.confidence import Scale
from phonegrade.inference.context import Context

CARD_KEY = "phonegrade_card"
"""Key of the card's JSON in the ONNX file's metadata properties."""

CalibrationName = Literal["minmax", "percentile", "entropy"]


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


class SidesCard(Strict):
    """Side finder: uint8 RGB strips (N, along, across, 3) -> `border` (N, V, along/stride, across), probabilities."""

    task: Literal["sides"] = "sides"
    along: PositiveInt
    across: PositiveInt
    stride: PositiveInt
    """The border is told for every so many samples along."""
    views: tuple[View, ...]
    """Of which photos the borders are, in the order of V."""
    provenance: Provenance
    quantisation: Quantisation | None = None
    """None: float32."""


class Tips(NamedTuple):
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
    prior_shift: dict[str, float] = Field(default_factory=dict)
    """By class: added to the log odds of a mark, as training showed more marks of some classes than phones have."""
    context: dict[str, Context] = Field(default_factory=dict)
    """By class: what the marks of other classes add to the evidence; of a class without, nothing."""
    confidence: dict[str, Scale] = Field(default_factory=dict)
    """By class: factor and shift of the evidence that its confidence is told from (`inference.confidence`)."""
    min_confidence: dict[str, float]
    """By class: an instance is reported from this confidence on unless the caller asks otherwise."""
    tips: Tips | None = None
    """How far the mask of a scratch goes on beyond each of its tips; None: as far as beside it."""
    provenance: Provenance
    quantisation: Quantisation | None = None
    """None: float32."""


AnyCard = LocatorCard | SidesCard | SegmenterCard
Card = Annotated[AnyCard, Field(discriminator="task")]
CARD: TypeAdapter[AnyCard] = TypeAdapter(Card)
