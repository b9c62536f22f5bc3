"""The routes of what follows a grade: hand-offs, qualifications, offers, locks, erasure, custody, lots and events.

A route reads with `cases.read`, which runs in the thread pool, and sees only its own tenant's cases through
`cases.load`. One that writes does so in the transaction of its answer, which `once` keeps for repeats:

    @router.post("/v1/cases/{case_id}/settlement", status_code=201, responses=CASE_ERRORS)
    async def settle(
        case_id: CaseId, body: NewSettlement, cases: CasesDep, once: OnceDep, version: VersionDep
    ) -> Response:
        cases.caller.require(Scope.STORE, Scope.ADMIN)

        def work(connection: Connection) -> StoredAnswer:
            facts = cases.load(connection, case_id).facts
            with of_client():
                fact = Settlement(**cases.stamp(), case=case_id, visit=cases.visit_of(facts, None), quote=body.quote)
            added = add_facts(connection, cases.store.vault, cases.tenant, case_id, [fact], fact.at, version=version)
            return stored(201, RecordedFact(id=fact.id, version=added.version), added.version)

        return await once.answer(content_of(body, version), work)

The errors of the store and of the journeys become problems by themselves; a route that keeps an answer computed outside
the transaction asks `once.is_answered` first.
"""

from fastapi import APIRouter

from phonegrade.service.case_route import CaseRoute
from phonegrade.service.examples import CASE_ERRORS

router = APIRouter(tags=["deals"], route_class=CaseRoute, responses=CASE_ERRORS)
