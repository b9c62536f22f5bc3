"""Cases over HTTP: opened, read with what is derived, listed by cursor, visited; each POST once."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from phonegrade.service.case_route import MAX_JSON_BYTES
from phonegrade.service.keys import Scope
from phonegrade.service.settings import ServiceSettings
from phonegrade.store.principals import add_principal
from phonegrade.tests.service.case_client import CaseClient, case_service, role


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def clients(
    settings: ServiceSettings, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[list[CaseClient]]:
    keys = role("app", Scope.APP), role("shop", Scope.STORE), role("other", Scope.ADMIN, tenant="other")
    with case_service(settings, tmp_path_factory.mktemp("cases"), *keys, kind=request.param) as (_, running):
        yield running


@pytest.fixture
def app(clients: list[CaseClient]) -> CaseClient:
    return clients[0]


@pytest.fixture
def shop(clients: list[CaseClient]) -> CaseClient:
    return clients[1]


@pytest.fixture
def other(clients: list[CaseClient]) -> CaseClient:
    return clients[2]


def test_an_opened_case_says_what_is_missing_and_what_may_be_done_next(app: CaseClient) -> None:
    opened = app.post("/v1/cases", {"journey": "trade_in", "channel": "app", "customer_ref": "c-1"})
    assert opened.status_code == 201
    assert opened.headers["location"] == f"/v1/cases/{opened.json()['case']}"
    read = app.get(opened.headers["location"])
    assert (read.status_code, read.headers["etag"]) == (200, f'"{read.json()["version"]}"')
    status = read.json()["status"]
    assert (status["evidence"], status["deal"], status["custody"]) == ("empty", "none", "customer")
    assert {one["step"] for one in status["missing"]} >= {"identify", "photograph", "test"}
    assert status["next"]
    assert status["resale"]["state"] == "blocked"
    assert [one["fact"] for one in read.json()["facts"]] == ["visit"]


def test_a_repeat_is_answered_byte_for_byte_and_opens_nothing(app: CaseClient) -> None:
    body = {"journey": "care", "channel": "web", "customer_ref": "repeated"}
    first, again = (app.post("/v1/cases", body, once="one-key") for _ in range(2))
    assert first.content == again.content
    assert (first.headers.get("idempotency-replayed"), again.headers["idempotency-replayed"]) == (None, "true")
    assert first.headers["etag"] == again.headers["etag"]
    assert len(app.get("/v1/cases?customer_ref=repeated").json()["cases"]) == 1
    changed = app.post("/v1/cases", {**body, "customer_ref": "else"}, once="one-key")
    assert (changed.status_code, changed.json()["code"]) == (422, "idempotency_key_reused")


def test_a_post_without_a_key_of_its_own_is_refused(app: CaseClient) -> None:
    case = app.opened()
    for path in ("/v1/cases", f"/v1/cases/{case}/visits"):
        answer = app.request("POST", path, json={})
        assert (answer.status_code, answer.json()["code"]) == (400, "usage")
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_change_of_what_is_no_longer_so_is_refused(app: CaseClient) -> None:
    case = app.opened()
    tag = app.get(f"/v1/cases/{case}").headers["etag"]
    visit = {"channel": "web"}
    assert app.post(f"/v1/cases/{case}/visits", visit, headers={"If-Match": tag}).status_code == 201
    stale = app.post(f"/v1/cases/{case}/visits", visit, headers={"If-Match": tag})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    assert app.post(f"/v1/cases/{case}/visits", visit, headers={"If-Match": '"seven"'}).status_code == 412


def test_nobody_acts_on_a_channel_that_is_not_theirs(app: CaseClient, shop: CaseClient) -> None:
    refused = app.post("/v1/cases", {"journey": "trade_in", "channel": "store"})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    case = app.opened()
    assert app.post(f"/v1/cases/{case}/visits", {"channel": "store"}).status_code == 403
    assert shop.post(f"/v1/cases/{case}/visits", {"channel": "store", "site": "main street"}).status_code == 201


def test_a_list_is_read_page_by_page(app: CaseClient) -> None:
    opened = [app.opened("warranty", customer_ref="pages") for _ in range(5)]
    pages, before = [], ""
    while True:
        page = app.get(f"/v1/cases?customer_ref=pages&limit=2{before}").json()
        pages.append([line["case"]["id"] for line in page["cases"]])
        if page["next"] is None:
            break
        before = f"&before={page['next']}"
    assert [len(page) for page in pages] == [2, 2, 1]
    assert sorted(case for page in pages for case in page) == sorted(opened)


def test_another_tenants_case_is_not_there(app: CaseClient, other: CaseClient) -> None:
    case = app.opened()
    assert other.get(f"/v1/cases/{case}").status_code == 404
    assert other.post(f"/v1/cases/{case}/visits", {"channel": "store"}).status_code == 404
    assert other.get("/v1/cases").json()["cases"] == []


def test_what_is_not_known_is_refused_by_name(app: CaseClient) -> None:
    assert app.get("/v1/cases?limits=2").json()["code"] == "usage"
    unknown = app.post("/v1/cases", {"journey": "tradein", "channel": "app"})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "facts")
    assert "trade_in" in unknown.json()["detail"]
    assert app.post("/v1/cases", {"journey": "trade_in", "channel": "app", "colour": "red"}).status_code == 422
    large = {"journey": "x" * (MAX_JSON_BYTES + 1), "channel": "app"}
    assert app.post("/v1/cases", large).status_code == 413


def test_no_address_holds_a_whole_number_of_a_phone(app: CaseClient) -> None:
    for whole in ("352099001761481", "35 209900 176148 1", "35-209900-176148-1"):
        refused = app.get(f"/v1/cases?q={whole}")
        assert (refused.status_code, refused.json()["code"]) == (400, "usage")
        assert whole not in refused.text
    assert app.get("/v1/cases?q=1481&evidence=verified&deal=offered&custody=ours").json()["cases"] == []


def test_a_customers_key_sees_its_own_case_alone(app: CaseClient) -> None:
    own, another = app.opened(), app.opened()
    cases = app.client.app.state.parts.cases  # type: ignore[attr-defined]
    with cases.store.database.write() as connection:
        link = add_principal(connection, "acme", "customer", ("app",), cases.clock(), case=own, per_minute=1000)
    headers = {"Authorization": f"Bearer {link.text}"}
    assert app.client.get(f"/v1/cases/{own}", headers=headers).status_code == 200
    assert app.client.get(f"/v1/cases/{another}", headers=headers).status_code == 404
    assert [one["case"]["id"] for one in app.client.get("/v1/cases", headers=headers).json()["cases"]] == [own]
    headers["Idempotency-Key"] = "link-1"
    opened = app.client.post("/v1/cases", json={"journey": "care", "channel": "app"}, headers=headers)
    assert (opened.status_code, opened.json()["code"]) == (403, "forbidden")


def test_without_data_no_database_is_imported_and_no_case_routed(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom phonegrade.serve import app\n"
        "assert not [path for path in app.openapi()['paths'] if 'cases' in path]\n"
        "assert not {'sqlalchemy', 'alembic', 'obstore'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)  # noqa: S603
