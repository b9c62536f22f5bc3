"""Mask thresholds and first metrics of every network, from the validation split of held-out devices."""

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
"""Bounds of a threshold, as validation devices are few."""


@dataclass(frozen=True)
class ThresholdCalibration:
    """Mask threshold by class, and metrics by name."""

    mask_threshold: dict[str, float]
    metrics: dict[str, float]


def calibrate_segmenter(model: nn.Module, samples: Samples, batch: int, device: str) -> ThresholdCalibration:
    """Return the best-F1 threshold and that F1 of each class on tiles; 0.5 and no F1 for a class without examples."""
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
    """Return the mean IoU of each region where it is present, and the accuracy of views."""
    overlaps: dict[str, list[float]] = {name: [] for name in LOCATOR_REGIONS}
    are_right: list[bool] = []
    for image, bits, view_index in _once(samples, batch):
        with torch.inference_mode():
            regions, view = model(image.to(device))
        target = unpack_bits(bits, len(LOCATOR_REGIONS)) > 0
        predicted = regions.float().cpu() > 0
        are_right += (view.argmax(1).cpu() == view_index).tolist()
        for index, name in enumerate(LOCATOR_REGIONS):
            overlaps[name] += _overlaps(predicted[:, index], target[:, index])
    if not are_right:
        return {}
    metrics = {f"val_rendered_iou_{name}": round(float(np.mean(each)), 4) for name, each in overlaps.items() if each}
    return metrics | {"val_rendered_view_accuracy": round(float(np.mean(are_right)), 4)}


def measure_boundary_refiner(model: nn.Module, samples: Samples, batch: int, device: str) -> dict[str, float]:
    """Return the share of positions along a side whose likeliest border lies within a sample of the true one."""
    near: list[bool] = []
    for image, position, view_index in _once(samples, batch):
        with torch.inference_mode():
            borders = model(image.flatten(0, 1).to(device)).cpu()
        likeliest = of_view(borders, view_index).argmax(2)
        true = position.flatten(0, 1)
        near += ((likeliest - true).abs() <= 1)[true >= 0].tolist()
    return {"val_rendered_border_within_a_sample": round(float(np.mean(near)), 4)} if near else {}


def _overlaps(predicted: Tensor, target: Tensor) -> list[float]:
    both, either = (predicted & target).sum((1, 2)), (predicted | target).sum((1, 2))
    present = target.any(2).any(1)
    overlap: list[float] = (both[present] / either[present]).tolist()
    return overlap


def _once(samples: Samples, batch: int) -> DataLoader[Batch] | list[Batch]:
    """Return every sample once, in the order of a fixed shuffle; the last batch may wrap around to the first."""
    count = len(samples)  # type: ignore[arg-type]
    if count == 0:
        return []
    steps = -(-count // min(batch, count))
    return batches(samples, Draws(count, min(batch, count), 0, 0, steps), workers=0)
