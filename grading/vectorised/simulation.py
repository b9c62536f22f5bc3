"""What a change of policy would do to devices that were graded before."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from pydantic import NonNegativeInt

from phonegrade.core.arrays import Floats
from phonegrade.core.strict import Strict
from phonegrade.grading.decision import PolicyRef

_SHOWN = 3


class Move(Strict):
    """Devices that go from one grade to another; a status stands where there is no grade."""

    before: str
    after: str
    devices: NonNegativeInt
    value: float
    """Change of their value, in the unit of the prices; 0 where a grade is won or lost."""
    examples: tuple[str, ...]
    """Ids of the first few."""


class Simulation(Strict):
    """The whole change."""

    before: PolicyRef | None
    """None: the grade that each device was stored with."""
    after: PolicyRef
    devices: NonNegativeInt
    moved: NonNegativeInt
    gained: float
    """Total gain of the devices whose value rises."""
    lost: float
    """Total loss of the devices whose value falls, as a positive number."""
    grades_won: NonNegativeInt
    grades_lost: NonNegativeInt
    value_withheld: float
    """Former value of the devices that lose their grade."""
    unpriced: NonNegativeInt
    """Devices without a stored price; each counts at the typical price."""
    moves: tuple[Move, ...]
    """Most devices first."""


@dataclass(frozen=True)
class Graded:
    """N devices as one policy grades them."""

    grade: NDArray[np.str_]
    value_share: Floats
    """Share of the price of the best grade; NaN without a grade."""


@dataclass
class Tally:
    """Running totals over batches of devices."""

    devices: int = 0
    unpriced: int = 0
    count: Counter[tuple[str, str]] = field(default_factory=Counter)
    value: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    gained: float = 0.0
    lost: float = 0.0
    won: int = 0
    grades_lost: int = 0
    withheld: float = 0.0

    def add(self, ids: NDArray[np.str_], price: Floats, before: Graded, after: Graded, typical_price: float) -> None:
        """Add devices by id; `price` is that of the best grade, NaN where `typical_price` stands in."""
        paid = np.where(np.isnan(price), typical_price, price)
        change = np.nan_to_num(paid * (after.value_share - before.value_share))
        had, has = ~np.isnan(before.value_share), ~np.isnan(after.value_share)
        self.devices += len(ids)
        self.unpriced += int(np.isnan(price).sum())
        self.gained += float(change[change > 0].sum())
        self.lost -= float(change[change < 0].sum())
        self.won += int((has & ~had).sum())
        self.grades_lost += int((had & ~has).sum())
        self.withheld += float((paid * np.nan_to_num(before.value_share))[had & ~has].sum())
        moved = np.flatnonzero(before.grade != after.grade)
        pairs = np.char.add(np.char.add(before.grade[moved], "\n"), after.grade[moved])
        for pair in np.unique(pairs):
            rows = moved[pairs == pair]
            one, other = str(pair).split("\n")
            self.count[one, other] += len(rows)
            self.value[one, other] += change[rows].sum()
            shown = self.examples.setdefault((one, other), [])
            shown.extend(str(name) for name in ids[rows[: _SHOWN - len(shown)]])

    def result(self, before: PolicyRef | None, after: PolicyRef) -> Simulation:
        """Return the totals of everything added so far."""
        moves = [
            Move(
                before=pair[0],
                after=pair[1],
                devices=count,
                value=float(self.value[pair]),
                examples=tuple(self.examples[pair]),
            )
            for pair, count in self.count.most_common()
        ]
        return Simulation(
            before=before,
            after=after,
            devices=self.devices,
            moved=self.count.total(),
            gained=self.gained,
            lost=self.lost,
            grades_won=self.won,
            grades_lost=self.grades_lost,
            value_withheld=self.withheld,
            unpriced=self.unpriced,
            moves=tuple(moves),
        )
