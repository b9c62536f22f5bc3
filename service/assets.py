"""The routes of phones: locks, data erasure certificates, custody, overrides and the resale gate."""

from typing import Annotated

from fastapi import APIRouter, Path, Response
from fastapi.concurrency import run_in_threadpool

from phonegrade.core.strict import Strict
from phonegrade.journeys.deal_facts import Override
from phonegrade.journeys.device_facts import CustodyMove, ErasureCertificate, LockCheck
from phonegrade.journeys.fact import FactId
from phonegrade.service.case_acting import act_once, acting
from phonegrade.service.case_parts import CasesDep, OnceDep, VersionDep
from phonegrade.service.case_route import CaseRoute
from phonegrade.service.examples import CASE_ERRORS, CASE_READ_ERRORS
from phonegrade.service.lock_lookup import LockWord
from phonegrade.service.use_cases import erasures, phones
from phonegrade.service.use_cases.acting import Acting

router = APIRouter(tags=["phones"], route_class=CaseRoute, responses=CASE_ERRORS)


class LockLookupRequest(Strict):
    """The look-up is all that is asked for."""

    visit: FactId | None = None


AssetId = Annotated[str, Path(max_length=64, description="Of the phone.")]


@router.post(
    "/v1/assets/{asset_id}/locks", status_code=201, summary="Record a look-up of locks", response_model=LockCheck
)
async def record_locks(asset_id: AssetId, body: phones.LockAnswer, cases: CasesDep, once: OnceDep) -> Response:
    """Record what a service or a person answered on activation lock and blocklist; unknown never counts as good."""
    return await act_once(cases, once, body, lambda one: phones.record_locks(one, asset_id, body))


@router.post("/v1/assets/{asset_id}/locks/lookup", status_code=201, summary="Look locks up", response_model=LockCheck)
async def look_locks_up(asset_id: AssetId, body: LockLookupRequest, cases: CasesDep, once: OnceDep) -> Response:
    """Ask the operator's own list or command about the phone's numbers, and record what it answers.

    Whatever goes wrong is recorded as unknown, which lets a quote pass and blocks resale.
    """
    lookups = cases.parts.deals.locks
    answered = LockWord()
    if not await once.is_answered():
        questions = await cases.read(
            lambda connection: phones.lock_questions(acting(cases, connection), asset_id, body.visit)
        )
        answered = await run_in_threadpool(lookups.ask, questions)

    def record(one: Acting) -> LockCheck:
        answer = phones.LockAnswer(**answered.model_dump(), source=lookups.name, visit=body.visit)
        return phones.record_locks(one, asset_id, answer)

    return await act_once(cases, once, body, record)


@router.post(
    "/v1/assets/{asset_id}/erasures",
    status_code=201,
    summary="Add a data erasure certificate",
    response_model=erasures.AddedErasure,
)
async def add_erasure(asset_id: AssetId, body: erasures.ErasureUpload, cases: CasesDep, once: OnceDep) -> Response:
    """Add a certificate with the fields of NIST SP 800-88 Rev. 2, and answer whether it counts and why not."""
    blobs = cases.store.blobs
    return await act_once(cases, once, body, lambda one: erasures.add_erasure(one, blobs, asset_id, body))


@router.post(
    "/v1/assets/{asset_id}/erasures/{certificate_id}/revoke",
    summary="Revoke a certificate",
    response_model=ErasureCertificate,
)
async def revoke_erasure(
    asset_id: AssetId,
    certificate_id: Annotated[str, Path(max_length=64)],
    body: erasures.ErasureRevocation,
    cases: CasesDep,
    once: OnceDep,
) -> Response:
    """Let a certificate count no longer, and say why; the phone is blocked from resale at once."""
    return await act_once(
        cases, once, body, lambda one: erasures.revoke_erasure(one, asset_id, certificate_id, body), status=200
    )


@router.post(
    "/v1/assets/{asset_id}/custody", status_code=201, summary="The phone changes hands", response_model=CustodyMove
)
async def move(asset_id: AssetId, body: phones.CustodyRequest, cases: CasesDep, once: OnceDep) -> Response:
    """Record who has the phone from now on; a sale is refused while the resale gate is closed."""
    return await act_once(cases, once, body, lambda one: phones.move(one, asset_id, body))


@router.get("/v1/assets/{asset_id}/resale", summary="May it be resold?", responses=CASE_READ_ERRORS)
async def resale(asset_id: AssetId, cases: CasesDep) -> phones.AssetResale:
    """Answer ready, or blocked with every reason, and what a named person lifted."""
    return await cases.read(lambda connection: phones.resale(acting(cases, connection), asset_id))


@router.post("/v1/cases/{case_id}/overrides", status_code=201, summary="Lift a reason by name", response_model=Override)
async def override(
    case_id: Annotated[str, Path(max_length=64)],
    body: phones.OverrideRequest,
    cases: CasesDep,
    once: OnceDep,
    version: VersionDep,
) -> Response:
    """Record that a named person lifts a reason of the resale gate that the journey lets people lift, and why."""
    return await act_once(cases, once, body, lambda one: phones.override(one, case_id, body), version=version)
