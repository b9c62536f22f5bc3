"""Capture links: what a customer may do with one, for how long, and what of it is kept."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from phonegrade.core.vocabulary import Surface
from phonegrade.service.settings import ServiceSettings
from phonegrade.store.tables import PRINCIPALS
from phonegrade.tests.drawn_device import device_photos
from phonegrade.tests.service.deal_service import DealService, deal_service
from phonegrade.tests.service.test_case_photos import sent
from phonegrade.tests.store.example import CASE

pytest.importorskip("segno")


@pytest.fixture(scope="module")
def service(settings: ServiceSettings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DealService]:
    with deal_service(settings, tmp_path_factory.mktemp("links")) as running:
        yield running


def test_a_link_adds_what_a_case_lacks_and_reads_what_is_left(service: DealService) -> None:
    case = service.shop.opened(channel="store")
    customer, path = service.shop.link_to(case)[1], f"/v1/cases/{case}"
    assert customer.post(f"{path}/visits", {"channel": "web"}).status_code == 201
    assert customer.post(f"{path}/consent", {"consent": ["assessment"]}).status_code == 201
    number = {"kind": "serial", "value": "C02XK1PLAIN", "source": "typed"}
    assert customer.post(f"{path}/identifiers", number).status_code == 201
    assert customer.post(f"{path}/tests", {"method": "browser", "report": {}}).status_code == 201
    assert sent(customer, case, device_photos()[Surface.FRONT], surface="front").status_code == 202
    read = customer.get(path).json()
    assert "consent" not in {one["step"] for one in read["status"]["missing"]}
    assert {"test", "photograph"} <= {one["step"] for one in read["status"]["next"]}
    assert {one["fact"] for one in read["facts"]} <= {"visit", "consent_change", "photo", "inspected", "test_run"}
    offered = customer.post(f"{path}/handoffs", {})
    assert (offered.status_code, len(offered.json()["code"])) == (201, 2)
    confirmed = {**number, "confirmed_by": "Jeff"}
    assert customer.post(f"{path}/identifiers", confirmed).status_code == 403, "the phone is not at hand"
    assert customer.post(f"{path}/holding", {"source": "operator"}).status_code == 400
    assert customer.post(f"{path}/visits", {"channel": "store"}).status_code == 403


def test_a_quote_is_answered_by_link_where_the_journey_lets_the_customer(service: DealService) -> None:
    customer = service.shop.link_to(CASE)[1]
    assert service.shop.post(f"/v1/cases/{CASE}/visits", {"channel": "store"}).status_code == 201
    assert service.shop.post(f"/v1/cases/{CASE}/qualifications", {}).status_code == 200
    quote = service.shop.post(f"/v1/cases/{CASE}/offers", {}).json()
    path = f"/v1/offers/{quote['id']}"
    assert customer.get(path).json()["state"] == "made"
    strange = service.shop.link_to(service.shop.opened(channel="store"))[1]
    refused = strange.get(path)
    assert (refused.status_code, CASE in refused.text) == (404, False)
    accepted = customer.post(f"{path}/accept", {"inputs_sha256": quote["inputs_sha256"]})
    assert (accepted.status_code, accepted.json()["state"]) == (200, "accepted")


def test_a_revoked_and_an_expired_link_do_not_count(service: DealService) -> None:
    link, customer = service.shop.link_to(CASE, minutes=5)
    other, path = service.shop.link_to(CASE)[1], f"/v1/cases/{CASE}"
    assert customer.get(path).status_code == 200
    service.later(5)
    assert customer.get(path).status_code == 401
    assert other.get(path).status_code == 200
    known = service.shop.get(f"{path}/capture-links").json()["links"]
    assert link in {one["id"] for one in known}
    for one in known:
        assert service.shop.request("DELETE", f"{path}/capture-links/{one['id']}").status_code == 204
    assert other.get(path).status_code == 401
    assert all(one["revoked_at"] for one in service.shop.get(f"{path}/capture-links").json()["links"])
    assert service.shop.request("DELETE", f"{path}/capture-links/0123456789").status_code == 404


def test_the_token_stands_after_the_hash_and_only_its_own_hash_is_kept(service: DealService) -> None:
    path = f"/v1/cases/{CASE}/capture-links"
    made = service.shop.post(path, {"page": "https://shop.example/capture"}).json()
    assert made["link"] == f"https://shop.example/capture#{made['token']}"
    assert made["qr_svg"].startswith("<svg")
    secret = made["token"].split("_", 2)[2]
    assert len(secret) == 43
    with service.cases.store.database.read() as connection:
        assert all(secret not in str(row) for row in connection.execute(select(PRINCIPALS)))
    for page in ("https://a.example/x?y=1", "https://a.example/#x", "javascript:alert(1)", "https://u@a.example/"):
        assert service.shop.post(path, {"page": page}).status_code == 422, page


def test_secrets_are_answered_again_for_ten_minutes_sealed_and_then_not_at_all(service: DealService) -> None:
    asked = (
        (service.shop, f"/v1/cases/{CASE}/capture-links", {}, "token"),
        (service.customer, f"/v1/cases/{CASE}/handoffs", {}, "token"),
        (service.admin, "/v1/webhooks", {"url": "https://1.1.1.1/hook"}, "secret"),
    )
    for client, path, body, secret in asked:
        first = client.post(path, body, once="again")
        assert first.status_code == 201, first.text
        assert client.post(path, body, once="again").content == first.content
        assert first.json()[secret].encode() not in _whole_database(service)
    service.later(10.1)
    for client, path, body, _ in asked:
        late = client.post(path, body, once="again")
        assert (late.status_code, late.json()["code"]) == (410, "answer_expired"), path


def _whole_database(service: DealService) -> bytes:
    folder = Path(str(service.app.state.parts.settings.data))
    files = list(folder.glob("phonegrade.sqlite*"))
    assert files
    return b"".join(file.read_bytes() for file in files)


def test_a_case_shows_neither_the_digits_nor_the_token_of_a_hand_off(service: DealService) -> None:
    opened = service.customer.post(f"/v1/cases/{CASE}/handoffs", {}).json()
    read = service.admin.get(f"/v1/cases/{CASE}")
    assert "token_sha256" not in read.text
    assert f'"{opened["code"]}"' not in read.text
    assert "hand_off" not in {one["fact"] for one in read.json()["facts"]}
    last = read.json()["hand_offs"][-1]
    assert (last["id"], last["expires_at"], last["state"]) == (opened["id"], opened["expires_at"], "open")
    assert set(last) == {"id", "at", "expires_at", "state"}
