"""What a reviewer changes about the defects of an assessment: found in every photo that shows them, and measured."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, cast

from fastapi.concurrency import run_in_threadpool
from pydantic import TypeAdapter

from phonegrade.assessment.assessment import Assessment
from phonegrade.core.data_errors import FactConflictError, NotFoundError
from phonegrade.core.inspection import Defect, Inspection, Point
from phonegrade.core.strict import Strict
from phonegrade.core.vocabulary import DefectKind, Surface
from phonegrade.grading.explain.comparison import Comparison, GradedAnswer, compare
from phonegrade.journeys.evidence_facts import AssessmentRevision, ReviewedDefect, StoredPhoto
from phonegrade.journeys.fact import FactId, Sha256
from phonegrade.journeys.facts import CaseFacts
from phonegrade.journeys.revisions import graded_answer
from phonegrade.service.case_basis import device_in, policy_of
from phonegrade.service.case_evidence import corrected
from phonegrade.service.case_grading import GradedCase, evidence_in, grade_case
from phonegrade.service.case_parts import Cases
from phonegrade.service.case_store import of_client
from phonegrade.service.parts import Parts
from phonegrade.service.tasks import Body, MeasureOutlines
from phonegrade.store.cases import StoredCase
from phonegrade.store.records import get_assessment

_DEFECTS: TypeAdapter[tuple[Defect, ...]] = TypeAdapter(tuple[Defect, ...])


class DefectVerdict(Strict):
    """One defect as the reviewer judges it."""

    surface: Surface
    photo_sha256: Sha256
    defect_id: str | None = None
    """As the assessment names it; None for one that the reviewer drew."""
    polygon: tuple[Point, ...] = ()
    kind: DefectKind | None
    """None: there is no damage."""


class JudgedCase(NamedTuple):
    """An assessment whose defects were judged: as facts, and what follows."""

    judged: tuple[ReviewedDefect, ...]
    measured: tuple[Defect | None, ...]
    """For each that was sent; None where nothing had to be measured."""
    graded: GradedCase
    comparison: Comparison


class _Part(NamedTuple):
    """One verdict in one photo that shows its defect."""

    of: int
    """Which of the verdicts that were sent."""
    photo: StoredPhoto
    defect: Defect | None
    """As that photo's inspection has it; None for one that was drawn."""
    verdict: DefectVerdict

    @property
    def outline(self) -> tuple[Point, ...]:
        """What has to be measured; () for nothing."""
        one = self.verdict
        if one.kind is None:
            return ()
        if one.polygon and one.photo_sha256 == self.photo.sha256:
            return one.polygon
        is_other_kind = self.defect is not None and one.kind is not self.defect.kind
        return self.defect.polygon if self.defect is not None and is_other_kind else ()


async def regrade_judged(
    case: StoredCase, revision: AssessmentRevision, verdicts: Sequence[DefectVerdict], cases: Cases, parts: Parts
) -> JudgedCase:
    """Return what the case is graded with its defects as judged.

    Raises NotFoundError for a photo or a defect that is not there, OutlineError for an outline beside the phone, and
    FactConflictError while a photo waits for its inspection.
    """
    facts = case.facts
    before = await cases.read(lambda connection: get_assessment(connection, cases.tenant, revision.record_sha256))
    evidence = await evidence_in(facts, cases, parts)
    if evidence.waiting:
        raise FactConflictError("a photo of the case is not inspected yet; try again in a moment")
    shown = {sha256: corrected(record, facts) for sha256, record in evidence.records.items()}
    placed = list(_placed(verdicts, before, shown, facts))
    sizes = await _measured(placed, facts, cases, parts)
    review = cases.stamp()["id"]
    with of_client():
        judged = tuple(_fact(one, sizes.get(index), review, facts, cases) for index, one in enumerate(placed))
    graded = await grade_case(StoredCase(facts.with_facts(judged), case.version), revision.visit, cases, parts)
    after = GradedAnswer(
        source=revision.source,
        decision=graded.record.decision,
        inspections=graded.record.inspections,
        functional=graded.record.functional,
    )
    comparison = compare(graded_answer(revision, before.inspections), after, policy_of(facts, parts))
    first: dict[int, Defect] = {}
    for index, one in enumerate(placed):
        if index in sizes and one.photo.sha256 == one.verdict.photo_sha256:
            first[one.of] = sizes[index]
    return JudgedCase(judged, tuple(first.get(index) for index in range(len(verdicts))), graded, comparison)


def _placed(
    verdicts: Sequence[DefectVerdict], assessment: Assessment, shown: dict[str, Inspection], facts: CaseFacts
) -> Iterator[_Part]:
    photos = {one.sha256: one for one in facts.current(StoredPhoto) if one.state != "erased"}
    for index, verdict in enumerate(verdicts):
        photo = photos.get(verdict.photo_sha256)
        if photo is None or photo.surface is not verdict.surface:
            raise NotFoundError(f"the case has no photo of the {verdict.surface} with that hash")
        if verdict.defect_id is None:
            yield _Part(index, photo, None, verdict)
            continue
        matching = [
            _Part(index, photos[sha256], defect, verdict)
            for sha256, defect in _views_of(verdict.surface, verdict.defect_id, assessment, shown)
            if sha256 in photos
        ]
        if not matching:
            raise NotFoundError(f"the assessment has no defect {verdict.defect_id:.80} on the {verdict.surface}")
        yield from matching


def _views_of(
    surface: Surface, defect_id: str, assessment: Assessment, shown: dict[str, Inspection]
) -> Iterator[tuple[str, Defect]]:
    """Yield, for each photo that shows a defect of an assessment, its hash and the defect as its inspection has it.

    An assessment names defects of several views anew, so that one seen in two has one name; their outlines stay.
    """
    views: dict[str, Inspection | None] = {
        one.sha256: assessment.inspection_of(surface, one)
        for one in (assessment.views[surface].photos if surface in assessment.views else ())
    }
    if surface in assessment.inspections:
        graded = assessment.inspections[surface]
        views.setdefault(graded.photo_sha256, graded)
    for sha256, inspection in views.items():
        named = [] if inspection is None else [one for one in inspection.defects if one.id == defect_id]
        own = shown[sha256].defects if sha256 in shown else ()
        for defect in own:
            if any(one.polygon == defect.polygon for one in named):
                yield sha256, defect


async def _measured(placed: Sequence[_Part], facts: CaseFacts, cases: Cases, parts: Parts) -> dict[int, Defect]:
    """Return sizes and zones of what the verdicts outline, by the part's place in `placed`."""
    by_photo: dict[str, list[int]] = defaultdict(list)
    for index, one in enumerate(placed):
        if one.outline:
            by_photo[one.photo.sha256].append(index)
    sizes: dict[int, Defect] = {}
    for sha256, indexes in by_photo.items():
        data = await run_in_threadpool(cases.store.blobs.get, cases.tenant, sha256)
        defects = await _measure(data, [placed[index] for index in indexes], facts, parts)
        sizes.update(zip(indexes, defects, strict=True))
    return sizes


async def _measure(data: bytes, of_photo: Sequence[_Part], facts: CaseFacts, parts: Parts) -> Iterable[Defect]:
    photo = of_photo[0].photo
    if photo.surface is None:
        raise ValueError(f"photo {photo.id} is of no surface")
    outlines = tuple(
        (f"outline {number}", one.verdict.kind, one.outline)
        for number, one in enumerate(of_photo, 1)
        if one.verdict.kind is not None
    )
    work = MeasureOutlines(photo.id, photo.surface, device_in(facts, parts), outlines)
    answer = cast(Body, await parts.pool.run(work, data, urgent=True))
    return _DEFECTS.validate_json(answer.content)


def _fact(one: _Part, measured: Defect | None, review: FactId, facts: CaseFacts, cases: Cases) -> ReviewedDefect:
    own = one.verdict.photo_sha256 == one.photo.sha256
    members: dict[str, Any] = {
        **cases.stamp(),
        "case": facts.case.id,
        "review": review,
        "surface": one.verdict.surface,
        "photo_sha256": one.photo.sha256,
        "defect_id": None if one.defect is None else one.defect.id,
        "polygon": one.verdict.polygon if own else (),
        "kind": one.verdict.kind,
        "measured": measured,
    }
    return ReviewedDefect(**members)
