"""The evidence axis of a case: how far what is known about the phone goes."""

from datetime import datetime
from typing import Literal

from phonegrade.configs.journey import Journey
from phonegrade.grading.decision import Status
from phonegrade.journeys.deal_facts import Quote
from phonegrade.journeys.evidence import (
    current_assessment,
    identity_of,
    is_graded,
    is_outdated,
    last_left_at,
    open_dispute,
    surface_evidence,
    verdicts,
    waits_for_person,
)
from phonegrade.journeys.evidence_facts import AssessmentRevision, StoredPhoto, TestRun
from phonegrade.journeys.facts import CaseFacts

Evidence = Literal[
    "empty", "incomplete", "retake", "provisional", "needs_person", "disputed", "not_accepted", "verified"
]


def evidence_of(facts: CaseFacts, journey: Journey, now: datetime) -> Evidence:
    """Return the evidence axis of a case."""
    assessment = current_assessment(facts)
    if assessment is not None:
        graded = _of_assessment(assessment, facts, journey)
        if graded is not None:
            return graded
    if journey.needs.photos is not None:
        surfaces = surface_evidence(facts, journey.needs.photos, now)
        if any(one.state == "retake" for one in surfaces.values()):
            return "retake"
    begun = bool(facts.current(StoredPhoto)) or bool(facts.current(TestRun)) or assessment is not None
    return "incomplete" if begun else "empty"


def _of_assessment(assessment: AssessmentRevision, facts: CaseFacts, journey: Journey) -> Evidence | None:
    """Return what an assessment comes to; None where it gives no grade or later evidence has outdated it."""
    if open_dispute(assessment, facts) is not None:
        return "disputed"
    if assessment.decision.status is Status.NOT_ACCEPTED:
        return "not_accepted"
    if is_outdated(assessment, facts):
        return None
    if waits_for_person(assessment, facts):
        return "needs_person"
    if not is_graded(assessment):
        return None
    if not is_with_phone(assessment, facts):
        return "provisional"
    if identity_of(facts) == "conflicting" or lacks_second_person(assessment, facts, journey):
        return "needs_person"
    return "verified"


def is_with_phone(assessment: AssessmentRevision, facts: CaseFacts) -> bool:
    """Return whether the phone was at hand, and has not been given back since."""
    left = last_left_at(facts)
    return assessment.at_hand and (left is None or assessment.at > left)


def lacks_second_person(assessment: AssessmentRevision, facts: CaseFacts, journey: Journey) -> bool:
    """Return whether the quote is so high that two persons must accept the assessment, and fewer did."""
    need = journey.needs.verified
    if need is None or need.second_person_from is None:
        return False
    limit = need.second_person_from
    persons = {review.by for review in verdicts(assessment, facts) if review.verdict == "accepted"}
    dear = any(quote.amount >= limit for quote in facts.current(Quote) if quote.assessment == assessment.id)
    return dear and len(persons) < 2
