"""Hard negatives: the baked tiles on which a segmenter tells damage that is not there, to be drawn more often.

`python -m phonegrade.training.mining --help`
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from phonegrade.core.vocabulary import DefectKind
from phonegrade.core.workers import pool_of
from phonegrade.datasets.annotations.annotation import CLASS_BIT, IGNORE_BIT
from phonegrade.datasets.cached_tiles import MINED, NO_FALSE_POSITIVE, CachedTiles, FalsePositive, scale_of
from phonegrade.datasets.placement import Tile
from phonegrade.evaluation.matching import NEAR_MM, MaskPatch, grown
from phonegrade.inference.card import SegmenterCard
from phonegrade.inference.defects.instances import Instance, find_instances
from phonegrade.inference.defects.segment import segment
from phonegrade.inference.session import OnnxModel, load_model

LEAST = 0.05
"""Marks that are less sure accuse nobody."""
_DAMAGE_BITS = sum(CLASS_BIT[kind] for kind in DefectKind) | IGNORE_BIT
_TILES_PER_JOB = 400


def surest_false_positive(model: OnnxModel[SegmenterCard], tile: Tile, px_per_mm: float) -> FalsePositive:
    """The surest damage told NEAR_MM and more from any that a tile shows or ignores, else NO_FALSE_POSITIVE."""
    rgb, bits = tile
    hw = (rgb.shape[0], rgb.shape[1])
    true = cv2.resize(((bits & _DAMAGE_BITS) > 0).astype(np.uint8), hw[::-1], interpolation=cv2.INTER_NEAREST) > 0
    near = grown(true, NEAR_MM * px_per_mm)
    told = find_instances(segment(rgb, model), np.ones(bits.shape, np.bool_), model.card, px_per_mm, LEAST)
    damage = [one for one in told if isinstance(one.kind, DefectKind)]
    false = [one for one in damage if MaskPatch(one.mask, one.origin).cut(hw).share_on(near) == 0]
    return max((FalsePositive(one.confidence, *_middle(one)) for one in false), default=NO_FALSE_POSITIVE)


def mine(folder: Path, segmenter: Path, workers: int) -> NDArray[np.float32]:
    """Writes, beside the baked tiles of `folder`, the FalsePositive of each, and returns them (N, 3)."""
    count = len(CachedTiles([folder]))
    starts = range(0, count, _TILES_PER_JOB)
    with pool_of(workers) as pool:
        jobs = [pool.submit(_mined, folder, segmenter, range(at, min(at + _TILES_PER_JOB, count))) for at in starts]
        parts = [job.result() for job in track(jobs, folder.name, console=Console(stderr=True))]
    told = np.concatenate([np.empty((0, 3), np.float32), *parts])
    np.save(folder / MINED, told)
    return told


def _middle(mark: Instance) -> tuple[float, float]:
    """(x, y) of the pixel of a mark that is nearest to its mean, so that the middle of an arc lies on it."""
    ys, xs = np.nonzero(mark.mask)
    nearest = int(np.argmin((xs - xs.mean()) ** 2 + (ys - ys.mean()) ** 2))
    return float(xs[nearest] + mark.origin[0]), float(ys[nearest] + mark.origin[1])


def _mined(folder: Path, segmenter: Path, tiles: range) -> NDArray[np.float32]:
    cv2.setNumThreads(1)
    model, baked, px_per_mm = load_model(segmenter, SegmenterCard, 1), CachedTiles([folder]), scale_of(folder)
    return np.array([surest_false_positive(model, baked.read(index), px_per_mm) for index in tiles], np.float32)


def main(arguments: Sequence[str] | None = None) -> None:
    """Mines every folder and prints how many of its tiles were told falsely of damage."""
    parser = argparse.ArgumentParser(description="On which baked tiles a segmenter tells damage that is not there.")
    parser.add_argument("--tiles", type=Path, nargs="+", required=True, help="folders of baked tiles")
    parser.add_argument("--segmenter", type=Path, default=Path("models/weights/segmenter.onnx"))
    parser.add_argument("--workers", type=int, default=2)
    told = parser.parse_args(arguments)
    for folder in told.tiles:
        confidence = mine(folder, told.segmenter, told.workers)[:, 0]
        counts = ", ".join(f"{int((confidence >= at).sum())} from {at:g}" for at in (0.1, 0.3, 0.5, 0.7))
        sys.stdout.write(f"{folder}: {len(confidence)} tiles, told falsely of damage {counts}\n")


if __name__ == "__main__":
    main()
