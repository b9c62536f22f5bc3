"""A service with stored cases as the tests speak to it: one client a key, a fresh Idempotency-Key each time."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from phonegrade.serve import create_app
from phonegrade.service.keys import NewKey, Scope, new_key, write_keys
from phonegrade.service.settings import ServiceSettings
from phonegrade.tests.store.postgresql import MISSING, initdb, running_postgresql

_NUMBERS = count()
KEY = "5" * 64
"""Of the test's installation."""


class CaseClient:
    """Sends requests as the holder of one key or link; every POST has an Idempotency-Key unless one is given."""

    def __init__(self, client: TestClient, key: NewKey | str) -> None:
        self.client, self.token = client, key if isinstance(key, str) else key.text

    def get(self, path: str, **options: Any) -> Response:  # noqa: ANN401
        """GET."""
        return self.request("GET", path, **options)

    def post(self, path: str, body: Any = None, *, once: str | None = None, **options: Any) -> Response:  # noqa: ANN401
        """POST a JSON body, or a form by `files` and `data`."""
        headers = {"Idempotency-Key": once or str(uuid4()), **options.pop("headers", {})}
        return self.request("POST", path, json=body, headers=headers, **options)

    def request(self, method: str, path: str, **options: Any) -> Response:  # noqa: ANN401
        """Send anything."""
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **options)

    def opened(self, journey: str = "trade_in", channel: str = "app", **members: Any) -> str:  # noqa: ANN401
        """Open a case, and return its id."""
        answer = self.post("/v1/cases", {"journey": journey, "channel": channel, **members})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["case"])

    def link_to(self, case: str, **members: Any) -> tuple[str, "CaseClient"]:  # noqa: ANN401
        """Make a capture link to a case; return its id, and who has it."""
        made = self.post(f"/v1/cases/{case}/capture-links", members)
        assert made.status_code == 201, made.text
        return str(made.json()["id"]), CaseClient(self.client, made.json()["token"])


def role(name: str, *scopes: Scope, tenant: str = "acme") -> NewKey:
    """Return a fresh key that no test exhausts."""
    return new_key(f"{name}-{next(_NUMBERS)}", (*scopes, Scope.READ), 100_000, tenant=tenant)


@contextmanager
def place(kind: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Yield --data and --blobs of a fresh store."""
    if kind == "sqlite":
        yield str(folder / "data"), f"file://{folder / 'blobs'}"
        return
    tool = initdb()
    if tool is None:
        pytest.skip(MISSING)
    with running_postgresql(tool, fsync=False) as server:
        name = f"w{uuid4().hex}"
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        yield f"{server}/{name}", f"file://{folder / 'blobs'}"


@contextmanager
def case_service(
    settings: ServiceSettings, folder: Path, *keys: NewKey, kind: str = "sqlite"
) -> Iterator[tuple[FastAPI, list[CaseClient]]]:
    """Yield a running service that keeps its cases in such a database, and a client for each key."""
    file = folder / "keys.yaml"
    write_keys(file, tuple(key.stored for key in keys))
    (folder / "key").write_text(KEY, encoding="utf-8")
    (folder / "key").chmod(0o600)
    with place(kind, folder) as (data, blobs):
        changed = {"keys_file": file, "data": data, "blobs": blobs, "data_key": folder / "key"}
        app = create_app(settings.model_copy(update=changed))
        with TestClient(app) as client:
            yield app, [CaseClient(client, key) for key in keys]
