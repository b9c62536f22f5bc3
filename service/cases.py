"""The routes of cases: open one, read it with all that is derived from it, list them, begin a visit."""

import re
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import NonNegativeInt
from sqlalchemy import Connection

from phonegrade.core.errors import ForbiddenError, UsageError
from phonegrade.core.journey_errors import FactsError
from phonegrade.core.problems import nearest
from phonegrade.core.strict import Strict
from phonegrade.journeys.deal_facts import Quote, QuoteEvent
from phonegrade.journeys.device_facts import HandOff
from phonegrade.journeys.evidence_facts import Complaint, Inspected, StoredPhoto, TestRun
from phonegrade.journeys.fact import FactId, Label, Utc
from phonegrade.journeys.facts import AnyFact, Case, Channel, ConsentChange, ConsentPurpose, Visit
from phonegrade.journeys.hand_off import HandOffState, hand_off_state
from phonegrade.journeys.status import CaseStatus
from phonegrade.journeys.tm_forum import TmfCase, tmf_case
from phonegrade.service.case_parts import Cases, CasesDep, OnceDep, VersionDep, content_of, etag, stored
from phonegrade.service.case_route import CaseRoute
from phonegrade.service.case_store import of_client
from phonegrade.service.examples import CASE_ERRORS, CASE_READ_ERRORS
from phonegrade.service.parts import PartsDep
from phonegrade.store.answers import StoredAnswer
from phonegrade.store.case_search import CaseFilter, CaseMatch, search_cases
from phonegrade.store.cases import StoredCase, add_facts, open_case

router = APIRouter(tags=["cases"], route_class=CaseRoute)
SHOWN_BY_LINK = (Visit, ConsentChange, StoredPhoto, Inspected, TestRun, Complaint, Quote, QuoteEvent)
"""What a customer gets to see of a case by its link, beside what is derived."""
_WHOLE_NUMBER = re.compile(r"[\d\s./-]{14,}")
"""An IMEI, as people write it."""
Axis = Annotated[str | None, Query(max_length=64, description="Only cases that stand there.")]
CaseId = Annotated[str, Path(max_length=64, description="Of the case.")]
Words = Annotated[Literal["tmf"] | None, Query(alias="as", description="Whose words.")]
WITH_ETAG: dict[str, Any] = {"ETag": {"description": "The case's version.", "schema": {"type": "string"}}}


class NewCase(Strict):
    """What a case is opened with."""

    journey: Label
    channel: Channel
    customer_ref: Label | None = None
    """The operator's name for the customer, never a person's name."""
    correlation_id: Label | None = None
    policy: Label | None = None
    consent: tuple[ConsentPurpose, ...] = ()
    expires_at: Utc | None = None
    site: Label | None = None
    station: Label | None = None
    operator: Label | None = None


class OpenedCase(Strict):
    """A case that was opened, and its first visit."""

    case: FactId
    visit: FactId
    version: NonNegativeInt


class HandOffView(Strict):
    """A hand-off without its token and its digits."""

    id: FactId
    at: Utc
    expires_at: Utc
    state: HandOffState


class CaseView(Strict):
    """A case: its facts, and all that is derived from them now."""

    case: Case
    version: NonNegativeInt
    status: CaseStatus
    facts: tuple[AnyFact, ...]
    """Without numbers in plain, and without hand-offs, whose secrets are nobody's to read; oldest first.

    The holder of a capture link gets what customers add, and quotes.
    """
    hand_offs: tuple[HandOffView, ...]


class Standing(Strict):
    """Where a case stands, as last worked out."""

    step: str | None
    ending: str | None
    evidence: str | None
    deal: str | None
    custody: str | None
    outcome: str | None
    resale: str | None


class ListedCase(Strict):
    """A case in a list."""

    case: Case
    version: NonNegativeInt
    standing: Standing | None
    """None where nobody has worked it out yet."""


class CasePage(Strict):
    """Cases, newest first."""

    cases: tuple[ListedCase, ...]
    next: FactId | None
    """What `before` names for the next page; None on the last."""


class NewVisit(Strict):
    """Where the case goes on."""

    channel: Channel
    site: Label | None = None
    station: Label | None = None
    operator: Label | None = None


class RecordedFact(Strict):
    """A fact that was recorded, and the case's version since."""

    id: FactId
    version: NonNegativeInt


@router.post(
    "/v1/cases",
    status_code=201,
    summary="Open a case",
    response_model=OpenedCase,
    responses={**CASE_ERRORS, 201: {"description": "It is open", "headers": WITH_ETAG}},
)
async def open_a_case(body: NewCase, cases: CasesDep, once: OnceDep, parts: PartsDep) -> Response:
    """Open a case of one device on one journey, and begin its first visit."""
    cases.check_channel(body.channel)
    if cases.caller.case is not None:
        raise ForbiddenError("this key is for one case, and opens no other")
    if body.journey not in cases.parts.journeys:
        near = nearest(body.journey, cases.parts.journeys)[0]
        raise FactsError(f"journey: unknown journey {body.journey!r:.80}; the nearest is {near!r}")
    if body.policy is not None:
        parts.policies.get(body.policy)

    def work(connection: Connection) -> StoredAnswer:
        with of_client():
            case = Case(
                **cases.stamp(),
                journey=body.journey,
                channel=body.channel,
                customer_ref=body.customer_ref,
                correlation_id=body.correlation_id,
                policy=body.policy,
                consent=body.consent,
                expires_at=body.expires_at,
            )
        visit = Visit(
            **cases.stamp(),
            case=case.id,
            channel=body.channel,
            site=body.site,
            station=body.station,
            operator=body.operator,
        )
        open_case(connection, cases.tenant, case, case.at)
        added = add_facts(connection, cases.store.vault, cases.tenant, case.id, [visit], visit.at)
        answer = OpenedCase(case=case.id, visit=visit.id, version=added.version)
        return stored(201, answer, added.version, {"Location": f"/v1/cases/{case.id}"})

    return await once.answer(content_of(body), work)


@router.get(
    "/v1/cases",
    summary="List cases, newest first",
    responses=CASE_READ_ERRORS,
)
async def list_of_cases(
    cases: CasesDep,
    before: Annotated[str | None, Query(max_length=64, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    journey: Annotated[str | None, Query(max_length=64)] = None,
    customer_ref: Annotated[str | None, Query(max_length=64)] = None,
    evidence: Axis = None,
    deal: Axis = None,
    custody: Axis = None,
    q: Annotated[
        str | None, Query(max_length=64, description="Last four of a number, a phone's id, a reference or an order.")
    ] = None,
) -> CasePage:
    """Answer the tenant's cases by cursor; the holder of a link gets the one case that it is for."""
    if q is not None and _WHOLE_NUMBER.fullmatch(q):
        raise UsageError("q: look for a phone by the last four characters of its number; addresses hold no whole one")
    wanted = CaseFilter(journey, customer_ref, evidence, deal, custody, text=q)

    def work(connection: Connection) -> list[CaseMatch]:
        if cases.caller.case is not None:
            loaded = cases.load(connection, cases.caller.case)
            return [CaseMatch(loaded.facts.case, loaded.version, None)]
        return search_cases(connection, cases.tenant, wanted, before, limit + 1)

    lines = await cases.read(work)
    page = tuple(
        ListedCase(
            case=line.case,
            version=line.version,
            standing=None if line.standing is None else Standing(**line.standing),
        )
        for line in lines[:limit]
    )
    return CasePage(cases=page, next=page[-1].case.id if len(lines) > limit else None)


@router.get("/v1/cases/{case_id}", summary="Read a case", responses={**CASE_READ_ERRORS, 200: {"headers": WITH_ETAG}})
async def read_case(case_id: CaseId, cases: CasesDep, response: Response, words: Words = None) -> CaseView | TmfCase:
    """Answer a case's facts, what is missing, what may be done next, its three axes and whether it may be resold.

    `as=tmf` answers it in the words of TM Forum's resource (639), qualification (679) and process flow (701), without
    conforming to them.
    """
    loaded = await cases.read(lambda connection: cases.load(connection, case_id))
    response.headers.update(etag(loaded.version))
    if words == "tmf":
        facts, now = loaded.facts, cases.parts.clock()
        return tmf_case(facts, cases.journey_of(facts), cases.status(facts), now)
    return _view(loaded, cases)


def _view(loaded: StoredCase, cases: Cases) -> CaseView:
    facts, now = loaded.facts, cases.parts.clock()
    is_link, status = cases.caller.case is not None, cases.status(facts)
    if is_link:  # whose name stands under an override is no customer's to read
        status = status.model_copy(update={"resale": status.resale.model_copy(update={"lifted": ()})})
    shown = [one for one in facts.facts if not isinstance(one, HandOff)]
    return CaseView(
        case=facts.case,
        version=loaded.version,
        status=status,
        facts=tuple(one for one in shown if not is_link or isinstance(one, SHOWN_BY_LINK)),
        hand_offs=tuple(
            HandOffView(id=one.id, at=one.at, expires_at=one.expires_at, state=hand_off_state(one, facts, now))
            for one in (() if is_link else facts.every(HandOff))
        ),
    )


@router.post(
    "/v1/cases/{case_id}/visits",
    status_code=201,
    summary="Begin a visit",
    response_model=RecordedFact,
    responses={**CASE_ERRORS, 201: {"description": "It has begun", "headers": WITH_ETAG}},
)
async def begin_visit(case_id: CaseId, body: NewVisit, cases: CasesDep, once: OnceDep, version: VersionDep) -> Response:
    """Let the case go on on a channel of the caller's; what is recorded from now on is of this visit."""
    cases.check_channel(body.channel)

    def work(connection: Connection) -> StoredAnswer:
        cases.load(connection, case_id)
        fact = Visit(**cases.stamp(), case=case_id, **body.model_dump())
        added = add_facts(connection, cases.store.vault, cases.tenant, case_id, [fact], fact.at, version=version)
        return stored(201, RecordedFact(id=fact.id, version=added.version), added.version)

    return await once.answer(content_of(body, version), work)
