"""Rendered pictures that the ranges of an int8 model are calibrated on."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from phonegrade.core.errors import UsageError
from phonegrade.datasets.boundary_strips import SideStrips
from phonegrade.datasets.placement import TileFormat
from phonegrade.datasets.scenes import LocatorScenes
from phonegrade.datasets.tiles import SegmenterTiles
from phonegrade.inference.card import AnyCard, BoundaryRefinerCard, LocatorCard, SegmenterCard

PICTURES = 64
TILE_PX = 320
SEED = 0


def calibration_pictures(card: AnyCard, root: Path) -> list[NDArray[np.uint8]]:
    """Return up to `PICTURES` training pictures (H, W, 3) of the set under `root`, as inputs of the model of `card`.

    Letterboxed scenes for the locator, one strip of each photo for the boundary refiner, tiles of the rectified surface
    for the segmenter; none augmented, sampled with a fixed seed. Raises UsageError where the set holds no training
    photos.
    """
    match card:
        case LocatorCard():
            scenes = LocatorScenes([root], "train", card.input_px, SEED, augment=False)
            return [scenes.sample(index, 0)[0] for index in _some(len(scenes), root)]
        case BoundaryRefinerCard():
            strips = SideStrips([root], "train", SEED, augment=False)
            return [strips.sample(index, 0)[0][0] for index in _some(len(strips), root)]
        case SegmenterCard():
            tiles = SegmenterTiles(root, "train", TileFormat(TILE_PX), SEED, augment=False)
            return [tiles.sample(index, 0)[0] for index in _some(len(tiles), root)]


def _some(count: int, root: Path) -> list[int]:
    if count == 0:
        raise UsageError(f"{root} holds no training photos to calibrate on: render more devices")
    order: list[int] = np.random.default_rng(SEED).permutation(count)[:PICTURES].tolist()
    return order
