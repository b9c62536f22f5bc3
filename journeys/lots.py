"""What a lot held against what it should hold: pure, and alike for any order in which its phones were scanned."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from phonegrade.core.journey_errors import LotError
from phonegrade.core.strict import Strict
from phonegrade.journeys.device_facts import Asset
from phonegrade.journeys.lot_facts import ExpectedItem, Lot, LotClosed, LotScan, ScanOutcome


class ScannedPhone(NamedTuple):
    """A phone as a scan found it."""

    asset: str | None
    """None: its number is of no confirmed phone."""
    cases: frozenset[str] = frozenset()
    numbered_line: int | None = None
    """The line of the list that expects its number."""
    device: Asset | None = None
    was_scanned: bool = False
    """In this lot, before; of a phone that is not known, by its number."""


class LotLine(Strict):
    """One line of the expected list, and how much of it came."""

    line: int
    item: ExpectedItem
    received: int

    @property
    def short(self) -> int:
        """How many are left."""
        return self.item.count - self.received


class LotCount(Strict):
    """A lot as it stands."""

    expected: int
    received: int
    """Phones on the list that came."""
    unexpected: int
    """Phones that came without being on the list."""
    short: int
    lines: tuple[LotLine, ...]
    closed: bool


def count_lot(lot: Lot, scans: Iterable[LotScan], closed: LotClosed | None) -> LotCount:
    """Return expected against received, line by line; a scan that repeats another counts for nothing."""
    unique = {scan.id: scan for scan in scans}
    by_line = Counter(scan.line for scan in unique.values() if scan.outcome == "received")
    lines = tuple(LotLine(line=index, item=item, received=by_line[index]) for index, item in enumerate(lot.expected))
    return LotCount(
        expected=lot.expected_count,
        received=by_line.total(),
        unexpected=sum(scan.outcome == "unexpected" for scan in unique.values()),
        short=sum(line.short for line in lines),
        lines=lines,
        closed=closed is not None,
    )


def outcome_of(lot: Lot, scans: Sequence[LotScan], phone: ScannedPhone) -> tuple[ScanOutcome, int | None]:
    """Return what a scan comes to, and the line that it counts for.

    The line of the phone's own number or case goes before one of its kind, and of these the one of its storage before
    one that leaves storage open. A phone that is not recognised counts for no line of a kind.
    """
    if phone.was_scanned or (phone.asset is not None and any(scan.asset == phone.asset for scan in scans)):
        return "repeated", None
    taken = Counter(scan.line for scan in scans if scan.outcome == "received")
    open_lines = [index for index, item in enumerate(lot.expected) if taken[index] < item.count]
    ranked = sorted((rank, index) for index in open_lines if (rank := _rank(lot.expected[index], index, phone)))
    return ("received", ranked[0][1]) if ranked else ("unexpected", None)


def refuse_scan(lot: Lot, closed: LotClosed | None) -> None:
    """Raise LotError for a lot of which nothing more is expected."""
    if closed is not None:
        raise LotError(f"lot {lot.reference} is closed; open another for what comes later")


def _rank(item: ExpectedItem, index: int, phone: ScannedPhone) -> int:
    """Return how well a phone fits a line, the best first from 1; 0 where it does not."""
    match item.by:
        case "number":
            return 1 if phone.numbered_line == index else 0
        case "case":
            return 2 if item.case in phone.cases else 0
        case "device":
            if phone.device is None or phone.device.device != item.device:
                return 0
            if item.storage_gb is None:
                return 4
            return 3 if item.storage_gb == phone.device.storage_gb else 0
