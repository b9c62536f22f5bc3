"""Lots over HTTP: expected against received, put-away behind the resale gate, discrepancies as events."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from phonegrade.service.settings import ServiceSettings
from phonegrade.tests.service.deal_service import DealService, deal_service
from phonegrade.tests.service.test_deals import sold
from phonegrade.tests.store.example import ASSET, CASE, NUMBER

pytest.importorskip("segno")


@pytest.fixture
def service(settings: ServiceSettings, tmp_path: Path) -> Iterator[DealService]:
    with deal_service(settings, tmp_path) as running:
        yield running


def announced(service: DealService, *expected: dict[str, Any]) -> str:
    answer = service.admin.post("/v1/lots", {"reference": "L-7", "expected": expected})
    assert answer.status_code == 201, answer.text
    return f"/v1/lots/{answer.json()['lot']}"


def events(service: DealService, prefix: str) -> list[dict[str, Any]]:
    every = service.admin.get(f"/v1/events?limit=500&type=phonegrade.{prefix}.*").json()["events"]
    return [one["event"] for one in every]


def test_expected_against_received_and_what_is_short(service: DealService) -> None:
    lot = announced(service, {"identifier": NUMBER}, {"device": "Apple iPhone 12", "count": 2})
    first = service.admin.post(f"{lot}/scan", {"identifier": NUMBER})
    assert first.status_code == 201, first.text
    assert (first.json()["outcome"], first.json()["line"], first.json()["asset"]) == ("received", 0, ASSET)
    assert (first.json()["bin"]["bin"], first.json()["put_away"]) == ("erasure", False)
    assert service.admin.post(f"{lot}/scan", {"asset": ASSET}).json()["outcome"] == "repeated"
    strange = service.admin.post(f"{lot}/scan", {"identifier": "C02XK1ZZ"}).json()
    assert (strange["outcome"], strange["asset"], strange["bin"]) == ("unexpected", None, None)
    assert service.admin.post(f"{lot}/scan", {"identifier": "c02-xk1zz"}).json()["outcome"] == "repeated"
    closed = service.admin.post(f"{lot}/close")
    assert closed.status_code == 200, closed.text
    count = service.admin.get(lot).json()["count"]
    assert (count["received"], count["unexpected"], count["short"], count["closed"]) == (1, 1, 2, True)
    verbs = sorted(one["type"].split(".")[2] for one in events(service, "lot"))  # all at one moment of this clock
    assert verbs == ["announced", "received", "repeated", "repeated", "short", "unexpected"]
    assert next(one for one in events(service, "lot") if "short" in one["type"])["data"]["short"] == 2
    assert service.admin.post(f"{lot}/scan", {"asset": ASSET}).json()["code"] == "lot"
    assert service.admin.post(f"{lot}/close").json()["code"] == "lot"
    text = service.admin.get("/v1/events?limit=500").text + service.admin.get(lot).text
    assert NUMBER.replace("-", "") not in text
    assert "C02XK1ZZ" not in text


def test_nothing_is_put_away_for_sale_while_the_gate_is_closed(service: DealService) -> None:
    lot = announced(service, {"case": CASE})
    refused = service.admin.post(f"{lot}/scan", {"case": CASE, "put_away": True, "bin": "stock-a"})
    assert (refused.status_code, refused.json()["code"]) == (409, "resale_blocked")
    assert "erasure_missing" in refused.json()["detail"]
    assert service.admin.get(lot).json()["count"]["received"] == 0
    aside = service.admin.post(f"{lot}/scan", {"case": CASE, "put_away": True})
    assert (aside.status_code, aside.json()["bin"]["bin"], aside.json()["put_away"]) == (201, "erasure", True)
    sold(service)
    stored = service.admin.post(f"{lot}/scan", {"asset": ASSET, "put_away": True}).json()
    assert (stored["outcome"], stored["bin"]["bin"], stored["gate"]["state"]) == ("repeated", "stock-a", "ready")
    assert service.admin.get(lot).json()["stored"] == {"stock-a": 1}
    assert [one["data"]["bin"] for one in events(service, "lot.stored")] == ["erasure", "stock-a"]


def test_a_repeated_request_is_one_scan_and_other_tenants_see_nothing(service: DealService) -> None:
    lot = announced(service, {"device": "Apple iPhone 13"})
    first, again = (service.admin.post(f"{lot}/scan", {"asset": ASSET}, once="scan-1") for _ in range(2))
    assert (first.status_code, first.content) == (201, again.content)
    assert service.stranger.get(lot).status_code == 404
    assert service.stranger.get("/v1/lots").json()["lots"] == []
    assert service.stranger.post(f"{lot}/scan", {"asset": ASSET}).status_code == 404
    assert service.customer.post(f"{lot}/scan", {"asset": ASSET}).status_code == 403
    page = service.admin.get("/v1/lots?limit=1").json()
    assert (page["lots"][0]["count"]["received"], page["next"]) == (1, None)


def test_a_wrong_scan_says_what_is_wrong(service: DealService) -> None:
    wrong: list[tuple[dict[str, Any], int]] = [
        ({"identifier": NUMBER, "asset": ASSET}, 422),
        ({"asset": ASSET, "put_away": True, "bin": "stok-a"}, 422),
        ({"identifier": "C02XK1ZZ", "put_away": True}, 404),
        ({"asset": CASE}, 404),
    ]
    lot = announced(service)
    for body, status in wrong:
        answer = service.admin.post(f"{lot}/scan", body)
        assert answer.status_code == status, answer.text


def test_a_phone_s_way_and_a_lot_are_exported_without_its_number(service: DealService) -> None:
    lot = announced(service, {"identifier": NUMBER})
    sold(service)
    service.admin.post(f"{lot}/scan", {"identifier": NUMBER, "put_away": True, "site": "hall 2"})
    answers = [service.admin.get(path) for path in (f"/v1/assets/{ASSET}/events.epcis", f"{lot}/events.epcis")]
    for answer in answers:
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/ld+json")
        assert NUMBER.replace("-", "") not in answer.text
    steps = [[event["bizStep"] for event in one.json()["epcisBody"]["eventList"]] for one in answers]
    assert {"receiving", "inspecting", "storing"} <= set(steps[0])
    assert sorted(steps[1]) == ["receiving", "storing"]
    assert service.stranger.get(f"/v1/assets/{ASSET}/events.epcis").status_code == 404
    assert service.customer.get(f"{lot}/events.epcis").status_code == 403
