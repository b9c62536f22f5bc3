"""The losses. Those of segmenter and locator are defined, and not zero, on defect-free pictures, which are most."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from phonegrade.configs.train_config import BoundaryRefinerConfig, LocatorConfig, SegmenterConfig

Terms = dict[str, Tensor]
"""Named scalars; `loss` is the sum to minimise, the others are what it is made of."""


@dataclass(frozen=True)
class SegmenterTruth:
    """`target` (N, 8, h, w) and `evaluated` (N, 1, h, w), float 0 or 1; pixels with `evaluated` 0 are ignored."""

    target: Tensor
    evaluated: Tensor


def unpack_bits(mask: Tensor, count: int) -> Tensor:
    """Return bits 0..count-1 of an integer mask (N, h, w) as float planes (N, count, h, w)."""
    shifts = torch.arange(count, device=mask.device, dtype=mask.dtype).view(1, -1, 1, 1)
    return ((mask.unsqueeze(1) >> shifts) & 1).to(torch.float32)


def batch_dice(probability: Tensor, target: Tensor, false_positive_share: float = 0.5) -> Tensor:
    """Return the soft Tversky loss (Salehi et al., MLMI 2017) over the batch, averaged over its classes.

    `false_positive_share` is what a false pixel costs, a missed one costs the rest; 0.5 is the soft Dice loss
    (Milletari et al., V-Net, 3DV 2016). Zero when no class is present: an empty class has no overlap, and the loss of a
    single picture would jump between 0 and 1 at the first false pixel.
    """
    present = (target.sum((0, 2, 3)) > 0).to(probability.dtype)
    overlap = (probability * target).sum((0, 2, 3))
    false, missed = probability.sum((0, 2, 3)) - overlap, target.sum((0, 2, 3)) - overlap
    wrong = false_positive_share * false + (1 - false_positive_share) * missed
    dice = 1 - (overlap + 0.5) / (overlap + wrong + 0.5)
    return (dice * present).sum() / present.sum().clamp_min(1)


def segmenter_loss(
    logits: Tensor, truth: SegmenterTruth, config: SegmenterConfig, class_weights: Tensor | None = None
) -> Terms:
    """Return weighted BCE, with less weight at the rim, plus batch-level Dice; `logits` (N, 8, h, w).

    `class_weights` (8) say how much each class counts in the BCE; None: alike.
    """
    logits = logits.float()
    target, evaluated = truth.target, truth.evaluated
    rim = functional.max_pool2d(target, 3, stride=1, padding=1) - target
    weight = evaluated * (1 - (1 - config.ring_weight) * rim)
    positive = torch.tensor(config.positive_weight, device=logits.device)
    raw = functional.binary_cross_entropy_with_logits(logits, target, reduction="none", pos_weight=positive)
    if class_weights is not None:
        raw = raw * class_weights.view(1, -1, 1, 1)
    bce = (raw * weight).sum() / weight.sum().clamp_min(1)
    dice = batch_dice(torch.sigmoid(logits) * weight, target * evaluated, config.false_positive_share)
    return {"loss": config.bce_weight * bce + config.dice_weight * dice, "bce": bce.detach(), "dice": dice.detach()}


def locator_loss(regions: Tensor, view: Tensor, target: Tensor, view_index: Tensor, config: LocatorConfig) -> Terms:
    """Return BCE and Dice of the region logits (N, 3, h, w) and cross entropy of the view logits (N, 4)."""
    regions, view = regions.float(), view.float()
    bce = functional.binary_cross_entropy_with_logits(regions, target)
    dice = batch_dice(torch.sigmoid(regions), target)
    cross = functional.cross_entropy(view, view_index)
    loss = bce + config.dice_weight * dice + config.view_weight * cross
    return {"loss": loss, "bce": bce.detach(), "dice": dice.detach(), "view": cross.detach()}


def of_view(borders: Tensor, view_index: Tensor) -> Tensor:
    """Return the borders (4 N, A, D) for each photo's own view (N) of those for all views (4 N, V, A, D)."""
    own = view_index.repeat_interleave(len(borders) // len(view_index))
    return borders[torch.arange(len(borders), device=borders.device), own]


def boundary_loss(logits: Tensor, sample: Tensor, config: BoundaryRefinerConfig) -> Terms:
    """Return cross entropy of the logits (N, A, D) against the border's position `sample` (N, A), unknown below 0.

    Also `off`, the median distance of the expected position from the true one, in samples across.
    """
    is_known = sample >= 0
    logits, sample = logits.float()[is_known], sample[is_known]
    position = torch.arange(logits.shape[1], device=logits.device)
    target = torch.softmax(-0.5 * ((position - sample.unsqueeze(1)) / config.spread) ** 2, dim=1)
    loss = functional.cross_entropy(logits, target)
    off = ((torch.softmax(logits.detach(), dim=1) * position).sum(1) - sample).abs().median()
    return {"loss": loss, "off": off}
