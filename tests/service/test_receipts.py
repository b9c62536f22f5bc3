"""Receipts: read by an address that nobody can guess, signed; and one phone gets one offer."""

from collections.abc import Iterator

import pytest

from phonegrade.journeys.signed_record import check_record
from phonegrade.service.keys import Scope
from phonegrade.service.settings import ServiceSettings
from phonegrade.tests.service.case_client import CaseClient, case_service, role
from phonegrade.tests.service.deal_service import PRICES
from phonegrade.tests.service.sold_phone import SECRETS, add_sold_phone
from phonegrade.tests.store.example import ASSET, CASE, NUMBER

pytest.importorskip("segno")
pytest.importorskip("reportlab")
LAST4 = "1481"


@pytest.fixture(scope="module")
def clients(settings: ServiceSettings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[CaseClient]]:
    """The kiosk's and another tenant's."""
    keys = (role("kiosk", Scope.KIOSK), role("other", Scope.ADMIN, tenant="other"))
    changed = settings.model_copy(update={"prices": PRICES})
    with case_service(changed, tmp_path_factory.mktemp("receipts"), *keys) as (app, opened):
        add_sold_phone(app.state.parts.cases.store)
        yield opened


def test_a_receipt_is_signed_and_says_in_what_condition_the_phone_was(clients: list[CaseClient]) -> None:
    path = clients[0].get(f"/v1/cases/{CASE}/receipt").json()["path"]
    record = check_record(clients[0].client.get(f"{path}?as=json").content).record
    assert (record["case"], record["grade"]["grade"], record["offer"]["state"]) == (CASE, "C2", "accepted")
    assert len(record["grade"]["photos"]) == 6
    assert [one["last4"] for one in record["numbers"]] == [LAST4]
    assert [one for one in SECRETS if one in str(record)] == []


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "ja"])
def test_a_receipt_prints_on_one_page_in_every_language(clients: list[CaseClient], language: str) -> None:
    path = clients[0].get(f"/v1/cases/{CASE}/receipt").json()["path"]
    answer = clients[0].client.get(f"{path}?lang={language}")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.count(b"/Type /Page\n") == 1


def test_only_who_has_the_address_reads_it(clients: list[CaseClient]) -> None:
    kiosk, other = clients
    path = kiosk.get(f"/v1/cases/{CASE}/receipt").json()["path"]
    assert other.get(f"/v1/cases/{CASE}/receipt").status_code == 404
    for wrong in (
        path[:-4] + "0000",
        path.replace("acme", "other"),
        f"/r/acme/{CASE}/x",
        f"/r/acme/{ASSET}/{path[-32:]}",
    ):
        assert kiosk.client.get(wrong).json()["code"] == "not_found"


def test_a_second_case_of_a_phone_is_listed_and_gets_no_second_offer(clients: list[CaseClient]) -> None:
    kiosk, other = clients
    case = kiosk.opened(channel="kiosk", consent=["assessment"], site="station hall")
    body = {"kind": "imei", "value": NUMBER, "source": "typed", "confirmed_by": "customer"}
    asset = kiosk.post(f"/v1/cases/{case}/identifiers", body).json()["asset"]
    listed = kiosk.get(f"/v1/assets/{asset}/cases").json()["cases"]
    assert {one["case"]: one["quote"] for one in listed} == {case: None, CASE: "accepted"}
    assert next(one for one in listed if one["case"] == case)["site"] == "station hall"
    assert other.get(f"/v1/assets/{asset}/cases").status_code == 404
    refused = kiosk.post(f"/v1/cases/{case}/offers", {})
    assert refused.status_code == 409, refused.text
