"""Why an assessment is reviewed, by whom it may be, and that asking again changes neither."""

from collections.abc import Callable

import pytest

from phonegrade.configs.journey import shipped_journey
from phonegrade.core.data_errors import FactConflictError
from phonegrade.grading.decision import Certainty
from phonegrade.journeys.evidence_facts import AssessmentRevision
from phonegrade.journeys.review_rules import barred, is_drawn, refuse_reviewer, wanted_for_price, wanted_reviews
from phonegrade.tests.journeys.builders import (
    OTHER_HMAC,
    assessment,
    bundle,
    fact_id,
    identifier,
    quote,
    review,
    review_request,
)

JOURNEY = shipped_journey("trade_in")
SHOP = assessment(2, 25, "warehouse")


def certain(probability: float) -> AssessmentRevision:
    names = {"A": probability, "B": 1 - probability}
    certainty = Certainty(
        probability=names, prediction_set=("A",), coverage=None, expected_cost=names, cheapest="A", draws=1, seed=1
    )
    return assessment(2, 25, "warehouse", certainty=certainty, cosmetic_grade="A")


@pytest.mark.parametrize(
    ("revision", "reasons"),
    [
        (lambda: SHOP, ()),
        (lambda: assessment(1, 10, "app", needs_review=True), ("uncertain",)),
        (lambda: certain(0.45), ("near_limit",)),
        (lambda: certain(0.55), ()),
    ],
)
def test_the_reason_follows_from_the_decision(
    revision: Callable[[], AssessmentRevision], reasons: tuple[str, ...]
) -> None:
    assert wanted_reviews(bundle(), revision(), JOURNEY, 0.0) == reasons


def test_numbers_that_contradict_each_other_want_a_person() -> None:
    facts = bundle(identifier(), identifier(OTHER_HMAC, number=22))
    assert wanted_reviews(facts, SHOP, JOURNEY, 0.0) == ("identity",)


def test_an_audit_is_drawn_once_a_case_and_only_with_the_phone_at_hand() -> None:
    assert wanted_reviews(bundle(), SHOP, JOURNEY, 1.0) == ("audit",)
    assert wanted_reviews(bundle(), assessment(), JOURNEY, 1.0) == ()
    assert wanted_reviews(bundle(SHOP, review_request(SHOP, "audit")), SHOP, JOURNEY, 1.0) == ()


@pytest.mark.parametrize("share", [0.02, 0.05, 0.5])
def test_a_share_is_drawn_and_stays_drawn(share: float) -> None:
    names = [fact_id(number) for number in range(4000)]
    drawn = {name for name in names if is_drawn("audit", name, share)}
    assert abs(len(drawn) / 4000 - share) < 0.02
    assert drawn <= {name for name in names if is_drawn("audit", name, share + 0.1)}
    assert drawn == {name for name in reversed(names) if is_drawn("audit", name, share)}


def test_above_the_price_two_persons_are_asked_and_no_third() -> None:
    dear = quote(SHOP, 35, amount="900.00")
    assert wanted_for_price(bundle(SHOP), quote(SHOP, 35, amount="799.99"), JOURNEY) == 0
    assert wanted_for_price(bundle(SHOP), dear, JOURNEY) == 2
    asked = [review_request(SHOP, "price", number) for number in (201, 202)]
    assert wanted_for_price(bundle(SHOP, asked[0]), dear, JOURNEY) == 1
    assert wanted_for_price(bundle(SHOP, *asked), dear, JOURNEY) == 0
    first = review(SHOP, "accepted", reason="price").model_copy(update={"request": asked[0].id})
    assert wanted_for_price(bundle(SHOP, *asked, first), dear, JOURNEY) == 0
    assert wanted_for_price(bundle(SHOP, review(SHOP, "accepted")), dear, JOURNEY) == 1
    assert wanted_for_price(bundle(assessment()), quote(assessment(), amount="900.00"), JOURNEY) == 0


def test_nobody_answers_a_price_twice_nor_a_second_opinion_they_asked_for() -> None:
    price, uncertain = review_request(SHOP, "price", 201), review_request(SHOP, "uncertain", 202)
    accepted, doubted = review(SHOP, "accepted"), review(SHOP, "second_opinion", number=82)
    assert barred(price, bundle(SHOP, accepted)) == {"key-1"}
    assert barred(uncertain, bundle(SHOP, accepted)) == frozenset()
    assert barred(uncertain, bundle(SHOP, doubted)) == {"key-1"}
    with pytest.raises(FactConflictError, match="somebody else"):
        refuse_reviewer(price, bundle(SHOP, accepted), "key-1")
    refuse_reviewer(price, bundle(SHOP, accepted), "key-2")
