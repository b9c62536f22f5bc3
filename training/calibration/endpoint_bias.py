"""Endpoint bias: how far the masks of scratches extend beyond their ends, from labelled scratches."""

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
from phonegrade.training.calibration.confidence import instances_on, patch_on

MIN_SAMPLES = 10
"""Least number of scratches for an estimate."""
MIN_FOR_SLOPE = 30
"""Least number of scratches for a bias that depends on length."""
NORMAL_OVER_MAD = 1.4826
"""Standard deviation of a normal distribution over its median absolute deviation."""
COVERED_SHARE = 0.95
"""Share of a scratch that its mask must cover to be compared with its length."""


def endpoint_bias_of(model: OnnxModel[SegmenterCard], truths: Truths) -> EndpointBias | None:
    """Estimate the endpoint bias from scratches that one mask covers whole; None where they are too few.

    A line's mask is wider than the line, but where a scratch fades out it may also end before it, the longer the more.
    Medians throughout, of all slopes between two scratches too (Sen, "Estimates of the regression coefficient based on
    Kendall's tau", JASA 1968): a few masks run on into other scratches.
    """
    samples = np.array([each for truth in truths() for each in _beyond(model, truth)]).reshape(-1, 2)
    if len(samples) < MIN_SAMPLES:
        return None
    length, beyond = samples.T
    share = _slope(length, beyond) if len(samples) >= MIN_FOR_SLOPE else 0.0
    residual = beyond - share * length
    median = float(np.median(residual))
    error_px = NORMAL_OVER_MAD * float(np.median(np.abs(residual - median)))
    return EndpointBias(round(median, 2), round(share, 4), round(error_px, 2))


def _slope(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    one, other = np.triu_indices(len(x), 1)
    apart = np.abs(x[one] - x[other]) > 1.0
    return float(np.median(((y[one] - y[other])[apart]) / (x[one] - x[other])[apart])) if apart.any() else 0.0


def _beyond(model: OnnxModel[SegmenterCard], truth: RectifiedSample) -> Iterator[tuple[float, float]]:
    """Yield, for each scratch that one mask covers alone, the mask's length and its excess at each end, in pixels."""
    instances = single_scratches(instances_on(model, truth), truth.px_per_mm)
    scratches = [one for one in instances if one.kind is DefectKind.SCRATCH]
    for mark in truth.annotations:
        if mark.record.kind != DefectKind.SCRATCH.value or not mark.has_length:
            continue
        for one in scratches:
            line = centre_line(one.mask) if _is_whole(mark, one, truth) else None
            if line is not None and len(line.tips):
                beyond = line.length_px - mark.record.length_mm * truth.px_per_mm
                yield line.length_px, beyond / len(line.tips)


def _is_whole(mark: TrueDefect, one: Instance, truth: RectifiedSample) -> bool:
    """Return whether the mask covers the scratch, and lies on it alone."""
    patch, near_px = patch_on(one, truth), NEAR_MM / 2 * truth.px_per_mm
    covers = mark.patch.share_in(patch.grown(near_px)) >= COVERED_SHARE
    return covers and patch.rim.share_in(mark.patch.grown(2 * near_px)) >= COVERED_SHARE
