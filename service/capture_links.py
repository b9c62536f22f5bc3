"""The routes of capture links: a customer adds what one case lacks with their own phone, and sees nothing else.

A link's token stands after the # of an address, which browsers send to nobody; the page sends it as a key is sent.
"""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import Field
from sqlalchemy import Connection

from phonegrade.core.errors import ForbiddenError
from phonegrade.core.strict import Strict
from phonegrade.journeys.fact import FactId, Utc
from phonegrade.service.case_acting import act_once
from phonegrade.service.case_parts import Cases, CasesDep, OnceDep
from phonegrade.service.case_route import CaseRoute
from phonegrade.service.examples import CASE_ERRORS, CASE_READ_ERRORS, SECRET_ERRORS
from phonegrade.service.keys import Scope
from phonegrade.service.use_cases.acting import Acting
from phonegrade.service.use_cases.hand_offs import qr_svg
from phonegrade.store.cases import StoredCase
from phonegrade.store.principals import Principal, add_principal, principals, revoke_principal

router = APIRouter(tags=["capture links"], route_class=CaseRoute, responses=CASE_ERRORS)
CaseId = Annotated[str, Path(max_length=64, description="Of the case.")]
LinkId = Annotated[str, Path(pattern=r"^[0-9a-f]{10}$", description="Of the link.")]
DAY_MINUTES = 24 * 60
SECRET_FOR = timedelta(minutes=10)
"""For so long a repeat of the request is answered with the token again."""


class NewCaptureLink(Strict):
    """For how long a customer may add to a case."""

    minutes: Annotated[int, Field(ge=5, le=7 * DAY_MINUTES)] = DAY_MINUTES
    page: Annotated[str, Field(max_length=500, pattern=r"^https?://[^\s#?@]+$")] | None = None
    """Address of the page that the link leads to."""


class CaptureLink(Strict):
    """A link as it is kept."""

    id: Annotated[str, Field(pattern=r"^[0-9a-f]{10}$")]
    case: FactId
    expires_at: Utc
    revoked_at: Utc | None = None


class OpenedCaptureLink(CaptureLink):
    """A link that was just made."""

    token: str
    """256 random bits and the link's id, fit for an address; only its hash is kept, and it is shown this once."""
    link: str | None
    """`page`, and the token after the #."""
    qr_svg: str | None
    """`link` as a QR code (ISO/IEC 18004, error correction M), an SVG to be put into a page."""


class CaptureLinks(Strict):
    """Every link of a case, oldest first."""

    links: tuple[CaptureLink, ...]


@router.post(
    "/v1/cases/{case_id}/capture-links",
    status_code=201,
    summary="Let a customer add to a case",
    response_model=OpenedCaptureLink,
    responses=SECRET_ERRORS,
)
async def open_link(case_id: CaseId, body: NewCaptureLink, cases: CasesDep, once: OnceDep) -> Response:
    """Answer a token that adds photos, tests, numbers and consent to this case and reads what is left, for a while."""

    def work(one: Acting) -> OpenedCaptureLink:
        _check(cases, one.load(case_id))
        ends = one.now + timedelta(minutes=body.minutes)
        scopes = (Scope.APP.value,)
        made = add_principal(
            one.connection, one.tenant, "capture link", scopes, one.now, kind="link", case=case_id, expires_at=ends
        )
        link = None if body.page is None else f"{body.page}#{made.text}"
        return OpenedCaptureLink(
            id=made.principal.id,
            case=case_id,
            expires_at=ends,
            token=made.text,
            link=link,
            qr_svg=None if link is None else qr_svg(link, "Capture link"),
        )

    return await act_once(cases, once, body, work, secret_for=SECRET_FOR)


@router.get("/v1/cases/{case_id}/capture-links", summary="List a case's links", responses=CASE_READ_ERRORS)
async def links_of(case_id: CaseId, cases: CasesDep) -> CaptureLinks:
    """Answer the links of a case, without their tokens."""

    def work(connection: Connection) -> list[Principal]:
        _check(cases, cases.load(connection, case_id))
        return principals(connection, cases.tenant, case_id)

    return CaptureLinks(links=tuple(map(_link, await cases.read(work))))


@router.delete(
    "/v1/cases/{case_id}/capture-links/{link_id}", status_code=204, summary="Revoke a link", responses=CASE_READ_ERRORS
)
async def revoke(case_id: CaseId, link_id: LinkId, cases: CasesDep) -> None:
    """Let a link no longer count; what was added with it stays."""

    def work() -> None:
        with cases.store.database.write() as connection:
            _check(cases, cases.load(connection, case_id))
            revoke_principal(connection, cases.tenant, link_id, cases.parts.clock(), case_id)

    await run_in_threadpool(work)


def _check(cases: Cases, stored: StoredCase) -> None:
    """Raise ForbiddenError for a key that does no step of the case's journey."""
    steps = cases.journey_of(stored.facts).steps
    enough = {scope for step in steps for scope in step.scopes} | {"admin"}
    if enough.isdisjoint(map(str, cases.caller.scopes)):
        raise ForbiddenError(f"this API key may not do that: it lacks the scope {' or '.join(sorted(enough))}")


def _link(one: Principal) -> CaptureLink:
    if one.case is None or one.expires_at is None:
        raise ValueError(f"{one.id} is no link")
    return CaptureLink(id=one.id, case=one.case, expires_at=one.expires_at, revoked_at=one.revoked_at)
