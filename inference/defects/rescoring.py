"""Rescores a detection by what else lies on its surface: where there is lint, a scratch is less likely one.

Contextual rescoring, as Felzenszwalb, Girshick, McAllester and Ramanan do it in "Object detection with discriminatively
trained part-based models" (PAMI 2010): the evidence of a detection is raised or lowered by how many of other
classes the surface has.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

from phonegrade.inference.defects.confidence import UNFITTED, confidence


class Rescoring(NamedTuple):
    """What is added to the evidence of every detection of one class."""

    shift: float
    """Whatever else there is."""
    others: dict[str, float]
    """By other class, for each natural logarithm of one more than the number of its detections."""


def expected_counts(detections: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Return how many detections (class, evidence) there are by class; each counts by how likely it is."""
    counts: dict[str, float] = {}
    for name, evidence in detections:
        counts[name] = counts.get(name, 0.0) + prior(evidence)
    return counts


def prior(evidence: float) -> float:
    """Return how much a detection with this evidence counts, 0..1."""
    return confidence(evidence, UNFITTED)


def log1p_count(number: float) -> float:
    """Return what a number of detections is weighed by."""
    return math.log1p(number)


def rescore(context: Rescoring, counts: dict[str, float]) -> float:
    """Return what the counts by class add to the evidence of one detection."""
    return context.shift + sum(weight * log1p_count(counts.get(name, 0.0)) for name, weight in context.others.items())
