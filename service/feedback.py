"""The route by which what people have judged comes back as a labelled set."""

import json
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.concurrency import run_in_threadpool

from phonegrade.service.case_parts import CasesDep
from phonegrade.service.case_route import CaseRoute
from phonegrade.service.examples import CASE_READ_ERRORS
from phonegrade.service.keys import Scope
from phonegrade.service.use_cases.feedback import coco_document, judged_photos

router = APIRouter(tags=["reviews"], route_class=CaseRoute)


@router.get(
    "/v1/feedback/defects.coco.json",
    summary="Judged defects as COCO",
    response_class=Response,
    responses={**CASE_READ_ERRORS, 200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
)
async def judged_defects(
    cases: CasesDep,
    after: Annotated[str | None, Query(max_length=64, description="`info.next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=500, description="Cases a page.")] = 100,
) -> Response:
    """Answer the defects that people have judged on photos of cases whose customers agree to training.

    `file_name` is a photo's id, whose picture `/v1/photos/{id}/image` answers.
    """
    cases.caller.require(Scope.REVIEWER, Scope.ADMIN)
    page = await cases.read(lambda connection: judged_photos(connection, cases.tenant, after, limit))
    document = await run_in_threadpool(coco_document, page, cases.store.blobs, cases.tenant, cases.parts.clock())
    return Response(json.dumps(document), media_type="application/json")
