"""The status of a case: three axes, what is missing, what may be done now, the outcome and the resale gate.

Everything here is a function of the facts, the journey and the time: nothing is ever set.
"""

from datetime import datetime
from typing import Literal

from pydantic import Field

from phonegrade.configs.journey import Journey
from phonegrade.configs.journey_parts import NEED_OF_STEP, JourneyStep, KeyScope, StepChannel, StepName
from phonegrade.core.strict import Strict
from phonegrade.journeys.deal import Deal, current_quote, deal_of, is_expired, quote_state
from phonegrade.journeys.decide import STEP_WORDS, Outcome, decide, is_recorded
from phonegrade.journeys.device_facts import Custody
from phonegrade.journeys.erasure import custody_of
from phonegrade.journeys.evidence import Identity, current_assessment, identity_of
from phonegrade.journeys.evidence_axis import Evidence, evidence_of
from phonegrade.journeys.facts import CaseFacts
from phonegrade.journeys.resale import ResaleGate, resale_gate
from phonegrade.journeys.steps import Left, left_of, why_left

_AFTER_GRADE: tuple[Evidence, ...] = ("provisional", "needs_person", "verified")


class MissingPart(Strict):
    """A part of the evidence that a case still needs."""

    step: StepName
    """The step that brings it."""
    left: tuple[str, ...]
    """Which: surfaces, tests, members, or in words."""
    text: str
    why_not: dict[str, str] = Field(default_factory=dict)
    """Of tests that could not be run and of photos that are no use: why, by test or surface."""
    source: str
    """Why the journey asks for it."""


class NextStep(Strict):
    """Something that may be done now, and by whom."""

    step: StepName | Literal["review", "dispute", "give_back"]
    channels: tuple[StepChannel, ...]
    scopes: tuple[KeyScope, ...]
    left: tuple[str, ...] = ()
    """What it is about: surfaces left, tests left."""
    optional: bool = False


class CaseStatus(Strict):
    """Everything that is derived from the facts of a case."""

    evidence: Evidence
    deal: Deal
    custody: Custody
    identity: Identity
    expired: bool
    """The case is past its end, and no deal was accepted before: nothing may be decided any more."""
    missing: tuple[MissingPart, ...]
    next: tuple[NextStep, ...]
    outcome: Outcome
    resale: ResaleGate


def status_of(facts: CaseFacts, journey: Journey, now: datetime) -> CaseStatus:
    """Return the status of a case. Raises ValueError for a journey that is not the case's."""
    if facts.case.journey != journey.name:
        raise ValueError(f"the case is on journey {facts.case.journey}, not {journey.name}")
    outcome = decide(facts, journey, now)
    gate, deal = resale_gate(facts, journey, now), deal_of(facts, now)
    left = open_steps(facts, journey, now, outcome)
    steps = _next_steps(journey, left, outcome, gate, deal)
    expired = is_expired(facts, now)
    return CaseStatus(
        evidence=evidence_of(facts, journey, now),
        deal=deal,
        custody=custody_of(facts),
        identity=identity_of(facts),
        expired=expired,
        missing=tuple(
            _missing(step, left[step.step], why_left(step.step, facts, journey, now))
            for step in journey.steps
            if _is_missing(step, left)
        ),
        next=() if expired else (*steps, *_people(facts, journey, outcome, now)),
        outcome=outcome,
        resale=gate,
    )


def open_steps(
    facts: CaseFacts, journey: Journey, now: datetime, outcome: Outcome | None = None
) -> dict[StepName, Left]:
    """Return what each step of the journey still needs; nothing where it is done."""
    left = {step.step: left_of(step.step, facts, journey, now) for step in journey.steps}
    if is_recorded(outcome or decide(facts, journey, now), facts, now):
        left["qualify"] = ()
    return left


def _is_missing(step: JourneyStep, left: dict[StepName, Left]) -> bool:
    evidence = step.step in NEED_OF_STEP or step.step == "assess"
    return evidence and not step.optional and bool(left[step.step])


def _missing(step: JourneyStep, left: Left, why_not: dict[str, str]) -> MissingPart:
    return MissingPart(
        step=step.step,
        left=left,
        text=f"{STEP_WORDS[step.step]}: {', '.join(one.replace('_', ' ') for one in left)}",
        why_not=why_not,
        source=step.source,
    )


def _next_steps(
    journey: Journey, left: dict[StepName, Left], outcome: Outcome, gate: ResaleGate, deal: Deal
) -> tuple[NextStep, ...]:
    """Return the open steps whose order is kept; what follows `qualify` is for those who qualify."""
    steps: list[NextStep] = []
    before = {step.step for step in journey.up_to("qualify")}
    for step in journey.steps:
        if not left[step.step] or any(left[earlier] for earlier in step.after):
            continue
        if step.step == "qualify" and outcome.result is None:
            continue
        if step.step in before and outcome.result in ("unqualified", "alternate"):
            continue  # nobody is asked for more where more would change nothing
        follows = any(one.step == "qualify" for one in journey.up_to(step.step))
        if follows and outcome.result != "qualified":
            continue
        if (step.step == "release" and gate.state != "ready") or (step.step == "accept" and deal != "offered"):
            continue
        steps.append(
            NextStep(
                step=step.step,
                channels=step.channels,
                scopes=step.scopes,
                left=left[step.step],
                optional=step.optional,
            )
        )
    return tuple(steps)


def _people(facts: CaseFacts, journey: Journey, outcome: Outcome, now: datetime) -> tuple[NextStep, ...]:
    """Return what stands in no journey: a review that is wanted, the customer's dispute, and the phone's way back."""
    evidence, assessment = evidence_of(facts, journey, now), current_assessment(facts)
    people: list[NextStep] = []
    if evidence in ("needs_person", "disputed") or outcome.result == "needs_person":
        people.append(NextStep(step="review", channels=("store", "warehouse"), scopes=("reviewer", "admin")))
    quote = current_quote(facts, now)
    answered = quote is not None and quote_state(quote, facts, now) == "accepted"
    if assessment is not None and evidence in _AFTER_GRADE and not answered:
        channels: tuple[StepChannel, ...] = ("app", "web", "kiosk", "store")
        people.append(NextStep(step="dispute", channels=channels, scopes=("app", "kiosk", "store"), optional=True))
    refused = outcome.result in ("unqualified", "alternate") or deal_of(facts, now) in ("declined", "expired")
    if refused and custody_of(facts) == "ours":
        people.append(
            NextStep(
                step="give_back",
                channels=("kiosk", "store", "warehouse"),
                scopes=("kiosk", "store", "warehouse", "admin"),
            )
        )
    return tuple(people)
