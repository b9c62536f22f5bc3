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
    """The rendered set: rendered once into `root`, then reused."""

    root: Path | None = None
    """Folder of the set, relative to the working directory; None: `rendered` in the output folder."""
    preset: str
    """Name of a preset in configs/presets/, or the path of a .yaml file."""
    devices: PositiveInt
    shots: PositiveInt
    """Rounds of photos of each device."""
    route: Literal["rasterised", "path_traced"] | None = None
    """The route of every device; None: as the preset's `path_traced_share` says."""
    at_most_px: PositiveInt | None = None
    """No photo's long side is longer; None: as the preset sets it."""
    split: Literal["train", "val"] | None = None
    """The split of every device; None: by a hash of each, so that some remain for validation and test."""
    seed: NonNegativeInt = 1
    workers: NonNegativeInt = 2


class TileConfig(Strict):
    """The segmenter's tiles, made once and kept: some rendered by the studio, some cut from the photos of the set."""

    root: Path | None = None
    """Folder of the tiles, from where the command runs; None: beside the checkpoints in the output
    folder."""
    surfaces: dict[str, PositiveInt]
    """By preset, how many surfaces the studio draws."""
    per_surface: PositiveInt
    per_photo: PositiveInt
    """Tiles of each training photo of the set."""
    often: dict[DefectKind | Contamination, PositiveInt] = Field(default_factory=dict)
    """Sampling weight of a tile with a defect of this class; of several classes the largest counts."""
    cut_px: Annotated[int, Field(ge=64, multiple_of=32)] | None = None
    """Side of the crop from a cached tile each time it is drawn, around one of its defects; None: the whole tile."""
    augment: NonNegativeFloat = 1.0
    """Strength of the photographic augmentation, on top of the camera that tiles were rendered with."""
    hard_negatives: PositiveInt = 1
    """Sampling weight of tiles on which `python -m phonegrade.training.mining` found false positives; 1: mining is not
    needed."""
    seed: NonNegativeInt = 1
    workers: NonNegativeInt = 2


class ScheduleConfig(Strict):
    """Optimisation of one network: AdamW, warm-up, cosine to zero at the first limit reached, steps or minutes."""

    max_steps: PositiveInt
    max_minutes: PositiveFloat | None = None
    batch: PositiveInt
    workers: NonNegativeInt = 1
    lr: PositiveFloat = 2e-3
    encoder_lr_factor: Annotated[float, Field(gt=0, le=1)] = 0.3
    """Learning rate of the pretrained encoder, as a factor of the decoder's."""
    weight_decay: NonNegativeFloat = 1e-2
    warmup_steps: NonNegativeInt = 50
    ema_decay: Share = 0.995
    """Decay of the moving average of the weights, which is evaluated and exported."""
    freeze_stages: Annotated[int, Field(ge=0, le=6)] = 2
    """The stem and this many of the encoder's six stages keep their initial weights; 0 trains all."""
    start: Path | None = None
    """Weights to start from, of an earlier run (`*.safetensors`) or of an exported file, such as the shipped ones
    (`*.onnx`); None: the encoder's ImageNet weights."""
    save_every: PositiveInt = 100
    log_every: PositiveInt = 50


class LocatorConfig(Strict):
    """Locator: regions by BCE and Dice, view by cross entropy."""

    schedule: ScheduleConfig
    more: DataConfig | None = None
    """A second set to learn from, such as one of many small photos: the locator needs many scenes, not many pixels."""
    input_px: Annotated[int, Field(ge=128, multiple_of=32)] = 320
    dice_weight: NonNegativeFloat = 1.0
    view_weight: NonNegativeFloat = 0.5


class BoundaryRefinerConfig(Strict):
    """Boundary refiner: cross entropy against the position of the side, spread over neighbouring samples."""

    schedule: ScheduleConfig
    more: DataConfig | None = None
    """A second set to learn from, as the locator's."""
    spread: PositiveFloat = 1.0
    """Standard deviation of the target, in samples across."""
    locator: Path | None = None
    """Every second strip is centred on the side in this locator's mask (`*.onnx`); None: all on the true side."""


class SegmenterConfig(Strict):
    """Segmenter: the loss of `training.losses.segmenter_loss`."""

    schedule: ScheduleConfig
    network: Literal["lite0_fpn", "lraspp"] = "lite0_fpn"
    tiles: TileConfig | None = None
    """None: tiles are cut from the set's photos, anew in every epoch."""
    known: DataConfig | None = None
    """Further phones held out from training, to calibrate confidences: the set holds only a handful of rare kinds."""
    traps: DataConfig | None = None
    """A set of defect-free phones with hard negatives, on which the confidence limits are checked too."""
    crop_px: Annotated[int, Field(ge=128, multiple_of=32)] = 320
    views: tuple[View, ...] = SURFACE_VIEWS
    """Views to train on."""
    px_per_mm: PositiveFloat = 8.0
    """Scale of the canvas that tiles are cut from; stored in the card."""
    bce_weight: NonNegativeFloat = 4.0
    dice_weight: NonNegativeFloat = 0.5
    positive_weight: PositiveFloat = 3.0
    ring_weight: Annotated[float, Field(ge=0, le=1)] = 0.25
    """Weight of the defect-free pixels next to a label, whose rim is never exact."""
    distillation_weight: NonNegativeFloat = 0.0
    """Weight of the distillation loss: deviation on augmented tiles from the initial weights on the original ones."""

    @model_validator(mode="after")
    def _whole_loss(self) -> Self:
        if self.bce_weight == 0:
            raise ValueError("bce_weight must be positive: Dice alone gives no signal on defect-free surfaces")
        if self.distillation_weight > 0 and (self.tiles is None or self.schedule.start is None):
            raise ValueError("distillation_weight needs cached `tiles` and a trained network as `schedule.start`")
        return self


class TrainConfig(Strict):
    """One training run of the networks."""

    name: str
    seed: NonNegativeInt
    threads: PositiveInt = 2
    data: DataConfig
    locator: LocatorConfig
    boundary_refiner: BoundaryRefinerConfig | None = None
    """None: no boundary refiner is trained."""
    segmenter: SegmenterConfig
    frame_segmenter: SegmenterConfig | None = None
    """A segmenter for the frame alone, at a finer scale; None: not trained, `segmenter` covers the frame too."""


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
