"""What holds of every route of stored cases, by the OpenAPI that it answers itself."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from phonegrade.core.vocabulary import Surface
from phonegrade.service.authorize import HEALTH, scopes_of
from phonegrade.service.case_parts import LINK_ROUTES
from phonegrade.service.keys import Scope
from phonegrade.service.settings import ServiceSettings
from phonegrade.tests.drawn_device import device_photos
from phonegrade.tests.service.body_schemas import object_schemas
from phonegrade.tests.service.case_client import CaseClient, case_service, role
from phonegrade.tests.service.deal_service import PRICES
from phonegrade.tests.service.played import Sending, every_id
from phonegrade.tests.service.test_case_photos import sent

FACT_ID = "[0-9a-f]{8}-[0-9a-f]{4}-7"
"""What the document says of every member that is the id of a fact."""
NOT_IDS = {"token"}
BODIES: dict[str, dict[str, Any]] = {
    "/v1/cases/{case_id}/visits": {"channel": "store"},
    "/v1/cases/{case_id}/identifiers": {"kind": "serial", "value": "C02XK1", "source": "typed"},
    "/v1/cases/{case_id}/identifiers/{reading_id}/confirm": {"confirmed_by": "till 3"},
    "/v1/cases/{case_id}/device": {"storage_gb": 128},
    "/v1/cases/{case_id}/holding": {"source": "customer"},
    "/v1/cases/{case_id}/tests": {"method": "browser", "report": {}},
    "/v1/cases/{case_id}/complaint": {"incident": "drop"},
    "/v1/cases/{case_id}/consent": {"consent": []},
    "/v1/cases/{case_id}/assessments": {},
    "/v1/cases/{case_id}/dispute": {"text": "no"},
    "/v1/reviews/{request_id}/verdict": {"verdict": "accepted"},
    "/v1/cases/{case_id}/recommendations/answers": {"offer": "upgrade", "outcome": "accepted"},
    "/v1/cases/{case_id}/overrides": {"rule": "deal_not_settled", "name": "M. Meyer", "reason": "paid in cash"},
    "/v1/offers/{offer_id}/accept": {"inputs_sha256": "0" * 64},
    "/v1/offers/{offer_id}/decline": {"why": "too little"},
    "/v1/assets/{asset_id}/locks": {"activation": "off", "source": "operator"},
    "/v1/assets/{asset_id}/custody": {"to": "ours"},
    "/v1/assets/{asset_id}/passport": {"public": True},
    "/v1/assets/{asset_id}/erasures/{certificate_id}/revoke": {"why": "wrong phone"},
    "/v1/assets/{asset_id}/erasures": {
        "identifier": "C02XK1",
        "method": "purge",
        "technique": "cryptographic_erase",
        "tool": "eraser",
        "tool_version": "1",
        "verification": "full",
        "persons": [{"name": "op-9", "did": "verified"}],
        "started_at": "2026-11-28T09:00:00Z",
        "ended_at": "2026-11-28T09:10:00Z",
    },
    "/v1/lots": {"reference": "L-7"},
    "/v1/lots/{lot_id}/scan": {"identifier": "C02XK1"},
    "/v1/webhooks/{webhook_id}/state": {"state": "disabled"},
    "/v1/webhooks/{webhook_id}/replay": {"since": "2026-11-28T09:00:00Z"},
}
"""A body that each route would take of its own tenant; a route that is not listed is sent {}."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def clients(
    settings: ServiceSettings, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[list[CaseClient]]:
    keys = role("own", Scope.ADMIN), role("other", Scope.ADMIN, tenant="other"), role("reader")
    folder = tmp_path_factory.mktemp("routes")
    priced = settings.model_copy(update={"prices": PRICES})
    with case_service(priced, folder, *keys, kind=request.param) as (_, running):
        yield running


@pytest.fixture(scope="module")
def ids(clients: list[CaseClient]) -> dict[str, str]:
    """Real ids of one tenant, by the name that a path has for them."""
    known = every_id(Sending(clients[0]))
    numbers = BODIES["/v1/cases/{case_id}/identifiers"]
    reading = clients[0].post(f"/v1/cases/{known['case_id']}/identifiers", numbers).json()["id"]
    lot = clients[0].post("/v1/lots", {"reference": "L-7"}).json()["lot"]
    return {**known, "link_id": clients[0].link_to(known["case_id"])[0], "lot_id": lot, "reading_id": reading}


def described(client: CaseClient) -> dict[tuple[str, str], dict[str, Any]]:
    """Every route that only a service with --data has, by method and path."""
    paths = client.get("/openapi.json").json()["paths"]
    return {
        (method.upper(), path): operation
        for path, methods in paths.items()
        for method, operation in methods.items()
        if len(scopes_of(path)) > 1
    }


def test_every_id_in_an_address_has_a_real_one_here(clients: list[CaseClient], ids: dict[str, str]) -> None:
    """A route with an id that this file does not know would not be held to its rules."""
    unknown = {
        name for _, path in described(clients[0]) for name in re.findall(r"\{(\w+)\}", path) if name not in ids
    } - NOT_IDS
    assert not unknown, "let played.every_id return one"


def test_another_tenants_ids_are_not_there_on_any_route(clients: list[CaseClient], ids: dict[str, str]) -> None:
    _, other, _ = clients
    tried = 0
    for method, path in described(other):
        names = [name for name in ids if f"{{{name}}}" in path]
        if not names or path.count("{") > len(names):
            continue
        address = path.format(**ids)
        if path.endswith("/photos"):
            answer = sent(other, ids["case_id"], device_photos()[Surface.FRONT], surface="front")
        elif method == "POST":
            answer = other.post(address, BODIES.get(path, {}))
        else:
            answer = other.request(method, address)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), (method, path, answer.text)
        tried += 1
    assert tried >= 39


def test_an_own_address_with_another_tenants_id_in_the_body_finds_nothing(
    clients: list[CaseClient], ids: dict[str, str]
) -> None:
    """Every member of a body that names a fact: refused, or recorded without a word of the other's."""
    own, other, _ = clients
    mine = every_id(Sending(other))
    schemas = own.get("/openapi.json").json()["components"]["schemas"]
    tried = 0
    for (method, path), operation in described(own).items():
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if method != "POST" or body is None or any(name not in mine for name in re.findall(r"\{(\w+)\}", path)):
            continue
        members = {
            name: schema
            for kind in object_schemas(body["schema"], schemas)
            for name, schema in kind.get("properties", {}).items()
        }
        for name in (one for one, schema in members.items() if FACT_ID in json.dumps(schema)):
            for strange in {ids["photo_id"], ids["case_id"], ids["offer_id"], ids["request_id"]}:
                value = [strange] if members[name].get("type") == "array" else strange
                answer = other.post(path.format(**mine), {**BODIES.get(path, {}), name: value})
                assert answer.status_code in (400, 403, 404, 409, 412, 422), (path, name, answer.text)
                assert strange not in answer.text, (path, name)
                tried += 1
    assert tried >= 60


def test_another_tenants_cursors_lead_to_nothing_of_theirs(clients: list[CaseClient], ids: dict[str, str]) -> None:
    own, other, _ = clients
    theirs = {ids[name] for name in ("case_id", "photo_id", "asset_id", "offer_id", "webhook_id", "request_id")}
    events = own.get("/v1/events?limit=500").json()
    last = events["next"]
    tried = 0
    for (method, path), operation in described(other).items():
        queries = {one["name"]: one["schema"] for one in operation.get("parameters", ()) if one["in"] == "query"}
        if method != "GET" or "{" in path or path.endswith("/stream"):
            continue
        asked = [f"?{name}={value}" for name in queries.keys() & {"before", "after"} for value in (*theirs, 0, last)]
        for query in ("", *asked):
            answer = other.get(path + query)
            assert answer.status_code in (200, 204, 422), (path, query, answer.text)
            assert not [one for one in theirs if one in answer.text], (path, query)
            tried += 1
    assert tried >= 10


def test_every_post_needs_an_idempotency_key_and_says_so(clients: list[CaseClient], ids: dict[str, str]) -> None:
    own, *_ = clients
    posts = [(path, operation) for (method, path), operation in described(own).items() if method == "POST"]
    assert len(posts) >= 13
    for path, operation in posts:
        headers = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "header"]
        assert "Idempotency-Key" in headers, path
        if path.count("{") <= sum(f"{{{name}}}" in path for name in ids):
            answer = own.request("POST", path.format(**ids), json=BODIES.get(path, {}))
            assert (answer.status_code, answer.json()["code"]) == (400, "usage"), (path, answer.text)


def test_no_route_takes_an_unknown_query(clients: list[CaseClient], ids: dict[str, str]) -> None:
    own, *_ = clients
    for method, path in described(own):
        if path.count("{") <= sum(f"{{{name}}}" in path for name in ids):
            answer = own.request(method, f"{path.format(**ids)}?surprise=1", headers={"Idempotency-Key": "q"})
            assert (answer.status_code, answer.json()["code"]) == (400, "usage"), (method, path)


def test_every_route_of_cases_is_closed_to_keys_without_a_role(clients: list[CaseClient], ids: dict[str, str]) -> None:
    own, _, reader = clients
    for method, path in described(own):
        assert path not in HEALTH
        answer = reader.request(method, path.format(**{**ids, "token": "t"}) if path.count("{") <= 2 else path)
        assert answer.status_code == 403, (method, path)


def test_a_refused_method_is_answered_with_every_method_of_the_address(clients: list[CaseClient]) -> None:
    answer = clients[0].request("PUT", "/v1/cases")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, HEAD, POST"


def test_a_capture_link_opens_its_own_case_on_the_routes_for_it_and_nothing_else(
    clients: list[CaseClient], ids: dict[str, str]
) -> None:
    own, *_ = clients
    mine = own.opened()
    routes = described(own)
    assert set(routes) >= LINK_ROUTES
    for method, path in routes:
        _, customer = own.link_to(mine)
        if path == "/v1/cases" and method == "GET":
            assert [one["case"]["id"] for one in customer.get(path).json()["cases"]] == [mine]
            continue
        address = path.format(**ids)
        if path.endswith("/photos"):
            answer = sent(customer, ids["case_id"], device_photos()[Surface.FRONT], surface="front")
        elif method == "POST":
            answer = customer.post(address, {"channel": "web"} if path.endswith("/visits") else BODIES.get(path, {}))
        else:
            answer = customer.request(method, address)
        is_for_links = (method, path) in LINK_ROUTES
        assert answer.status_code == (404 if is_for_links else 403), (method, path, answer.text)
        if not is_for_links:
            again = customer.request(method, path.format(**{**ids, "case_id": mine}), headers={"Idempotency-Key": "l"})
            assert again.status_code == 403, (method, path, again.text)
    for path in ("/v1/policies", "/v1/models", "/metrics", "/docs"):
        assert customer.get(path).status_code == 403


def test_a_case_is_answered_in_tm_forums_words_where_they_are_asked_for(
    clients: list[CaseClient], ids: dict[str, str]
) -> None:
    own, *_ = clients
    path = f"/v1/cases/{ids['case_id']}"
    answer = own.get(f"{path}?as=tmf")
    assert (answer.status_code, answer.headers["etag"]) == (200, own.get(path).headers["etag"])
    assert set(answer.json()) == {"resource", "productOfferingQualification", "processFlow"}
    assert answer.json()["processFlow"]["href"] == path
    assert own.get(f"{path}?as=xml").status_code == 422


def test_no_route_of_cases_answers_without_a_key(clients: list[CaseClient], ids: dict[str, str]) -> None:
    own, *_ = clients
    for method, path in described(own):
        answer = own.client.request(method, path.format(**ids), headers={"Idempotency-Key": "n"})
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized"), (method, path)
