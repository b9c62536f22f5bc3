"""The routes that export custody and lots as EPCIS 2.0 documents."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from sqlalchemy import Connection

from phonegrade.journeys.epcis import epcis_document, lot_events, phone_events
from phonegrade.service.case_acting import acting
from phonegrade.service.case_parts import Cases, CasesDep
from phonegrade.service.case_route import CaseRoute
from phonegrade.service.examples import CASE_READ_ERRORS
from phonegrade.service.keys import Scope
from phonegrade.store.assets import root_of
from phonegrade.store.lots import load_lot, lots_of_phone

router = APIRouter(tags=["lots"], route_class=CaseRoute)
JSON_LD = "application/ld+json"
_ANSWER: dict[int | str, dict[str, Any]] = {
    **CASE_READ_ERRORS,
    200: {"description": "An EPCISDocument", "content": {JSON_LD: {"schema": {"type": "object"}}}},
}


@router.get(
    "/v1/assets/{asset_id}/events.epcis",
    summary="A phone's way as EPCIS 2.0",
    response_class=Response,
    responses=_ANSWER,
)
async def phone(
    asset_id: Annotated[str, Path(max_length=64, description="Of the phone.")], cases: CasesDep
) -> Response:
    """Answer custody, scans, put-away, inspections and erasure as ObjectEvents; without any number or customer."""
    _may_export(cases)

    def work(connection: Connection) -> list[dict[str, Any]]:
        one = acting(cases, connection)
        facts = one.case_of_phone(asset_id).facts
        return phone_events(facts, lots_of_phone(connection, cases.tenant, root_of(connection, cases.tenant, asset_id)))

    return _document(cases, await cases.read(work))


@router.get("/v1/lots/{lot_id}/events.epcis", summary="A lot as EPCIS 2.0", response_class=Response, responses=_ANSWER)
async def lot(lot_id: Annotated[str, Path(max_length=64, description="Of the lot.")], cases: CasesDep) -> Response:
    """Answer what was scanned of a lot and put away as ObjectEvents."""
    _may_export(cases)
    stored = await cases.read(lambda connection: load_lot(connection, cases.tenant, lot_id))
    return _document(cases, lot_events(stored.scans, stored.items))


def _may_export(cases: Cases) -> None:
    """Raise ForbiddenError for a key that may not see every phone."""
    cases.caller.require(Scope.WAREHOUSE, Scope.STORE, Scope.ADMIN)


def _document(cases: Cases, events: list[dict[str, Any]]) -> Response:
    return Response(json.dumps(epcis_document(events, cases.parts.clock())), media_type=JSON_LD)
