"""Assessments as facts of a case, and the change from one to another as the customer reads it."""

from collections.abc import Mapping
from datetime import datetime

from phonegrade.configs.policy import Policy
from phonegrade.core.functional.report import FunctionalReport
from phonegrade.core.inspection import Inspection
from phonegrade.core.strict import Strict
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.decision import Decision
from phonegrade.grading.explain.comparison import Comparison, GradeChange, GradedAnswer, compare
from phonegrade.grading.gradability import counted_defects
from phonegrade.journeys.evidence import AT_HAND, SOURCE_OF, current_assessment
from phonegrade.journeys.evidence_facts import AssessmentRevision, CountedDefect, StoredPhoto, TestRun
from phonegrade.journeys.fact import FactId, PrincipalId
from phonegrade.journeys.facts import CaseFacts, Channel


class ChangedSurface(Strict):
    """The photos that one change rests on; None where there was no photo, or it has been erased since."""

    before: FactId | None
    after: FactId | None


class ExplainedChange(Strict):
    """One difference: the rule and its words, and both pictures."""

    change: GradeChange
    photos: ChangedSurface | None
    """None for a change that no photo shows, such as a test."""


class GradeDelta(Strict):
    """Why a grade differs from the one before, for the customer to accept or dispute."""

    before: FactId
    after: FactId
    comparison: Comparison
    changes: tuple[ExplainedChange, ...]
    """Those that made the grade worse first."""


def assessment_revision(
    facts: CaseFacts,
    decision: Decision,
    inspections: Mapping[Surface, Inspection],
    functional: FunctionalReport | None,
    policy: Policy,
    *,
    fact_id: FactId,
    at: datetime,
    by: PrincipalId,
    visit: FactId | None,
    record_sha256: str,
    device: str | None = None,
    journey_sha256: str | None = None,
) -> AssessmentRevision:
    """Return the fact that records an assessment, numbered after the ones before; `device` None where it was assumed.

    `decision` must come from `policy`. The source is the least sure channel that a photo or a test came from: one
    photo from the app makes an assessment in the warehouse provisional.
    """
    number = max((one.number for one in facts.every(AssessmentRevision)), default=0) + 1
    photos = {surface: inspection.photo_sha256 for surface, inspection in inspections.items()}
    return AssessmentRevision(
        id=fact_id,
        at=at,
        by=by,
        visit=visit,
        case=facts.case.id,
        number=number,
        source=SOURCE_OF[_least_sure_channel(facts, frozenset(photos.values()), visit)],
        decision=decision,
        functional=None if functional is None else functional.model_copy(update={"imei": None}),
        counted=tuple(
            CountedDefect(
                id=defect.id,
                surface=surface,
                kind=defect.kind,
                zone=defect.zone,
                length_mm=defect.length_mm,
            )
            for surface, inspection in inspections.items()
            for defect in counted_defects(surface, inspection, policy)
        ),
        photos=photos,
        device=device,
        record_sha256=record_sha256,
        journey_sha256=journey_sha256,
    )


def _least_sure_channel(facts: CaseFacts, photos: frozenset[str], visit: FactId | None) -> Channel:
    """Return the channel of the photos and tests behind an assessment, one without the phone at hand first."""
    behind = [photo for photo in facts.current(StoredPhoto) if photo.sha256 in photos]
    runs = [run for run in facts.current(TestRun) if facts.channel_of(run) in AT_HAND]
    channels = [facts.channel_of(one) for one in (*behind, *(runs[-1:] or facts.current(TestRun)[-1:]))]
    remote = [channel for channel in channels if channel not in AT_HAND]
    return (remote or channels or [facts.case.channel])[-1]


def graded_answer(revision: AssessmentRevision, inspections: Mapping[Surface, Inspection]) -> GradedAnswer:
    """Return a revision as grading compares it, with the inspections of its stored record."""
    return GradedAnswer(
        source=revision.source,
        decision=revision.decision,
        inspections=dict(inspections),
        functional=revision.functional,
    )


def delta_of(
    before: AssessmentRevision,
    after: AssessmentRevision,
    facts: CaseFacts,
    inspections: tuple[Mapping[Surface, Inspection], Mapping[Surface, Inspection]],
    policy: Policy,
) -> GradeDelta:
    """Return why a grade differs from an earlier one; `inspections` are those of both records, the earlier first."""
    comparison = compare(graded_answer(before, inspections[0]), graded_answer(after, inspections[1]), policy)
    order = {"worse": 0, "better": 1, "other": 2}
    changes = sorted(comparison.changes, key=lambda change: order[change.effect])
    return GradeDelta(
        before=before.id,
        after=after.id,
        comparison=comparison,
        changes=tuple(
            ExplainedChange(change=change, photos=_photos(change.reason.surface, before, after, facts))
            for change in changes
        ),
    )


def _photos(
    surface: Surface | None, before: AssessmentRevision, after: AssessmentRevision, facts: CaseFacts
) -> ChangedSurface | None:
    if surface is None:
        return None
    return ChangedSurface(before=_photo(surface, before, facts), after=_photo(surface, after, facts))


def _photo(surface: Surface, revision: AssessmentRevision, facts: CaseFacts) -> FactId | None:
    sha256 = revision.photos.get(surface)
    shown = (one.id for one in facts.every(StoredPhoto) if one.sha256 == sha256 and one.state != "erased")
    return next(shown, None)


def revision_before(revision: AssessmentRevision, facts: CaseFacts) -> AssessmentRevision | None:
    """Return the revision that one is compared with: the newest provisional one of a lower number, else the newest."""
    earlier = [one for one in facts.every(AssessmentRevision) if one.number < revision.number]
    return max(earlier, key=lambda one: (not one.at_hand, one.number), default=None)


def is_current(revision: AssessmentRevision, facts: CaseFacts) -> bool:
    """Return whether a revision is the one that holds."""
    current = current_assessment(facts)
    return current is not None and current.id == revision.id
