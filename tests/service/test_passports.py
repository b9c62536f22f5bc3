"""Passports over HTTP: nothing is public until somebody says so, and what is holds no more than it should."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from phonegrade.core.data_errors import SignedRecordError
from phonegrade.journeys.signed_record import check_record
from phonegrade.service.keys import Scope
from phonegrade.service.settings import ServiceSettings
from phonegrade.service.use_cases.passports import asset_of_giai, giai_of
from phonegrade.tests.service.case_client import CaseClient, case_service, role
from phonegrade.tests.service.sold_phone import SECRETS, add_sold_phone
from phonegrade.tests.store.example import ASSET, CASE, NUMBER

pytest.importorskip("segno")
PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
Served = tuple[CaseClient, CaseClient, CaseClient]


@pytest.fixture(scope="module")
def service(settings: ServiceSettings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The warehouse, the app and another tenant's administrator."""
    keys = (role("store", Scope.WAREHOUSE), role("app", Scope.APP), role("other", Scope.ADMIN, tenant="other"))
    changed = settings.model_copy(update={"giai_prefix": "4012345"})
    with case_service(changed, tmp_path_factory.mktemp("passports"), *keys) as (app, (warehouse, customer, other)):
        add_sold_phone(app.state.parts.cases.store)
        yield warehouse, customer, other


def publish(client: CaseClient, *, public: bool = True) -> None:
    answer = client.post(f"/v1/assets/{ASSET}/passport", {"public": public})
    assert answer.status_code == 201, answer.text


def read(client: CaseClient, path: str = f"/p/{ASSET}", **headers: str) -> Any:  # noqa: ANN401
    return client.client.get(path, headers=headers)


def erased_again(client: CaseClient) -> None:
    now = datetime.now(UTC)
    body = {"identifier": NUMBER, "method": "purge", "technique": "overwrite", "tool": "eraser", "tool_version": "5"}
    persons = [{"name": "op-7", "did": "sanitised"}, {"name": "op-9", "did": "verified"}]
    times = {"started_at": (now - timedelta(seconds=9)).isoformat(), "ended_at": now.isoformat()}
    added = client.post(f"/v1/assets/{ASSET}/erasures", {**body, **times, "verification": "full", "persons": persons})
    assert added.json()["counts"], added.text


def test_nothing_is_public_until_it_is_published_or_after_it_is_withdrawn(service: Served) -> None:
    warehouse = service[0]
    if not any(one["fact"] == "publication" for one in warehouse.get(f"/v1/cases/{CASE}").json()["facts"]):
        assert read(warehouse).status_code == 404
    publish(warehouse)
    first = read(warehouse).json()
    assert first["record"]["asset"] == ASSET
    picture = next(one["photo"] for one in first["record"]["grade"]["surfaces"])
    assert read(warehouse, f"/p/{ASSET}/photos/{picture}").headers["content-type"] == "image/jpeg"
    publish(warehouse, public=False)
    assert read(warehouse).json()["code"] == "not_found"
    assert read(warehouse, f"/p/{ASSET}/photos/{picture}").status_code == 404
    page = read(warehouse, **PAGE)
    assert (page.status_code, "No passport here" in page.text) == (404, True)


def test_only_who_may_release_phones_publishes_and_other_tenants_see_nothing(service: Served) -> None:
    warehouse, customer, other = service
    publish(warehouse, public=False)
    body = {"public": True}
    assert customer.post(f"/v1/assets/{ASSET}/passport", body).json()["code"] == "forbidden"
    assert other.post(f"/v1/assets/{ASSET}/passport", body).json()["code"] == "not_found"
    assert other.get(f"/v1/assets/{ASSET}/passport").status_code == 404
    assert read(warehouse).status_code == 404
    assert warehouse.get(f"/v1/assets/{ASSET}/passport").json()["record"]["asset"] == ASSET


def test_the_page_and_the_record_hold_no_operator_customer_place_or_number(service: Served) -> None:
    warehouse = service[0]
    publish(warehouse)
    for text in (read(warehouse).text, read(warehouse, **PAGE).text):
        assert [one for one in SECRETS if one in text] == []
        assert "1481" in text  # the last four characters


def test_a_page_shows_the_grades_both_pictures_and_the_reasons(service: Served) -> None:
    warehouse = service[0]
    publish(warehouse)
    record, page = read(warehouse).json()["record"], read(warehouse, **PAGE).text
    assert (record["evidence"], record["erasure"]["state"], record["resale"]) == (
        "verified",
        "valid",
        {"state": "ready", "reasons": [], "lifted": []},
    )
    compared = record["comparison"]
    assert (compared["before_source"], compared["after_source"], compared["verified"]) == ("app", "warehouse", True)
    shown = [one for one in compared["changes"] if one["surface"] == "front"]
    assert shown
    assert all(one["before"] != one["after"] and f"/photos/{one['after']}" in page for one in shown)
    assert [one["what"] for one in record["history"]][-1] == "published"
    assert 'class="outline outline-scratch"' in page


def test_a_revoked_erasure_stands_first(service: Served) -> None:
    warehouse = service[0]
    publish(warehouse)
    case = warehouse.get(f"/v1/cases/{CASE}").json()
    certificate = next(one["id"] for one in case["facts"] if one["fact"] == "erasure_certificate")
    why = {"why": "Anna Smith mixed up two phones"}
    assert warehouse.post(f"/v1/assets/{ASSET}/erasures/{certificate}/revoke", why).status_code == 200
    record, page = read(warehouse).json()["record"], read(warehouse, **PAGE).text
    assert (record["erasure"]["state"], record["resale"]["state"]) == ("revoked", "blocked")
    assert "Anna" not in json.dumps(record) + page
    assert page.index("passport-revoked") < page.index("<h1>")
    erased_again(warehouse)
    assert read(warehouse).json()["record"]["erasure"]["state"] == "valid"


def test_the_gs1_address_leads_to_the_same_record(service: Served) -> None:
    warehouse = service[0]
    publish(warehouse)
    record = read(warehouse).json()["record"]
    assert len(record["giai"]) <= 30
    assert read(warehouse, f"/8004/{record['giai']}").json()["record"]["asset"] == ASSET
    assert read(warehouse, f"/8004/{record['giai'][:-1]}0").status_code == 404


@pytest.mark.parametrize("now", [datetime(2026, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)])
def test_a_giai_leads_back_to_its_phone(now: datetime) -> None:
    from phonegrade.store.columns import new_id

    for step in range(50):
        asset = new_id(now + timedelta(milliseconds=step))
        assert asset_of_giai("4012345", giai_of("4012345", asset)) == asset


def test_a_changed_byte_fails_and_so_does_another_key(service: Served) -> None:
    warehouse = service[0]
    publish(warehouse)
    data = read(warehouse).content
    checked = check_record(data)
    assert check_record(data + b"\n", checked.key).record["asset"] == ASSET
    for at in range(0, len(data), max(1, len(data) // 300)):
        changed = bytearray(data)
        changed[at] ^= 1
        with pytest.raises(SignedRecordError):
            check_record(bytes(changed))
    with pytest.raises(SignedRecordError, match="another key"):
        check_record(data, "A" * 43 + "=")
    with pytest.raises(SignedRecordError, match="not as it was signed"):
        check_record(data.replace(b",", b", ", 1))
    assert check_record(warehouse.get(f"/v1/assets/{ASSET}/passport").content).key == checked.key


def test_an_address_that_is_none_is_not_found(service: Served) -> None:
    for path in ("/p/x", f"/p/{uuid4()}", "/8004/40123451", "/p/%00", f"/p/{ASSET}/photos/x"):
        assert read(service[0], path).status_code == 404
