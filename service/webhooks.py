"""The routes of webhooks: who gets which events, what became of each, and sending it again."""

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import Field
from sqlalchemy import Connection

from phonegrade.core.strict import Strict
from phonegrade.journeys.fact import FactId, Utc
from phonegrade.service.case_acting import act_once
from phonegrade.service.case_parts import Cases, CasesDep, OnceDep
from phonegrade.service.case_route import CaseRoute
from phonegrade.service.examples import CASE_ERRORS, CASE_READ_ERRORS, SECRET_ERRORS
from phonegrade.service.keys import Scope
from phonegrade.service.use_cases.acting import Acting
from phonegrade.store.deliveries import Subscription, replay, set_state, subscribe, subscription, subscriptions
from phonegrade.store.delivery_list import deliveries_of, unsubscribe
from phonegrade.store.webhooks import addresses_of, check_url, new_secret

router = APIRouter(tags=["webhooks"], route_class=CaseRoute, responses=CASE_ERRORS)
SECRET_FOR = timedelta(minutes=10)
"""For so long a repeat of a subscription is answered with its secret again."""
WebhookId = Annotated[str, Path(max_length=64)]
Pattern = Annotated[str, Field(pattern=r"^phonegrade\.[a-z0-9_.*]{1,100}$")]


class NewWebhook(Strict):
    """Who is to get which events."""

    url: Annotated[str, Field(min_length=1, max_length=2000)]
    types: Annotated[tuple[Pattern, ...], Field(max_length=20)] = ()
    """Such as phonegrade.offer.*; none for every event."""


class Webhook(Strict):
    """A subscription."""

    id: FactId
    url: str
    types: tuple[str, ...]
    state: Literal["enabled", "disabled"]
    why: str | None
    """Of a disabled one."""


class OpenedWebhook(Webhook):
    """A subscription that was just made."""

    secret: str
    """Signs each delivery as Standard Webhooks has it; shown this once."""


class Webhooks(Strict):
    """Every subscription, oldest first."""

    webhooks: tuple[Webhook, ...]


class WebhookState(Strict):
    """Whether events are sent."""

    state: Literal["enabled", "disabled"]
    why: Annotated[str, Field(max_length=200)] | None = None


class WebhookReplay(Strict):
    """From when on events are sent again."""

    since: Utc


class Replayed(Strict):
    """How many deliveries are due again."""

    deliveries: int


class SentEvent(Strict):
    """What became of one event."""

    event: FactId
    position: int
    state: Literal["waiting", "sending", "delivered", "failed"]
    attempts: int
    run_at: Utc
    status: int | None
    problem: str | None


class SentEvents(Strict):
    """Deliveries, the newest event first."""

    deliveries: tuple[SentEvent, ...]


def _admin(cases: Cases) -> None:
    cases.caller.require(Scope.ADMIN)


def _webhook(one: Subscription) -> Webhook:
    return Webhook(id=one.id, url=one.url, types=one.types, state=one.state, why=one.why)


@router.post(
    "/v1/webhooks", status_code=201, summary="Subscribe", response_model=OpenedWebhook, responses=SECRET_ERRORS
)
async def add(body: NewWebhook, cases: CasesDep, once: OnceDep) -> Response:
    """Let a public https address get every event from now on, signed with a secret that is shown once."""
    _admin(cases)
    await run_in_threadpool(check_url, body.url, cases.parts.deals.webhooks, addresses_of)

    def work(one: Acting) -> OpenedWebhook:
        secret = new_secret()
        made = subscribe(one.connection, one.vault, one.tenant, body.url, body.types, secret, one.now)
        return OpenedWebhook(**_webhook(made).model_dump(), secret=secret)

    return await act_once(cases, once, body, work, secret_for=SECRET_FOR)


@router.get("/v1/webhooks", summary="List webhooks", responses=CASE_READ_ERRORS)
async def listed(cases: CasesDep) -> Webhooks:
    """Answer the tenant's webhooks, without their secrets."""
    _admin(cases)
    known = await cases.read(lambda connection: subscriptions(connection, cases.tenant))
    return Webhooks(webhooks=tuple(map(_webhook, known)))


@router.get("/v1/webhooks/{webhook_id}", summary="Read a webhook", responses=CASE_READ_ERRORS)
async def read(webhook_id: WebhookId, cases: CasesDep) -> Webhook:
    """Answer one, with why it is disabled if it is."""
    _admin(cases)
    return _webhook(await cases.read(lambda connection: subscription(connection, cases.tenant, webhook_id)))


@router.post("/v1/webhooks/{webhook_id}/state", summary="Enable or disable a webhook", response_model=Webhook)
async def change(webhook_id: WebhookId, body: WebhookState, cases: CasesDep, once: OnceDep) -> Response:
    """Stop sending, or go on: what waits is then due at once."""
    _admin(cases)

    def work(one: Acting) -> Webhook:
        set_state(one.connection, one.tenant, webhook_id, body.state, body.why, one.now)
        return _webhook(subscription(one.connection, one.tenant, webhook_id))

    return await act_once(cases, once, body, work, status=200)


@router.delete("/v1/webhooks/{webhook_id}", status_code=204, summary="Unsubscribe", responses=CASE_READ_ERRORS)
async def remove(webhook_id: WebhookId, cases: CasesDep) -> None:
    """Delete a webhook and what waits for it."""
    _admin(cases)

    def work() -> None:
        with cases.store.database.write() as connection:
            unsubscribe(connection, cases.tenant, webhook_id)

    await run_in_threadpool(work)


@router.get("/v1/webhooks/{webhook_id}/deliveries", summary="What became of each event", responses=CASE_READ_ERRORS)
async def sent(
    webhook_id: WebhookId,
    cases: CasesDep,
    before: Annotated[int | None, Query(ge=1, le=10**15, description="The last position of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> SentEvents:
    """Answer a webhook's deliveries, the newest event first."""
    _admin(cases)

    def work(connection: Connection) -> SentEvents:
        subscription(connection, cases.tenant, webhook_id)
        rows = deliveries_of(connection, cases.tenant, webhook_id, before, limit)
        return SentEvents(deliveries=tuple(SentEvent(**row._asdict()) for row in rows))

    return await cases.read(work)


@router.post("/v1/webhooks/{webhook_id}/replay", summary="Send events again", response_model=Replayed)
async def send_again(webhook_id: WebhookId, body: WebhookReplay, cases: CasesDep, once: OnceDep) -> Response:
    """Send every event since then again, delivered or failed; their ids stay the same."""
    _admin(cases)

    def work(one: Acting) -> Replayed:
        return Replayed(deliveries=replay(one.connection, one.tenant, webhook_id, body.since, one.now))

    return await act_once(cases, once, body, work, status=200)
