"""Hard negatives: cached tiles on which a segmenter has false positives, for training to sample more often."""

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

LEAST_CONFIDENCE = 0.05
"""Less confident detections are no false positives worth mining."""
REPORTED_FROM = (0.1, 0.3, 0.5, 0.7)
_DAMAGE_BITS = sum(CLASS_BIT[kind] for kind in DefectKind) | IGNORE_BIT
_TILES_PER_JOB = 400


def surest_false_positive(model: OnnxModel[SegmenterCard], tile: Tile, px_per_mm: float) -> FalsePositive:
    """Return the most confident defect at least NEAR_MM from any true or ignored one, or NO_FALSE_POSITIVE."""
    rgb, bits = tile
    hw = (rgb.shape[0], rgb.shape[1])
    true = cv2.resize(((bits & _DAMAGE_BITS) > 0).astype(np.uint8), hw[::-1], interpolation=cv2.INTER_NEAREST) > 0
    near = grown(true, NEAR_MM * px_per_mm)
    valid_mask = np.ones(bits.shape, np.bool_)
    instances = find_instances(segment(rgb, model), valid_mask, model.card, px_per_mm, LEAST_CONFIDENCE)
    defects = [one for one in instances if isinstance(one.kind, DefectKind)]
    false = [one for one in defects if MaskPatch(one.mask, one.origin).cut(hw).share_on(near) == 0]
    return max((FalsePositive(one.confidence, *_medoid(one)) for one in false), default=NO_FALSE_POSITIVE)


def mine(folder: Path, segmenter: Path, workers: int) -> NDArray[np.float32]:
    """Write the FalsePositive of each cached tile of `folder` beside the tiles, and return them (N, 3)."""
    count = len(CachedTiles([folder]))
    starts = range(0, count, _TILES_PER_JOB)
    with pool_of(workers) as pool:
        jobs = [pool.submit(_mined, folder, segmenter, range(at, min(at + _TILES_PER_JOB, count))) for at in starts]
        parts = [job.result() for job in track(jobs, folder.name, console=Console(stderr=True))]
    false_positives = np.concatenate([np.empty((0, 3), np.float32), *parts])
    np.save(folder / MINED, false_positives)
    return false_positives


def summary(folder: Path, false_positives: NDArray[np.float32]) -> str:
    """Return a line that counts the tiles of `folder` with a false positive from several confidences on."""
    counts = (f"{int((false_positives[:, 0] >= at).sum())} from {at:g}" for at in REPORTED_FROM)
    return f"{folder}: {len(false_positives)} tiles, with a false positive {', '.join(counts)}"


def _medoid(instance: Instance) -> tuple[float, float]:
    """Return (x, y) of the mask pixel nearest to the mask's mean, which of an arc lies beside it."""
    ys, xs = np.nonzero(instance.mask)
    nearest = int(np.argmin((xs - xs.mean()) ** 2 + (ys - ys.mean()) ** 2))
    return float(xs[nearest] + instance.origin[0]), float(ys[nearest] + instance.origin[1])


def _mined(folder: Path, segmenter: Path, tiles: range) -> NDArray[np.float32]:
    cv2.setNumThreads(1)
    model, cached, px_per_mm = load_model(segmenter, SegmenterCard, 1), CachedTiles([folder]), scale_of(folder)
    return np.array([surest_false_positive(model, cached.read(index), px_per_mm) for index in tiles], np.float32)
