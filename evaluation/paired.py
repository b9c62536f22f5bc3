"""Paired tests: two sets of models answer for the same photos, and only the answers that differ count.

After McNemar, "Note on the sampling error of the difference between correlated proportions" (Psychometrika, 1947),
exact as in Fisher's sign-flip test (The Design of Experiments, 1935), of which it is the case of one answer a unit.
Several answers of one unit, such as the same photo under thirteen corruptions, flip together. Holm, "A simple
sequentially rejective multiple test procedure" (1979), where many tests are made at once.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from phonegrade.core.strict import Strict


class PairedAnswer(NamedTuple):
    """Whether one thing asked for was answered rightly, before and after."""

    unit: str
    """What cannot be told apart from chance: answers of one unit flip together."""
    what: str
    """Names the thing for a reader."""
    before: bool
    after: bool


class PairedTest(Strict):
    """Answers that differ between two sets of models."""

    name: str
    answers: int
    lost: int
    """Right before, wrong after."""
    gained: int
    p: float
    """Two-sided chance of so many more flips one way than the other, if both were as good."""
    is_pooled: bool
    """It is tested by itself; else it is one of many that are tested at once, and `p` is adjusted for their number."""
    lost_on: tuple[str, ...]
    gained_on: tuple[str, ...]

    def loses(self, significance: float) -> bool:
        """Return whether more is lost than chance explains."""
        return self.lost > self.gained and self.p < significance

    def gains(self, significance: float) -> bool:
        """Return whether more is gained than chance explains."""
        return self.gained > self.lost and self.p < significance


def paired_test(name: str, answers: Sequence[PairedAnswer], *, is_pooled: bool) -> PairedTest:
    """Test the answers that differ."""
    lost = tuple(one.what for one in answers if one.before and not one.after)
    gained = tuple(one.what for one in answers if one.after and not one.before)
    net: dict[str, int] = defaultdict(int)
    for one in answers:
        net[one.unit] += int(one.after) - int(one.before)
    return PairedTest(
        name=name,
        answers=len(answers),
        lost=len(lost),
        gained=len(gained),
        p=sign_flip_p(list(net.values())),
        is_pooled=is_pooled,
        lost_on=lost,
        gained_on=gained,
    )


def sign_flip_p(differences: Sequence[int]) -> float:
    """Return the chance that the sum of whole `differences` is as far from 0, if each had either sign alike; exact."""
    sizes = [abs(one) for one in differences if one]
    reach = sum(sizes)
    chance = np.zeros(2 * reach + 1)
    chance[reach] = 1.0
    for size in sizes:
        chance = 0.5 * (np.roll(chance, size) + np.roll(chance, -size))
    sums = np.arange(-reach, reach + 1)
    return float(min(1.0, chance[np.abs(sums) >= abs(sum(differences))].sum()))


def adjusted(tests: Sequence[PairedTest]) -> tuple[PairedTest, ...]:
    """Return the tests, those that are not pooled with Holm's p."""
    order = sorted((one.p, at) for at, one in enumerate(tests) if not one.is_pooled)
    answers, greatest = list(tests), 0.0
    for rank, (p, at) in enumerate(order):
        greatest = max(greatest, min(1.0, p * (len(order) - rank)))
        answers[at] = tests[at].model_copy(update={"p": greatest})
    return tuple(answers)
