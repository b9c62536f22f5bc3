"""The next best offer: which rules apply to a case, what was made of them, and whether a challenger does better."""

import hashlib
import math
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from pydantic import NonNegativeInt

from phonegrade.configs.journey_parts import StepChannel
from phonegrade.configs.offer_rules import OfferRule, OfferRules
from phonegrade.core.strict import Strict
from phonegrade.journeys.conditions import circumstances, truth_of
from phonegrade.journeys.deal_facts import OfferOutcome
from phonegrade.journeys.fact import JourneyReason
from phonegrade.journeys.facts import CaseFacts

Arm = Literal["champion", "challenger"]
_ARMS: tuple[Arm, Arm] = ("challenger", "champion")
Z_95 = 1.959963984540054
"""Of a two-sided 95 % interval."""


class Experiment(NamedTuple):
    """The rules that are in use, and those that a share of cases tries."""

    champion: OfferRules
    challenger: OfferRules | None = None
    share: float = 0.0
    """Of cases that see the challenger."""


class Recommendation(Strict):
    """Something to offer now, and why."""

    offer: str
    priority: int
    reason: JourneyReason
    ruleset: str
    ruleset_sha256: str
    arm: Arm


class RuleSummary(Strict):
    """What became of one rule's offers, by cases: each case counts once, with its last answer."""

    rule: str
    offer: str
    arm: Arm
    shown: NonNegativeInt
    accepted: NonNegativeInt
    declined: NonNegativeInt
    why: dict[str, int]
    """Reasons for declining, the most frequent first."""


class Uplift(Strict):
    """Share of cases that accept an offer under the challenger, less that under the champion."""

    champion_cases: NonNegativeInt
    champion_accepted: NonNegativeInt
    challenger_cases: NonNegativeInt
    challenger_accepted: NonNegativeInt
    difference: float | None
    """None where an arm has no case."""
    interval: tuple[float, float] | None
    """95 %, by Newcombe's hybrid score method (Statistics in Medicine 17, 1998, method 10)."""


def arm_of(case_id: str, experiment: Experiment) -> Arm:
    """Return the arm of a case: always the same for one case and challenger, whatever was asked before."""
    if experiment.challenger is None or experiment.share <= 0:
        return "champion"
    salted = f"{experiment.challenger.name}\0{case_id}".encode()
    position = int.from_bytes(hashlib.sha256(salted).digest()[:8], "big") / 2**64
    return "challenger" if position < experiment.share else "champion"


def recommendations(
    facts: CaseFacts, experiment: Experiment, channel: StepChannel, now: datetime
) -> tuple[Recommendation, ...]:
    """Return what to offer on a channel now, best first.

    A rule counts only where its condition is known to be true, the customer has agreed to offers or needs not, and
    its offer was not made within the cool-down.
    """
    arm = arm_of(facts.case.id, experiment)
    challenger = experiment.challenger
    rules = challenger if arm == "challenger" and challenger is not None else experiment.champion
    case = circumstances(facts, now)
    best: dict[str, Recommendation] = {}
    for rule in sorted(rules.offers, key=lambda one: -one.priority):
        if rule.offer in best or not _allowed(rule, facts, channel, now):
            continue
        truth = truth_of(rule.when, case)
        if truth.value:
            best[rule.offer] = Recommendation(
                offer=rule.offer,
                priority=rule.priority,
                reason=JourneyReason(
                    rule=rule.rule,
                    text=rule.reason,
                    would_change=f"decline it, and it is not shown again for {rule.cool_down_days} days",
                    evidence=truth.evidence,
                    source=rule.source,
                ),
                ruleset=rules.name,
                ruleset_sha256=rules.sha256,
                arm=arm,
            )
    return tuple(best.values())[: rules.at_most]


def _allowed(rule: OfferRule, facts: CaseFacts, channel: StepChannel, now: datetime) -> bool:
    if channel not in rule.channels or (rule.needs_consent and "offers" not in facts.consent):
        return False
    before = [one for one in facts.current(OfferOutcome) if one.offer == rule.offer]
    if any(one.outcome == "accepted" for one in before):
        return False
    return all(now - one.at >= timedelta(days=rule.cool_down_days) for one in before)


def summarise(outcomes: Iterable[OfferOutcome]) -> tuple[RuleSummary, ...]:
    """Return what became of each rule's offers, by rule and arm; a case counts once, and repeats change nothing."""
    by_rule: dict[tuple[str, str, Arm], dict[str, OfferOutcome]] = {}
    for one in outcomes:
        cases = by_rule.setdefault((one.rule, one.offer, one.arm), {})
        known = cases.get(one.case)
        if known is None or _finality(one) > _finality(known):
            cases[one.case] = one
    return tuple(
        RuleSummary(
            rule=rule,
            offer=offer,
            arm=arm,
            shown=len(cases),
            accepted=sum(one.outcome == "accepted" for one in cases.values()),
            declined=sum(one.outcome == "declined" for one in cases.values()),
            why=dict(_reasons(cases.values())),
        )
        for (rule, offer, arm), cases in sorted(by_rule.items())
    )


def _finality(one: OfferOutcome) -> tuple[bool, datetime, str]:
    """An answer counts before having been shown, and a later answer before an earlier one."""
    return (one.outcome != "shown", *one.order)


def _reasons(outcomes: Iterable[OfferOutcome]) -> list[tuple[str, int]]:
    counts = Counter(one.why or "no reason given" for one in outcomes if one.outcome == "declined")
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def uplift(outcomes: Iterable[OfferOutcome], cases: Iterable[str], experiment: Experiment) -> Uplift:
    """Return how much more, or less, often the challenger's cases accept anything than the champion's.

    `cases` are the ids of all cases, with or without an offer: counting only those that were shown one would compare
    customers whom the rules themselves picked.
    """
    arms: dict[Arm, set[str]] = {"champion": set(), "challenger": set()}
    for case in cases:
        arms[arm_of(case, experiment)].add(case)
    accepting = {one.case for one in outcomes if one.outcome == "accepted"}
    first, second = ((len(arms[arm] & accepting), len(arms[arm])) for arm in _ARMS)
    known = first[1] > 0 and second[1] > 0
    return Uplift(
        champion_cases=second[1],
        champion_accepted=second[0],
        challenger_cases=first[1],
        challenger_accepted=first[0],
        difference=first[0] / first[1] - second[0] / second[1] if known else None,
        interval=newcombe_interval(first, second) if known else None,
    )


def wilson_interval(successes: int, trials: int, z: float = Z_95) -> tuple[float, float]:
    """Return Wilson's score interval of a proportion (JASA 22, 1927)."""
    share, z2 = successes / trials, z * z
    centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = z / (1 + z2 / trials) * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials * trials))
    return max(0.0, centre - half), min(1.0, centre + half)


def newcombe_interval(first: tuple[int, int], second: tuple[int, int], z: float = Z_95) -> tuple[float, float]:
    """Return the interval of the first proportion less the second, each as (successes, trials)."""
    (low1, high1), (low2, high2) = wilson_interval(*first, z), wilson_interval(*second, z)
    one, other = first[0] / first[1], second[0] / second[1]
    below = math.hypot(one - low1, high2 - other)
    above = math.hypot(high1 - one, other - low2)
    return one - other - below, one - other + above
