"""Thresholds and first figures of both networks, from the validation split: devices that training never saw."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader

from phonegrade.core.vocabulary import LOCATOR_REGIONS, SEGMENTER_CLASSES
from phonegrade.evaluation.pixel_scores import PixelScores
from phonegrade.training.losses import of_view, unpack_bits
from phonegrade.training.samples import Batch, Draws, Samples, batches

THRESHOLD_BOUNDS = (0.35, 0.65)
"""A few validation phones must not push a threshold further."""


@dataclass(frozen=True)
class ThresholdCalibration:
    """Mask threshold by class, and metrics by name."""

    mask_threshold: dict[str, float]
    metrics: dict[str, float]


def calibrate_segmenter(model: nn.Module, samples: Samples, batch: int, device: str) -> ThresholdCalibration:
    """Best-F1 threshold and that F1 of each class on tiles; a class without examples keeps 0.5 and gets no figure."""
    scores = PixelScores(SEGMENTER_CLASSES)
    for image, bits in _once(samples, batch):
        with torch.inference_mode():
            probability = torch.sigmoid(model(image.to(device)).float()).cpu()
        target, ignored = unpack_bits(bits, len(SEGMENTER_CLASSES)), unpack_bits(bits >> len(SEGMENTER_CLASSES), 1)
        rim = torch.maximum(functional.max_pool2d(target, 3, stride=1, padding=1) - target, ignored)
        for index in range(len(SEGMENTER_CLASSES)):
            planes = (probability[:, index].numpy(), target[:, index].numpy() > 0, rim[:, index].numpy() > 0)
            scores.add(index, *planes)
    best = {name: scores.best(index, *THRESHOLD_BOUNDS) for index, name in enumerate(SEGMENTER_CLASSES)}
    present = {name for index, name in enumerate(SEGMENTER_CLASSES) if scores.positive[index].any()}
    metrics = {f"val_rendered_tile_f1_{name}": round(f1, 4) for name, (_, f1) in best.items() if name in present}
    return ThresholdCalibration({name: threshold for name, (threshold, _) in best.items()}, metrics)


def measure_locator(model: nn.Module, samples: Samples, batch: int, device: str) -> dict[str, float]:
    """Mean intersection over union of each region where it is present, and the share of right views."""
    overlaps: dict[str, list[float]] = {name: [] for name in LOCATOR_REGIONS}
    right: list[bool] = []
    for image, bits, view_index in _once(samples, batch):
        with torch.inference_mode():
            regions, view = model(image.to(device))
        target = unpack_bits(bits, len(LOCATOR_REGIONS)) > 0
        found = regions.float().cpu() > 0
        right += (view.argmax(1).cpu() == view_index).tolist()
        for index, name in enumerate(LOCATOR_REGIONS):
            overlaps[name] += _overlaps(found[:, index], target[:, index])
    if not right:
        return {}
    metrics = {f"val_rendered_iou_{name}": round(float(np.mean(found)), 4) for name, found in overlaps.items() if found}
    return metrics | {"val_rendered_view_accuracy": round(float(np.mean(right)), 4)}


def measure_boundary_refiner(model: nn.Module, samples: Samples, batch: int, device: str) -> dict[str, float]:
    """Share of places along a side where the likeliest border lies within a sample of the true one."""
    near: list[bool] = []
    for image, place, view_index in _once(samples, batch):
        with torch.inference_mode():
            borders = model(image.flatten(0, 1).to(device)).cpu()
        likeliest = of_view(borders, view_index).argmax(2)
        true = place.flatten(0, 1)
        near += ((likeliest - true).abs() <= 1)[true >= 0].tolist()
    return {"val_rendered_border_within_a_sample": round(float(np.mean(near)), 4)} if near else {}


def _overlaps(found: Tensor, target: Tensor) -> list[float]:
    both, either = (found & target).sum((1, 2)), (found | target).sum((1, 2))
    present = target.any(2).any(1)
    overlap: list[float] = (both[present] / either[present]).tolist()
    return overlap


def _once(samples: Samples, batch: int) -> DataLoader[Batch] | list[Batch]:
    """Every sample once, in order of a fixed shuffle; the last batch may wrap around to the first samples."""
    count = len(samples)  # type: ignore[arg-type]
    if count == 0:
        return []
    steps = -(-count // min(batch, count))
    return batches(samples, Draws(count, min(batch, count), 0, 0, steps), workers=0)
