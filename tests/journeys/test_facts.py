"""The bundle of facts: of one case, each fact once, and no order of arrival that matters."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from phonegrade.core.functional.report import TestResult
from phonegrade.core.vocabulary import Surface
from phonegrade.journeys.evidence_facts import ReviewedDefect, StoredPhoto
from phonegrade.journeys.facts import ANY_FACT, AnyFact, CaseFacts, ConsentChange, Visit
from phonegrade.tests.journeys.builders import (
    all_pass,
    asset,
    case,
    certificate,
    diagnosed,
    fact_id,
    identifier,
    lock_check,
    moved,
    of_case,
    photo,
    visit,
)

FACTS: tuple[AnyFact, ...] = (
    visit("app"),
    asset(),
    identifier(),
    photo(Surface.FRONT),
    diagnosed(),
    lock_check(),
    moved("ours", 50, 61),
    certificate(),
)


@given(st.permutations(FACTS), st.lists(st.sampled_from(FACTS)))
def test_order_and_repetition_make_no_difference(facts: list[AnyFact], again: list[AnyFact]) -> None:
    bundle = CaseFacts(case=case(), facts=(*facts, *again))
    assert bundle == CaseFacts(case=case(), facts=FACTS)
    assert bundle.sha256 == CaseFacts(case=case(), facts=FACTS).sha256


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.fact)
def test_a_fact_survives_json(fact: AnyFact) -> None:
    assert ANY_FACT.validate_json(fact.model_dump_json()) == fact


def test_one_id_is_one_fact() -> None:
    other = photo(Surface.FRONT).model_copy(update={"size_bytes": 1})
    with pytest.raises(ValidationError, match="two different facts"):
        CaseFacts(case=case(), facts=(photo(Surface.FRONT), other))


def test_facts_of_another_case_or_phone_are_refused() -> None:
    with pytest.raises(ValidationError, match="is of case"):
        CaseFacts(case=case(), facts=(photo(Surface.FRONT).model_copy(update={"case": fact_id(9)}),))
    with pytest.raises(ValidationError, match="is of phone"):
        CaseFacts(case=case(), facts=(lock_check().model_copy(update={"asset": fact_id(9)}),))


def test_a_superseded_fact_is_history() -> None:
    wrong = photo(Surface.FRONT)
    right = photo(Surface.BACK, number=200, at=9).model_copy(update={"supersedes": wrong.id})
    bundle = CaseFacts(case=case(), facts=(right, wrong))
    assert bundle.every(StoredPhoto) == (wrong, right)
    assert bundle.current(StoredPhoto) == (right,)


def test_the_latest_consent_holds() -> None:
    changed = ConsentChange(**of_case(70, 8), consent=("assessment", "offers"))
    assert CaseFacts(case=case()).consent == ("assessment",)
    assert CaseFacts(case=case(), facts=(changed,)).consent == ("assessment", "offers")


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        Visit(**{**visit("app").model_dump(), "at": datetime(2026, 11, 28)})


def test_what_could_not_be_tested_is_never_a_pass() -> None:
    with pytest.raises(ValidationError, match="not testable, yet with a result: nfc"):
        diagnosed(all_pass(), why_not={"nfc": "no Web NFC on this phone"})
    run = diagnosed(all_pass(nfc=TestResult.NOT_RUN), why_not={"nfc": "no Web NFC on this phone"})
    assert run.report.result("nfc") is TestResult.NOT_RUN


def test_a_test_run_holds_no_plain_number() -> None:
    with pytest.raises(ValidationError, match="plain IMEI"):
        diagnosed(all_pass().model_copy(update={"imei": "356938035643809"}))


def test_a_certificate_ends_after_it_starts() -> None:
    good = certificate()
    with pytest.raises(ValidationError, match="is before started_at"):
        type(good)(**{**good.model_dump(), "ended_at": good.started_at, "started_at": good.ended_at})


def test_a_judged_defect_is_a_detection_or_an_outline() -> None:
    judged = {**of_case(71, 8), "review": fact_id(72), "surface": "front", "photo_sha256": "0" * 64, "kind": None}
    assert ReviewedDefect(**judged, defect_id="front-1").kind is None
    with pytest.raises(ValidationError, match="id of a detection"):
        ReviewedDefect(**judged)
