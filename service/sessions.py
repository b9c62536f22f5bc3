"""Signing in to the pages: an API key once, a session cookie from then on.

The cookie is sealed with the installation's key, and holds the API key: what may be asked for, how often, and whether
the key still counts is found as for the key itself. Scripts cannot read it, other sites' requests do not carry it, and
what changes something must come from our own pages besides. A session ends after `LIFE`, with its key, and at sign-out.
"""

import base64
import binascii
import json
import secrets
from datetime import datetime, timedelta
from http.cookies import CookieError, SimpleCookie
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import Field
from starlette.types import Scope as AsgiScope

from phonegrade.core.data_errors import DataError
from phonegrade.core.errors import ForbiddenError, NotReadyError
from phonegrade.core.strict import Strict
from phonegrade.journeys.fact import Utc
from phonegrade.service.authorize import given_key
from phonegrade.service.caller import caller_of
from phonegrade.service.case_store import CaseStore
from phonegrade.service.parts import Parts, PartsDep
from phonegrade.service.use_cases.hand_offs import qr_svg
from phonegrade.store.answers import AnswerName, StoredAnswer, answer_once, find_answer

router = APIRouter(include_in_schema=False)
COOKIE = "phonegrade_session"
LIFE = timedelta(hours=12)
"""A working day; shorter than answers are kept, among which a session that was ended is noted."""
PAGE_HEADER = b"x-phonegrade-page"
"""Only a page of this service sends it: another site's would first have to ask, and is refused."""
_KIND = "phonegrade session 1"
_READS = frozenset({"GET", "HEAD"})


class WhoAsks(Strict):
    """Who is signed in."""

    id: str
    """Of the key; `anyone` where the service asks for none."""
    tenant: str
    scopes: tuple[str, ...]
    case: str | None
    """The only case that a customer's key opens."""
    until: Utc | None
    """When the session ends; None without one."""


class LinkPage(Strict):
    """Which page a link leads to."""

    page: Annotated[str, Field(max_length=500, pattern=r"^https?://[^\s#?@]+$")]


class ShownLink(Strict):
    """A link for another device."""

    qr_svg: str
    """`page`, and the link's token after the #, as a QR code."""


class _Session(NamedTuple):
    id: str
    key: str
    tenant: str
    until: datetime


@router.post("/v1/session", status_code=201)
async def sign_in(request: Request, response: Response, parts: PartsDep) -> WhoAsks:
    """Begin a session for the API key in this request's header."""
    store, caller = _store(parts), caller_of(request.scope)
    key = given_key(request.scope)
    if not key:
        return _who(request, None)  # a service without keys, or a session that is there already
    until = store.clock() + LIFE
    session = _Session(secrets.token_hex(16), key, caller.tenant, until.replace(microsecond=0))
    response.set_cookie(
        COOKIE,
        _sealed(store, session),
        max_age=int(LIFE.total_seconds()),
        path=_path(request),
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    response.headers["Cache-Control"] = "no-store"
    return _who(request, session)


@router.get("/v1/session")
async def read_session(request: Request, response: Response, parts: PartsDep) -> WhoAsks:
    """Answer who is signed in."""
    response.headers["Cache-Control"] = "no-store"
    return _who(request, _session(_store(parts), request.scope))


@router.post("/v1/session/link")
async def show_link(body: LinkPage, request: Request, response: Response, parts: PartsDep) -> ShownLink:
    """Answer the link that a customer's session came from as a QR code: one who opened it on a computer goes on by it.

    Raises ForbiddenError for any other session: a key that opens more than one case is shown to nobody.
    """
    session = _session(_store(parts), request.scope)
    if session is None or caller_of(request.scope).case is None:
        raise ForbiddenError("this session did not begin with a link; make one: POST /v1/cases/{id}/capture-links")
    response.headers["Cache-Control"] = "no-store"
    return ShownLink(qr_svg=qr_svg(f"{body.page}#{session.key}", "Capture link"))


@router.delete("/v1/session", status_code=204)
async def sign_out(request: Request, parts: PartsDep) -> Response:
    """End the session: the cookie no longer counts, wherever a copy of it is."""
    store = _store(parts)
    session = _session(store, request.scope)
    if session is not None:
        await run_in_threadpool(_end, store, session)
    response = Response(status_code=204, headers={"Clear-Site-Data": '"storage"', "Cache-Control": "no-store"})
    response.delete_cookie(COOKIE, path=_path(request), httponly=True, samesite="strict")
    return response


async def key_of_session(parts: Parts, scope: AsgiScope) -> str:
    """Return the API key of a request's session; empty where there is none, or none that counts.

    Raises ForbiddenError for a change that one of our own pages did not ask for.
    """
    store = parts.cases
    session = None if store is None else _session(store, scope)
    if store is None or session is None or await run_in_threadpool(_is_ended, store, session):
        return ""
    if scope["method"] not in _READS:
        _check_origin(dict(scope["headers"]))
    return session.key


def _check_origin(headers: dict[bytes, bytes]) -> None:
    site = headers.get(b"sec-fetch-site", b"").decode("latin-1")
    origin, host = (headers.get(name, b"").decode("latin-1") for name in (b"origin", b"host"))
    is_ours = site == "same-origin" if site else bool(host) and urlsplit(origin).netloc == host
    if not is_ours or PAGE_HEADER not in headers:
        raise ForbiddenError("a session changes things from this service's own pages only; use an API key elsewhere")


def _session(store: CaseStore, scope: AsgiScope) -> _Session | None:
    """Return the session that a request's cookie holds, unless its time is over."""
    text = _cookie(scope)
    try:
        parts: dict[str, Any] = json.loads(store.store.vault.unseal_bytes(base64.urlsafe_b64decode(text + "==")))
        if parts.pop("kind") != _KIND:
            return None
        session = _Session(**{**parts, "until": datetime.fromisoformat(parts["until"])})
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error, DataError):
        return None
    return session if store.clock() < session.until else None


def _cookie(scope: AsgiScope) -> str:
    text = "; ".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie")
    try:
        morsel = SimpleCookie(text).get(COOKIE)
    except CookieError:
        return ""
    return "" if morsel is None else morsel.value


def _sealed(store: CaseStore, session: _Session) -> str:
    content = {"kind": _KIND, **session._asdict(), "until": session.until.isoformat()}
    sealed = base64.urlsafe_b64encode(store.store.vault.seal_bytes(json.dumps(content).encode()))
    return sealed.decode("ascii").rstrip("=")  # which a cookie would have to quote


def _name(session: _Session) -> AnswerName:
    return AnswerName(session.tenant, session.key[:13], "DELETE /v1/session", session.id)


def _end(store: CaseStore, session: _Session) -> None:
    ended = StoredAnswer(204, "application/json", b"")
    answer_once(store.store.database, _name(session), "", lambda _: ended, store.clock)


def _is_ended(store: CaseStore, session: _Session) -> bool:
    with store.store.database.read() as connection:
        return find_answer(connection, _name(session)) is not None


def _who(request: Request, session: _Session | None) -> WhoAsks:
    caller = caller_of(request.scope)
    return WhoAsks(
        id=caller.id,
        tenant=caller.tenant,
        scopes=tuple(sorted(caller.scopes)),
        case=caller.case,
        until=None if session is None else session.until,
    )


def _path(request: Request) -> str:
    return str(request.scope.get("root_path", "")) or "/"


def _store(parts: Parts) -> CaseStore:
    if parts.cases is None:
        raise NotReadyError("the store is not open yet")
    return parts.cases
