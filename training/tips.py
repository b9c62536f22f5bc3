"""How far the masks of scratches go on beyond their tips, from scratches whose length is known."""

from collections.abc import Iterator

import numpy as np

from phonegrade.configs.vocabulary import DefectKind
from phonegrade.inference.card import SegmenterCard
from phonegrade.inference.instances import Instance
from phonegrade.inference.merge import single_scratches
from phonegrade.inference.session import OnnxModel
from phonegrade.inference.skeleton import centre_line
from phonegrade.training.confidence import found_on, patch_on
from phonegrade.training.matching import NEAR_MM
from phonegrade.training.truth import TrueMark, TruthCanvas, Truths

LEAST_KNOWN = 10
"""Fewer scratches tell nothing."""
NORMAL_OVER_MAD = 1.4826
"""Standard deviation of a normal distribution over its median absolute deviation."""
FOUND_WHOLE = 0.95
"""Share of a scratch that its mask must cover to be compared with its length."""


def tips_px(model: OnnxModel[SegmenterCard], truths: Truths) -> tuple[float, float] | None:
    """Canvas pixels at each tip and their standard error, of scratches that are found whole; None where too few are.

    A line's mask is wider than the line, but where a scratch fades out it may also end before it. Median and median
    absolute deviation: a few scratches run on into others.
    """
    beyond = np.array([each for truth in truths() for each in _beyond(model, truth)])
    if len(beyond) < LEAST_KNOWN:
        return None
    middle = float(np.median(beyond))
    return round(middle, 2), round(NORMAL_OVER_MAD * float(np.median(np.abs(beyond - middle))), 2)


def _beyond(model: OnnxModel[SegmenterCard], truth: TruthCanvas) -> Iterator[float]:
    """Of each scratch of one canvas that one mask covers, and no other scratch with it."""
    found = single_scratches(found_on(model, truth), truth.px_per_mm)
    scratches = [one for one in found if one.kind is DefectKind.SCRATCH]
    for mark in truth.marks:
        if mark.record.kind != DefectKind.SCRATCH.value or not mark.has_length:
            continue
        for one in scratches:
            line = centre_line(one.mask) if _is_whole(mark, one, truth) else None
            if line is not None and len(line.tips):
                yield (line.length_px - mark.record.length_mm * truth.px_per_mm) / len(line.tips)


def _is_whole(mark: TrueMark, one: Instance, truth: TruthCanvas) -> bool:
    """Whether the mask covers the mark, and lies on it alone."""
    patch, near_px = patch_on(one, truth), NEAR_MM / 2 * truth.px_per_mm
    covers = mark.patch.share_in(patch.grown(near_px)) >= FOUND_WHOLE
    return covers and patch.rim.share_in(mark.patch.grown(2 * near_px)) >= FOUND_WHOLE
