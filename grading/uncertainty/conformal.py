"""Prediction sets over ordered looks, and the scores that make their promise good.

Split conformal prediction with the ordinal sets of Lu, Angelopoulos and Pomerantz (2022): looks are taken from the most
probable one outwards, so that a set is always a range such as "B or C"; unlike theirs, no draw breaks ties.
"""

import math
from collections.abc import Sequence


def taken_in_order(probability: Sequence[float]) -> list[int]:
    """Places of all looks, most probable first, then always the likelier neighbour.

    Of equal neighbours it is the one with more probability beyond it, of equals in that too the worse.
    """
    last = len(probability) - 1
    low = high = max(range(len(probability)), key=lambda place: (probability[place], place))
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
    """Probability of the looks taken before the true one: 0 where the most probable look is true."""
    order = taken_in_order(probability)
    return _mass([probability[place] for place in order[: order.index(true)]])


def prediction_set(probability: Sequence[float], threshold: float) -> tuple[int, ...]:
    """Places of the looks whose score is at most `threshold`, best first; never empty."""
    order = taken_in_order(probability)
    return tuple(sorted(place for place in order if score(probability, place) <= threshold))


def _mass(parts: Sequence[float]) -> float:
    """A sum of probabilities without the last bits, in which sums of equal parts can differ."""
    return min(1.0, round(math.fsum(parts), 9))
