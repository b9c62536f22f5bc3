"""Signing in to the pages: a session stands for its key, in this browser, from our own pages, and until it is ended."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from phonegrade.service.keys import NewKey, Scope, write_keys
from phonegrade.service.sessions import COOKIE, LIFE
from phonegrade.service.settings import ServiceSettings
from phonegrade.store.vault import Vault
from phonegrade.tests.service.case_client import case_service, role

APP = role("app", Scope.APP)
OURS = {"Sec-Fetch-Site": "same-origin", "X-Phonegrade-Page": "1"}
NEW_CASE = {"journey": "care", "channel": "app"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def service(settings: ServiceSettings, folder: Path) -> Iterator[tuple[FastAPI, TestClient]]:
    with case_service(settings, folder, APP) as (app, (one,)):
        yield app, one.client


def signed_in(client: TestClient, key: NewKey = APP) -> Response:
    return client.post("/v1/session", headers={"Authorization": f"Bearer {key.text}"})


def opened(client: TestClient, headers: dict[str, str]) -> Response:
    return client.post("/v1/cases", json=NEW_CASE, headers={"Idempotency-Key": uuid4().hex, **headers})


def test_a_session_may_do_what_its_key_may(service: tuple[FastAPI, TestClient]) -> None:
    _, client = service
    assert client.get("/v1/session").status_code == 401
    answer = signed_in(client)
    assert (answer.status_code, answer.json()["id"]) == (201, APP.stored.id)
    cookie = answer.headers["set-cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=strict", "Path=/", "Max-Age=43200"))
    assert APP.text not in cookie
    assert client.get("/v1/session").json()["scopes"] == ["app", "read"]
    case = opened(client, OURS)
    assert case.status_code == 201
    facts = client.get(f"/v1/cases/{case.json()['case']}").json()
    assert facts["case"]["by"] == APP.stored.id
    assert client.get("/v1/reviews/next").json()["code"] == "forbidden"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Phonegrade-Page": "1"},
        {"X-Phonegrade-Page": "1", "Sec-Fetch-Site": "cross-site"},
        {"X-Phonegrade-Page": "1", "Sec-Fetch-Site": "same-site"},
        {"X-Phonegrade-Page": "1", "Origin": "http://elsewhere.example"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Origin": "http://testserver"},
    ],
)
def test_another_sites_request_changes_nothing(service: tuple[FastAPI, TestClient], headers: dict[str, str]) -> None:
    _, client = service
    signed_in(client)
    assert opened(client, headers).json()["code"] == "forbidden"
    assert client.get("/v1/cases").json()["cases"] == []


def test_an_old_browser_says_where_a_request_comes_from_by_its_origin(service: tuple[FastAPI, TestClient]) -> None:
    _, client = service
    signed_in(client)
    assert opened(client, {"X-Phonegrade-Page": "1", "Origin": "http://testserver"}).status_code == 201


def test_a_session_that_was_ended_counts_nowhere(service: tuple[FastAPI, TestClient]) -> None:
    _, client = service
    signed_in(client)
    copy = client.cookies[COOKIE]
    assert client.delete("/v1/session").json()["code"] == "forbidden"
    assert client.delete("/v1/session", headers=OURS).status_code == 204
    assert COOKIE not in client.cookies
    assert client.get("/v1/cases", headers={"Cookie": f"{COOKIE}={copy}"}).status_code == 401
    signed_in(client)
    assert client.get("/v1/cases").status_code == 200


def test_a_session_ends_with_its_time(service: tuple[FastAPI, TestClient]) -> None:
    app, client = service
    signed_in(client)
    store = app.state.parts.cases
    later = store.clock() + LIFE + timedelta(seconds=1)
    app.state.parts.cases = type(store)(store.store, store.journeys, lambda: later, store.wake, store.deals)
    assert client.get("/v1/session").status_code == 401
    app.state.parts.cases = store
    assert client.get("/v1/session").status_code == 200


def test_a_session_ends_with_its_key(
    service: tuple[FastAPI, TestClient], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, client = service
    signed_in(client)
    assert client.get("/v1/session").status_code == 200
    monkeypatch.setattr("phonegrade.service.authorize.REREAD_S", -1.0)
    write_keys(folder / "keys.yaml", (role("other", Scope.APP).stored,))
    assert client.get("/v1/session").status_code == 401


@pytest.mark.parametrize("text", ["", "x", "QUJD", "a" * 4000, "=;=", '"'])
def test_what_is_no_session_is_nobody(service: tuple[FastAPI, TestClient], text: str) -> None:
    _, client = service
    assert client.get("/v1/cases", headers={"Cookie": f"{COOKIE}={text}"}).status_code == 401


def test_a_foreign_installations_session_is_nobody(
    settings: ServiceSettings, service: tuple[FastAPI, TestClient], tmp_path: Path
) -> None:
    _, client = service
    signed_in(client)
    other = tmp_path / "other"
    other.mkdir()
    with case_service(settings, other, APP) as (app, (one,)):
        store = app.state.parts.cases
        foreign = replace(store.store, vault=Vault(b"6" * 32))
        app.state.parts.cases = replace(store, store=foreign)
        copy = {"Cookie": f"{COOKIE}={client.cookies[COOKIE]}"}
        assert one.client.get("/v1/cases", headers=copy).status_code == 401


def test_a_customers_session_shows_its_own_link_and_no_other_shows_a_key(service: tuple[FastAPI, TestClient]) -> None:
    _, client = service
    signed_in(client)
    case = opened(client, OURS).json()["case"]
    page = {"page": "https://grade.example/capture"}
    once = {"Idempotency-Key": uuid4().hex, **OURS}
    assert client.post("/v1/session/link", json=page, headers=OURS).json()["code"] == "forbidden"
    link = client.post(f"/v1/cases/{case}/capture-links", json=page, headers=once).json()
    client.cookies.clear()
    client.post("/v1/session", headers={"Authorization": f"Bearer {link['token']}"})
    assert client.get("/v1/session").json()["case"] == case
    assert client.post("/v1/session/link", json=page, headers=OURS).json()["qr_svg"] == link["qr_svg"]
    assert client.post("/v1/session/link", json=page).json()["code"] == "forbidden"
    assert client.post("/v1/session/link", json={"page": "javascript:x"}, headers=OURS).status_code == 422
