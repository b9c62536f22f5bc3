"""Once there are keys, nothing but health is answered without one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr, ValidationError

from phonegrade.core.errors import KeysFileError
from phonegrade.serve import create_app
from phonegrade.service.authorize import HEALTH, REREAD_S, KeyFile, scope_of
from phonegrade.service.keys import NewKey, Scope, new_key, write_keys
from phonegrade.service.settings import ServiceSettings

KIOSK, READER = new_key("kiosk", (Scope.GRADE,), 600), new_key("reader", (Scope.READ,), 6)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    write_keys(tmp_path / "keys.yaml", (KIOSK.stored, READER.stored))
    return tmp_path / "keys.yaml"


@pytest.fixture
def client(settings: ServiceSettings, file: Path) -> Iterator[TestClient]:
    with TestClient(create_app(settings.model_copy(update={"keys_file": file}))) as running:
        yield running


def headers(key: NewKey) -> dict[str, str]:
    return {"Authorization": f"Bearer {key.text}"}


def test_no_route_but_health_answers_without_a_key(client: TestClient) -> None:
    described = client.app.openapi()["paths"]  # type: ignore[attr-defined]
    paths = {(path, method.upper()) for path, methods in described.items() for method in methods}
    paths |= {("/openapi.json", "GET"), ("/docs", "GET"), ("/nothing-here", "GET")}
    assert {path for path, _ in paths} > {"/v1/grade", "/v1/inspect", "/metrics", "/healthz"}
    for path, method in paths:
        answer = client.request(method, path)
        if path in HEALTH:
            assert answer.status_code != 401
        else:
            assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized"), path
            assert answer.headers["www-authenticate"] == "Bearer"


def test_a_key_opens_what_its_scopes_name(client: TestClient) -> None:
    assert client.post("/v1/inspect", headers=headers(KIOSK)).json()["error"]["code"] not in (
        "unauthorized",
        "forbidden",
    )
    assert client.get("/metrics", headers=headers(KIOSK)).status_code == 403
    assert client.get("/openapi.json", headers={"X-API-Key": READER.text}).status_code == 200
    assert client.post("/v1/inspect", headers=headers(READER)).json()["error"]["code"] == "forbidden"


def test_who_asks_too_often_is_told_when_to_come_again(client: TestClient) -> None:
    statuses = [client.get("/openapi.json", headers=headers(READER)).status_code for _ in range(3)]
    assert statuses[0] == 200
    assert statuses[-1] == 429


def test_a_revoked_key_stops_counting_and_an_unreadable_file_lets_nobody_in(file: Path) -> None:
    now_s = 0.0
    keys = KeyFile(file, lambda: now_s)
    assert keys.find(KIOSK.text) == KIOSK.stored
    write_keys(file, (READER.stored,))
    now_s += REREAD_S + 1
    assert keys.find(KIOSK.text) is None
    assert keys.find(READER.text) == READER.stored
    file.write_text("no keys", encoding="utf-8")
    now_s += REREAD_S + 1
    assert keys.find(READER.text) is None


@pytest.mark.parametrize(
    ("path", "scope"), [("/v1/grade", Scope.GRADE), ("/metrics", Scope.METRICS), ("/docs", Scope.READ)]
)
def test_every_path_needs_a_scope(path: str, scope: Scope) -> None:
    assert scope_of(path) is scope


def test_keys_may_come_by_the_environment_instead(settings: ServiceSettings, file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    with TestClient(create_app(settings.model_copy(update={"keys_text": SecretStr(text)}))) as client:
        assert client.get("/openapi.json").status_code == 401
        assert client.get("/openapi.json", headers=headers(READER)).status_code == 200
    assert READER.stored.sha256 not in repr(ServiceSettings(keys_text=SecretStr(text)))
    with pytest.raises(ValidationError, match="not by both"):
        ServiceSettings(keys_file=file, keys_text=SecretStr(text))
    with pytest.raises(KeysFileError, match="not a list of keys"):
        create_app(settings.model_copy(update={"keys_text": SecretStr("nonsense: [")}))
