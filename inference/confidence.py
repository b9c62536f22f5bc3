"""How sure a mark is: a logistic regression over what is known of it, fitted on rendered phones by kind.

Fitted on truth, the confidence is the share of such marks that are there: Platt, "Probabilistic outputs for support
vector machines" (1999), with more than one trait. The traits are few and their signs held, so that a real photo, which
is unlike every rendered one, still ranks a strong and long mark before a weak and short one.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

TRAITS = ("one", "core", "peak", "size", "area", "rival", "depth")
"""1; log odds of the surer half of its pixels and of the surest; log of its extent in mm and of its area in mm²; the
mean probability of the strongest other class on it; log(1 + mm) of how far it lies from the rim."""
UNFITTED = (-1.5, 1.0, 0.0, 0.5, 0.0, -1.0, 0.0)
"""Weights of a class that too few marks are known of."""
NEVER_SURE = 1e-3
"""Probabilities are kept this far from 0 and 1 before their odds are taken."""
DEEP_MM = 10.0


def traits(
    probability: NDArray[np.float32],
    channel: int,
    member: NDArray[np.bool_],
    depth: NDArray[np.float32],
    px_per_mm: float,
) -> tuple[float, ...]:
    """`TRAITS` of the mark of class `channel` whose pixels are `member` (h, w).

    `probability` (C, h, w) and `depth` (h, w), the distance from the rim in pixels, show its bounding box alone.
    """
    inner = probability[:, member]
    own = np.sort(inner[channel])
    others = np.delete(inner.mean(axis=1), channel)
    area_mm2 = member.sum() / px_per_mm**2
    size_mm = np.hypot(*member.shape) / px_per_mm
    depth_mm = min(float(np.median(depth[member])) / px_per_mm, DEEP_MM)
    return (
        1.0,
        log_odds(float(own[len(own) // 2 :].mean())),
        log_odds(float(own[-1])),
        float(np.log(size_mm)),
        float(np.log(area_mm2)),
        float(others.max(initial=0.0)),
        float(np.log1p(depth_mm)),
    )


def confidence(known: Sequence[float], weights: Sequence[float]) -> float:
    """0..1 of a mark with the traits `known`."""
    return float(1 / (1 + np.exp(-np.dot(known, weights))))


def log_odds(probability: float) -> float:
    """log(p / (1 - p)), finite."""
    kept = min(max(probability, NEVER_SURE), 1 - NEVER_SURE)
    return float(np.log(kept / (1 - kept)))
