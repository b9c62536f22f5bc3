"""A lot counts expected against received in any order, and a saleable bin is never past a closed gate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from phonegrade.configs.journey import shipped_journey
from phonegrade.configs.put_away_rules import parse_put_away, shipped_put_away
from phonegrade.core.journey_errors import LotError, PutAwayError
from phonegrade.journeys.facts import CaseFacts
from phonegrade.journeys.lot_facts import ExpectedItem, Lot, LotClosed, LotScan
from phonegrade.journeys.lots import ScannedPhone, count_lot, outcome_of, refuse_scan
from phonegrade.journeys.put_away import asked_bin, bin_for
from phonegrade.journeys.resale import resale_gate
from phonegrade.tests.journeys.builders import (
    ASSET,
    AT,
    CASE,
    asset,
    bundle,
    fact_id,
    lock_check,
    minutes,
    whole_trade_in,
)

JOURNEY = shipped_journey("trade_in")
RULES = shipped_put_away()
READY = bundle(*whole_trade_in(JOURNEY.sha256))
NOW = minutes(100)


def lot(*expected: ExpectedItem) -> Lot:
    return Lot(id=fact_id(800), at=AT, by="key-1", reference="L-7", expected=expected)


IPHONES = ExpectedItem(device="Apple iPhone 13", storage_gb=128, count=2)
ANY = ExpectedItem(device="Apple iPhone 13")
OF_CASE = ExpectedItem(by="case", case=CASE)
NUMBERED = ExpectedItem(by="number")


def phone(number: int, device: str | None = "Apple iPhone 13", gb: int | None = 128, **more: object) -> ScannedPhone:
    return ScannedPhone(fact_id(number), device=asset(device, gb, number), **more)  # type: ignore[arg-type]


def scanned(of: Lot, phones: list[ScannedPhone]) -> list[LotScan]:
    scans: list[LotScan] = []
    for index, one in enumerate(phones):
        outcome, line = outcome_of(of, scans, one)
        scans.append(
            LotScan(id=fact_id(900 + index), at=AT, by="key-1", lot=of.id, asset=one.asset, outcome=outcome, line=line)
        )
    return scans


@given(st.permutations([phone(801), phone(802), phone(803, gb=256), phone(804, gb=512), phone(805, None, None)]))
def test_expected_and_received_are_the_same_in_any_order(phones: list[ScannedPhone]) -> None:
    of = lot(IPHONES, ANY)
    count = count_lot(of, scanned(of, phones), None)
    assert (count.expected, count.received, count.unexpected, count.short) == (3, 3, 2, 0)


def test_what_is_short_is_named_by_its_line_and_a_second_scan_counts_for_nothing() -> None:
    of = lot(IPHONES, OF_CASE)
    scans = scanned(of, [phone(801), phone(801)])
    assert [scan.outcome for scan in scans] == ["received", "repeated"]
    count = count_lot(of, [*scans, *scans], None)
    assert [(line.received, line.short) for line in count.lines] == [(1, 1), (0, 1)]
    assert (count.received, count.short, count.closed) == (1, 2, False)


def test_a_phone_counts_for_its_own_number_and_case_before_its_kind() -> None:
    of = lot(ANY, OF_CASE, NUMBERED)
    assert outcome_of(of, [], phone(801, numbered_line=2, cases=frozenset({CASE}))) == ("received", 2)
    assert outcome_of(of, [], phone(801, cases=frozenset({CASE}))) == ("received", 1)
    assert outcome_of(of, [], phone(801)) == ("received", 0)
    assert outcome_of(of, [], ScannedPhone(None)) == ("unexpected", None)
    assert outcome_of(of, [], ScannedPhone(None, numbered_line=2, was_scanned=True)) == ("repeated", None)


def test_a_closed_lot_takes_no_scan() -> None:
    closed = LotClosed(id=fact_id(950), at=AT, by="key-1", lot=lot().id, received=0, short=0, unexpected=0)
    refuse_scan(lot(), None)
    with pytest.raises(LotError, match="lot L-7 is closed; open another"):
        refuse_scan(lot(), closed)


@pytest.mark.parametrize(
    "members",
    [{}, {"device": "x", "case": CASE}, {"by": "case"}, {"by": "number", "count": 2}, {"by": "number", "device": "x"}],
)
def test_a_line_goes_by_one_thing(members: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ExpectedItem(**members)  # type: ignore[arg-type]


def chosen(facts: CaseFacts) -> tuple[str, bool]:
    choice = bin_for(facts, resale_gate(facts, JOURNEY, NOW), RULES)
    return choice.bin, choice.saleable


def test_the_first_rule_that_applies_gives_the_bin() -> None:
    assert chosen(READY) == ("stock-a", True)
    locked = READY.with_facts([lock_check(95, 43, activation="on")])
    assert chosen(locked) == ("quarantine-locks", False)
    unerased = CaseFacts(case=READY.case, facts=tuple(f for f in READY.facts if f.fact != "erasure_certificate"))
    assert chosen(unerased) == ("erasure", False)
    assert chosen(bundle()) == ("erasure", False)


FILE = """
name: own
version: 1.0.0
description: bins
rules:
  - {rule: all, bin: stock, saleable: true, when: {custody: [ours]}, source: our reading}
otherwise: rest
"""


def test_a_rule_that_forgets_the_gate_does_not_open_it() -> None:
    rules = parse_put_away(FILE.encode(), "own.yaml")
    blocked = READY.with_facts([lock_check(95, 43, blocklist="unknown")])
    assert bin_for(READY, resale_gate(READY, JOURNEY, NOW), rules).bin == "stock"
    assert bin_for(blocked, resale_gate(blocked, JOURNEY, NOW), rules).bin == "rest"
    assert asked_bin("stock", rules).saleable
    with pytest.raises(PutAwayError, match="no bin 'stok'; the nearest is 'stock'"):
        asked_bin("stok", rules)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("otherwise: rest", "otherwise: stock", "may not be sold too"),
        ("saleable: true", "salable: true", "own.yaml:6.*unknown key; the nearest valid one is 'saleable'"),
        ("custody: [ours]", "custody: [owrs]", "nearest valid one is 'ours'"),
    ],
)
def test_a_wrong_file_is_refused_with_line_and_word(before: str, after: str, message: str) -> None:
    with pytest.raises(PutAwayError, match=message):
        parse_put_away(FILE.replace(before, after).encode(), "own.yaml")


def test_the_asset_of_the_example_is_the_phone() -> None:
    assert READY.case.asset == ASSET
