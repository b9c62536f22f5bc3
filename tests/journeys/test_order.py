"""Decisions keep the journey's order: what is next is let, and nothing is let before what it comes after."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phonegrade.configs.journey import shipped_journey
from phonegrade.configs.journey_parts import StepName
from phonegrade.core.journey_errors import CaseExpiredError, StepOrderError
from phonegrade.journeys.facts import CaseFacts
from phonegrade.journeys.order import refuse_step
from phonegrade.journeys.status import open_steps, status_of
from phonegrade.tests.journeys.builders import bundle, case, minutes, whole_trade_in

JOURNEY = shipped_journey("trade_in")
NOW = minutes(120)
WHOLE = whole_trade_in(JOURNEY.sha256)
DECISIONS: tuple[StepName, ...] = ("quote", "accept", "hand_over", "settle")


def is_let(step: StepName, facts: CaseFacts) -> bool:
    try:
        refuse_step(step, facts, JOURNEY, NOW)
    except StepOrderError:
        return False
    return True


@given(st.sets(st.sampled_from(range(len(WHOLE)))), st.booleans())
@settings(max_examples=30, deadline=None)
def test_what_may_be_done_next_is_let_and_nothing_else_before_its_turn(gone: set[int], from_the_end: bool) -> None:
    kept = WHOLE[: len(WHOLE) - len(gone)] if from_the_end else [f for i, f in enumerate(WHOLE) if i not in gone]
    facts = bundle(*kept)
    status, left = status_of(facts, JOURNEY, NOW), open_steps(facts, JOURNEY, NOW)
    following = {step.step for step in status.next}
    for step in DECISIONS:
        known = JOURNEY.step(step)
        assert known is not None
        let = is_let(step, facts)
        assert let or step not in following
        assert not let or not any(left[before] for before in known.after)
        assert not let or status.outcome.result == "qualified"


@pytest.mark.parametrize("step", DECISIONS)
def test_nothing_is_decided_after_the_end(step: StepName) -> None:
    over = CaseFacts(case=case().model_copy(update={"expires_at": minutes(1)}))
    with pytest.raises(CaseExpiredError, match="open another"):
        refuse_step(step, over, JOURNEY, NOW)


def test_a_step_that_the_journey_does_not_order_is_let() -> None:
    care = shipped_journey("care")
    refuse_step("hand_over", CaseFacts(case=case("care")), care, NOW)
