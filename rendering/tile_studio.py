"""Training tiles without a set: a surface is rasterised once, and each of many tiles lit and photographed anew."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import numpy as np

from phonegrade.configs.render_settings import Preset, RenderSettings, WearLevel, load_scenarios
from phonegrade.core.devices.catalogue import rendered_devices
from phonegrade.core.errors import UsageError
from phonegrade.core.vocabulary import DefectKind, Surface, View
from phonegrade.datasets.cached_tiles import cache_tiles, described
from phonegrade.datasets.placement import Tile, TileFormat
from phonegrade.rendering.camera import draw_pose
from phonegrade.rendering.phone import Phone, draw_phone
from phonegrade.rendering.rasterised.specimen import Specimen, prepare
from phonegrade.rendering.rasterised.tile_shot import TEXELS_PER_PX, shoot
from phonegrade.rendering.scene.lighting import draw_environment
from phonegrade.rendering.set_plan import worn
from phonegrade.rendering.shoot import draw_screen
from phonegrade.rendering.streams import Stream, stream
from phonegrade.rendering.wear.severity import SHARE, WEAR

Choice = TypeVar("Choice")
VIEW_SHARE = {View.FRONT: 0.5, View.BACK: 0.3, View.EDGE: 0.2}
"""Of the surfaces, among the views that a preset shows at all."""
WORN_SHARE = 0.7
"""Surfaces that are looked for until they have the wanted kind of defect; the others are as they come."""
WANTED_SHARE = {
    View.FRONT: {DefectKind.CRACK: 0.45, DefectKind.SCRATCH: 0.3, DefectKind.SCUFF: 0.1, DefectKind.CHIP: 0.15},
    View.BACK: {DefectKind.CRACK: 0.35, DefectKind.SCRATCH: 0.25, DefectKind.SCUFF: 0.2, DefectKind.CHIP: 0.2},
    View.EDGE: {DefectKind.SCRATCH: 0.15, DefectKind.SCUFF: 0.2, DefectKind.CHIP: 0.3, DefectKind.DENT: 0.35},
}
TILES_PER_ROOM = 3
"""Tiles of one surface that share their lamps, each from another place under them."""
_TRIES = 4
_FIRST_PHONE = 1_000_000_000
"""Phones of the studio are numbered from here on, so that no rendered set with the same seed holds one of them."""


class TileStudio:
    """Endless fresh tiles (crop, crop, 3) RGB with their bits (crop/2, crop/2), as `SegmenterTiles.sample` has them."""

    def __init__(self, preset: Preset, form: TileFormat, seed: int) -> None:
        """Raise UsageError where a scenario of `preset` shows none of the views that are wanted."""
        self.preset, self.form, self.seed = preset, form, seed
        for name, scenario in preset.scenarios.items():
            if not any(scenario.surface_share[view] > 0 for view in form.views):
                raise UsageError(f"preset {name!r} shows none of the views {', '.join(form.views)}")

    def tiles(self, index: int, count: int) -> Iterator[Tile]:
        """Yield `count` tiles of surface number `index`; the same seed and index give the same tiles."""
        rng = stream(Stream.STUDIO, self.seed, index)
        settings = self.preset.scenarios[_chosen(self.preset.weights, rng)]
        specimen = self._specimen(index, settings, rng)
        for first in range(0, count, TILES_PER_ROOM):
            room = draw_environment(settings.lights, stream(Stream.ROOM, self.seed, index, first))
            for number in range(first, min(first + TILES_PER_ROOM, count)):
                yield shoot(specimen, room, self.form, settings, stream(Stream.TILE, self.seed, index, number))

    def _specimen(self, index: int, settings: RenderSettings, rng: np.random.Generator) -> Specimen:
        phone, surface = self._worn(index, settings, rng)
        screen = draw_screen(settings, surface, rng)
        pose = draw_pose(phone.size_mm(surface), settings.camera, rng)
        finest = settings.edge_texels_per_mm if surface.view is View.EDGE else settings.texels_per_mm
        finest = max(finest, TEXELS_PER_PX * self.form.px_per_mm)
        px_per_mm = float(np.clip(TEXELS_PER_PX / pose.mm_per_px, 5.0, finest))
        return prepare(phone, surface, screen, px_per_mm, settings, rng)

    def _worn(self, index: int, settings: RenderSettings, rng: np.random.Generator) -> tuple[Phone, Surface]:
        """A phone and one of its surfaces; mostly one with a wanted kind of defect, if some tries find it."""
        known = rendered_devices()
        device = known[int(rng.integers(len(known)))]
        shown_at_all = (view for view in self.form.views if settings.surface_share[view] > 0)
        view = _chosen({view: VIEW_SHARE[view] for view in shown_at_all}, rng)
        wanted = _chosen(WANTED_SHARE[view], rng)
        shown = [surface for surface in Surface if surface.view is view]
        surfaces = [shown[at] for at in rng.permutation(len(shown))]
        first = _FIRST_PHONE + _TRIES * index
        levels = {level: share * _chance(level, view, wanted) for level, share in settings.wear.levels.items()}
        if rng.random() >= WORN_SHARE or not any(levels.values()):
            return draw_phone(device, settings, (self.seed, first)), surfaces[0]
        for attempt in range(_TRIES):
            phone = draw_phone(device, worn(settings, _chosen(levels, rng)), (self.seed, first + attempt))
            for surface in surfaces:
                if any(annotation.kind == wanted for annotation in phone.annotations[surface]):
                    return phone, surface
        return phone, surfaces[0]


def cache_studio_tiles(
    out: Path, surfaces: int, per_surface: int, preset: str, form: TileFormat, seed: int, workers: int
) -> None:
    """Write `per_surface` studio tiles of each of `surfaces` drawn surfaces; what is finished under `out` is kept.

    Raises UsageError for an unknown preset, or where `out` was begun with other settings.
    """
    drawn_from = load_scenarios(preset)
    about = {"preset": drawn_from.model_dump(mode="json"), **described(form), "seed": seed, "per_entry": per_surface}
    cache_tiles(out, TileStudio(drawn_from, form, seed), range(surfaces), about, workers)


def _chance(level: WearLevel, view: View, kind: DefectKind) -> float:
    """About how likely a surface of a phone of `level` has a defect of `kind`."""
    wear = WEAR[level]
    means = {
        DefectKind.CRACK: wear.cracks,
        DefectKind.SCRATCH: wear.scratch.mean,
        DefectKind.SCUFF: wear.scuff.mean,
        DefectKind.CHIP: wear.chip.mean,
        DefectKind.DENT: wear.dent.mean,
    }
    return 1 - float(np.exp(-means[kind] * SHARE[view][kind]))


def _chosen(weights: Mapping[Choice, float], rng: np.random.Generator) -> Choice:
    """One of the keys, by their weights."""
    shares = np.array(list(weights.values()))
    return list(weights)[int(rng.choice(len(shares), p=shares / shares.sum()))]
