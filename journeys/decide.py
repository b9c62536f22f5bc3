"""What a journey's rules make of a case: qualified, unqualified, alternate or needs_person, with reasons."""

from datetime import datetime, timedelta
from typing import NamedTuple

from phonegrade.configs.journey import Journey
from phonegrade.configs.journey_parts import DecidingRule, Exclusion, JourneyStep, StepName
from phonegrade.core.strict import Strict
from phonegrade.grading.decision import PolicyRef
from phonegrade.journeys.conditions import Circumstances, Truth, circumstances, truth_of
from phonegrade.journeys.deal_facts import Qualification, QualificationResult
from phonegrade.journeys.fact import FactId, JourneyReason, PrincipalId, Utc
from phonegrade.journeys.facts import CaseFacts
from phonegrade.journeys.steps import Left, left_of


class Outcome(Strict):
    """The answer of a journey's rules on what is known now."""

    offering: str
    result: QualificationResult | None
    """None while facts are missing that could change the answer."""
    alternate: str | None = None
    reasons: tuple[JourneyReason, ...]
    """The rule that decided first, then others of the same outcome; or what is missing."""
    exclusions: tuple[JourneyReason, ...] = ()
    """What a qualified case does not cover, such as damage from before."""
    valid_until: Utc | None
    """None while there is no answer."""
    journey: PolicyRef


class _Walk(NamedTuple):
    """What the rules say, in their order: the first that applies, and those before it that are not known."""

    fired: tuple[DecidingRule, Truth] | None
    waiting: tuple[tuple[DecidingRule, Truth], ...]


def decide(facts: CaseFacts, journey: Journey, now: datetime) -> Outcome:
    """Return what the journey's rules say of a case.

    The first rule that applies decides, unless a rule before it that is not known yet could lead elsewhere. While steps
    before `qualify` are open such an answer waits; once they are all done, what is still unknown goes to a person.
    `qualified` is never the answer while anything is missing.
    """
    days = None if journey.needs.locks is None else journey.needs.locks.max_age_days
    case = circumstances(facts, now, days)
    walk = _walk(journey, case)
    rule = journey.otherwise if walk.fired is None else walk.fired[0]
    alternate = rule.alternate if isinstance(rule, DecidingRule) else None
    agreed = all((one.outcome, one.alternate) == (rule.outcome, alternate) for one, _ in walk.waiting)
    early = walk.fired is not None and agreed and rule.outcome != "qualified"
    left = {} if early else left_before_qualify(facts, journey, now)
    if left:
        return _outcome(journey, now, None, tuple(_missing(*one) for one in left.items()))
    if not agreed:
        return _outcome(journey, now, "needs_person", tuple(_undecided(*one) for one in walk.waiting))
    reasons = _otherwise(journey) if walk.fired is None else _fired(walk.fired, journey, case)
    exclusions = _exclusions(journey, case) if rule.outcome == "qualified" else ()
    return _outcome(journey, now, rule.outcome, reasons, alternate, exclusions)


def left_before_qualify(facts: CaseFacts, journey: Journey, now: datetime) -> dict[JourneyStep, Left]:
    """Return the steps that must be done before the rules may say `qualified`, each with what it still needs."""
    steps = (step for step in journey.up_to("qualify") if not step.optional)
    return {step: left for step in steps if (left := left_of(step.step, facts, journey, now))}


def qualification(
    outcome: Outcome, facts: CaseFacts, *, fact_id: FactId, at: datetime, by: PrincipalId, visit: FactId | None
) -> Qualification:
    """Return the fact that records an outcome. Raises ValueError for one that waits for facts."""
    if outcome.result is None:
        raise ValueError("an outcome that waits for facts is not recorded")
    return Qualification(
        id=fact_id,
        at=at,
        by=by,
        visit=visit,
        case=facts.case.id,
        offering=outcome.offering,
        result=outcome.result,
        alternate=outcome.alternate,
        reasons=outcome.reasons,
        exclusions=outcome.exclusions,
        ruleset_sha256=outcome.journey.sha256,
        facts_sha256=facts.sha256,
        valid_until=outcome.valid_until,
    )


def is_recorded(outcome: Outcome, facts: CaseFacts, now: datetime) -> bool:
    """Return whether the newest recorded qualification still says what the rules say now."""
    recorded = facts.latest(Qualification)
    if recorded is None or (recorded.valid_until is not None and now > recorded.valid_until):
        return False
    same = (recorded.result, recorded.alternate) == (outcome.result, outcome.alternate)
    return same and recorded.ruleset_sha256 == outcome.journey.sha256


def _walk(journey: Journey, case: Circumstances) -> _Walk:
    waiting: list[tuple[DecidingRule, Truth]] = []
    for rule in journey.rules:
        truth = truth_of(rule.when, case)
        if truth.value:
            return _Walk((rule, truth), tuple(waiting))
        if truth.value is None and rule.unknown == "wait":
            waiting.append((rule, truth))
    return _Walk(None, tuple(waiting))


def _fired(fired: tuple[DecidingRule, Truth], journey: Journey, case: Circumstances) -> tuple[JourneyReason, ...]:
    """Return the rule that decided, then the later ones of its outcome: clearing the first alone changes nothing."""
    rule = fired[0]
    later = journey.rules[journey.rules.index(rule) + 1 :]
    same = [one for one in later if (one.outcome, one.alternate) == (rule.outcome, rule.alternate)]
    truths = [(one, truth_of(one.when, case)) for one in same]
    return (_reason(*fired), *(_reason(one, truth) for one, truth in truths if truth.value))


def _exclusions(journey: Journey, case: Circumstances) -> tuple[JourneyReason, ...]:
    """Return what is not covered; what cannot be ruled out counts as being there."""
    truths = [(one, truth_of(one.when, case)) for one in journey.exclusions]
    return tuple(_reason(one, truth) for one, truth in truths if truth.value is not False)


def _outcome(
    journey: Journey,
    now: datetime,
    result: QualificationResult | None,
    reasons: tuple[JourneyReason, ...],
    alternate: str | None = None,
    exclusions: tuple[JourneyReason, ...] = (),
) -> Outcome:
    return Outcome(
        offering=journey.offering,
        result=result,
        alternate=alternate,
        reasons=reasons,
        exclusions=exclusions,
        valid_until=None if result is None else now + timedelta(days=journey.valid_days),
        journey=PolicyRef(name=journey.name, version=journey.version, sha256=journey.sha256),
    )


def _reason(rule: DecidingRule | Exclusion, truth: Truth) -> JourneyReason:
    return JourneyReason(
        rule=rule.rule,
        text=rule.text if truth.value else f"not ruled out without {_words(truth.unknown)}: {rule.text}",
        would_change=rule.would_change,
        evidence=truth.evidence,
        source=rule.source,
    )


def _otherwise(journey: Journey) -> tuple[JourneyReason, ...]:
    default = journey.otherwise
    return (
        JourneyReason(rule="otherwise", text=default.text, would_change=default.would_change, source=default.source),
    )


def _missing(step: JourneyStep, left: Left) -> JourneyReason:
    return JourneyReason(
        rule=f"missing_{step.step}",
        text=f"{STEP_WORDS[step.step]}: {_words(left)}",
        would_change=f"do this in the {' or '.join(step.channels)}",
        source=step.source,
    )


def _undecided(rule: DecidingRule, truth: Truth) -> JourneyReason:
    return JourneyReason(
        rule=rule.rule,
        text=f"this rule cannot be decided without {_words(truth.unknown)}",
        would_change="a person finds it out, or decides without it",
        source=rule.source,
    )


def _words(names: tuple[str, ...]) -> str:
    return ", ".join(one.replace("_", " ") for one in names)


STEP_WORDS: dict[StepName, str] = {
    "consent": "consent is missing",
    "identify": "the phone is not identified",
    "describe": "not known of the customer's ownership",
    "complain": "the complaint is missing",
    "test": "tests without a result",
    "photograph": "surfaces without a usable photo",
    "check_locks": "locks that nobody asked about",
    "assess": "there is no grade",
    "qualify": "the rules have not answered",
    "quote": "there is no quote that holds",
    "accept": "the customer has not accepted",
    "hand_over": "the phone is not with us",
    "verify": "the grade is not verified",
    "erase": "the data are not provably erased",
    "settle": "the customer has not been paid",
    "release": "the phone is not released",
}
"""What an open step means, in words."""
