"""The routes of what happens: events by cursor, as a stream that a client resumes, and a tenant's figures."""

from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from phonegrade.service.case_parts import Cases, CasesDep
from phonegrade.service.case_route import CaseRoute
from phonegrade.service.event_feed import LIFE_S, EventPage, event_lines, page_of, start_after
from phonegrade.service.examples import CASE_READ_ERRORS
from phonegrade.service.keys import Scope
from phonegrade.service.parts import PartsDep
from phonegrade.service.tasks import EVENTS
from phonegrade.store.event_log import PlacedEvent, events_after
from phonegrade.store.figures import Figures, read_figures

router = APIRouter(tags=["events"], route_class=CaseRoute, responses=CASE_READ_ERRORS)
After = Annotated[int, Query(ge=0, le=10**15, description="`next` of the page before; 0 begins at the beginning.")]
Types = Annotated[
    list[str] | None, Query(alias="type", max_length=20, description="Such as phonegrade.offer.*; repeat it for more.")
]


def _may_read(cases: Cases) -> None:
    """Raise ForbiddenError for a key that may not see the events of every case."""
    cases.caller.require(Scope.ADMIN, Scope.WAREHOUSE, Scope.STORE)


async def _next(cases: Cases, after: int, types: list[str] | None, limit: int) -> list[PlacedEvent]:
    return await run_in_threadpool(events_after, cases.store.database, cases.tenant, after, types or (), limit)


@router.get("/v1/events", summary="Events by cursor")
async def page(
    cases: CasesDep, after: After = 0, types: Types = None, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> EventPage:
    """Answer the tenant's next events, oldest first, in the CloudEvents 1.0 envelope."""
    _may_read(cases)
    return page_of(await _next(cases, after, types, limit), after)


@router.get(
    "/v1/events/stream",
    summary="Events as they happen",
    response_class=StreamingResponse,
    responses={200: {"content": {EVENTS: {"schema": {"type": "string"}}}}},
)
async def stream(
    cases: CasesDep,
    parts: PartsDep,
    after: After = 0,
    types: Types = None,
    last_event_id: Annotated[str | None, Header(max_length=40)] = None,
) -> StreamingResponse:
    """Send events as server-sent events; a browser's EventSource comes again by itself where it stopped."""
    _may_read(cases)
    start = start_after(after, last_event_id)
    lines = event_lines(
        lambda position: _next(cases, position, types, 100), start, life_s=LIFE_S, is_ending=parts.ending.is_set
    )
    return StreamingResponse(lines, media_type=EVENTS, headers={"cache-control": "no-store", "x-accel-buffering": "no"})


@router.get("/v1/figures", summary="The journeys in figures")
async def figures(cases: CasesDep) -> Figures:
    """Answer where the tenant's cases stand, how long steps take, where customers leave, and what came of reviews."""
    cases.caller.require(Scope.STORE, Scope.ADMIN)
    now = cases.parts.clock()
    return await cases.read(lambda connection: read_figures(connection, now, cases.tenant))
