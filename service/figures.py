"""The route of a tenant's own figures, for the charts of a home page."""

from fastapi import APIRouter

from phonegrade.service.case_parts import CasesDep
from phonegrade.service.case_route import CaseRoute
from phonegrade.service.examples import CASE_READ_ERRORS
from phonegrade.service.keys import Scope
from phonegrade.store.figures import Figures, read_figures

router = APIRouter(tags=["figures"], route_class=CaseRoute, responses=CASE_READ_ERRORS)


@router.get("/v1/figures", summary="The journeys in figures")
async def figures(cases: CasesDep) -> Figures:
    """Answer where the tenant's cases stand, how long steps take, where customers leave, and what came of reviews."""
    cases.caller.require(Scope.STORE, Scope.ADMIN)
    now = cases.parts.clock()
    return await cases.read(lambda connection: read_figures(connection, now, cases.tenant))
