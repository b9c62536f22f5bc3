"""A real service for the browser: its own process, a data folder, keys of every role, the shipped models."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import httpx2

from phonegrade.service.keys import NewKey, Scope, new_key, write_keys

START_S = 60.0
_ROLES = ("app", "kiosk", "store", "reviewer", "warehouse", "admin")


class Served(NamedTuple):
    """A running service."""

    url: str
    keys: dict[str, NewKey]
    """By role."""
    data: Path
    """Where its cases are kept."""

    def api(self, role: str = "admin") -> httpx2.Client:
        """Return a client that asks as the holder of a role's key."""
        return httpx2.Client(base_url=self.url, headers={"Authorization": f"Bearer {self.keys[role].text}"}, timeout=60)

    def opened(
        self,
        journey: str = "trade_in",
        channel: str = "app",
        role: str = "app",
        consent: tuple[str, ...] = ("assessment",),
    ) -> str:
        """Open a case, and return its id."""
        body = {"journey": journey, "channel": channel, "consent": consent}
        with self.api(role) as api:
            answer = api.post("/v1/cases", json=body, headers={"Idempotency-Key": uuid4().hex})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["case"])

    def case(self, case_id: str) -> dict[str, Any]:
        """Return a case as the service answers it."""
        with self.api() as api:
            return dict(api.get(f"/v1/cases/{case_id}").json())


@contextmanager
def served(folder: Path, *options: str, workers: int = 1) -> Iterator[Served]:
    """Yield a service on a free port with a data folder in `folder`, until the end of the block; it draws no audits."""
    keys = {role: new_key(role, (Scope(role), Scope.READ), 100_000, tenant="acme") for role in _ROLES}
    write_keys(folder / "keys.yaml", tuple(key.stored for key in keys.values()))
    port = _free_port()
    command = [sys.executable, "-m", "phonegrade", "serve", "--port", str(port), "--keys", str(folder / "keys.yaml")]
    command += ["--data", str(folder / "data"), "--workers", str(workers), "--audit-share", "0", *options]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with (folder / "log.txt").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment)  # noqa: S603
        try:
            _wait(f"http://127.0.0.1:{port}/healthz", process, folder / "log.txt")
            yield Served(f"http://127.0.0.1:{port}", keys, folder / "data")
        finally:
            process.terminate()
            process.wait(30)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text()
        try:
            if httpx2.get(url).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"the service did not start: {log.read_text()}")
