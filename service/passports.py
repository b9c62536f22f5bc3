"""The routes of passports: publishing one, and reading it as a page or as signed JSON.

`/p/ASSET` and `/8004/GIAI` are open to everybody and answer for published passports alone. They never ask who calls: to
the middleware everybody is nobody there.
"""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection

from phonegrade.core.data_errors import NotFoundError
from phonegrade.core.errors import NotReadyError
from phonegrade.journeys.device_facts import Publication
from phonegrade.journeys.signed_record import sign_record
from phonegrade.service.case_acting import act_once, acting
from phonegrade.service.case_basis import policy_of
from phonegrade.service.case_parts import CasesDep, OnceDep
from phonegrade.service.case_route import CaseRoute
from phonegrade.service.case_store import CaseStore
from phonegrade.service.examples import CASE_ERRORS, CASE_READ_ERRORS
from phonegrade.service.pages import SECURITY_HEADERS, language_of
from phonegrade.service.parts import Parts, PartsDep
from phonegrade.service.passport_page import PageOfPassport, passport_html
from phonegrade.service.use_cases import passports
from phonegrade.service.use_cases.hand_offs import qr_svg
from phonegrade.service.use_cases.public_passports import PublicPassport, giai, public_passport, shown_photo, sizes

manage = APIRouter(tags=["phones"], route_class=CaseRoute, responses=CASE_ERRORS)
public = APIRouter(include_in_schema=False)
AssetId = Annotated[str, Path(max_length=64, description="Of the phone.")]
WIDTH_PX = 960
"""Of the pictures of a passport."""
_SHOWN = {"Cache-Control": "no-cache", "Vary": "Accept, Accept-Language, Cookie", "X-Robots-Tag": "noindex"}
_PICTURE = {**_SHOWN, "Content-Disposition": "inline", "X-Content-Type-Options": "nosniff"}


@manage.post(
    "/v1/assets/{asset_id}/passport",
    status_code=201,
    summary="Publish a phone's passport, or withdraw it",
    response_model=Publication,
)
async def publish(asset_id: AssetId, body: passports.PublicationRequest, cases: CasesDep, once: OnceDep) -> Response:
    """Let everybody read the passport at /p/ASSET from now on, or nobody any more."""
    return await act_once(cases, once, body, lambda one: passports.publish(one, asset_id, body))


@manage.get(
    "/v1/assets/{asset_id}/passport",
    summary="Read a phone's passport",
    response_class=Response,
    responses={**CASE_READ_ERRORS, 200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
)
async def read_own(asset_id: AssetId, cases: CasesDep, parts: PartsDep) -> Response:
    """Answer the signed passport as everybody would read it, published or not."""

    def work(connection: Connection) -> bytes:
        one = acting(cases, connection)
        stored = one.case_of_phone(asset_id)
        passport = passports.passport(one, stored, policy_of(stored.facts, parts), giai(parts, asset_id))
        return sign_record(passport, cases.store.vault.signing_seed())

    return Response(await cases.read(work), headers={"Cache-Control": "no-store"}, media_type="application/json")


@public.get("/p/{asset_id}")
async def show(asset_id: AssetId, request: Request, parts: PartsDep) -> Response:
    """Answer a published passport: a page to who reads HTML, the signed record to everybody else."""
    store = _store(parts)
    try:
        passport = await run_in_threadpool(_read, parts, store, asset_id)
    except NotFoundError:
        if not _wants_html(request):
            raise
        empty = await run_in_threadpool(passport_html, None, language_of(request), _root(request))
        return HTMLResponse(empty, 404, headers={**SECURITY_HEADERS, **_SHOWN})
    signed = sign_record(passport.passport, store.store.vault.signing_seed())
    if not _wants_html(request):
        name = f'attachment; filename="passport-{passport.passport.asset}.json"'
        return Response(signed, headers={**_SHOWN, "Content-Disposition": name}, media_type="application/json")
    html = await run_in_threadpool(_page, passport, signed, request, store)
    return HTMLResponse(html, headers={**SECURITY_HEADERS, **_SHOWN})


@public.get("/8004/{giai_text}")
async def show_by_giai(giai_text: Annotated[str, Path(max_length=64)], request: Request, parts: PartsDep) -> Response:
    """Answer the same by the phone's GIAI, where the operator has a GS1 company prefix."""
    prefix = parts.settings.giai_prefix
    asset = "" if prefix is None else passports.asset_of_giai(prefix, giai_text)
    return await show(asset, request, parts)


@public.get("/p/{asset_id}/photos/{photo_id}")
async def photo(asset_id: AssetId, photo_id: Annotated[str, Path(max_length=64)], parts: PartsDep) -> Response:
    """Answer a picture of a published passport, and no other."""
    store = _store(parts)
    public = await run_in_threadpool(_read, parts, store, asset_id)
    data = await store.pictures.scaled(public.tenant, shown_photo(public, photo_id), WIDTH_PX)
    policy = {"Content-Security-Policy": "default-src 'none'; sandbox"}
    return Response(data, headers={**_PICTURE, **policy}, media_type="image/jpeg")


def _read(parts: Parts, store: CaseStore, asset: str) -> PublicPassport:
    with store.store.database.read() as connection:
        return public_passport(connection, parts, store, asset)


def _page(passport: PublicPassport, signed: bytes, request: Request, store: CaseStore) -> str:
    """Return the page; its QR code leads to itself."""
    here = f"{request.base_url}p/{passport.passport.asset}"
    page = PageOfPassport(passport.passport, signed, here, qr_svg(here, "QR"), sizes(passport, store))
    return passport_html(page, language_of(request), _root(request))


def _root(request: Request) -> str:
    return str(request.scope.get("root_path", "")).rstrip("/")


def _wants_html(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "") and request.query_params.get("as") != "json"


def _store(parts: Parts) -> CaseStore:
    if parts.cases is None:
        raise NotReadyError("the store is not open yet")
    return parts.cases
