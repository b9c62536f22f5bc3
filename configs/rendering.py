"""Settings of the renderer: every range that a preset may turn."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import Field, NonNegativeFloat, PositiveFloat

from phonegrade.configs.strict import Strict
from phonegrade.configs.vocabulary import View

Share = Annotated[float, Field(ge=0, le=1)]
PRESETS = Path(__file__).parent / "presets"


class Light(StrEnum):
    """Where a photo is taken, as what lights it."""

    ROOM = "room"
    PANELS = "panels"
    TENT = "tent"
    BARS = "bars"
    WINDOW = "window"
    DIM = "dim"


class WearLevel(StrEnum):
    """How hard a life a phone had: the severity dial."""

    MINT = "mint"
    LIGHT = "light"
    USED = "used"
    HEAVY = "heavy"
    WRECKED = "wrecked"


class CameraSettings(Strict):
    """Where the camera stands and what it does to the light."""

    long_side_px: tuple[int, int]
    """Range of the photo's long side."""
    fill: tuple[PositiveFloat, PositiveFloat]
    """Share of the frame that the surface spans along its tighter side."""
    cropped_share: Share
    """Photos that cut the device off."""
    tilt_deg: NonNegativeFloat
    """Standard deviation of the tilt."""
    turned_share: Share
    """Photos with the device at any turn; the others show it along the frame."""
    white_balance: NonNegativeFloat
    blur_share: Share
    blur_px: PositiveFloat
    noise: tuple[PositiveFloat, PositiveFloat]
    jpeg_quality: tuple[int, int]


class WearSettings(Strict):
    """How used the devices are."""

    levels: dict[WearLevel, PositiveFloat]
    """Weight of each level among the devices."""
    dirty_share: Share
    """Surfaces with contamination, sound or not; drawn anew for every photo's device."""
    visible_grey_levels: PositiveFloat
    """A mark whose 80th-percentile change of the picture is smaller cannot be seen."""


class RenderSettings(Strict):
    """One preset."""

    texels_per_mm: PositiveFloat
    edge_texels_per_mm: PositiveFloat
    surface_share: dict[View, Share]
    """How often a round of photos of one device shows its front, its back and each of its edges."""
    no_device_share: Share
    """Photos of the background alone."""
    hand_share: Share
    clutter_share: Share
    """Photos, of those without a hand, with other things round the device."""
    lights: dict[Light, PositiveFloat]
    """Weight of each light."""
    case_share: Share
    """Devices in a case."""
    protector_share: Share
    """Devices with a screen protector on."""
    grounds: tuple[str, ...] | None
    """Names of the backgrounds to draw from; None for all."""
    lit_share: Share
    """Fronts with the screen on."""
    camera: CameraSettings
    wear: WearSettings


def load_preset(name: str) -> RenderSettings:
    """Reads configs/presets/NAME.yaml; raises FileNotFoundError that lists the presets, or a ValidationError."""
    path = PRESETS / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in PRESETS.glob("*.yaml")))
        raise FileNotFoundError(f"no preset {name!r}; there are: {known}")
    return RenderSettings.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
