"""What else lies on a surface says something of a mark on it: where there is lint, a scratch is less likely one.

Contextual rescoring, as Felzenszwalb, Girshick, McAllester and Ramanan do it in "Object detection with discriminatively
trained part-based models" (PAMI 2010): the evidence of a mark is raised or lowered by how many marks of other classes
the surface has.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

from phonegrade.inference.defects.confidence import UNFITTED, confidence


class Rescoring(NamedTuple):
    """What is added to the evidence of every mark of one class."""

    shift: float
    """Whatever else there is."""
    others: dict[str, float]
    """By other class, for each natural logarithm of one more than the number of its marks."""


def expected_counts(marks: Iterable[tuple[str, float]]) -> dict[str, float]:
    """How many marks there are by class, of (class, evidence) each; one counts by how likely its evidence makes it."""
    total: dict[str, float] = {}
    for name, evidence in marks:
        total[name] = total.get(name, 0.0) + prior(evidence)
    return total


def prior(evidence: float) -> float:
    """0..1: how much a mark counts."""
    return confidence(evidence, UNFITTED)


def log1p_count(number: float) -> float:
    """What a number of marks is weighed by."""
    return math.log1p(number)


def rescore(context: Rescoring, total: dict[str, float]) -> float:
    """What the numbers of marks by class add to the evidence of one."""
    return context.shift + sum(weight * log1p_count(total.get(name, 0.0)) for name, weight in context.others.items())
