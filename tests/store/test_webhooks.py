"""Webhooks: each event once, on the published schedule, signed, and never to an address inside the network."""

import http.client
import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from standardwebhooks import Webhook, WebhookVerificationError

from phonegrade.core.data_errors import NotFoundError, WebhookUrlError
from phonegrade.store.cases import add_facts
from phonegrade.store.deliveries import (
    SCHEDULE_S,
    Subscription,
    backlog,
    claim_delivery,
    end_delivery,
    make_deliveries,
    next_due,
    replay,
    set_state,
    subscribe,
    subscription,
)
from phonegrade.store.engines import Database
from phonegrade.store.event_log import events_after
from phonegrade.store.webhooks import WebhookRequest, WebhookRules, check_url, new_secret, send_due
from phonegrade.store.work_tables import SUBSCRIPTIONS
from phonegrade.tests.journeys import builders
from phonegrade.tests.store.example import CASE, NOW, TENANT, VAULT, store_example

URL = "https://hooks.example.com/phonegrade"
PUBLIC = "93.184.215.14"
RULES = WebhookRules()


def resolve(host: str, port: int) -> list[str]:
    return [PUBLIC]


class Receiver:
    """Answers with a status, and keeps what it accepted; its clock is the test's."""

    def __init__(self, secret: str, status: Callable[[datetime], int] = lambda _: 200) -> None:
        self.now = NOW
        self.secret = secret
        self.status = status
        self.accepted: list[WebhookRequest] = []
        self.attempts: list[datetime] = []

    def clock(self) -> datetime:
        return self.now

    def send(self, request: WebhookRequest) -> int:
        self.attempts.append(self.now)
        status = self.status(self.now)
        if 200 <= status < 300:
            self.accepted.append(request)
        return status

    def run(self, database: Database, until: datetime) -> None:
        """Send whatever is due, moment after moment, without waiting for any."""
        while True:
            send_due(database, VAULT, "sender", self.clock, RULES, self.send, resolve)
            with database.read() as connection:
                due = next_due(connection)
            if due is None or due > until:
                return
            self.now = max(due, self.now)


def subscribed(database: Database, types: tuple[str, ...] = ()) -> tuple[Subscription, str]:
    secret = new_secret()
    with database.write() as connection:
        return subscribe(connection, VAULT, TENANT, URL, types, secret, NOW), secret


@pytest.fixture
def subscriber(database: Database) -> tuple[Subscription, str]:
    """Subscribed before there is any event."""
    return subscribed(database)


@pytest.fixture
def eventful(database: Database, subscriber: tuple[Subscription, str]) -> Database:
    with database.write() as connection:
        store_example(connection)
    return database


def state_of(database: Database, one: Subscription) -> tuple[str, str | None]:
    with database.read() as connection:
        now = subscription(connection, TENANT, one.id)
    return now.state, now.why


def test_a_receiver_that_fails_for_three_days_gets_every_event_once(
    eventful: Database, subscriber: tuple[Subscription, str]
) -> None:
    one, secret = subscriber
    back = NOW + timedelta(days=3)
    receiver = Receiver(secret, lambda now: 200 if now >= back else 503)
    receiver.run(eventful, NOW + timedelta(days=5))
    sent = Counter(request.headers["webhook-id"] for request in receiver.accepted)
    assert sent == Counter(event.id for event in events_after(eventful, TENANT, 0))
    assert state_of(eventful, one) == ("enabled", None)


def test_attempts_keep_to_the_published_schedule_and_then_it_is_disabled(database: Database) -> None:
    one, secret = subscribed(database, ("phonegrade.case.opened.*",))
    with database.write() as connection:
        store_example(connection)
    receiver = Receiver(secret, lambda _: 500)
    receiver.run(database, NOW + timedelta(days=30))
    gaps = [(after - before).total_seconds() for before, after in zip(receiver.attempts, receiver.attempts[1:])]  # noqa: B905
    assert tuple(gaps) == SCHEDULE_S[1:]
    assert state_of(database, one) == ("disabled", "no success in 10 attempts")
    with database.read() as connection:
        assert backlog(connection, TENANT)["failed"] == 1


def test_what_came_while_disabled_waits_and_what_failed_is_replayed(
    eventful: Database, subscriber: tuple[Subscription, str]
) -> None:
    one, secret = subscriber
    bad = Receiver(secret, lambda _: 500)
    bad.run(eventful, NOW + timedelta(days=30))
    with eventful.write() as connection:
        add_facts(connection, VAULT, TENANT, CASE, [builders.moved("sold", 90, 72)], bad.now)
    good = Receiver(secret)
    good.now = bad.now
    good.run(eventful, bad.now)
    assert good.accepted == []
    with eventful.write() as connection:
        set_state(connection, TENANT, one.id, "enabled", None, good.now)
        replay(connection, TENANT, one.id, NOW, good.now)
    good.run(eventful, bad.now + timedelta(days=4))
    sent = Counter(request.headers["webhook-id"] for request in good.accepted)
    assert sent == Counter(event.id for event in events_after(eventful, TENANT, 0))


def test_a_delivery_is_signed_and_says_its_events_id(eventful: Database, subscriber: tuple[Subscription, str]) -> None:
    _, secret = subscriber
    receiver = Receiver(secret)
    receiver.now = datetime.now(NOW.tzinfo)  # the library checks against the clock
    send_due(eventful, VAULT, "sender", receiver.clock, RULES, receiver.send, resolve)
    for request in receiver.accepted:
        event = Webhook(secret).verify(request.body, request.headers)
        assert event["id"] == request.headers["webhook-id"]
        assert request.address == PUBLIC
        assert len(request.body) <= 20_000
        with pytest.raises(WebhookVerificationError):
            Webhook(new_secret()).verify(request.body, request.headers)
    stored = [json.loads(event.envelope)["id"] for event in events_after(eventful, TENANT, 0)]
    assert [request.headers["webhook-id"] for request in receiver.accepted] == stored


def test_a_secret_is_not_stored_as_it_is(database: Database) -> None:
    _, secret = subscribed(database)
    with database.read() as connection:
        sealed = connection.execute(select(SUBSCRIPTIONS.c.secret)).scalar_one()
    assert secret.encode() not in sealed
    assert VAULT.unseal_bytes(sealed) == secret.encode()


@pytest.mark.parametrize(
    ("status", "problem"), [(301, "redirect"), (307, "redirect"), (404, "status"), (100, "status")]
)
def test_anything_but_2xx_is_a_failure(
    eventful: Database, subscriber: tuple[Subscription, str], status: int, problem: str
) -> None:
    receiver = Receiver(subscriber[1], lambda _: status)
    assert send_due(eventful, VAULT, "sender", receiver.clock, RULES, receiver.send, resolve) > 0
    with eventful.read() as connection:
        assert backlog(connection)["delivered"] == 0
        kept = connection.exec_driver_sql("SELECT DISTINCT status, problem FROM delivery").all()
    assert [tuple(row) for row in kept] == [(status, problem)]


@pytest.mark.parametrize("error", [ConnectionRefusedError(), TimeoutError(), http.client.BadStatusLine("x")])
def test_a_receiver_that_does_not_answer_is_tried_again(
    eventful: Database, subscriber: tuple[Subscription, str], error: Exception
) -> None:
    def fail(_: WebhookRequest) -> int:
        raise error

    send_due(eventful, VAULT, "sender", lambda: NOW, RULES, fail, resolve)
    with eventful.read() as connection:
        counts = backlog(connection)
    assert counts["waiting"] > 0
    assert counts["delivered"] == counts["failed"] == 0


def test_a_receiver_that_is_gone_is_asked_no_more(eventful: Database, subscriber: tuple[Subscription, str]) -> None:
    receiver = Receiver(subscriber[1], lambda _: 410)
    receiver.run(eventful, NOW + timedelta(days=9))
    assert len(receiver.attempts) == 1
    assert state_of(eventful, subscriber[0])[0] == "disabled"


def test_two_senders_never_have_one_delivery(eventful: Database) -> None:
    make_deliveries(eventful, NOW)
    claims = [claim_delivery(eventful, f"sender-{number % 2}", NOW) for number in range(100)]
    events = [claim.event for claim in claims if claim is not None]
    assert len(events) == len(set(events)) == len(events_after(eventful, TENANT, 0))
    late = next(claim for claim in claims if claim is not None)
    assert claim_delivery(eventful, "another", NOW + timedelta(seconds=61)) is not None
    assert not end_delivery(eventful, late, 200, None, NOW + timedelta(seconds=62))


def test_the_other_tenant_neither_sees_nor_changes_it(eventful: Database, subscriber: tuple[Subscription, str]) -> None:
    one, _ = subscriber
    with eventful.write() as connection:
        for attempt in (
            lambda: subscription(connection, "other", one.id),
            lambda: set_state(connection, "other", one.id, "disabled", None, NOW),
            lambda: replay(connection, "other", one.id, NOW, NOW),
        ):
            with pytest.raises(NotFoundError):
                attempt()


INSIDE = [
    "127.0.0.1", "10.0.0.8", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",  # noqa: S104
    "224.0.0.251", "255.255.255.255", "::1", "fe80::1%eth0", "fc00::1", "::ffff:10.0.0.8", "64:ff9b::a00:8",
    "2002:a00:8::1", "2001:0:a00:8::1", "ff02::1",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_the_network_is_refused(address: str) -> None:
    with pytest.raises(WebhookUrlError):
        check_url(URL, RULES, lambda host, port: [PUBLIC, address])
    rules = WebhookRules(private_hosts=("hooks.example.com",))
    assert check_url(URL, rules, lambda host, port: [address])[1] == address


@pytest.mark.parametrize(
    "url",
    ["http://a.example/", "https://user@a.example/", "https:///x", "ftp://a.example", "https://a.example/#x", "//a", "",
     "https://a.example:99999/"],
)  # fmt: skip
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(WebhookUrlError):
        check_url(url, RULES, resolve)


def test_only_registered_hosts_where_there_is_such_a_list() -> None:
    rules = WebhookRules(hosts=("a.example",), allow_http=True)
    assert check_url("http://a.example/x", rules, resolve)[1] == PUBLIC
    with pytest.raises(WebhookUrlError):
        check_url("http://b.example/x", rules, resolve)


def test_a_host_that_has_come_to_mean_an_inside_address_gets_nothing(
    eventful: Database, subscriber: tuple[Subscription, str]
) -> None:
    receiver = Receiver(subscriber[1])
    send_due(eventful, VAULT, "sender", receiver.clock, RULES, receiver.send, lambda host, port: ["10.0.0.8"])
    assert receiver.attempts == []
    with eventful.read() as connection:
        assert backlog(connection)["waiting"] > 0
