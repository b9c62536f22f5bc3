"""The routes of receipts, which customers read by addresses that nobody can guess, and of a phone's other cases."""

import hmac
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Connection, select

from phonegrade.core.data_errors import NotFoundError
from phonegrade.core.errors import NotReadyError
from phonegrade.core.strict import Strict
from phonegrade.journeys.deal import quote_state
from phonegrade.journeys.deal_facts import Quote, QuoteState
from phonegrade.journeys.fact import FactId, Utc
from phonegrade.journeys.facts import Channel, Visit
from phonegrade.journeys.receipt import Receipt, receipt_of
from phonegrade.journeys.signed_record import sign_record
from phonegrade.service.case_acting import acting
from phonegrade.service.case_parts import Cases, CasesDep
from phonegrade.service.case_route import CaseRoute
from phonegrade.service.case_store import CaseStore
from phonegrade.service.cases import CaseId
from phonegrade.service.examples import CASE_READ_ERRORS
from phonegrade.service.pages import language_of
from phonegrade.service.parts import Parts, PartsDep
from phonegrade.service.receipt_pdf import receipt_pdf
from phonegrade.service.use_cases.hand_offs import qr_svg
from phonegrade.store.assets import cases_of, root_of
from phonegrade.store.cases import load_case
from phonegrade.store.tables import CASES

own = APIRouter(tags=["cases"], route_class=CaseRoute, responses=CASE_READ_ERRORS)
public = APIRouter(include_in_schema=False)
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
}


class ReceiptAddress(Strict):
    """Where a customer reads their receipt."""

    path: str
    """Below the service's address; `?as=json` answers the signed record, and without it a PDF comes."""
    qr_svg: str
    """The whole address as a QR code."""


class OtherCase(Strict):
    """A case of a phone, and where it goes on."""

    case: FactId
    at: Utc
    journey: str
    channel: Channel
    site: str | None
    station: str | None
    quote: QuoteState | None


class PhoneCases(Strict):
    """Every case of a phone, newest first."""

    cases: tuple[OtherCase, ...]


@own.get("/v1/cases/{case_id}/receipt", summary="Where the customer reads the receipt")
async def receipt_address(case_id: CaseId, request: Request, cases: CasesDep) -> ReceiptAddress:
    """Answer the address of the receipt: whoever has it reads condition, grade and offer, and changes nothing."""
    await cases.read(lambda connection: cases.load(connection, case_id))
    path = f"r/{cases.tenant}/{case_id}/{cases.store.vault.receipt_code(cases.tenant, case_id)}"
    return ReceiptAddress(path=f"/{path}", qr_svg=qr_svg(f"{request.base_url}{path}", "QR"))


@own.get("/v1/assets/{asset_id}/cases", summary="Every case of a phone")
async def cases_of_phone(asset_id: Annotated[str, Path(max_length=64)], cases: CasesDep) -> PhoneCases:
    """Answer where a phone has been brought in before: a second offer for one phone is no offer."""
    return await cases.read(lambda connection: _cases_of_phone(connection, cases, asset_id))


@public.get("/r/{tenant}/{case_id}/{code}")
async def receipt(
    tenant: Annotated[str, Path(max_length=64)],
    case_id: CaseId,
    code: Annotated[str, Path(max_length=64)],
    request: Request,
    parts: PartsDep,
) -> Response:
    """Answer the receipt as a PDF, or as the signed record."""
    store = _store(parts)
    right = store.store.vault.receipt_code(tenant, case_id)
    if not hmac.compare_digest(right.encode(), code.encode()):
        raise NotFoundError("there is no such receipt")
    record = await run_in_threadpool(_read, store, tenant, case_id)
    signed = sign_record(record, store.store.vault.signing_seed())
    name = f'filename="receipt-{case_id}'
    if request.query_params.get("as") == "json":
        headers = {**_HEADERS, "Content-Disposition": f'attachment; {name}.json"'}
        return Response(signed, headers=headers, media_type="application/json")
    here = f"{request.base_url}r/{tenant}/{case_id}/{code}"
    pdf = await run_in_threadpool(receipt_pdf, record, signed, here, language_of(request))
    headers = {**_HEADERS, "Content-Disposition": f'inline; {name}.pdf"'}
    return Response(pdf, headers=headers, media_type="application/pdf")


def _read(store: CaseStore, tenant: str, case_id: str) -> Receipt:
    with store.store.database.read() as connection:
        forgotten = select(CASES.c.forgotten_at).where(CASES.c.tenant == tenant, CASES.c.id == case_id)
        facts = load_case(connection, tenant, case_id).facts
        if connection.execute(forgotten).scalar() is not None:
            raise NotFoundError("there is no such receipt")
        return receipt_of(facts, store.clock())


def _cases_of_phone(connection: Connection, cases: Cases, asset: str) -> PhoneCases:
    one = acting(cases, connection)
    ids = cases_of(connection, cases.tenant, root_of(connection, cases.tenant, asset))
    loaded = [one.load(case).facts for case in ids if one.only_case in (None, case)]
    lines = []
    for facts in loaded:
        visit, quote = facts.latest(Visit), facts.latest(Quote)
        lines.append(
            OtherCase(
                case=facts.case.id,
                at=facts.case.at,
                journey=facts.case.journey,
                channel=facts.case.channel if visit is None else visit.channel,
                site=None if visit is None else visit.site,
                station=None if visit is None else visit.station,
                quote=None if quote is None else quote_state(quote, facts, one.now),
            )
        )
    return PhoneCases(cases=tuple(lines))


def _store(parts: Parts) -> CaseStore:
    if parts.cases is None:
        raise NotReadyError("the store is not open yet")
    return parts.cases
