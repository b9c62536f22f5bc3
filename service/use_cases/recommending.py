"""Next best offers: what to offer a customer now, what became of it, and what each rule has brought."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from sqlalchemy import select

from phonegrade.configs.journey_parts import StepChannel
from phonegrade.core.data_errors import NotFoundError
from phonegrade.core.strict import Strict
from phonegrade.journeys.deal_facts import OfferOutcome
from phonegrade.journeys.fact import FactId, Label, Text, Utc
from phonegrade.journeys.facts import Visit
from phonegrade.journeys.next_best import (
    Experiment,
    Recommendation,
    RuleSummary,
    Uplift,
    recommendations,
    summarise,
    uplift,
)
from phonegrade.journeys.order import refuse_expired
from phonegrade.service.use_cases.acting import Acting
from phonegrade.store.fact_tables import BY_MODEL
from phonegrade.store.tables import CASES

_OUTCOMES = BY_MODEL[OfferOutcome].table


class Recommendations(Strict):
    """What to offer now, best first; it counts as shown from now on."""

    recommendations: tuple[Recommendation, ...]


class RecommendationAnswer(Strict):
    """What the customer made of an offer that was shown."""

    offer: Label
    outcome: Literal["accepted", "declined"]
    why: Text | None = None
    visit: FactId | None = None

    @model_validator(mode="after")
    def _declines_for_a_reason(self) -> Self:
        if self.outcome == "declined" and self.why is None:
            raise ValueError("declining needs why")
        return self


class RuleSummaries(Strict):
    """What became of every rule's offers, by cases."""

    rules: tuple[RuleSummary, ...]


class ChallengerUplift(Strict):
    """How the challenger set of offer rules does against the champion."""

    champion: str
    challenger: str | None
    """None where the service tries none."""
    share: Annotated[float, Field(ge=0, le=1)]
    """Of cases that see the challenger."""
    since: Utc | None
    uplift: Uplift


def recommend(acting: Acting, case_id: str, experiment: Experiment, channel: StepChannel | None) -> Recommendations:
    """Return what to offer on a channel now, by default on that of the visit or the case, and record it as shown."""
    stored = acting.load(case_id)
    refuse_expired(stored.facts, acting.now)
    visit = stored.facts.by_id(Visit, acting.visit)
    where = channel or (stored.facts.case.channel if visit is None else visit.channel)
    best = recommendations(stored.facts, experiment, where, acting.now)
    shown = [
        OfferOutcome(
            **acting.of_case(stored.facts),
            offer=one.offer,
            rule=one.reason.rule,
            ruleset_sha256=one.ruleset_sha256,
            arm=one.arm,
            outcome="shown",
        )
        for one in best
    ]
    if shown:
        acting.add(stored, *shown)
    return Recommendations(recommendations=best)


def answer_recommendation(acting: Acting, case_id: str, answer: RecommendationAnswer) -> OfferOutcome:
    """Record the customer's answer to an offer. Raises NotFoundError for an offer that was not shown in this case."""
    acting = acting.at(answer.visit)
    stored = acting.load(case_id)
    shown = [one for one in stored.facts.current(OfferOutcome) if one.offer == answer.offer and one.outcome == "shown"]
    if not shown:
        raise NotFoundError(f"no offer {answer.offer!r:.80} was shown in case {case_id}")
    outcome = OfferOutcome(
        **acting.of_case(stored.facts),
        offer=answer.offer,
        rule=shown[-1].rule,
        ruleset_sha256=shown[-1].ruleset_sha256,
        arm=shown[-1].arm,
        outcome=answer.outcome,
        why=answer.why,
    )
    acting.add(stored, outcome)
    return outcome


def challenger_uplift(acting: Acting, experiment: Experiment, since: datetime | None) -> ChallengerUplift:
    """Return what the challenger brings in all cases of the tenant, or in those that were opened since."""
    opened = [CASES.c.tenant == acting.tenant]
    if since is not None:
        opened.append(CASES.c.at >= since)
    cases = acting.connection.execute(select(CASES.c.id).where(*opened)).scalars().all()
    accepted = select(_OUTCOMES.c.record).where(_OUTCOMES.c.tenant == acting.tenant, _OUTCOMES.c.outcome == "accepted")
    outcomes = map(OfferOutcome.model_validate_json, acting.connection.execute(accepted).scalars())
    challenger = experiment.challenger
    return ChallengerUplift(
        champion=experiment.champion.name,
        challenger=None if challenger is None else challenger.name,
        share=experiment.share,
        since=since,
        uplift=uplift(outcomes, cases, experiment),
    )


def summary(acting: Acting) -> RuleSummaries:
    """Return what became of every rule's offers in all cases of the tenant."""
    records = acting.connection.execute(select(_OUTCOMES.c.record).where(_OUTCOMES.c.tenant == acting.tenant))
    return RuleSummaries(rules=summarise(map(OfferOutcome.model_validate_json, records.scalars())))
