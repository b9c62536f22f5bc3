"""The store as the routes of cases use it: of one caller's tenant alone, in the thread pool, each request once.

@router.post("/v1/cases/{case_id}/visits", status_code=201)
async def visit(case_id: str, body: NewVisit, cases: CasesDep, once: OnceDep) -> Response:
    def work(connection: Connection) -> StoredAnswer: ...   # one transaction with the answer

    return await once.answer(content_of(body), work)
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel
from sqlalchemy import Connection

from phonegrade.configs.journey import Journey
from phonegrade.core.data_errors import FactConflictError, NotFoundError, StaleVersionError
from phonegrade.core.errors import ForbiddenError, NotReadyError, UsageError
from phonegrade.core.idempotency import fingerprint
from phonegrade.core.journey_errors import FactsError
from phonegrade.journeys.facts import CaseFacts, Channel, Visit
from phonegrade.journeys.status import CaseStatus, status_of
from phonegrade.service.caller import Caller, caller_of
from phonegrade.service.case_store import CaseStore
from phonegrade.service.keys import Scope
from phonegrade.service.parts import PartsDep
from phonegrade.store.answers import AnswerName, StoredAnswer, answer_name, answer_once, find_answer
from phonegrade.store.cases import StoredCase, load_case
from phonegrade.store.columns import new_id
from phonegrade.store.store import Store

T = TypeVar("T")
CHANNELS_OF: Mapping[Scope, frozenset[Channel]] = {
    Scope.APP: frozenset({"app", "web", "partner"}),
    Scope.KIOSK: frozenset({"kiosk"}),
    Scope.STORE: frozenset({"store"}),
    Scope.WAREHOUSE: frozenset({"warehouse"}),
    Scope.REVIEWER: frozenset(),
    Scope.ADMIN: frozenset({"app", "web", "partner", "kiosk", "store", "warehouse"}),
}
"""Where the holder of a scope works: an app that could call itself a shop would verify its own grades."""

LINK_ROUTES: frozenset[tuple[str, str]] = frozenset(
    {
        ("GET", "/v1/cases"),
        *(("GET", f"/v1/photos/{{photo_id}}{what}") for what in ("", "/image", "/overlay")),
        *(("GET", path) for path in ("/v1/cases/{case_id}", "/v1/offers/{offer_id}")),
        *(
            ("POST", f"/v1/cases/{{case_id}}/{what}")
            for what in (
                *("visits", "photos", "tests", "identifiers", "device", "holding", "complaint", "consent"),
                "handoffs",
            )
        ),
        *(("POST", f"/v1/offers/{{offer_id}}/{what}") for what in ("accept", "decline")),
    }
)
"""What the holder of a capture link may ask for, of one case; quotes where the journey lets `app` answer them."""


@dataclass(frozen=True)
class Cases:
    """The stored cases as one caller may use them."""

    parts: CaseStore
    caller: Caller

    @property
    def tenant(self) -> str:
        """Whose cases."""
        return self.caller.tenant

    @property
    def store(self) -> Store:
        """Database, files and key."""
        return self.parts.store

    @property
    def channels(self) -> frozenset[Channel]:
        """Where the caller works."""
        return frozenset[Channel]().union(*(CHANNELS_OF.get(one, ()) for one in self.caller.scopes))

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` reads in one state of the database."""

        def run() -> T:
            with self.store.database.read() as connection:
                return work(connection)

        return await run_in_threadpool(run)

    def load(self, connection: Connection, case_id: str) -> StoredCase:
        """Return a case. Raises NotFoundError, for one that the caller may not see too."""
        if self.caller.case not in (None, case_id):
            raise NotFoundError(f"no case {case_id}")
        return load_case(connection, self.tenant, case_id)

    def stamp(self) -> dict[str, Any]:
        """Return id, time and author of a new fact."""
        now = self.parts.clock()
        return {"id": new_id(now), "at": now, "by": self.caller.id}

    def journey_of(self, facts: CaseFacts) -> Journey:
        """Return the journey of a case. Raises UsageError where this service no longer has it."""
        journey = self.parts.journeys.get(facts.case.journey)
        if journey is None:
            raise UsageError(f"the case is on journey {facts.case.journey}, which this service does not have")
        return journey

    def status(self, facts: CaseFacts) -> CaseStatus:
        """Return what is derived from the facts of a case, now."""
        return status_of(facts, self.journey_of(facts), self.parts.clock())

    def check_channel(self, channel: Channel) -> None:
        """Raise ForbiddenError for a channel that the caller does not work on."""
        if channel not in self.channels:
            raise ForbiddenError(f"this API key may not act on the channel {channel}")

    def visit_of(self, facts: CaseFacts, visit_id: str | None) -> str | None:
        """Return the visit that a new fact is of: the one named, or the newest on a channel of the caller's.

        None is the case's own channel, where the caller works on that. Raises FactsError for a visit of another case,
        ForbiddenError for one on another's channel and where the caller has none.
        """
        visits = facts.every(Visit)
        if visit_id is not None:
            visit = next((one for one in visits if one.id == visit_id), None)
            if visit is None:
                raise FactsError("visit: the case has no such visit")
            self.check_channel(visit.channel)
            return visit.id
        own = [one for one in visits if one.channel in self.channels]
        if own:
            return own[-1].id
        if facts.case.channel not in self.channels:
            raise ForbiddenError("begin a visit first: POST /v1/cases/{id}/visits with a channel of this API key")
        return None

    def of_phone(self, facts: CaseFacts, visit: str | None) -> dict[str, Any]:
        """Return what a fact of the case's phone has first; a case without a phone gets a new one."""
        stamp = self.stamp()
        asset = facts.case.asset or new_id(stamp["at"])
        return {**stamp, "asset": asset, "visit": self.visit_of(facts, visit)}


@dataclass(frozen=True)
class Once:
    """A request that has one effect and one answer, however often it is sent with its Idempotency-Key."""

    cases: Cases
    name: AnswerName

    async def answer(self, content: str, work: Callable[[Connection], StoredAnswer]) -> Response:
        """Answer what `work` answers, or what it answered before; `content` is the hash of what was sent."""
        parts, vault = self.cases.parts, self.cases.store.vault

        def run() -> tuple[StoredAnswer, bool]:
            database = parts.store.database
            kept, known = answer_once(database, self.name, content, lambda one: work(one).sealed(vault), parts.clock)
            return kept.opened(vault, parts.clock()), known

        answer, is_replay = await run_in_threadpool(run)
        headers = {**answer.headers, **({"Idempotency-Replayed": "true"} if is_replay else {})}
        return Response(answer.body, answer.status, headers, answer.media_type)

    async def is_answered(self) -> bool:
        """Return whether such a request was answered before: what its answer took is better not done again."""
        return await self.cases.read(lambda connection: find_answer(connection, self.name)) is not None


def cases_of(request: Request, parts: PartsDep) -> Cases:
    """Return the stored cases of the tenant that asks. Raises ForbiddenError for what a capture link is not for."""
    if parts.cases is None:
        raise NotReadyError("the store is not open yet")
    caller = caller_of(request.scope)
    if caller.case is not None and (request.method, request.scope["route"].path) not in LINK_ROUTES:
        raise ForbiddenError("this link is for adding what its case lacks and reading what is left, and for no more")
    return Cases(parts.cases, caller)


CasesDep = Annotated[Cases, Depends(cases_of)]


def once_of(
    request: Request,
    cases: CasesDep,
    key: Annotated[str, Header(alias="Idempotency-Key", max_length=257, description="A repeat sends it again.")],
) -> Once:
    """Return the request by its Idempotency-Key: of this caller, for this address."""
    route = f"{request.method} {request.url.path}"
    return Once(cases, answer_name(cases.tenant, cases.caller.id, route, key))


OnceDep = Annotated[Once, Depends(once_of)]


def version_of(
    if_match: Annotated[
        str | None, Header(alias="If-Match", max_length=80, description='Such as "7", an ETag.')
    ] = None,
) -> int | None:
    """Return the version of the case that a change rests on; None where the client does not say.

    Raises StaleVersionError for what cannot be a version of a case.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    number = if_match.strip().strip('"')
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        raise StaleVersionError(f'If-Match {if_match!r:.80} is no version of a case; send its ETag, such as "7"')
    return int(number)


VersionDep = Annotated[int | None, Depends(version_of)]


def etag(version: int) -> dict[str, str]:
    """Return the header by which a later change names this version."""
    return {"ETag": f'"{version}"'}


def content_of(body: BaseModel | None = None, version: int | None = None) -> str:
    """Return the hash of what a request says."""
    return fingerprint([], {"body": "" if body is None else body.model_dump_json(), "if_match": str(version)})


def stored(
    status: int,
    body: BaseModel,
    version: int | None = None,
    headers: Mapping[str, str] | None = None,
    secret_until: datetime | None = None,
) -> StoredAnswer:
    """Return an answer that is kept with its Idempotency-Key; one that shows a secret, sealed and until then."""
    tags = {} if version is None else etag(version)
    text = body.model_dump_json().encode()
    return StoredAnswer(status, "application/json", text, {**tags, **(headers or {})}, secret_until)


def refuse_expired(_: Connection) -> StoredAnswer:
    """Raise FactConflictError: the answer that a repeated request would have had is just forgotten."""
    raise FactConflictError("this request's answer has just expired; send it with a new Idempotency-Key")
