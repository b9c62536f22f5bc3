"""The routes of a reviewer's desk: taking one review, and trying a verdict out before it is given."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field
from sqlalchemy import Connection, select

from phonegrade.core.data_errors import NotFoundError
from phonegrade.core.inspection import Defect
from phonegrade.core.strict import Strict
from phonegrade.grading.decision import Decision
from phonegrade.grading.explain.comparison import Comparison
from phonegrade.journeys.evidence_facts import AssessmentRevision, ReviewRequest
from phonegrade.journeys.review_rules import refuse_reviewer
from phonegrade.service.case_parts import Cases, CasesDep, OnceDep, content_of, stored
from phonegrade.service.case_route import CaseRoute
from phonegrade.service.examples import CASE_ERRORS
from phonegrade.service.parts import PartsDep
from phonegrade.service.review_edits import DefectVerdict, JudgedCase, regrade_judged
from phonegrade.service.review_queue import HolderDep, RequestId, ReviewTask, planted_task, task_of
from phonegrade.store.answers import StoredAnswer
from phonegrade.store.cases import StoredCase
from phonegrade.store.fact_tables import BY_MODEL
from phonegrade.store.honeypots import find_task
from phonegrade.store.reviews import take_review

router = APIRouter(tags=["reviews"], route_class=CaseRoute)
_REQUESTS = BY_MODEL[ReviewRequest].table


class NewTrial(Strict):
    """Defects as a reviewer would judge them."""

    defects: Annotated[tuple[DefectVerdict, ...], Field(max_length=500)] = ()


class Trial(Strict):
    """What a verdict would lead to."""

    decision: Decision
    comparison: Comparison
    measured: tuple[Defect | None, ...]
    """Sizes and zone of each judged defect that was outlined or is of another kind; None for the others."""


def find_request(connection: Connection, tenant: str, request_id: str) -> ReviewRequest:
    """Return a request for a review. Raises NotFoundError."""
    statement = select(_REQUESTS.c.record).where(_REQUESTS.c.tenant == tenant, _REQUESTS.c.id == request_id)
    record = connection.execute(statement).scalar_one_or_none()
    if record is None:
        raise NotFoundError(f"no request for a review {request_id}")
    return ReviewRequest.model_validate_json(record)


def reviewed(connection: Connection, cases: Cases, request_id: str) -> tuple[StoredCase, AssessmentRevision]:
    """Return the case and the assessment that a request, or a planted review, is about. Raises NotFoundError."""
    planted = find_task(connection, cases.tenant, request_id, cases.caller.id)
    named = planted or find_request(connection, cases.tenant, request_id)
    case = cases.load(connection, named.case)
    revision = case.facts.by_id(AssessmentRevision, named.assessment)
    if revision is None:
        raise NotFoundError(f"no assessment {named.assessment}")
    return case, revision


@router.post(
    "/v1/reviews/{request_id}/take", summary="Take one review", response_model=ReviewTask, responses=CASE_ERRORS
)
async def take_one(request_id: RequestId, cases: CasesDep, once: OnceDep, holder: HolderDep) -> Response:
    """Keep a certain request for the caller for ten minutes from now; 409 where somebody else has it, or answered."""

    def work(connection: Connection) -> StoredAnswer:
        planted = find_task(connection, cases.tenant, request_id, cases.caller.id)
        if planted is not None:
            return stored(200, planted_task(connection, cases, planted))
        request = find_request(connection, cases.tenant, request_id)
        refuse_reviewer(request, cases.load(connection, request.case).facts, cases.caller.id)
        leased = take_review(connection, cases.tenant, request, holder, cases.parts.clock())
        return stored(200, task_of(connection, cases, leased))

    return await once.answer(content_of(), work)


@router.post("/v1/reviews/{request_id}/trial", summary="Try a verdict out", response_model=Trial, responses=CASE_ERRORS)
async def try_out(request_id: RequestId, body: NewTrial, cases: CasesDep, once: OnceDep, parts: PartsDep) -> Response:
    """Answer what the case would be graded with its defects as judged; nothing is recorded."""

    case, revision = await cases.read(lambda connection: reviewed(connection, cases, request_id))
    regraded = await regrade_judged(case, revision, body.defects, cases, parts)
    return await once.answer(content_of(body), lambda _: stored(200, _trial(regraded)))


def _trial(regraded: JudgedCase) -> Trial:
    decision = regraded.graded.record.decision
    return Trial(decision=decision, comparison=regraded.comparison, measured=regraded.measured)
