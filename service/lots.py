"""The routes of a warehouse: lots, their scans, and where each phone is put away."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from phonegrade.service.case_acting import act_once, acting
from phonegrade.service.case_parts import Cases, CasesDep, OnceDep
from phonegrade.service.case_route import CaseRoute
from phonegrade.service.epcis import router as epcis
from phonegrade.service.examples import CASE_ERRORS, CASE_READ_ERRORS
from phonegrade.service.keys import Scope
from phonegrade.service.use_cases import lots
from phonegrade.service.use_cases.acting import Acting
from phonegrade.store.lots import list_lots

router = APIRouter(tags=["lots"], route_class=CaseRoute)
LotId = Annotated[str, Path(max_length=64, description="Of the lot.")]


def _may_work(cases: Cases) -> None:
    """Raise ForbiddenError for a key that does not work in a warehouse."""
    cases.caller.require(Scope.WAREHOUSE, Scope.ADMIN)


def _may_read(cases: Cases) -> None:
    cases.caller.require(Scope.WAREHOUSE, Scope.STORE, Scope.ADMIN)


@router.post("/v1/lots", status_code=201, summary="Announce a lot", response_model=lots.LotView, responses=CASE_ERRORS)
async def announce(body: lots.NewLot, cases: CasesDep, once: OnceDep) -> Response:
    """Keep what a delivery should hold: devices and how many, phones of cases, or phones by their numbers."""
    _may_work(cases)
    return await act_once(cases, once, body, lambda one: lots.new_lot(one, body))


@router.get("/v1/lots", summary="List lots, newest first", responses=CASE_READ_ERRORS)
async def list_of_lots(
    cases: CasesDep,
    before: Annotated[str | None, Query(max_length=64, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> lots.LotPage:
    """Answer the tenant's lots by cursor, each with expected against received."""
    _may_read(cases)

    def work(one: Acting) -> lots.LotPage:
        several = list_lots(one.connection, one.tenant, before, limit + 1)
        page = tuple(lots.read_lot(one, lot.id) for lot in several[:limit])
        return lots.LotPage(lots=page, next=page[-1].lot if len(several) > limit else None)

    return await cases.read(lambda connection: work(acting(cases, connection)))


@router.get("/v1/lots/{lot_id}", summary="Read a lot", responses=CASE_READ_ERRORS)
async def read(lot_id: LotId, cases: CasesDep) -> lots.LotView:
    """Answer expected against received, line by line, and what lies in which bin."""
    _may_read(cases)
    return await cases.read(lambda connection: lots.read_lot(acting(cases, connection), lot_id))


@router.post(
    "/v1/lots/{lot_id}/scan",
    status_code=201,
    summary="Scan a phone of a lot",
    response_model=lots.ScanAnswer,
    responses=CASE_ERRORS,
)
async def scan(lot_id: LotId, body: lots.NewScan, cases: CasesDep, once: OnceDep) -> Response:
    """Count a phone, answer into which bin it goes and why, and with `put_away` record that it lies there.

    A bin that phones are sold from is refused while the resale gate is closed, whatever the rules say.
    """
    _may_work(cases)
    rules = cases.parts.deals.put_away
    return await act_once(cases, once, body, lambda one: lots.scan(one, lot_id, body, rules))


@router.post("/v1/lots/{lot_id}/close", summary="Close a lot", response_model=lots.LotView, responses=CASE_ERRORS)
async def close(lot_id: LotId, cases: CasesDep, once: OnceDep) -> Response:
    """Expect nothing more; what the lot is short of becomes an event."""
    _may_work(cases)
    return await act_once(cases, once, None, lambda one: lots.close(one, lot_id), status=200)


router.include_router(epcis)
