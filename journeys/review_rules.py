"""Which assessments people are to review, and who may: pure, so that repeating a request asks nobody twice."""

import hashlib
from collections.abc import Iterable

from phonegrade.configs.journey import Journey
from phonegrade.core.data_errors import FactConflictError
from phonegrade.grading.decision import Decision
from phonegrade.journeys.deal_facts import Quote
from phonegrade.journeys.evidence import identity_of, is_graded, verdicts
from phonegrade.journeys.evidence_facts import AssessmentRevision, Review, ReviewReason, ReviewRequest
from phonegrade.journeys.facts import CaseFacts

PERSONS = 2
"""Who must accept an assessment whose quote is above the journey's price."""


def wanted_reviews(
    facts: CaseFacts, revision: AssessmentRevision, journey: Journey, audit_share: float
) -> tuple[ReviewReason, ...]:
    """Return why a fresh assessment is to be reviewed; most are not.

    `identity` and `uncertain` are the grading policy's own wish for a person. `near_limit` is a grade with the phone at
    hand that is less likely than the journey wants. `audit` is a share of the cases, drawn by a hash of the case's id:
    assessing one again changes nothing, and a case is audited once.
    """
    decision = revision.decision
    if any(reason.rule.startswith("identity") for reason in decision.reasons) or identity_of(facts) == "conflicting":
        return ("identity",)
    if decision.needs_review:
        return ("uncertain",)
    if not revision.at_hand or not is_graded(revision):
        return ()
    if _near_limit(decision, journey):
        return ("near_limit",)
    audited = any(one.reason == "audit" for one in facts.every(ReviewRequest))
    return ("audit",) if not audited and is_drawn("audit", facts.case.id, audit_share) else ()


def wanted_for_price(facts: CaseFacts, quote: Quote, journey: Journey) -> int:
    """Return how many persons have still to be asked to accept the verified assessment behind a quote."""
    need = journey.needs.verified
    if need is None or need.second_person_from is None or quote.amount < need.second_person_from:
        return 0
    assessment = facts.by_id(AssessmentRevision, quote.assessment)
    if assessment is None or not assessment.at_hand:
        return 0  # a provisional grade is nobody's to verify
    given = verdicts(assessment, facts)
    persons = {review.by for review in given if review.verdict == "accepted"}
    answered = {review.request for review in given}
    waiting = [
        one
        for one in facts.current(ReviewRequest)
        if one.assessment == quote.assessment and one.reason == "price" and one.id not in answered
    ]
    return max(0, PERSONS - len(persons) - len(waiting))


def refuse_reviewer(request: ReviewRequest, facts: CaseFacts, reviewer: str) -> None:
    """Raise FactConflictError where the two-person rule, or a second opinion, wants somebody else."""
    if reviewer in barred(request, facts):
        raise FactConflictError("you have reviewed this assessment already; somebody else has to answer this request")


def barred(request: ReviewRequest, facts: CaseFacts) -> frozenset[str]:
    """Return who may not answer a request: whoever gave a verdict on that assessment before, where it takes another."""
    assessment = facts.by_id(AssessmentRevision, request.assessment)
    given = () if assessment is None else verdicts(assessment, facts)
    return _others_only(request.reason, given)


def _others_only(reason: ReviewReason, given: Iterable[Review]) -> frozenset[str]:
    reviews = tuple(given)
    asked_another = {review.by for review in reviews if review.verdict == "second_opinion"}
    return frozenset(review.by for review in reviews) if reason == "price" else frozenset(asked_another)


def is_drawn(purpose: str, name: str, share: float) -> bool:
    """Return whether a name is among a share of all names, always the same ones for a purpose."""
    drawn = int.from_bytes(hashlib.sha256(f"{purpose} {name}".encode()).digest()[:8], "big")
    return drawn < share * 2**64


def _near_limit(decision: Decision, journey: Journey) -> bool:
    need, certainty, grade = journey.needs.verified, decision.certainty, decision.cosmetic_grade
    if need is None or need.near_limit_below is None or certainty is None or grade is None:
        return False
    return certainty.probability.get(grade, 0.0) < need.near_limit_below
