"""A phone's way has the shape of an EPCIS 2.0 document, and names neither number nor customer nor person."""

import json
from typing import Any

import jsonschema

from phonegrade.configs.journey import shipped_journey
from phonegrade.journeys.epcis import epcis_document, lot_events, phone_events
from phonegrade.journeys.lot_facts import LotItem, LotScan
from phonegrade.tests.journeys.builders import (
    ASSET,
    AT,
    HMAC,
    bundle,
    certificate,
    fact_id,
    minutes,
    moved,
    of_asset,
    whole_trade_in,
)

LOT = fact_id(800)
SCAN = LotScan(id=fact_id(801), at=minutes(91), by="key-1", lot=LOT, asset=ASSET, outcome="received")
STRANGE = SCAN.model_copy(update={"id": fact_id(802), "asset": None, "outcome": "unexpected"})
ITEM = LotItem(**of_asset(803, 92, "warehouse"), lot=LOT, bin="stock-a", saleable=True, site="warehouse 1")
URI = {"type": "string", "pattern": r"^(urn:[a-z]+:|https://)[^\s]+$"}
EVENT: dict[str, Any] = {
    "type": "object",
    "required": ["type", "eventID", "eventTime", "eventTimeZoneOffset", "epcList", "action", "bizStep", "disposition"],
    "additionalProperties": False,
    "properties": {
        "type": {"const": "ObjectEvent"},
        "eventID": URI,
        "eventTime": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"},
        "eventTimeZoneOffset": {"const": "+00:00"},
        "epcList": {"type": "array", "items": URI, "minItems": 1, "uniqueItems": True},
        "action": {"enum": ["ADD", "OBSERVE", "DELETE"]},
        "bizStep": {
            "enum": ["receiving", "shipping", "inspecting", "holding", "storing", "retail_selling", "destroying"]
        },
        "disposition": {
            "enum": [
                "in_progress",
                "in_transit",
                "returned",
                "retail_sold",
                "destroyed",
                "conformant",
                "non_conformant",
                "sellable_not_accessible",
                "non_sellable_other",
            ]
        },
        "bizLocation": {"type": "object", "required": ["id"], "additionalProperties": False, "properties": {"id": URI}},
        "certificationInfo": {"type": "array", "items": URI},
        "bizTransactionList": {
            "type": "array",
            "items": {"type": "object", "required": ["type", "bizTransaction"], "properties": {"bizTransaction": URI}},
        },
    },
}
DOCUMENT = {
    "type": "object",
    "required": ["@context", "type", "schemaVersion", "creationDate", "epcisBody"],
    "additionalProperties": False,
    "properties": {
        "@context": {
            "type": "array",
            "contains": {"const": "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"},
        },
        "type": {"const": "EPCISDocument"},
        "schemaVersion": {"const": "2.0"},
        "creationDate": {"type": "string"},
        "epcisBody": {"type": "object", "properties": {"eventList": {"type": "array", "items": EVENT}}},
    },
}
"""What GS1's EPCIS-JSON-Schema asks of an EPCISDocument of ObjectEvents, and no word more than we use."""
FACTS = bundle(*whole_trade_in(shipped_journey("trade_in").sha256), ITEM, moved("sold", 120, 72))


def document() -> dict[str, Any]:
    return epcis_document(phone_events(FACTS, [SCAN]), minutes(200))


def test_it_has_the_shape_of_an_epcis_document() -> None:
    jsonschema.validate(document(), DOCUMENT)
    steps = [(event["action"], event["bizStep"]) for event in document()["epcisBody"]["eventList"]]
    assert steps == [
        ("OBSERVE", "inspecting"),
        ("ADD", "receiving"),
        ("OBSERVE", "inspecting"),
        ("OBSERVE", "receiving"),
        ("OBSERVE", "storing"),
        ("OBSERVE", "retail_selling"),
    ]


def test_a_phone_is_its_id_and_nothing_else_of_anyone() -> None:
    text = json.dumps(document())
    assert f"urn:uuid:{ASSET}" in text
    assert [one for one in (HMAC, "0017", "op-7", "op-9", "key-1", "300.00", "customer") if one in text] == []


def test_the_erasure_is_certified_until_it_is_revoked() -> None:
    revoked = certificate(number=52).model_copy(update={"revoked_at": AT, "supersedes": fact_id(51)})
    events = phone_events(FACTS.with_facts([revoked]), [])
    certified = [event for event in events if "certificationInfo" in event]
    assert [event["certificationInfo"] for event in certified] == [[f"urn:uuid:{fact_id(51)}"]]
    assert [event["bizStep"] for event in events if event["disposition"] == "non_conformant"] == ["holding"]


def test_a_lot_tells_of_the_phones_that_are_known() -> None:
    events = lot_events([STRANGE, SCAN], [ITEM])
    jsonschema.validate(epcis_document(events, AT), DOCUMENT)
    assert [event["bizTransactionList"][0]["bizTransaction"] for event in events] == [f"urn:uuid:{LOT}"] * 2
    assert events[1]["bizLocation"] == {"id": "urn:phonegrade:site:warehouse%201"}
