"""Facts of a warehouse: what a lot should hold, what was scanned of it, where it was put away, and its end."""

from typing import Annotated, Literal, Self

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from phonegrade.core.strict import Strict
from phonegrade.journeys.fact import AssetFact, Fact, FactId, Label

ScanOutcome = Literal["received", "unexpected", "repeated"]
"""It is on the list and was not scanned before; it is not on the list, or more than the list has; it was scanned."""
ExpectedBy = Literal["device", "case", "number"]


class ExpectedItem(Strict):
    """One line of what a lot should hold: phones of a kind, the phone of a case, or one phone by its number.

    A number itself is kept beside the fact, as a keyed hash that is forgotten with its phone.
    """

    by: ExpectedBy = "device"
    device: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    storage_gb: PositiveInt | None = None
    """Of phones of a kind; None leaves it open."""
    case: FactId | None = None
    count: Annotated[int, Field(ge=1, le=100_000)] = 1

    @model_validator(mode="after")
    def _names_what_it_goes_by(self) -> Self:
        given = {"device": self.device is not None, "case": self.case is not None, "number": False}
        if any(is_given != (self.by == name) for name, is_given in given.items() if name != "number"):
            raise ValueError(f"a line by {self.by} names {'no device and no case' if self.by == 'number' else self.by}")
        if self.by != "device" and (self.count != 1 or self.storage_gb is not None):
            raise ValueError("a line of one phone has no count and no storage")
        return self


class Lot(Fact):
    """A delivery of many phones and what it should hold."""

    fact: Literal["lot"] = "lot"
    reference: Label
    """The operator's own, such as a delivery note's number."""
    expected: tuple[ExpectedItem, ...] = ()

    @property
    def expected_count(self) -> int:
        """Phones that it should hold."""
        return sum(item.count for item in self.expected)


class LotScan(Fact):
    """A phone was scanned as part of a lot."""

    fact: Literal["lot_scan"] = "lot_scan"
    lot: FactId
    asset: FactId | None = None
    """None: a number that no case has confirmed."""
    outcome: ScanOutcome
    line: NonNegativeInt | None = None
    """Of the expected list, that it counts for."""


class LotItem(AssetFact):
    """A phone of a lot was put away."""

    fact: Literal["lot_item"] = "lot_item"
    lot: FactId
    bin: Label
    saleable: bool
    """Whether what lies there may be sold: the resale gate was open."""
    site: Label | None = None


class LotClosed(Fact):
    """Nothing more of a lot is expected; what is left open is what it is short of."""

    fact: Literal["lot_closed"] = "lot_closed"
    lot: FactId
    received: NonNegativeInt
    short: NonNegativeInt
    unexpected: NonNegativeInt
