"""Prediction sets over ordered cosmetic grades, and the scores that calibrate their coverage.

Split conformal prediction with the ordinal sets of Lu, Angelopoulos and Pomerantz (2022): grades are taken from the
most probable one outwards, so a set is always a range such as "B or C"; unlike theirs, no draw breaks ties.
"""

import math
from collections.abc import Sequence


def inclusion_order(probability: Sequence[float]) -> list[int]:
    """Return the ranks of all grades in the order of inclusion: the most probable first, then the likelier neighbour.

    Of equal neighbours the one with more probability beyond it comes first, and of equals in that too the worse.
    """
    last = len(probability) - 1
    low = high = max(range(len(probability)), key=lambda rank: (probability[rank], rank))
    order = [low]
    while len(order) <= last:
        worse, better = probability[high + 1 :], probability[:low][::-1]
        if not better or (worse and (worse[0], _mass(worse)) >= (better[0], _mass(better))):
            high += 1
            order.append(high)
        else:
            low -= 1
            order.append(low)
    return order


def score(probability: Sequence[float], true: int) -> float:
    """Return the probability of the grades included before the true one: 0 where the most probable grade is true."""
    order = inclusion_order(probability)
    return _mass([probability[rank] for rank in order[: order.index(true)]])


def prediction_set(probability: Sequence[float], threshold: float) -> tuple[int, ...]:
    """Return the ranks of the grades whose score is at most `threshold`, best first; never empty."""
    order = inclusion_order(probability)
    return tuple(sorted(rank for rank in order if score(probability, rank) <= threshold))


def _mass(parts: Sequence[float]) -> float:
    """Return a sum of probabilities without the last bits, in which sums of equal parts can differ."""
    return min(1.0, round(math.fsum(parts), 9))
