"""Lots in a warehouse: what should come, what does, and where it is put away."""

from typing import Annotated, Any, Self

from pydantic import Field, PositiveInt, model_validator

from phonegrade.configs.put_away_rules import PutAwayRules
from phonegrade.core.data_errors import NotFoundError
from phonegrade.core.errors import UsageError
from phonegrade.core.strict import Strict
from phonegrade.journeys.evidence import device_of
from phonegrade.journeys.fact import FactId, Label, Utc
from phonegrade.journeys.facts import AnyFact, Visit
from phonegrade.journeys.lot_facts import ExpectedItem, Lot, LotClosed, LotItem, LotScan, ScanOutcome
from phonegrade.journeys.lots import LotCount, ScannedPhone, count_lot, outcome_of, refuse_scan
from phonegrade.journeys.put_away import BinChoice, asked_bin, bin_for
from phonegrade.journeys.resale import ResaleGate
from phonegrade.service.use_cases.acting import Acting
from phonegrade.service.use_cases.phones import refuse_resale
from phonegrade.store.assets import cases_of, find_by_hash, root_of
from phonegrade.store.cases import StoredCase
from phonegrade.store.columns import new_id
from phonegrade.store.lots import (
    StoredLot,
    add_lot,
    add_scan,
    close_lot,
    load_lot,
    lock_lot,
    number_in_lot,
)

MOST_LINES = 2000
Number = Annotated[str, Field(min_length=4, max_length=64)]


class ExpectedPhones(Strict):
    """One line of the list: a device and how many, the phone of a case, or one phone by its number."""

    device: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    storage_gb: PositiveInt | None = None
    count: Annotated[int, Field(ge=1, le=100_000)] = 1
    case: FactId | None = None
    identifier: Number | None = None
    """Kept as a keyed hash alone."""

    @model_validator(mode="after")
    def _goes_by_one(self) -> Self:
        if sum(one is not None for one in (self.device, self.case, self.identifier)) != 1:
            raise ValueError("give exactly one of device, case and identifier")
        return self

    def item(self) -> ExpectedItem:
        """Return it as the lot's fact holds it. Raises ValidationError."""
        by = "device" if self.device is not None else "case" if self.case is not None else "number"
        return ExpectedItem(
            by=by,  # type: ignore[arg-type]
            device=self.device,
            storage_gb=self.storage_gb,
            case=self.case,
            count=self.count,
        )


class NewLot(Strict):
    """A delivery, and what it should hold."""

    reference: Label
    expected: Annotated[tuple[ExpectedPhones, ...], Field(max_length=MOST_LINES)] = ()


class NewScan(Strict):
    """A phone of the lot, by its number, its id or its case; and whether it is put away at once."""

    identifier: Number | None = None
    asset: FactId | None = None
    case: FactId | None = None
    put_away: bool = False
    bin: Label | None = None
    """To put it elsewhere than the rules say."""
    site: Label | None = None

    @model_validator(mode="after")
    def _goes_by_one(self) -> Self:
        if sum(one is not None for one in (self.identifier, self.asset, self.case)) != 1:
            raise ValueError("give exactly one of identifier, asset and case")
        if self.bin is not None and not self.put_away:
            raise ValueError("bin is for put_away: true")
        return self


class LotView(Strict):
    """A lot and how much of it has come."""

    lot: FactId
    reference: str
    at: Utc
    count: LotCount
    stored: dict[str, int]
    """Phones by the bin that they were last put into."""


class ScanAnswer(Strict):
    """What a scan came to."""

    scan: FactId
    outcome: ScanOutcome
    line: int | None
    asset: FactId | None
    """None: nobody has confirmed this number; open a case for the phone."""
    bin: BinChoice | None
    """Where the phone goes, or lies where it was put away; None for one that is not known."""
    put_away: bool
    gate: ResaleGate | None
    count: LotCount


class LotPage(Strict):
    """Lots, newest first."""

    lots: tuple[LotView, ...]
    next: FactId | None
    """What `before` names for the next page; None on the last."""


def new_lot(acting: Acting, body: NewLot) -> LotView:
    """Announce a lot. Raises UsageError for a number that is none, or that two lines expect, and for unknown cases."""
    items = tuple(one.item() for one in body.expected)
    numbers: dict[int, str] = {}
    for line, one in enumerate(body.expected):
        if one.case is not None:
            acting.load(one.case)
        if one.identifier is not None:
            numbers[line] = acting.vault.hashed(acting.tenant, one.identifier).hmac
    if len(set(numbers.values())) != len(numbers):
        raise UsageError("expected: two lines name one number")
    lot = Lot(id=new_id(acting.now), at=acting.now, by=acting.by, reference=body.reference, expected=items)
    add_lot(acting.connection, acting.tenant, lot, numbers, acting.now)
    return view_of(StoredLot(lot, (), None))


def scan(acting: Acting, lot_id: str, body: NewScan, rules: PutAwayRules) -> ScanAnswer:
    """Count a phone of a lot and, where asked, put it away.

    Raises LotError for a closed lot, PutAwayError for an unknown bin, ResaleBlockedError where a bin is one that
    phones are sold from and the gate is closed: then nothing of the scan is kept.
    """
    stored = lock_lot(acting.connection, acting.tenant, lot_id)
    refuse_scan(stored.lot, stored.closed)
    hmac = None if body.identifier is None else acting.vault.hashed(acting.tenant, body.identifier).hmac
    case = _find(acting, body, hmac)
    known = None if hmac is None else number_in_lot(acting.connection, acting.tenant, lot_id, hmac)
    phone = ScannedPhone(
        asset=None if case is None else case.facts.case.asset,
        cases=frozenset() if case is None else frozenset(_cases_of(acting, case)),
        numbered_line=None if known is None else known.line,
        device=None if case is None else device_of(case.facts),
        was_scanned=known is not None and known.was_scanned,
    )
    outcome, line = outcome_of(stored.lot, _of_roots(acting, stored.scans), phone)
    fact = LotScan(**_fresh(acting), lot=lot_id, asset=phone.asset, outcome=outcome, line=line)
    add_scan(acting.connection, acting.tenant, fact, hmac, acting.now)
    choice = None if case is None else _choice(acting, case, body, rules)
    if body.put_away:
        if case is None or choice is None:
            raise NotFoundError("nobody has confirmed this number, so the phone cannot be put away; open a case for it")
        _put_away(acting, case, fact, choice, body)
    return ScanAnswer(
        scan=fact.id,
        outcome=outcome,
        line=line,
        asset=phone.asset,
        bin=choice,
        put_away=body.put_away,
        gate=None if case is None else acting.gate(case.facts),
        count=count_lot(stored.lot, (*stored.scans, fact), None),
    )


def close(acting: Acting, lot_id: str) -> LotView:
    """Expect nothing more of a lot; what it is short of becomes an event. Raises LotError for one that is closed."""
    stored = lock_lot(acting.connection, acting.tenant, lot_id)
    refuse_scan(stored.lot, stored.closed)
    count = count_lot(stored.lot, stored.scans, None)
    fact = LotClosed(
        **_fresh(acting), lot=lot_id, received=count.received, short=count.short, unexpected=count.unexpected
    )
    close_lot(acting.connection, acting.tenant, fact, acting.now)
    return view_of(stored._replace(closed=fact))


def read_lot(acting: Acting, lot_id: str) -> LotView:
    """Return a lot. Raises NotFoundError."""
    return view_of(load_lot(acting.connection, acting.tenant, lot_id))


def view_of(stored: StoredLot) -> LotView:
    """Return a lot as it stands."""
    last = {item.asset: item.bin for item in stored.items}
    return LotView(
        lot=stored.lot.id,
        reference=stored.lot.reference,
        at=stored.lot.at,
        count=count_lot(stored.lot, stored.scans, stored.closed),
        stored={name: sum(one == name for one in last.values()) for name in sorted(set(last.values()))},
    )


def _fresh(acting: Acting) -> dict[str, Any]:
    return {"id": new_id(acting.now), "at": acting.now, "by": acting.by}


def _find(acting: Acting, body: NewScan, hmac: str | None) -> StoredCase | None:
    """Return the case that decides on the scanned phone; None for a number that nobody confirmed."""
    if body.case is not None:
        asset = acting.load(body.case).facts.case.asset
        if asset is None:
            raise NotFoundError(f"case {body.case} has no phone yet; identify it first")
        return acting.case_of_phone(asset)
    asset = body.asset
    if hmac is not None:
        asset = find_by_hash(acting.connection, acting.tenant, hmac)
    return None if asset is None else acting.case_of_phone(asset)


def _cases_of(acting: Acting, case: StoredCase) -> list[str]:
    asset = case.facts.case.asset
    return [] if asset is None else cases_of(acting.connection, acting.tenant, asset)


def _of_roots(acting: Acting, scans: tuple[LotScan, ...]) -> tuple[LotScan, ...]:
    """Return scans under the ids that their phones go by now: two may have turned out to be one."""
    roots = {one: root_of(acting.connection, acting.tenant, one) for one in {scan.asset for scan in scans} if one}
    return tuple(one if one.asset is None else one.model_copy(update={"asset": roots[one.asset]}) for one in scans)


def _choice(acting: Acting, case: StoredCase, body: NewScan, rules: PutAwayRules) -> BinChoice:
    if body.bin is not None:
        return asked_bin(body.bin, rules)
    return bin_for(case.facts, acting.gate(case.facts), rules)


def _put_away(acting: Acting, case: StoredCase, scan: LotScan, choice: BinChoice, body: NewScan) -> None:
    if choice.saleable:
        refuse_resale(acting, case.facts)
    here = [one for one in case.facts.every(Visit) if one.channel == "warehouse"]
    stamp = _fresh(acting)
    facts: list[AnyFact] = []
    if not here:
        here = [Visit(**stamp, case=case.facts.case.id, channel="warehouse", site=body.site)]
        facts += here
    item = LotItem(
        **{**_fresh(acting), "visit": here[-1].id},
        asset=case.facts.case.asset or "",
        lot=scan.lot,
        bin=choice.bin,
        saleable=choice.saleable,
        site=body.site,
    )
    acting.add(case, *facts, item)
