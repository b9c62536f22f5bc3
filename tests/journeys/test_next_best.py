"""The next best offer: known to be true, agreed to, not too often; and what became of it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phonegrade.configs.offer_rules import load_offers
from phonegrade.core.vocabulary import DefectKind, Surface
from phonegrade.journeys.deal_facts import OfferOutcome
from phonegrade.journeys.device_facts import Holding
from phonegrade.journeys.facts import AnyFact, ConsentChange
from phonegrade.journeys.next_best import (
    Experiment,
    arm_of,
    newcombe_interval,
    recommendations,
    summarise,
    uplift,
    wilson_interval,
)
from phonegrade.tests.grading.builders import defect, inspection, phone
from phonegrade.tests.journeys.builders import (
    all_pass,
    assessment,
    bundle,
    case,
    diagnosed,
    fact_id,
    minutes,
    of_asset,
    of_case,
)

STANDARD, CHALLENGER = load_offers("standard"), load_offers("battery_first")
ALONE = Experiment(STANDARD)
NOW = minutes(60)
AGREED = ConsentChange(**of_case(70, 1), consent=("assessment", "offers"))


def holding(owned_since: date = date(2024, 6, 1), *, upgrade: bool = True, cover: str = "none") -> Holding:
    return Holding(
        **of_asset(71, 2),
        owned_since=owned_since,
        cover=cover,  # type: ignore[arg-type]
        eligible={"upgrade": upgrade},
        source="operator",
    )


def outcome(what: str, number: int, at: float = 10, of: str | None = None, **more: object) -> OfferOutcome:
    given = {"offer": "upgrade", "rule": "upgrade_age", "ruleset_sha256": STANDARD.sha256, **more}
    own = of_case(number, at)
    return OfferOutcome(**{**own, "case": of or own["case"]}, outcome=what, **given)  # type: ignore[arg-type]


def offered(*facts: AnyFact, experiment: Experiment = ALONE, now: object = NOW) -> list[str]:
    return [one.reason.rule for one in recommendations(bundle(*facts), experiment, "app", now)]  # type: ignore[arg-type]


def test_a_phone_of_age_and_an_eligible_customer_lead_to_an_upgrade() -> None:
    (one,) = recommendations(bundle(AGREED, holding()), ALONE, "app", NOW)
    assert (one.offer, one.reason.rule, one.reason.evidence) == ("upgrade", "upgrade_age", (holding().id,))
    assert "two to three years" in one.reason.text


@pytest.mark.parametrize(
    "facts",
    [
        (holding(),),
        (AGREED,),
        (AGREED, holding(upgrade=False)),
        (AGREED, holding(date(2025, 6, 1))),
        (AGREED, holding(date(2020, 6, 1))),
    ],
    ids=["no consent", "nothing known", "not eligible", "too young", "too old"],
)
def test_what_is_not_agreed_known_or_true_is_not_offered(facts: tuple[AnyFact, ...]) -> None:
    assert offered(*facts) == []


def test_the_months_are_whole_and_both_ends_count() -> None:
    assert offered(AGREED, holding(date(2024, 11, 28))) == ["upgrade_age"]
    assert offered(AGREED, holding(date(2024, 11, 29))) == []
    assert offered(AGREED, holding(date(2023, 10, 29))) == ["upgrade_age"]
    assert offered(AGREED, holding(date(2023, 10, 28))) == []


def test_one_offer_is_shown_once_and_the_greatest_priority_first() -> None:
    crack = phone((Surface.FRONT, inspection(Surface.FRONT, (defect("c1", DefectKind.CRACK, 30.0),))))
    cracked = assessment(inspections=crack)
    assert offered(AGREED, holding(), cracked) == ["cracked_at_upgrade_age", "cracked"]
    assert offered(holding(cover="insured"), cracked) == ["cracked_and_insured"]


def test_the_cool_down_holds_and_an_accepted_offer_never_comes_again() -> None:
    shown = outcome("shown", 72)
    assert offered(AGREED, holding(), shown) == []
    later = shown.at + timedelta(days=90)
    assert offered(AGREED, holding(), shown, now=later) == ["upgrade_age"]
    assert offered(AGREED, holding(), shown, outcome("accepted", 73), now=later) == []


def test_the_arm_of_a_case_is_lasting_and_its_share_is_kept() -> None:
    experiment = Experiment(STANDARD, CHALLENGER, 0.3)
    arms = [arm_of(fact_id(number), experiment) for number in range(4000)]
    assert arms == [arm_of(fact_id(number), experiment) for number in range(4000)]
    assert 0.27 < arms.count("challenger") / len(arms) < 0.33
    assert {arm_of(fact_id(number), Experiment(STANDARD, CHALLENGER, 0.0)) for number in range(99)} == {"champion"}
    assert {arm_of(fact_id(number), Experiment(STANDARD, CHALLENGER, 1.0)) for number in range(99)} == {"challenger"}


def test_the_challengers_rules_hold_for_its_cases() -> None:
    worn = diagnosed(all_pass().model_copy(update={"measures": {"battery_health_pct": 70.0}}))
    everybody = Experiment(STANDARD, CHALLENGER, 1.0)
    assert offered(AGREED, holding(), worn) == ["worn_battery", "upgrade_age"]
    assert offered(AGREED, holding(), worn, experiment=everybody) == ["worn_at_upgrade_age", "worn_battery"]


OUTCOMES = [
    outcome("shown", 1, of=fact_id(1)),
    outcome("declined", 2, 11, of=fact_id(1), why="too dear"),
    outcome("shown", 3, of=fact_id(2)),
    outcome("accepted", 4, 11, of=fact_id(2)),
    outcome("shown", 5, 12, of=fact_id(2)),
    outcome("shown", 6, of=fact_id(3)),
]


@given(st.permutations(OUTCOMES), st.lists(st.sampled_from(OUTCOMES)))
def test_a_summary_counts_each_case_once_in_any_order(outcomes: list[OfferOutcome], again: list[OfferOutcome]) -> None:
    (summary,) = summarise([*outcomes, *again])
    assert (summary.shown, summary.accepted, summary.declined, summary.why) == (3, 1, 1, {"too dear": 1})


def test_an_uplift_counts_all_cases_of_an_arm() -> None:
    experiment = Experiment(STANDARD, CHALLENGER, 0.5)
    cases = [fact_id(number) for number in range(400)]
    challenged = [one for one in cases if arm_of(one, experiment) == "challenger"]
    accepted = [outcome("accepted", 1000 + at, of=one) for at, one in enumerate(challenged[:60])]
    result = uplift(accepted, cases, experiment)
    assert (result.champion_accepted, result.challenger_accepted) == (0, 60)
    assert result.champion_cases + result.challenger_cases == 400
    assert result.difference == pytest.approx(60 / len(challenged))
    assert result.interval is not None
    assert result.interval[0] > 0
    assert uplift([], cases, Experiment(STANDARD)).interval is None


def test_the_intervals_are_the_published_ones() -> None:
    # Newcombe 1998, table II: 56/70 - 48/80 and 9/10 - 3/10, method 10
    assert newcombe_interval((56, 70), (48, 80)) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert newcombe_interval((9, 10), (3, 10)) == pytest.approx((0.1705, 0.8090), abs=5e-5)
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_a_case_without_offers_consent_sees_only_what_it_needs_none_for() -> None:
    assert case().consent == ("assessment",)
    assert all(not rule.needs_consent for rule in STANDARD.offers if rule.offer == "claim")
