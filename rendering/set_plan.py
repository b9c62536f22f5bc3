"""What a set is: everything that decides its truth, and what that means for each device."""

import hashlib
import json
from dataclasses import dataclass

import numpy as np
from pydantic import NonNegativeInt, PositiveFloat, PositiveInt

from phonegrade.configs.render_settings import RenderSettings, WearLevel, load_scenarios
from phonegrade.core.devices.catalogue import Device, rendered_devices
from phonegrade.core.strict import Strict
from phonegrade.core.vocabulary import Surface
from phonegrade.datasets.manifest import Split, split_of
from phonegrade.rendering.photo import Route
from phonegrade.rendering.streams import Stream, stream

GOLDEN, SILVER = 5**0.5 / 2 - 0.5, 2**0.5 - 1
"""Irrational steps, of scenarios and of routes."""


@dataclass(frozen=True)
class DevicePlan:
    """One device of a set before it is drawn."""

    seed: int
    """Of the set."""
    index: int
    device_id: str
    device: Device
    name: str
    split: Split
    scenario: str
    settings: RenderSettings
    route: Route
    photos: tuple[tuple[int, Surface], ...]
    """(round, surface) of each photo."""

    @property
    def phone_seed(self) -> tuple[int, int]:
        """What fixes the phone."""
        return self.seed, self.index

    def photo_seed(self, shot: int, surface: Surface) -> tuple[int, int, int, int]:
        """Return what fixes one photo of it."""
        return self.seed, self.index, shot, list(Surface).index(surface)


class SetPlan(Strict):
    """Everything that decides a set but the number of its devices: more can be added later."""

    preset: str
    scenarios: dict[str, RenderSettings]
    weights: dict[str, PositiveFloat]
    """How often a device is photographed in each scenario."""
    seed: NonNegativeInt
    shots: PositiveInt
    """Rounds of photos of each device."""
    route: Route | None
    """The route of every device; None leaves it to each scenario's `path_traced_share`."""
    wear: WearLevel | None
    """The level of every phone; None leaves it to each scenario's mix."""
    all_surfaces: bool
    """Every round shows all six surfaces: a set to measure repeatability with."""
    split: Split | None
    """The split of every device; None leaves it to a hash of its name."""
    pairs: bool
    """Each photo is written a second time without its defects and dirt."""

    @property
    def phones_sha256(self) -> str:
        """Identity of the phones: sets that share it share their phones, whatever is photographed of them."""
        drawn_from = {
            "seed": self.seed,
            "weights": self.weights,
            "scenarios": self.model_dump(mode="json")["scenarios"],
        }
        return hashlib.sha256(json.dumps(drawn_from, sort_keys=True).encode()).hexdigest()

    def device(self, index: int) -> DevicePlan:
        """Return what is rendered of device number `index`."""
        rng, known = stream(Stream.DEVICE, self.seed, index), rendered_devices()
        device = known[int(rng.integers(len(known)))]
        ends = np.cumsum(list(self.weights.values()))
        scenario = list(self.weights)[int(np.searchsorted(ends, _spread(GOLDEN, index, self.seed) * ends[-1], "right"))]
        settings = self.scenarios[scenario]
        is_path_traced = _spread(SILVER, index, self.seed) < settings.path_traced_share
        chances = rng.random((self.shots, len(Surface)))
        name = f"{device.name} #{index}"
        if self.all_surfaces:
            settings = settings.model_copy(update={"no_device_share": 0.0})
        return DevicePlan(
            seed=self.seed,
            index=index,
            device_id=f"{self.phones_sha256[:8]}-{index:06d}",
            device=device,
            name=name,
            split=self.split or split_of(name),
            scenario=scenario,
            settings=settings,
            route=self.route or (Route.PATH_TRACED if is_path_traced else Route.RASTERISED),
            photos=tuple(
                (shot, surface)
                for shot in range(self.shots)
                for surface, chance in zip(Surface, chances[shot], strict=True)
                if self.all_surfaces or chance < settings.surface_share[surface.view]
            ),
        )


def _spread(step: float, index: int, seed: int) -> float:
    """0..1, and even over any run of indices (Kronecker's sequence), so that a short set has its shares too."""
    return (stream(Stream.SET, seed).random() + index * step) % 1.0


def plan_set(
    preset: str,
    shots: int,
    seed: int,
    *,
    route: Route | None = None,
    wear: WearLevel | None = None,
    all_surfaces: bool = False,
    split: Split | None = None,
    pairs: bool = False,
    at_most_px: int | None = None,
) -> SetPlan:
    """Return the plan of a set from `preset`, its phones all of one level of `wear` where that is given.

    No photo's long side is longer than `at_most_px`, where that is given.

    Raises UsageError for an unknown or wrong preset.
    """
    drawn = load_scenarios(preset)
    scenarios = {name: settings if wear is None else worn(settings, wear) for name, settings in drawn.scenarios.items()}
    if at_most_px is not None:
        scenarios = {name: small(settings, at_most_px) for name, settings in scenarios.items()}
    return SetPlan(
        preset=preset,
        scenarios=scenarios,
        weights=drawn.weights,
        seed=seed,
        shots=shots,
        route=route,
        wear=wear,
        all_surfaces=all_surfaces,
        split=split,
        pairs=pairs,
    )


def worn(settings: RenderSettings, level: WearLevel) -> RenderSettings:
    """Return `settings` with every phone of one level."""
    return settings.model_copy(update={"wear": settings.wear.model_copy(update={"levels": {level: 1.0}})})


def small(settings: RenderSettings, long_side_px: int) -> RenderSettings:
    """Return `settings` with photos no longer than `long_side_px`."""
    return settings.model_copy(update={"camera": settings.camera.at_most(long_side_px)})
