"""Everything that decides how the networks are trained, from one YAML file."""

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
from phonegrade.core.strict import Strict
from phonegrade.core.vocabulary import SURFACE_VIEWS, Contamination, DefectKind, View

Share = Annotated[float, Field(ge=0, lt=1)]


class DataConfig(Strict):
    """The rendered set: made once, where `root` says, and used again while it is there."""

    root: Path | None = None
    """Folder of the set, from where the command runs; None: `rendered` in the output folder."""
    preset: str
    """Name of a preset in configs/presets/, or the path of a .yaml file."""
    devices: PositiveInt
    shots: PositiveInt
    """Rounds of photos of each device."""
    route: Literal["rasterised", "path_traced"] | None = None
    """The route of every device; None: as the preset's `path_traced_share` says."""
    at_most_px: PositiveInt | None = None
    """No photo's long side is longer; None: as the preset has them."""
    split: Literal["train", "val"] | None = None
    """Where every device goes; None: a hash of each decides, so that some are left to validate and test with."""
    seed: NonNegativeInt = 1
    workers: NonNegativeInt = 2


class TileConfig(Strict):
    """The segmenter's tiles, made once and kept: some fresh from the studio, some cut from the set's photos."""

    root: Path | None = None
    """Folder of the tiles, from where the command runs; None: beside the checkpoints in the output
    folder."""
    surfaces: dict[str, PositiveInt]
    """By preset, how many surfaces the studio draws."""
    per_surface: PositiveInt
    per_photo: PositiveInt
    """Tiles of each training photo of the set."""
    often: dict[DefectKind | Contamination, PositiveInt] = Field(default_factory=dict)
    """How many times as often a tile with a mark of this class is drawn; of several classes the largest counts."""
    cut_px: Annotated[int, Field(ge=64, multiple_of=32)] | None = None
    """Side of what is cut out of a baked tile each time it is drawn, about one of its marks; None: all of it."""
    augment: NonNegativeFloat = 1.0
    """Strength of the photographic changes, which come on top of the camera that tiles were rendered with."""
    hard_negatives: PositiveInt = 1
    """How many times as often a tile is drawn on which `python -m phonegrade.training.mining` saw damage told falsely;
    1: none need have been looked at."""
    seed: NonNegativeInt = 1
    workers: NonNegativeInt = 2


class ScheduleConfig(Strict):
    """One network's optimisation: AdamW, warm-up, cosine to zero at whichever limit is nearer, steps or minutes."""

    max_steps: PositiveInt
    max_minutes: PositiveFloat | None = None
    batch: PositiveInt
    workers: NonNegativeInt = 1
    lr: PositiveFloat = 2e-3
    encoder_lr_factor: Annotated[float, Field(gt=0, le=1)] = 0.3
    """The pretrained trunk learns this much slower than the decoder."""
    weight_decay: NonNegativeFloat = 1e-2
    warmup_steps: NonNegativeInt = 50
    ema_decay: Share = 0.995
    """Of the weights' moving average, which is what gets evaluated and exported."""
    freeze_stages: Annotated[int, Field(ge=0, le=6)] = 2
    """The stem and this many of the trunk's six stages keep the weights they start with; 0 trains all."""
    start: Path | None = None
    """Weights to start from, of an earlier run (`*.safetensors`) or of an exported file, such as the shipped ones
    (`*.onnx`); None: the encoder's ImageNet weights."""
    save_every: PositiveInt = 100
    log_every: PositiveInt = 50


class LocatorConfig(Strict):
    """Locator: regions by BCE and Dice, view by cross entropy."""

    schedule: ScheduleConfig
    more: DataConfig | None = None
    """A second set to learn from, such as one of many small photos: the locator wants many scenes, not many pixels."""
    input_px: Annotated[int, Field(ge=128, multiple_of=32)] = 320
    dice_weight: NonNegativeFloat = 1.0
    view_weight: NonNegativeFloat = 0.5


class BoundaryRefinerConfig(Strict):
    """Side finder: cross entropy against where the side lies, spread over the samples beside."""

    schedule: ScheduleConfig
    more: DataConfig | None = None
    """A second set to learn from, as the locator's."""
    spread: PositiveFloat = 1.0
    """Standard deviation of the target, in samples across."""
    locator: Path | None = None
    """Every second strip is laid where this locator's mask puts the side (`*.onnx`); None: all about the true side."""


class SegmenterConfig(Strict):
    """Segmenter: the loss of `training.losses.segmenter_loss`."""

    schedule: ScheduleConfig
    network: Literal["lite0_fpn", "lraspp"] = "lite0_fpn"
    tiles: TileConfig | None = None
    """None: tiles are cut from the set's photos, anew in every epoch."""
    known: DataConfig | None = None
    """More phones that training never sees, to tell confidences by: of rare kinds the set holds a handful."""
    traps: DataConfig | None = None
    """A set of sound phones with what is taken for damage, on which the limits of confidence must be quiet too."""
    crop_px: Annotated[int, Field(ge=128, multiple_of=32)] = 320
    views: tuple[View, ...] = SURFACE_VIEWS
    """What it learns from."""
    px_per_mm: PositiveFloat = 8.0
    """Scale of the canvas that tiles are cut from; goes into the card."""
    bce_weight: NonNegativeFloat = 4.0
    dice_weight: NonNegativeFloat = 0.5
    positive_weight: PositiveFloat = 3.0
    ring_weight: Annotated[float, Field(ge=0, le=1)] = 0.25
    """What the sound pixels that touch a label count: a label's rim is never exact."""
    distillation_weight: NonNegativeFloat = 0.0
    """What it counts that answers to changed tiles part from those of the weights it starts with to the unchanged."""

    @model_validator(mode="after")
    def _whole_loss(self) -> Self:
        if self.bce_weight == 0:
            raise ValueError("bce_weight must be positive: Dice alone says nothing about sound surfaces")
        if self.distillation_weight > 0 and (self.tiles is None or self.schedule.start is None):
            raise ValueError("distillation_weight wants baked `tiles` and a finished network as `schedule.start`")
        return self


class TrainConfig(Strict):
    """One training run of the networks."""

    name: str
    seed: NonNegativeInt
    threads: PositiveInt = 2
    data: DataConfig
    locator: LocatorConfig
    boundary_refiner: BoundaryRefinerConfig | None = None
    """None: no side finder is trained."""
    segmenter: SegmenterConfig
    frame_segmenter: SegmenterConfig | None = None
    """A segmenter of edges alone, which are seen finer; None: none is trained, and `segmenter` sees edges too."""


def load_train_config(path: Path) -> TrainConfig:
    """Read and check `path` (YAML). Raises TrainConfigError that names the file and each key that is wrong."""
    try:
        return TrainConfig.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise TrainConfigError(f"{path} cannot be read: {error.strerror}; try configs/training/tiny.yaml") from error
    except yaml.YAMLError as error:
        raise TrainConfigError(f"{path} is no YAML: {error}") from error
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors())
        raise TrainConfigError(f"{path}: {wrong}") from error
