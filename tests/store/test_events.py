"""Events: one a fact, in a valid envelope that tells of nobody, read once each in one order."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import jsonschema
import pytest

from phonegrade.core.vocabulary import Surface
from phonegrade.journeys.facts import ANY_FACT, Case
from phonegrade.store.cases import add_facts, load_case, note_events, open_case
from phonegrade.store.engines import Database
from phonegrade.store.event_log import events_after, place_events
from phonegrade.store.events import _SHOWN, MAX_BYTES, CloudEvent, EventDraft, event_of
from phonegrade.store.fact_tables import FACT_TABLES
from phonegrade.tests.journeys import builders
from phonegrade.tests.journeys.builders import fact_id
from phonegrade.tests.store.example import CASE, CUSTOMER, NOW, NUMBER, TENANT, TEXT, VAULT, reading, store_example

ENVELOPE = {
    "type": "object",
    "required": ["specversion", "id", "source", "type"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "minLength": 1},
        "source": {"type": "string", "minLength": 1, "format": "uri-reference"},
        "type": {"type": "string", "minLength": 1},
        "datacontenttype": {"type": "string", "minLength": 1},
        "subject": {"type": "string", "minLength": 1},
        "time": {"type": "string", "format": "date-time"},
        "data": {"type": "object"},
    },
    "propertyNames": {"pattern": "^[a-z0-9]{1,20}$"},
    "additionalProperties": {"type": ["string", "integer", "boolean"]},
}
"""What CloudEvents 1.0.2 states of its JSON format: context attributes, and the names and types of extensions."""


def envelopes(database: Database, tenant: str = TENANT) -> list[dict[str, object]]:
    return [json.loads(event.envelope) for event in events_after(database, tenant, 0)]


def test_every_fact_has_its_event_in_a_valid_envelope(database: Database) -> None:
    with database.write() as connection:
        added = store_example(connection)
    events = envelopes(database)
    assert len(events) == len(added.events) + 1
    for event in events:
        jsonschema.validate(event, ENVELOPE, format_checker=jsonschema.FormatChecker())
        assert re.fullmatch(r"phonegrade\.[a-z]+\.[a-z]+\.v1", str(event["type"]))
    assert len({(event["source"], event["id"]) for event in events}) == len(events)
    assert [event["sequence"] for event in events] == [f"{number:010d}" for number in range(1, len(events) + 1)]
    assert {event["correlationid"] for event in events} == {"order-1"}
    assert {event["subject"] for event in events} == {f"cases/{CASE}"}


def test_no_event_tells_a_number_a_text_or_a_name(database: Database) -> None:
    with database.write() as connection:
        store_example(connection)
    text = json.dumps(envelopes(database))
    planted = (NUMBER, NUMBER.replace("-", ""), reading().hmac, reading().last4, TEXT, CUSTOMER, "op-7")
    assert [one for one in planted if one in text] == []


def test_every_kind_of_fact_shows_members_that_it_has() -> None:
    for model, (_, members) in _SHOWN.items():
        assert set(members.split()) <= set(model.model_fields), model
    assert {one.model for one in FACT_TABLES} | {Case} >= set(_SHOWN)
    kinds = set(ANY_FACT.json_schema()["discriminator"]["mapping"])
    assert {one.word for one in FACT_TABLES} == kinds


def test_a_revoked_certificate_and_a_refused_photo_have_words_of_their_own() -> None:
    revoked = builders.certificate(revoked_at=NOW, revoked_why="wrong phone")
    assert event_of(revoked).noun_verb == "erasure.revoked"
    refused = builders.inspected(builders.photo(Surface.BACK), problem="no_device")
    assert event_of(refused).noun_verb == "photo.refused"


def test_what_a_status_leads_to_is_an_event_too(database: Database) -> None:
    with database.write() as connection:
        store_example(connection)
        ready = EventDraft("resale.ready", {"reasons": []}, NOW)
        [event] = note_events(connection, TENANT, CASE, [ready], NOW)
        version = load_case(connection, TENANT, CASE).version
    assert envelopes(database)[-1]["type"] == event.type == "phonegrade.resale.ready.v1"
    assert version == 2, "no fact was added"


def test_a_large_event_is_refused(database: Database) -> None:
    with database.write() as connection:
        store_example(connection)
    with pytest.raises(ValueError, match="20000"), database.write() as connection:
        note_events(connection, TENANT, CASE, [EventDraft("case.noted", {"text": "x" * MAX_BYTES}, NOW)], NOW)


def test_a_reader_gets_every_event_once_and_those_of_a_case_in_order(database: Database) -> None:
    cases = [fact_id(number) for number in range(700, 706)]
    with database.write() as connection:
        for case in cases:
            open_case(connection, TENANT, builders.case().model_copy(update={"id": case, "asset": None}), NOW)

    def record(number: int) -> None:
        case = cases[number % len(cases)]
        visit = builders.visit("app").model_copy(update={"id": fact_id(2000 + number), "case": case})
        later = NOW + timedelta(seconds=-number)  # clocks of machines that run backwards against each other
        with database.write() as connection:
            add_facts(connection, VAULT, TENANT, case, [visit], later)

    received: list[CloudEvent] = []
    position = 0
    with ThreadPoolExecutor(4) as threads:
        waiting = [threads.submit(record, number) for number in range(60)]
        while not all(one.done() for one in waiting) or place_events(database):
            for event in events_after(database, TENANT, position, limit=7):
                received.append(CloudEvent.model_validate_json(event.envelope))
                position = event.position
    while page := events_after(database, TENANT, position, limit=7):
        received += [CloudEvent.model_validate_json(event.envelope) for event in page]
        position = page[-1].position
    assert len(received) == len({event.id for event in received}) == 66
    for case in cases:
        sequences = [event.sequence for event in received if event.subject == f"cases/{case}"]
        assert sequences == [f"{number:010d}" for number in range(1, 12)]
    assert position == 66


def test_events_are_chosen_by_type_and_by_tenant(database: Database) -> None:
    with database.write() as connection:
        store_example(connection)
    photos = events_after(database, TENANT, 0, ("phonegrade.photo.*",))
    assert {event.type for event in photos} == {"phonegrade.photo.stored.v1", "phonegrade.photo.inspected.v1"}
    assert len(events_after(database, TENANT, 0, ("phonegrade.photo.*",), limit=3)) == 3
    assert events_after(database, "other", 0) == []
