"""What a training configuration learns from: its rendered sets and cached tiles, made where they are missing."""

from pathlib import Path

import numpy as np

from phonegrade.configs.train_config import ClassBalance, DataConfig, SegmenterConfig
from phonegrade.core.vocabulary import SEGMENTER_CLASSES
from phonegrade.datasets.cached_tiles import CachedTiles, cache_photo_tiles
from phonegrade.datasets.manifest import MANIFEST
from phonegrade.datasets.placement import TileFormat
from phonegrade.datasets.tiles import SegmenterTiles
from phonegrade.datasets.training_tiles import TrainingTiles
from phonegrade.rendering.photo import Route
from phonegrade.rendering.render import render_set
from phonegrade.rendering.set_plan import plan_set
from phonegrade.rendering.tile_studio import cache_studio_tiles
from phonegrade.training.samples import TileSamples


def rendered_set(data: DataConfig, default_root: Path) -> Path:
    """Return the folder of the set, `data.root` or `default_root`; render the set where it is missing."""
    root = data.root or default_root
    if not (root / MANIFEST).is_file():
        route = None if data.route is None else Route(data.route)
        plan = plan_set(data.preset, data.shots, data.seed, route=route, split=data.split, at_most_px=data.at_most_px)
        render_set(root, data.devices, plan, data.workers)
    return root


def segmenter_samples(settings: SegmenterConfig, seed: int, root: Path, default_tiles: Path) -> TileSamples:
    """Return the training tiles of the set under `root`; where the configuration wants cached ones, cache the missing.

    The cache is `settings.tiles.root` or `default_tiles`.
    """
    form, config = tile_format(settings), settings.tiles
    if config is None:
        return TileSamples(SegmenterTiles(root, "train", form, seed, augment=True))
    cache = config.root or default_tiles
    cache_photo_tiles(cache / "photos", root, "train", config.per_photo, form, config.seed, config.workers)
    for preset, surfaces in config.surfaces.items():
        cache_studio_tiles(cache / preset, surfaces, config.per_surface, preset, form, config.seed, config.workers)
    cached = CachedTiles([cache / name for name in ("photos", *config.surfaces)])
    weights = {kind.value: weight for kind, weight in config.class_weights.items()}

    def cut(px: int) -> TrainingTiles:
        return TrainingTiles(cached, px, seed, weights, config.hard_negative_weight, bands=form.bands)

    return TileSamples(cut(form.crop_px), None if settings.window_px is None else cut(settings.window_px))


def tile_format(settings: SegmenterConfig) -> TileFormat:
    """Return size, scale and views of the tiles."""
    return TileFormat(settings.crop_px, settings.px_per_mm, settings.views)


def class_weights(samples: TileSamples, balance: ClassBalance, seed: int) -> tuple[float, ...]:
    """Return the weight of each of `SEGMENTER_CLASSES`, from its share of the pixels of tiles drawn by `seed`.

    A class that none of them shows weighs the most.
    """
    drawn = np.random.default_rng(seed).integers(len(samples), size=min(balance.tiles, len(samples)))
    positive, pixels = np.zeros(len(SEGMENTER_CLASSES)), 0
    for index in drawn:
        bits = samples[int(index), 0, 0][1].numpy()
        positive += [(bits >> at & 1).sum() for at in range(len(SEGMENTER_CLASSES))]
        pixels += bits.size
    share = np.maximum(positive / pixels, 1e-9)
    return tuple(np.clip(np.sqrt(balance.share / share), balance.least, balance.most).tolist())
