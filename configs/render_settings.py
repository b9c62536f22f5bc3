"""Settings of the renderer: every range that a preset may change."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import yaml
from pydantic import (
    Field,
    NonNegativeFloat,
    PositiveFloat,
    PositiveInt,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
)

from phonegrade.core.errors import UsageError
from phonegrade.core.problems import every_problem
from phonegrade.core.strict import Strict
from phonegrade.core.vocabulary import View

Share = Annotated[float, Field(ge=0, le=1)]
PRESETS = Path(__file__).parent / "presets"
_Settings = TypeVar("_Settings", bound=Strict)


class Light(StrEnum):
    """The lighting of a photo."""

    ROOM = "room"
    PANELS = "panels"
    TENT = "tent"
    BARS = "bars"
    WINDOW = "window"
    DIM = "dim"
    RAILS = "rails"
    """A room with rails, tubes and cables, which glass mirrors as fine lines; on the rasterised route alone."""


class WearLevel(StrEnum):
    """How worn a phone is."""

    MINT = "mint"
    LIGHT = "light"
    USED = "used"
    HEAVY = "heavy"
    WRECKED = "wrecked"


class CameraSettings(Strict):
    """Position and image quality of the camera."""

    long_side_px: tuple[int, int]
    """Range of the photo's long side."""
    fill: tuple[PositiveFloat, PositiveFloat]
    """Share of the frame that the surface spans along its tighter side."""
    cropped_share: Share
    """Share of photos that cut the device off."""
    tilt_deg: NonNegativeFloat
    """Standard deviation of the tilt."""
    turned_share: Share
    """Share of photos with the device at any rotation; the others show it aligned with the frame."""
    white_balance: NonNegativeFloat
    blur_share: Share
    blur_px: PositiveFloat
    noise: tuple[PositiveFloat, PositiveFloat]
    resize_share: Share
    """Share of photos that were downscaled, as on the web, and enlarged again."""
    jpeg_quality: tuple[int, int]
    """Of the camera's own file."""
    chat_share: Share
    """Share of photos that a chat app compressed again."""
    chat_quality: tuple[int, int]

    def at_most(self, long_side_px: int) -> "CameraSettings":
        """Return the same camera with photos no longer than `long_side_px`."""
        low, high = self.long_side_px
        return self.model_copy(update={"long_side_px": (min(low, long_side_px), min(high, long_side_px))})


class WearSettings(Strict):
    """How worn and dirty the devices are."""

    levels: dict[WearLevel, PositiveFloat]
    """Weight of each level among the devices."""
    dirty_share: Share
    """Surfaces with contamination, defect-free or not."""
    near_limit_share: Share
    """Defects whose length or width, and surfaces whose scratch count, lies within 15 % of a usual grading limit."""
    visible_grey_levels: PositiveFloat
    """What changes the picture by less (80th percentile) is not visible; nor is what its noise hides (`labels`)."""


class RenderSettings(Strict):
    """One scenario: where and how phones are photographed, and how worn they are."""

    texels_per_mm: PositiveFloat
    edge_texels_per_mm: PositiveFloat
    path_traced_share: Share
    """Devices whose photos are path-traced; the others are rasterised."""
    samples: PositiveInt
    """Paths per pixel of a path-traced photo."""
    path_traced_long_side_px: PositiveInt
    """Path-traced photos are no longer than this: a path costs the same in a large photo and a small one."""
    surface_share: dict[View, Share]
    """Probability that a round of photos of one device shows its front, its back and each of its edges."""
    no_device_share: Share
    """Share of photos of the background alone."""
    hand_share: Share
    clutter_share: Share
    """Share, of the photos without a hand, with other objects around the device."""
    lights: dict[Light, PositiveFloat]
    """Weight of each light."""
    case_share: Share
    """Share of devices in a case."""
    protector_share: Share
    """Share of devices with a screen protector."""
    grounds: tuple[str, ...] | None
    """Names of the backgrounds to draw from; None for all."""
    lit_share: Share
    """Share of fronts with the screen on."""
    busy_share: Share = 0.0
    """Share of those screens that show a picture with the detail of a photograph, with or without icons over it."""
    camera: CameraSettings
    wear: WearSettings

    @model_serializer(mode="wrap")
    def _without_defaults(self, dump: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Leave out defaults, so that a setting added later does not rename the sets that do not use it."""
        fields = type(self).model_fields
        return {name: value for name, value in dump(self).items() if value != fields[name].default}


class _Mix(Strict):
    mix: Annotated[dict[str, PositiveFloat], Field(min_length=1)]


class Preset(Strict):
    """What a set is drawn from: one scenario, or several with the weight that each has among the devices."""

    name: str
    scenarios: dict[str, RenderSettings]
    weights: dict[str, PositiveFloat]


def load_preset(name: str) -> RenderSettings:
    """Return the settings of one scenario: a name in configs/presets/, or the path of a .yaml file.

    Raises UsageError for an unknown or invalid preset, or for a mix of several.
    """
    content = _read(name)
    if "mix" in content:
        mixed = _checked(_Mix, content, name).mix
        raise UsageError(f"preset {name!r} is a mix: choose one of {', '.join(mixed)}")
    return _checked(RenderSettings, content, name)


def load_scenarios(name: str) -> Preset:
    """Load any preset, mix or not; a mix names presets as `load_preset` does, a scenario is called by its file's stem.

    Raises UsageError.
    """
    content = _read(name)
    mixed = _checked(_Mix, content, name).mix if "mix" in content else {name: 1.0}
    weights = {Path(part).stem: weight for part, weight in mixed.items()}
    if len(weights) < len(mixed):
        raise UsageError(f"preset {name!r} names two scenarios alike: {', '.join(mixed)}; rename one of the files")
    return Preset(name=name, scenarios={Path(part).stem: load_preset(part) for part in mixed}, weights=weights)


def _read(name: str) -> dict[str, object]:
    path = Path(name) if name.endswith((".yaml", ".yml")) else PRESETS / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in PRESETS.glob("*.yaml")))
        raise UsageError(f"no preset {name!r}; there are: {known}; or give the path of a .yaml file")
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise UsageError(f"preset {name!r} is not valid YAML: {error}") from error
    if not isinstance(content, dict):
        raise UsageError(f"preset {name!r} must be a mapping of settings; configs/presets/ shows some")
    return content


def _checked(model: type[_Settings], content: dict[str, object], name: str) -> _Settings:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise UsageError(f"preset {name!r}: {every_problem(error, 'preset')}") from error
