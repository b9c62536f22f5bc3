"""Plays trade-ins on a service and a worker that are killed again and again, and finds what was lost or done twice."""

import json
import os
import random
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple
from uuid import uuid4

import httpx2

from phonegrade.service.settings import ServiceSettings
from phonegrade.tests.service.dying import Faults, serve, work
from phonegrade.tests.service.played import trade_in
from phonegrade.tests.service.promises import Sent, different, ended_twice, lost, story, undelivered

GIVE_UP_S = 900.0
"""Long: on a machine that is busy with other things, to start takes minutes."""
TRY_AGAIN = (409, 503)
"""Statuses after which a client sends the same request again: the first is still running, or there is no room."""


@dataclass
class Pair:
    """A service and a worker of one store, started again whenever one is dead."""

    settings: ServiceSettings
    port: int
    faults: Faults
    kills: int = 0
    _running: dict[str, BaseProcess] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def revive(self) -> None:
        """Start what is dead, unless it was told to end."""
        with self._lock:
            for name in ("service", "worker"):
                known = self._running.get(name)
                if known is not None and known.is_alive():
                    continue
                if known is not None:
                    known.join()
                    self.kills += 1
                self._running[name] = self._started(name)

    def kill(self, name: str) -> bool:
        """Kill one with all that it has started; return whether it was alive."""
        with self._lock:
            process = self._running.get(name)
            if process is None or process.pid is None or not process.is_alive():
                return False
            os.kill(process.pid, signal.SIGKILL)
            process.join()
            return True

    def end(self) -> None:
        """Kill both."""
        for name in ("service", "worker"):
            self.kill(name)

    def _started(self, name: str) -> BaseProcess:
        context = get_context("forkserver")
        context.set_forkserver_preload(["phonegrade.tests.service.dying", "phonegrade.service.worker"])
        if name == "service":
            process: BaseProcess = context.Process(target=serve, args=(self.settings, self.port, self.faults))
        else:
            process = context.Process(target=work, args=(self.settings, self.faults))
        process.start()
        return process


class Patient:
    """A client that sends a request again, with its Idempotency-Key, until it is answered."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.sent: list[Sent] = []
        self.repeats = 0
        self._client = httpx2.Client(base_url=f"http://127.0.0.1:{pair.port}", timeout=30)

    def close(self) -> None:
        """Give back its connections."""
        self._client.close()

    def get(self, path: str) -> Any:  # noqa: ANN401
        """GET."""
        answer = self._until("GET", path)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()

    def post(self, path: str, **body: Any) -> Any:  # noqa: ANN401
        """POST JSON."""
        return self._posted(path, json.dumps(body).encode(), "application/json")

    def photo(self, case: str, data: bytes, **texts: str) -> Any:  # noqa: ANN401
        """Send one photo."""
        line = uuid4().hex
        parts = [
            f'--{line}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in texts.items()
        ]
        head = f'--{line}\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n'
        body = "".join(parts).encode() + head.encode() + data + f"\r\n--{line}--\r\n".encode()
        return self._posted(f"/v1/cases/{case}/photos", body, f"multipart/form-data; boundary={line}")

    def again(self, one: Sent) -> httpx2.Response:
        """Send an answered request once more."""
        return self._until("POST", one.path, one.key, one.body, one.media)

    def picture(self, photo: str) -> bytes:
        """Return a photo's file."""
        return self._until("GET", f"/v1/photos/{photo}/image").content

    def _posted(self, path: str, body: bytes, media: str) -> Any:  # noqa: ANN401
        key = str(uuid4())
        answer = self._until("POST", path, key, body, media)
        assert 200 <= answer.status_code < 300, (path, answer.text)
        self.sent.append(Sent(path, key, body, media, answer.status_code, answer.content))
        return answer.json()

    def _until(
        self, method: str, path: str, key: str = "", body: bytes | None = None, media: str = "text/plain"
    ) -> httpx2.Response:
        ends_s = time.monotonic() + GIVE_UP_S
        name = f"{len(self.sent)}{path.rpartition('/')[2]}" if method == "POST" else "read"
        headers = {"X-Request-Id": name, "Content-Type": media, **({"Idempotency-Key": key} if key else {})}
        while True:
            self.pair.revive()
            try:
                answer = self._client.request(method, path, content=body, headers=headers)
                if answer.status_code not in TRY_AGAIN or _is_final(answer):
                    return answer
                why = answer.text
            except httpx2.TransportError as error:
                why = type(error).__name__
            self.repeats += 1
            assert time.monotonic() < ends_s, f"{method} {path} had no answer in {GIVE_UP_S:.0f} s: {why}"
            time.sleep(0.05)


def _is_final(answer: httpx2.Response) -> bool:
    return answer.status_code == 409 and answer.json()["code"] != "still_running"


@contextmanager
def receiver() -> Iterator[tuple[str, Counter[str]]]:
    """Yield the URL of something that takes webhooks, and how often it got each event."""
    got: Counter[str] = Counter()

    class Takes(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            got[self.headers["webhook-id"]] += 1
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Not in anybody's output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Takes)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", got
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def killing_at_random(pair: Pair, kills: int, seed: int) -> Iterator[threading.Event]:
    """Kill service or worker at random instants, up to so many times, while the body runs; yields when that is done."""
    done, ended = threading.Event(), threading.Event()
    random_ = random.Random(seed)  # noqa: S311  who dies when

    def kill() -> None:
        killed = 0
        while killed < kills and not ended.wait(random_.uniform(0.05, 2.0)):
            killed += pair.kill(random_.choice(("service", "service", "worker")))
        done.set()

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield done
    finally:
        ended.set()
        thread.join()


class Outcome(NamedTuple):
    """What came of a run."""

    faults: tuple[str, ...]
    """Everything that was lost, done twice or otherwise than without kills."""
    plays: int
    kills: int
    acknowledged: int
    """POSTs that were answered 2xx, each of which was sent again afterwards."""
    repeats: int
    """Requests that had to be sent again."""
    wall_s: float


def run(settings: ServiceSettings, port: int, faults: Faults, *, kills: int = 0, plays: int = 1) -> Outcome:
    """Play once undisturbed, then `plays` times, and on until `kills` random ones are done; return what was wrong.

    With `faults.at_writes` the processes kill themselves.
    """
    with receiver() as (url, got):
        calm = Pair(settings, port, faults._replace(at_writes=0.0, slow=0.0, planted=False))
        first = Patient(calm)
        try:
            first.post("/v1/webhooks", url=url)
            model = story(first, play(first, 0))
        finally:
            calm.end()
            first.close()
        began = time.monotonic()
        pair = Pair(settings, port, faults)
        player = Patient(pair)
        wrong: list[str] = []
        number = 0
        try:
            with killing_at_random(pair, kills, seed=kills) as done:
                while number < plays or (kills and not done.is_set()):
                    number += 1
                    wrong += different(story(player, play(player, number)), model)
            wrong += [*lost(player), *undelivered(player, got), *ended_twice(faults.ends)]
        finally:
            pair.end()
            player.close()
    return Outcome(tuple(wrong), number, pair.kills, len(player.sent), player.repeats, time.monotonic() - began)


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def play(player: Patient, number: int) -> dict[str, str]:
    """Play one trade-in whose phone and photos are no other's."""
    return trade_in(player, f"35209900{number:07d}", 60 + 2 * (number % 15))
