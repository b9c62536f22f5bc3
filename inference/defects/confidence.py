"""How sure a mark is: its evidence, put on the scale of probability by what rendered phones teach.

The evidence ranks; the scale makes the confidence the share of such marks that are there (Platt, "Probabilistic outputs
for support vector machines", 1999). Two numbers are fitted and no more: real photos are unlike rendered ones, and
what tells true from false marks there must not be learnt too finely here.
"""

import math

import numpy as np

from phonegrade.core.arrays import FloatMap, Mask

PlattScaling = tuple[float, float]
"""Factor and shift of the evidence."""
UNFITTED: PlattScaling = (1.0, -1.5)
"""Of a class that too few marks are known of."""
SIZE_WEIGHT = 0.5
"""Of the log of the extent in mm: the same probability over a longer mark is less likely to be chance."""
RIVAL_WEIGHT = 1.0
"""Of the strongest other class' mean probability on the mark."""
NEVER_SURE = 1e-3
"""Probabilities are kept this far from 0 and 1 before their odds are taken."""


def log_odds(probability: float) -> float:
    """Of a probability, kept away from certainty."""
    kept = min(max(probability, NEVER_SURE), 1 - NEVER_SURE)
    return math.log(kept / (1 - kept))


def evidence(probability: FloatMap, channel: int, member: Mask, px_per_mm: float) -> float:
    """Log odds, but for scale and shift, that the mark of class `channel` with the pixels `member` (h, w) is there.

    Of the surer half of its pixels, its extent, and what other classes say; `probability` (C, h, w) shows its bounding
    box alone.
    """
    inner = probability[:, member]
    own = np.sort(inner[channel])
    core = float(own[len(own) // 2 :].mean())
    rival = float(np.delete(inner.mean(axis=1), channel).max(initial=0.0))
    extent_mm = math.hypot(*member.shape) / px_per_mm
    return log_odds(core) + SIZE_WEIGHT * math.log(extent_mm) - RIVAL_WEIGHT * rival


def confidence(told: float, scale: PlattScaling) -> float:
    """0..1 of a mark with the evidence `told`."""
    factor, shift = scale
    return 1 / (1 + math.exp(-(factor * told + shift)))
