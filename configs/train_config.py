"""Settings of a training run, from one YAML file."""

from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import (
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    ValidationError,
    model_validator,
)

from phonegrade.core.errors import TrainConfigError
from phonegrade.core.problems import every_problem
from phonegrade.core.strict import Strict
from phonegrade.core.vocabulary import SURFACE_VIEWS, Contamination, DefectKind, View

Share = Annotated[float, Field(ge=0, lt=1)]


class DataConfig(Strict):
    """A rendered set: rendered once into `root`, and reused while it is there."""

    root: Path | None = None
    """Folder of the set, relative to the working directory; None: `rendered` in the output folder."""
    preset: str
    """Name of a preset in configs/presets/, or the path of a .yaml file."""
    devices: PositiveInt
    shots: PositiveInt
    """Rounds of photos of each device."""
    route: Literal["rasterised", "path_traced"] | None = None
    """The route of every device; None: by the preset's `path_traced_share`."""
    at_most_px: PositiveInt | None = None
    """Bound on the long side of each photo; None: as the preset has them."""
    split: Literal["train", "val"] | None = None
    """Split of every device; None: by a hash of each, so that some are left to validate and test with."""
    seed: NonNegativeInt = 1
    workers: NonNegativeInt = 2


class TileConfig(Strict):
    """The segmenter's cached tiles: some rendered for the purpose, some cut from the photos of the set."""

    root: Path | None = None
    """Folder of the tiles, relative to the working directory; None: beside the checkpoints in the output folder."""
    surfaces: dict[str, PositiveInt]
    """By preset, how many surfaces are rendered."""
    per_surface: PositiveInt
    per_photo: PositiveInt
    """Tiles of each training photo of the set."""
    class_weights: dict[DefectKind | Contamination, PositiveInt] = Field(default_factory=dict)
    """Sampling weight of tiles that show a class; of several classes the largest counts."""
    hard_negative_weight: PositiveInt = 1
    """Sampling weight of tiles with a false positive by `phonegrade dev mine`; 1: the tiles need not be mined."""
    seed: NonNegativeInt = 1
    workers: NonNegativeInt = 2


class ClassBalance(Strict):
    """Weight of a class in the BCE: the root of `share` over its own share of the pixels, within limits.

    A rare kind's few pixels would else hardly count among those of cracks and smears.
    """

    share: PositiveFloat = 0.02
    least: PositiveFloat = 1.0
    most: PositiveFloat = 8.0
    tiles: PositiveInt = 600
    """Tiles that the classes' shares are counted on."""


class ScheduleConfig(Strict):
    """One network's optimisation: AdamW, warm-up, cosine to zero at the nearer of two limits, steps or minutes."""

    max_steps: PositiveInt
    max_minutes: PositiveFloat | None = None
    batch: PositiveInt
    workers: NonNegativeInt = 1
    lr: PositiveFloat = 2e-3
    encoder_lr_factor: Annotated[float, Field(gt=0, le=1)] = 0.3
    """Learning rate of the pretrained encoder, relative to the decoder's."""
    weight_decay: NonNegativeFloat = 1e-2
    warmup_steps: NonNegativeInt = 50
    ema_decay: Share = 0.995
    """Of the weights' moving average, which is evaluated and exported."""
    freeze_stages: Annotated[int, Field(ge=0, le=6)] = 2
    """The stem and this many of the encoder's six stages keep their initial weights; 0 trains all."""
    start: Path | None = None
    """Initial weights: of an earlier run (`*.safetensors`) or of an exported file, such as the shipped ones
    (`*.onnx`); None: the encoder's ImageNet weights."""
    start_encoder: Path | None = None
    """An exported file (`*.onnx`) whose encoder to begin with, under a decoder that knows nothing yet."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """bfloat16: in a third to a half of the time, where the processor has it (`avx512_bf16`); on a GPU always."""
    save_every: PositiveInt = 100
    log_every: PositiveInt = 50

    @model_validator(mode="after")
    def _one_start(self) -> Self:
        if self.start is not None and self.start_encoder is not None:
            raise ValueError("start gives the encoder's weights too: leave start_encoder out")
        return self


class LocatorConfig(Strict):
    """Locator: regions by BCE and Dice, view by cross entropy."""

    schedule: ScheduleConfig
    extra_set: DataConfig | None = None
    """A second training set, such as one of many small photos: the locator needs many scenes, not many pixels."""
    input_px: Annotated[int, Field(ge=128, multiple_of=32)] = 320
    dice_weight: NonNegativeFloat = 1.0
    view_weight: NonNegativeFloat = 0.5


class BoundaryRefinerConfig(Strict):
    """Boundary refiner: cross entropy against a normal distribution about the true position of the side."""

    schedule: ScheduleConfig
    extra_set: DataConfig | None = None
    """A second training set, as the locator's."""
    spread: PositiveFloat = 1.0
    """Standard deviation of the target, in samples across."""
    locator: Path | None = None
    """Every second strip is centred on the side by this locator's mask (`*.onnx`); None: all on the true side."""


class SegmenterConfig(Strict):
    """Segmenter: the loss of `training.losses.segmenter_loss`."""

    schedule: ScheduleConfig
    tiles: TileConfig | None = None
    """None: tiles are cut from the set's photos, anew in every epoch."""
    calibration_set: DataConfig | None = None
    """Devices held out from training, to calibrate confidences with the validation split, which holds few of rare
    kinds."""
    hard_negatives: DataConfig | None = None
    """A set of defect-free devices with what is mistaken for damage: limits keep false positives rare there too."""
    network: Literal["lite0_fpn", "lite0_unet"] = "lite0_fpn"
    crop_px: Annotated[int, Field(ge=128, multiple_of=32)] = 320
    window_px: Annotated[int, Field(ge=96, multiple_of=32)] | None = None
    """Every second batch is of such windows about annotations and false positives, in the place of whole tiles."""
    views: tuple[View, ...] = SURFACE_VIEWS
    """Views that it is trained on."""
    px_per_mm: PositiveFloat = 8.0
    """Scale of the canvas that tiles are cut from; stored in the card."""
    bce_weight: NonNegativeFloat = 4.0
    dice_weight: NonNegativeFloat = 0.5
    false_positive_share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    """Of the Tversky loss: what a false pixel costs, and a missed one the rest; 0.5 is Dice."""
    class_balance: ClassBalance | None = None
    """None: all classes weigh alike."""
    positive_weight: PositiveFloat = 3.0
    ring_weight: Annotated[float, Field(ge=0, le=1)] = 0.25
    """Weight of the negative pixels that touch a label, whose rim is never exact."""

    @model_validator(mode="after")
    def _whole_loss(self) -> Self:
        if self.bce_weight == 0:
            raise ValueError("bce_weight must be positive: the Dice loss ignores defect-free surfaces")
        if self.window_px is not None and self.tiles is None:
            raise ValueError("window_px needs cached tiles: give `tiles`")
        return self


class TrainConfig(Strict):
    """One training run: each network that has a section is trained."""

    name: str
    seed: NonNegativeInt
    threads: PositiveInt = 2
    data: DataConfig
    locator: LocatorConfig | None = None
    boundary_refiner: BoundaryRefinerConfig | None = None
    segmenter: SegmenterConfig | None = None
    frame_segmenter: SegmenterConfig | None = None
    """A segmenter of edges alone, at a finer scale; where a folder of models has none, `segmenter` takes edges too."""

    @model_validator(mode="after")
    def _trains_something(self) -> Self:
        if not (self.locator or self.boundary_refiner or self.segmenter or self.frame_segmenter):
            raise ValueError("no section says what to train: locator, boundary_refiner, segmenter, frame_segmenter")
        return self


def load_train_config(path: Path) -> TrainConfig:
    """Read and check `path` (YAML). Raises TrainConfigError with the file and each invalid key."""
    try:
        return TrainConfig.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise TrainConfigError(f"{path} cannot be read: {error.strerror}; try configs/training/tiny.yaml") from error
    except yaml.YAMLError as error:
        raise TrainConfigError(f"{path} is not valid YAML: {error}") from error
    except ValidationError as error:
        raise TrainConfigError(f"{path}: {every_problem(error, 'file')}") from error
