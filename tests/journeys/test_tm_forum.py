"""A case in TM Forum's words: the names that are shared are spelt as theirs, and nothing plain gets in."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from phonegrade.configs.journey import shipped_journey
from phonegrade.journeys.facts import AnyFact, CaseFacts
from phonegrade.journeys.status import status_of
from phonegrade.journeys.tm_forum import tmf_case
from phonegrade.tests.journeys.builders import (
    assessment,
    asset,
    bundle,
    case,
    diagnosed,
    identifier,
    inspected,
    lock_check,
    minutes,
    photo,
    visit,
    whole_trade_in,
)

JOURNEY = shipped_journey("trade_in")
NOW = minutes(120)
WHOLE = whole_trade_in(JOURNEY.sha256)
NAMED = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
CHARACTERISTICS = {"type": "array", "items": {**NAMED, "required": ["name", "value"]}}
PARTIES = {"type": "array", "items": {"type": "object", "required": ["id", "role"]}}
STATES = {"enum": ["active", "hold", "completed", "cancelled"]}
QUALIFYING = {"enum": ["acknowledged", "inProgress", "done", "terminatedWithError"]}
RESOURCE_639 = {
    "type": "object",
    "required": ["id", "name", "category", "externalIdentifier", "resourceCharacteristic", "place", "relatedParty"],
    "properties": {
        "externalIdentifier": {
            "type": "array",
            "items": {"type": "object", "required": ["owner", "externalIdentifierType", "id"]},
        },
        "resourceCharacteristic": CHARACTERISTICS,
        "place": {"type": "array", "items": {**NAMED, "required": ["name", "role"]}},
        "relatedParty": PARTIES,
    },
}
QUALIFICATION_679 = {
    "type": "object",
    "required": ["id", "state", "channel", "expirationDate", "checkProductOfferingQualificationItem"],
    "properties": {
        "state": QUALIFYING,
        "channel": {"type": "array", "items": NAMED},
        "expirationDate": {"type": ["string", "null"], "format": "date-time"},
        "checkProductOfferingQualificationItem": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["id", "state", "qualificationItemResult", "productOffering", "eligibilityResultReason"],
                "properties": {
                    "state": QUALIFYING,
                    "qualificationItemResult": {"enum": ["qualified", "unqualified", "alternate", None]},
                    "eligibilityResultReason": {
                        "type": "array",
                        "items": {"type": "object", "required": ["code", "label"]},
                    },
                    "alternateProductOfferingProposal": {
                        "type": "array",
                        "items": {"type": "object", "required": ["id", "alternateProductOffering"]},
                    },
                },
            },
        },
    },
}
FLOW_701 = {
    "type": "object",
    "required": ["id", "href", "state", "processFlowDate", "characteristic", "relatedEntity", "channel", "taskFlow"],
    "properties": {
        "state": STATES,
        "characteristic": CHARACTERISTICS,
        "relatedParty": PARTIES,
        "taskFlow": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "state", "isMandatory", "characteristic", "channel"],
                "properties": {"state": STATES, "isMandatory": {"type": "boolean"}, "characteristic": CHARACTERISTICS},
            },
        },
    },
}
CASE = {
    "type": "object",
    "required": ["resource", "productOfferingQualification", "processFlow"],
    "properties": {
        "resource": {"anyOf": [RESOURCE_639, {"type": "null"}]},
        "productOfferingQualification": QUALIFICATION_679,
        "processFlow": FLOW_701,
    },
    "additionalProperties": False,
}
"""The names that our answer shares with TMF639, TMF679 and TMF701, as their guides and field lists print them."""


def shown(*facts: AnyFact, whole: CaseFacts | None = None) -> dict[str, Any]:
    known = whole or bundle(*facts)
    view = tmf_case(known, JOURNEY, status_of(known, JOURNEY, NOW), NOW)
    answer: dict[str, Any] = json.loads(view.model_dump_json(by_alias=True))
    Draft202012Validator(CASE).validate(answer)
    return answer


def provisional() -> tuple[AnyFact, ...]:
    photos = [photo(one) for one in ("front", "back", "left", "right", "top", "bottom")]  # type: ignore[arg-type]
    done = [inspected(one) for one in photos]
    return (visit("app"), asset(), identifier(), diagnosed(), *photos, *done, lock_check(8), assessment())


@pytest.mark.parametrize("count", range(0, len(WHOLE) + 1, 4))
def test_every_stage_of_a_case_has_the_shared_names(count: int) -> None:
    shown(*WHOLE[:count])


def test_a_case_without_anything_is_acknowledged_and_has_no_resource() -> None:
    opened = CaseFacts(case=case().model_copy(update={"asset": None}))
    answer = shown(whole=opened)
    assert (answer["resource"], answer["processFlow"]["state"]) == (None, "active")
    assert answer["productOfferingQualification"]["state"] == "acknowledged"


def test_a_whole_trade_in_is_qualified_and_only_its_release_is_left() -> None:
    answer = shown(*WHOLE)
    item = answer["productOfferingQualification"]["checkProductOfferingQualificationItem"][0]
    assert (item["state"], item["qualificationItemResult"]) == ("done", "qualified")
    tasks = {task["id"]: task["state"] for task in answer["processFlow"]["taskFlow"]}
    assert [name for name, state in tasks.items() if state != "completed"] == ["release"]
    assert answer["processFlow"]["processFlowSpecificationRef"]["id"] == JOURNEY.sha256


def test_a_listed_phone_is_unqualified_with_the_rule_and_the_rest_is_cancelled() -> None:
    answer = shown(*provisional(), lock_check(9, 42, blocklist="listed"))
    item = answer["productOfferingQualification"]["checkProductOfferingQualificationItem"][0]
    assert (item["qualificationItemResult"], item["eligibilityResultReason"][0]["code"]) == ("unqualified", "listed")
    tasks = {task["id"]: task["state"] for task in answer["processFlow"]["taskFlow"]}
    assert (tasks["quote"], tasks["settle"]) == ("cancelled", "cancelled")


def test_a_person_who_has_to_decide_is_a_hold_and_no_word_of_theirs() -> None:
    answer = shown(*provisional(), identifier("b" * 64, number=22))
    item = answer["productOfferingQualification"]["checkProductOfferingQualificationItem"][0]
    assert (item["state"], item["qualificationItemResult"]) == ("inProgress", None)
    assert answer["processFlow"]["state"] == "hold"


def test_a_number_is_named_by_its_end() -> None:
    answer = shown(*WHOLE)
    assert [one["id"] for one in answer["resource"]["externalIdentifier"]] == ["*0017"]
    assert "a" * 64 not in json.dumps(answer)
