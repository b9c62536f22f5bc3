"""How far the masks of scratches go on beyond their tips, from scratches whose length is known."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from phonegrade.core.vocabulary import DefectKind
from phonegrade.evaluation.matching import NEAR_MM
from phonegrade.evaluation.truth import RectifiedSample, TrueDefect, Truths
from phonegrade.inference.card import EndpointBias, SegmenterCard
from phonegrade.inference.defects.instances import Instance
from phonegrade.inference.defects.merge import single_scratches
from phonegrade.inference.defects.skeleton import centre_line
from phonegrade.inference.session import OnnxModel
from phonegrade.training.calibration.confidence import found_on, patch_on

LEAST_KNOWN = 10
"""Fewer scratches tell nothing."""
LEAST_FOR_SLOPE = 30
"""Fewer do not tell long ones from short ones."""
NORMAL_OVER_MAD = 1.4826
"""Standard deviation of a normal distribution over its median absolute deviation."""
FOUND_WHOLE = 0.95
"""Share of a scratch that its mask must cover to be compared with its length."""


def endpoint_bias_of(model: OnnxModel[SegmenterCard], truths: Truths) -> EndpointBias | None:
    """What scratches that are found whole tell of their tips; None where too few are.

    A line's mask is wider than the line, but where a scratch fades out it may also end before it, the longer the more.
    Medians throughout, of all slopes between two scratches too (Sen, "Estimates of the regression coefficient based on
    Kendall's tau", JASA 1968): a few scratches run on into others.
    """
    known = np.array([each for truth in truths() for each in _beyond(model, truth)]).reshape(-1, 2)
    if len(known) < LEAST_KNOWN:
        return None
    length, beyond = known.T
    share = _slope(length, beyond) if len(known) >= LEAST_FOR_SLOPE else 0.0
    off = beyond - share * length
    middle = float(np.median(off))
    return EndpointBias(
        round(middle, 2), round(share, 4), round(NORMAL_OVER_MAD * float(np.median(np.abs(off - middle))), 2)
    )


def _slope(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    one, other = np.triu_indices(len(x), 1)
    apart = np.abs(x[one] - x[other]) > 1.0
    return float(np.median(((y[one] - y[other])[apart]) / (x[one] - x[other])[apart])) if apart.any() else 0.0


def _beyond(model: OnnxModel[SegmenterCard], truth: RectifiedSample) -> Iterator[tuple[float, float]]:
    """Length of the mask, and how far it goes on at each tip, of each scratch that one mask covers, and no other."""
    found = single_scratches(found_on(model, truth), truth.px_per_mm)
    scratches = [one for one in found if one.kind is DefectKind.SCRATCH]
    for mark in truth.marks:
        if mark.record.kind != DefectKind.SCRATCH.value or not mark.has_length:
            continue
        for one in scratches:
            line = centre_line(one.mask) if _is_whole(mark, one, truth) else None
            if line is not None and len(line.tips):
                beyond = line.length_px - mark.record.length_mm * truth.px_per_mm
                yield line.length_px, beyond / len(line.tips)


def _is_whole(mark: TrueDefect, one: Instance, truth: RectifiedSample) -> bool:
    """Whether the mask covers the mark, and lies on it alone."""
    patch, near_px = patch_on(one, truth), NEAR_MM / 2 * truth.px_per_mm
    covers = mark.patch.share_in(patch.grown(near_px)) >= FOUND_WHOLE
    return covers and patch.rim.share_in(mark.patch.grown(2 * near_px)) >= FOUND_WHOLE
