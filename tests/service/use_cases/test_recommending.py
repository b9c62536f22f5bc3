"""Next best offers are recorded when shown, and so is what became of them."""

import pytest

from phonegrade.configs.offer_rules import shipped_offer_rules
from phonegrade.core.data_errors import NotFoundError
from phonegrade.journeys.facts import ConsentChange
from phonegrade.journeys.next_best import Experiment
from phonegrade.service.use_cases.recommending import (
    RecommendationAnswer,
    answer_recommendation,
    challenger_uplift,
    recommend,
    summary,
)
from phonegrade.tests.journeys import builders
from phonegrade.tests.service.use_cases.conftest import Shop
from phonegrade.tests.store.example import CASE

RULES = Experiment(shipped_offer_rules("standard"))


def test_an_offer_is_shown_once_and_its_answer_is_summarised(shop: Shop) -> None:
    worn = builders.diagnosed(builders.FunctionalReport(measures={"battery_health_pct": 71.0}), 9, 32)
    shop.add(worn, ConsentChange(**builders.of_case(62, 9), consent=("assessment", "offers")))
    [best] = shop.do(lambda acting: recommend(acting, CASE, RULES, None)).recommendations
    again = shop.do(lambda acting: recommend(acting, CASE, RULES, None)).recommendations
    assert best.offer not in {one.offer for one in again}
    answer = RecommendationAnswer(offer=best.offer, outcome="declined", why="not now")
    shop.do(lambda acting: answer_recommendation(acting, CASE, answer))
    rules = {rule.rule: rule for rule in shop.do(summary).rules}
    assert (rules[best.reason.rule].declined, rules[best.reason.rule].why) == (1, {"not now": 1})


def test_an_answer_needs_an_offer_that_was_shown(shop: Shop) -> None:
    with pytest.raises(NotFoundError):
        shop.do(
            lambda acting: answer_recommendation(acting, CASE, RecommendationAnswer(offer="moon", outcome="accepted"))
        )
    with pytest.raises(ValueError, match="declining needs why"):
        RecommendationAnswer(offer="upgrade", outcome="declined")


def test_the_challenger_is_compared_on_all_cases_of_both_arms(shop: Shop) -> None:
    tried = Experiment(shipped_offer_rules("standard"), shipped_offer_rules("standard"), 1.0)
    alone = shop.do(lambda acting: challenger_uplift(acting, RULES, None))
    assert (alone.challenger, alone.uplift.difference, alone.uplift.champion_cases) == (None, None, 1)
    every = shop.do(lambda acting: challenger_uplift(acting, tried, None))
    assert (every.challenger, every.uplift.challenger_cases, every.uplift.interval) == ("standard", 1, None)
    later = shop.do(lambda acting: challenger_uplift(acting, tried, shop.now))
    assert later.uplift.challenger_cases == 0
    shop.tenant = "other"
    assert shop.do(lambda acting: challenger_uplift(acting, tried, None)).uplift.challenger_cases == 0
