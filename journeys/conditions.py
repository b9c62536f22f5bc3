"""Whether a condition is true of a case: yes, no, or not known, which is never taken for either."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from phonegrade.configs.condition import DefectsOf, Span, When
from phonegrade.core.functional.report import FunctionalReport, TestResult
from phonegrade.journeys.device_facts import Asset, Holding, LockCheck
from phonegrade.journeys.evidence import (
    complaint_of,
    current_assessment,
    device_of,
    holding_of,
    identity_of,
    last_left_at,
    report_of,
    waits_for_person,
)
from phonegrade.journeys.evidence_facts import AssessmentRevision, Complaint, CountedDefect, StoredPhoto
from phonegrade.journeys.fact import Fact
from phonegrade.journeys.facts import CaseFacts


class Circumstances(NamedTuple):
    """Everything that conditions ask about, worked out once."""

    facts: CaseFacts
    now: datetime
    report: FunctionalReport
    assessment: AssessmentRevision | None
    asset: Asset | None
    holding: Holding | None
    complaint: Complaint | None
    lock_days: int | None = None
    """Age in days from which an answer about locks counts as unknown; None for no limit."""


class Truth(NamedTuple):
    """Whether something is true, with the evidence; None where it is not known, and then what is needed."""

    value: bool | None
    evidence: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    """What is not known, in words."""


def circumstances(facts: CaseFacts, now: datetime, lock_days: int | None = None) -> Circumstances:
    """Return everything that conditions ask about."""
    return Circumstances(
        facts=facts,
        now=now,
        report=report_of(facts),
        assessment=current_assessment(facts),
        asset=device_of(facts),
        holding=holding_of(facts),
        complaint=complaint_of(facts),
        lock_days=lock_days,
    )


def truth_of(when: When, case: Circumstances) -> Truth:
    """Return whether everything that a condition asks for is true (Kleene's three-valued logic).

    One part that is false makes it false, whatever else is unknown.
    """
    parts = [_PARTS[name](when, case) for name in when.given]
    if any(part.value is False for part in parts):
        return Truth(False)
    unknown = tuple(dict.fromkeys(word for part in parts if part.value is None for word in part.unknown))
    if unknown or any(part.value is None for part in parts):
        return Truth(None, (), unknown)
    return Truth(True, tuple(dict.fromkeys(name for part in parts for name in part.evidence)))


def _tests(when: When, case: Circumstances) -> Truth:
    return _any_fails(when.tests, case.report)


def _any_fails(tests: Sequence[str], report: FunctionalReport) -> Truth:
    failed = tuple(name for name in tests if report.result(name) is TestResult.FAIL)
    if failed:
        return Truth(True, failed)
    untested = tuple(name for name in tests if report.result(name) is TestResult.NOT_RUN)
    return Truth(None, (), tuple(f"the test {name}" for name in untested)) if untested else Truth(False)


def _complaint_tests(when: When, case: Circumstances) -> Truth:
    if case.complaint is None or not case.complaint.symptoms:
        return Truth(None, (), ("which functions the customer complains about",))
    failing = _any_fails(case.complaint.symptoms, case.report)
    if when.complaint_tests == "fail" or failing.value is None:
        return failing
    return Truth(not failing.value, (case.complaint.id, *case.complaint.symptoms))


def _measure(when: When, case: Circumstances) -> Truth:
    value = None if when.measure is None else case.report.measures.get(when.measure)
    if value is None or when.below is None or when.measure is None:
        return Truth(None, (), (f"the measure {when.measure}",))
    return Truth(value < when.below, (when.measure,))


def _defects(when: When, case: Circumstances) -> Truth:
    wanted, assessment = when.defects, case.assessment
    if assessment is None or wanted is None:
        return Truth(None, (), ("an assessment of the photos",))
    matching = tuple(f"{one.surface}:{one.id}" for one in assessment.counted if _is_wanted(one, wanted))
    if len(matching) >= wanted.count:
        return Truth(True, (assessment.id, *matching))
    graded = {surface.surface for surface in assessment.decision.cosmetic.surfaces if surface.grade is not None}
    unseen = [surface for surface in wanted.surfaces if surface not in graded]
    if unseen:
        return Truth(None, (), tuple(f"a usable photo of the {surface}" for surface in unseen))
    return Truth(False)


def _is_wanted(one: CountedDefect, wanted: DefectsOf) -> bool:
    placed = one.surface in wanted.surfaces and (one.zone is None or one.zone in wanted.zones)
    long = wanted.longer_mm is None or one.length_mm is None or one.length_mm > wanted.longer_mm
    return one.kind in wanted.kinds and placed and long


def _cosmetic_grades(when: When, case: Circumstances) -> Truth:
    grade = None if case.assessment is None else case.assessment.decision.cosmetic_grade
    return _one_of(grade, when.cosmetic_grades, "a cosmetic grade", case.assessment)


def _assessment(when: When, case: Circumstances) -> Truth:
    status = None if case.assessment is None else case.assessment.decision.status.value
    return _one_of(status, when.assessment, "an assessment of the photos", case.assessment)


def _needs_review(when: When, case: Circumstances) -> Truth:
    if case.assessment is None:
        return Truth(None, (), ("an assessment of the photos",))
    return Truth(waits_for_person(case.assessment, case.facts) is when.needs_review, (case.assessment.id,))


def _identity(when: When, case: Circumstances) -> Truth:
    identity = identity_of(case.facts)
    return Truth(identity in (when.identity or ()), (f"identity {identity}",))


def _device_known(when: When, case: Circumstances) -> Truth:
    if case.asset is None:
        return Truth(None, (), ("which device it is",))
    return Truth((case.asset.device is not None) is when.device_known, (case.asset.id,))


def _brands(when: When, case: Circumstances) -> Truth:
    return _one_of(_brand(case), when.brands, "which device it is", case.asset)


def _other_brands(when: When, case: Circumstances) -> Truth:
    same = _one_of(_brand(case), when.other_brands, "which device it is", case.asset)
    return same if same.value is None else Truth(not same.value, () if case.asset is None else (case.asset.id,))


def _brand(case: Circumstances) -> str | None:
    return None if case.asset is None or case.asset.device is None else case.asset.device.split()[0]


def _fresh_photos(when: When, case: Circumstances) -> Truth:
    photos = [photo for photo in case.facts.current(StoredPhoto) if photo.surface is not None]
    if not photos:
        return Truth(None, (), ("photos of the phone",))
    coded = {photo.surface for photo in photos if photo.session_code_shown}
    stale = tuple(photo.id for photo in photos if photo.surface not in coded)
    fresh = not stale
    return Truth(fresh is when.fresh_photos, stale or tuple(photo.id for photo in photos))


def _incident(when: When, case: Circumstances) -> Truth:
    incident = None if case.complaint is None else case.complaint.incident
    if incident == "unknown" and "unknown" not in (when.incident or ()):
        incident = None
    return _one_of(incident, when.incident, "what has happened to the phone", case.complaint)


def _activated_days(when: When, case: Circumstances) -> Truth:
    since = None if case.holding is None else case.holding.activated_on
    days = None if since is None else (case.now.date() - since).days
    return _spanned(days, when.activated_days, "the day of activation", case.holding)


def _owned_months(when: When, case: Circumstances) -> Truth:
    since = None if case.holding is None else case.holding.owned_since
    months = None if since is None else whole_months(since, case.now.date())
    return _spanned(months, when.owned_months, "since when the customer has owned the phone", case.holding)


def whole_months(since: date, until: date) -> int:
    """Return how many whole months lie between two days; negative where the first is later."""
    return (until.year - since.year) * 12 + until.month - since.month - (until.day < since.day)


def _warranty(when: When, case: Circumstances) -> Truth:
    until = None if case.holding is None else case.holding.warranty_until
    state = None if until is None else "active" if until >= case.now.date() else "expired"
    return _one_of(state, when.warranty and (when.warranty,), "until when the warranty runs", case.holding)


def _cover(when: When, case: Circumstances) -> Truth:
    cover = None if case.holding is None or case.holding.cover == "unknown" else case.holding.cover
    return _one_of(cover, when.cover, "whether the phone is insured", case.holding)


def _eligible(when: When, case: Circumstances) -> Truth:
    return _answered(when.eligible or "", True, case)


def _not_eligible(when: When, case: Circumstances) -> Truth:
    return _answered(when.not_eligible or "", False, case)


def _answered(name: str, wanted: bool, case: Circumstances) -> Truth:
    answer = None if case.holding is None else case.holding.eligible.get(name)
    if case.holding is None or answer is None:
        return Truth(None, (), (f"whether the customer is eligible for {name}",))
    return Truth(answer is wanted, (case.holding.id,))


def _blocklist(when: When, case: Circumstances) -> Truth:
    check = last_lock_check(case.facts, "blocklist", case.now, case.lock_days)
    answer = None if check is None or check.blocklist == "unknown" else check.blocklist
    return _one_of(answer, when.blocklist, "whether the phone is on a blocklist", check)


def _activation(when: When, case: Circumstances) -> Truth:
    check = last_lock_check(case.facts, "activation", case.now, case.lock_days)
    answer = None if check is None or check.activation == "unknown" else check.activation
    return _one_of(answer, when.activation, "whether the activation lock is on", check)


def last_lock_check(facts: CaseFacts, what: str, now: datetime, max_days: int | None) -> LockCheck | None:
    """Return the newest answer about one lock; none that is too old, or from before the phone was last given back."""
    left = last_left_at(facts)
    answers = [
        check
        for check in facts.current(LockCheck)
        if (check.activation if what == "activation" else check.blocklist) is not None
        if (left is None or check.at > left)
        if (max_days is None or (now - check.at).total_seconds() <= max_days * 86400)
    ]
    return answers[-1] if answers else None


def _one_of(value: str | None, wanted: Iterable[str] | None, unknown: str, fact: Fact | None) -> Truth:
    if value is None:
        return Truth(None, (), (unknown,))
    return Truth(value in (wanted or ()), () if fact is None else (fact.id,))


def _spanned(value: int | None, span: Span | None, unknown: str, fact: Holding | None) -> Truth:
    if value is None or span is None or fact is None:
        return Truth(None, (), (unknown,))
    return Truth(span.holds(value), (fact.id,))


_PARTS: dict[str, Callable[[When, Circumstances], Truth]] = {
    "tests": _tests,
    "complaint_tests": _complaint_tests,
    "measure": _measure,
    "defects": _defects,
    "cosmetic_grades": _cosmetic_grades,
    "assessment": _assessment,
    "needs_review": _needs_review,
    "identity": _identity,
    "device_known": _device_known,
    "brands": _brands,
    "other_brands": _other_brands,
    "fresh_photos": _fresh_photos,
    "incident": _incident,
    "activated_days": _activated_days,
    "owned_months": _owned_months,
    "warranty": _warranty,
    "cover": _cover,
    "eligible": _eligible,
    "not_eligible": _not_eligible,
    "blocklist": _blocklist,
    "activation": _activation,
}
