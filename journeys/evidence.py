"""What the facts show about a phone: its identity, its photos, its test results and the assessment that holds."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from phonegrade.configs.journey_parts import PhotosNeed
from phonegrade.core.functional.report import FunctionalReport, TestResult
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.decision import Status
from phonegrade.grading.explain.comparison import Source
from phonegrade.journeys.device_facts import Asset, CustodyMove, Holding, Identifier
from phonegrade.journeys.evidence_facts import (
    AssessmentRevision,
    Complaint,
    Dispute,
    Inspected,
    PhotoState,
    Review,
    ReviewRequest,
    StoredPhoto,
    TestRun,
)
from phonegrade.journeys.facts import CaseFacts, Channel

Identity = Literal["unknown", "claimed", "read", "confirmed", "conflicting"]
IDENTITIES: tuple[Identity, ...] = ("unknown", "claimed", "read", "confirmed")
"""From the least sure to the surest; `conflicting` is none of them."""
AT_HAND: tuple[Channel, ...] = ("kiosk", "store", "warehouse")
"""Channels with the phone at hand; a partner's word is as provisional as an app's."""
SOURCE_OF: Mapping[Channel, Source] = {
    "app": "app",
    "web": "app",
    "partner": "app",
    "kiosk": "kiosk",
    "store": "store",
    "warehouse": "warehouse",
}
"""The source that an assessment of evidence from a channel has in a comparison."""
OUTSIDE = ("customer", "returned", "sold")
"""Custody of people who can put new data, damage and locks on a phone."""
AGREEING_READS = 2
"""One read of a barcode in some 680 is a wrong number with a right check digit."""


class SurfaceEvidence(NamedTuple):
    """What the photos of one surface come to."""

    state: Literal["missing", "waiting", "retake", "usable", "degraded"]
    """`waiting` for its inspection; `degraded` is taken as it is after the last try, or by the customer's choice."""
    photo: StoredPhoto | None
    tries: int


def identity_of(facts: CaseFacts) -> Identity:
    """Return how surely the phone is known; two confirmed numbers of one kind that differ are conflicting."""
    numbers = facts.current(Identifier)
    sure = [one for one in numbers if one.confirmed or _is_read(one)]
    for kind in {one.kind for one in sure}:
        if len({one.hmac for one in sure if one.kind == kind}) > 1:
            return "conflicting"
    if report_of(facts).result("imei_match") is TestResult.FAIL:
        return "conflicting"
    if any(one.confirmed for one in numbers):
        return "confirmed"
    return "read" if sure else "claimed" if numbers else "unknown"


def known_hashes(facts: CaseFacts) -> frozenset[str]:
    """Return the keyed hashes of the numbers that were read or confirmed; one that was merely typed proves nothing."""
    return frozenset(one.hmac for one in facts.current(Identifier) if one.confirmed or _is_read(one))


def _is_read(number: Identifier) -> bool:
    return number.source == "agent" or (number.source != "typed" and number.reads >= AGREEING_READS)


def device_of(facts: CaseFacts) -> Asset | None:
    """Return what the phone is, as last described."""
    return facts.latest(Asset)


def holding_of(facts: CaseFacts) -> Holding | None:
    """Return the customer's holding; what the operator's systems say counts before the customer's own word."""
    every = facts.current(Holding)
    return max(every, key=lambda one: (one.source == "operator", one.order), default=None)


def complaint_of(facts: CaseFacts) -> Complaint | None:
    """Return the customer's complaint, as last stated."""
    return facts.latest(Complaint)


def report_of(facts: CaseFacts) -> FunctionalReport:
    """Return the results of all current test runs in one report.

    For each test the newest result counts, but one with the phone at hand before any other; `not_run` is no result.
    """
    runs = sorted(facts.current(TestRun), key=lambda run: (facts.channel_of(run) in AT_HAND, run.order))
    tests: dict[str, TestResult] = {}
    measures: dict[str, float] = {}
    for run in runs:
        tests.update({name: result for name, result in run.report.tests.items() if result is not TestResult.NOT_RUN})
        measures.update(run.report.measures)
    return FunctionalReport(tests=tests, measures=measures)


def why_not_tested(facts: CaseFacts) -> dict[str, str]:
    """Return why tests without any result could not be run, by test, as last stated."""
    report = report_of(facts)
    reasons = {name: why for run in facts.current(TestRun) for name, why in run.why_not.items()}
    return {name: why for name, why in reasons.items() if report.result(name) is TestResult.NOT_RUN}


def photo_state(photo: StoredPhoto, facts: CaseFacts) -> PhotoState:
    """Return what became of a photo; an inspection that worked counts before one that did not."""
    if photo.state == "erased":
        return "erased"
    answers = [one for one in facts.current(Inspected) if one.photo_sha256 == photo.sha256]
    if any(one.problem is None for one in answers):
        return "inspected"
    return "unusable" if answers else "stored"


def surface_evidence(facts: CaseFacts, need: PhotosNeed, now: datetime) -> dict[Surface, SurfaceEvidence]:
    """Return what the photos of each surface that is needed come to; the best photo of a surface counts."""
    return {surface: _evidence_of(surface, facts, need, now) for surface in need.surfaces}


def _evidence_of(surface: Surface, facts: CaseFacts, need: PhotosNeed, now: datetime) -> SurfaceEvidence:
    photos = [photo for photo in facts.current(StoredPhoto) if photo.surface is surface and _counts(photo, need, now)]
    if not photos:
        return SurfaceEvidence("missing", None, 0)
    flags: dict[str, bool] = {}
    for one in facts.current(Inspected):
        flags[one.photo_sha256] = flags.get(one.photo_sha256, False) or (one.problem is None and not one.retake_on)
    states = {photo.id: photo_state(photo, facts) for photo in photos}
    for photo in reversed(photos):
        if states[photo.id] == "inspected" and flags[photo.sha256]:
            return SurfaceEvidence("usable", photo, len(photos))
    waiting = [photo for photo in photos if states[photo.id] == "stored"]
    if waiting:
        return SurfaceEvidence("waiting", waiting[-1], len(photos))
    inspected = [photo for photo in photos if states[photo.id] == "inspected"]
    if inspected and (inspected[-1].degraded or len(photos) >= need.max_tries):
        return SurfaceEvidence("degraded", inspected[-1], len(photos))
    return SurfaceEvidence("retake", photos[-1], len(photos))


def _counts(photo: StoredPhoto, need: PhotosNeed, now: datetime) -> bool:
    young = need.max_age_hours is None or (now - photo.at).total_seconds() <= need.max_age_hours * 3600
    return young and photo.state != "erased" and (photo.session_code_shown or not need.session_code)


def current_assessment(facts: CaseFacts) -> AssessmentRevision | None:
    """Return the assessment that holds: the highest number that is not superseded."""
    return max(facts.current(AssessmentRevision), key=lambda one: (one.number, one.order), default=None)


def is_outdated(assessment: AssessmentRevision, facts: CaseFacts) -> bool:
    """Return whether evidence came in after an assessment; only what was recorded with the phone at hand can outdate
    one that was made with the phone at hand."""
    later = (
        fact
        for kind in (TestRun, StoredPhoto)
        for fact in facts.current(kind)
        if fact.at > assessment.at and not (isinstance(fact, StoredPhoto) and fact.surface is None)
    )
    return any(facts.channel_of(fact) in AT_HAND or not assessment.at_hand for fact in later)


def last_left_at(facts: CaseFacts) -> datetime | None:
    """Return when the phone was last given back or sold; None where it never was since the first move."""
    return max((move.at for move in facts.current(CustodyMove) if move.to in OUTSIDE), default=None)


def open_dispute(assessment: AssessmentRevision, facts: CaseFacts) -> Dispute | None:
    """Return the dispute of an assessment that no final review has answered."""
    answered = {
        review.assessment
        for review in facts.current(Review)
        if review.reason == "disputed" and review.verdict != "second_opinion"
    }
    open_ones = (one for one in facts.current(Dispute) if one.assessment == assessment.id)
    return next((one for one in open_ones if one.assessment not in answered), None)


def verdicts(assessment: AssessmentRevision, facts: CaseFacts) -> tuple[Review, ...]:
    """Return the reviews of an assessment, oldest first."""
    return tuple(review for review in facts.current(Review) if review.assessment == assessment.id)


def open_requests(assessment: AssessmentRevision, facts: CaseFacts) -> tuple[ReviewRequest, ...]:
    """Return the requests for review of an assessment that a person has yet to answer and that hold it up.

    Random audits and planted cases hold nobody up. A second opinion leaves the request open.
    """
    final = [review for review in verdicts(assessment, facts) if review.verdict != "second_opinion"]
    answered = {review.request for review in final}
    reasons = {review.reason for review in final if review.request is None}
    return tuple(
        one
        for one in facts.current(ReviewRequest)
        if one.assessment == assessment.id and one.reason not in ("audit", "honeypot")
        if one.id not in answered and one.reason not in reasons
    )


def waits_for_person(assessment: AssessmentRevision, facts: CaseFacts) -> bool:
    """Return whether a person has still to say whether an assessment is right."""
    if open_requests(assessment, facts):
        return True
    given = verdicts(assessment, facts)
    if given and given[-1].verdict in ("rejected", "second_opinion", "fixed"):
        return True  # a fix leads to another revision, which then holds
    accepted = any(review.verdict == "accepted" for review in given)
    return assessment.decision.needs_review and not accepted


def is_graded(assessment: AssessmentRevision) -> bool:
    """Return whether an assessment gives a combined grade."""
    return assessment.decision.status is Status.GRADED and assessment.decision.grade is not None
