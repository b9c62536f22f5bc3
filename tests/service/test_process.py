"""`phonegrade serve` as a process of its own: what it opens, and how it ends."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2 as httpx
import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "samples"
NOTES_SOCKETS = """
import json, os, sys
def note(event, arguments):
    if event in ("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"):
        with open(os.environ["NOTES"], "a") as notes:
            notes.write(json.dumps([event, repr(arguments[1:])]) + "\\n")
sys.addaudithook(note)
"""


class Service:
    """A running service."""

    def __init__(self, folder: Path, *options: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.notes, self.url = folder / "notes", f"http://127.0.0.1:{port}"
        (folder / "sitecustomize.py").write_text(NOTES_SOCKETS, encoding="utf-8")
        path = os.pathsep.join((str(folder), str(ROOT.parent)))
        command = [sys.executable, "-m", "phonegrade", "serve", "--port", str(port), "--workers", "2", "--json-logs"]
        command += options
        self.log = (folder / "log").open("w+", encoding="utf-8")
        environment = {**os.environ, "PYTHONPATH": path, "NOTES": str(self.notes)}
        self.process = subprocess.Popen(command, stderr=self.log, cwd=folder, env=environment)  # noqa: S603

    def wait_until_ready(self) -> None:
        for _ in range(600):
            try:
                if httpx.get(f"{self.url}/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            assert self.process.poll() is None, Path(self.log.name).read_text(encoding="utf-8")
            time.sleep(0.05)
        pytest.fail("the service did not become ready")

    def working(self) -> int:
        """How many photos wait or are worked on."""
        figures = dict(re.findall(r"^phonegrade_(\w+) (\d+)", httpx.get(f"{self.url}/metrics").text, re.MULTILINE))
        return int(figures["workers_busy"]) + int(figures["queue_length"])

    def inspect(self) -> int:
        files = {"photo": ("imei-490154203237518.jpg", (SAMPLE / "front.jpg").read_bytes())}
        return httpx.post(f"{self.url}/v1/inspect", files=files, timeout=60).status_code


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    running = Service(tmp_path)
    try:
        running.wait_until_ready()
        yield running
    finally:
        running.process.kill()
        running.process.wait()
        running.log.close()


def test_nothing_is_opened_but_the_listening_socket_and_what_was_accepted_is_finished(service: Service) -> None:
    photos = {surface: (f"{surface}.jpg", (SAMPLE / f"{surface}.jpg").read_bytes()) for surface in ("front", "left")}
    answer = httpx.post(f"{service.url}/v1/grade", files=photos, data={"device": "iphone 13"}, timeout=60)
    assert answer.status_code == 200
    for path in ("/v1/policies", "/v1/devices?q=iphone", "/v1/models", "/metrics", "/docs", "/openapi.json"):
        assert httpx.get(service.url + path).status_code == 200
    assert httpx.get(f"{service.url}/v1/models").json()["signed_with"]
    with ThreadPoolExecutor(4) as clients:
        accepted = [clients.submit(service.inspect) for _ in range(4)]
        while service.working() + sum(one.done() for one in accepted) < len(accepted):
            time.sleep(0.02)
        service.process.send_signal(signal.SIGTERM)
        assert [one.result() for one in accepted] == [200] * 4
    assert service.process.wait(timeout=20) in (0, -signal.SIGTERM)
    opened = [json.loads(line) for line in service.notes.read_text(encoding="utf-8").splitlines()]
    assert [event for event, _ in opened] == ["socket.bind"]
    log = Path(service.log.name).read_text(encoding="utf-8")
    assert all(json.loads(line)["level"] == "info" for line in log.splitlines()), log
    assert "490154203237518" not in log


def test_an_open_stream_of_events_does_not_keep_a_service_that_is_told_to_stop(tmp_path: Path) -> None:
    running = Service(tmp_path, "--data", str(tmp_path / "data"), "--drain", "60", "--no-inspect")
    try:
        running.wait_until_ready()
        with httpx.stream("GET", f"{running.url}/v1/events/stream", timeout=60) as answer:
            pieces = answer.iter_text()
            assert next(pieces).startswith("retry:")
            running.process.send_signal(signal.SIGTERM)
            told_s = time.monotonic()
            assert all(not piece for piece in pieces), "it ends as a whole answer does"
        assert running.process.wait(timeout=60) in (0, -signal.SIGTERM)
        assert time.monotonic() - told_s < 50, "it waited for the stream"
    finally:
        running.process.kill()
        running.process.wait()
        running.log.close()
