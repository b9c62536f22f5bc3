"""Sends each of many requests five times at once over HTTP, and counts what that does. For test and benchmark."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import httpx2
import uvicorn

from phonegrade.serve import create_app
from phonegrade.service.settings import ServiceSettings

REPEATS = 5


class Repeated(NamedTuple):
    """What repeats did."""

    effects: int
    """Cases that are there afterwards."""
    answers: int
    """Different answers; with one for each key there are as many as keys."""
    waited: int
    """How often the answer was that the first is still running."""
    wall_s: float


def repeat_all(settings: ServiceSettings, keys: int) -> Repeated:
    """Open a case with each of `keys` Idempotency-Keys, five times at once, on a service of its own."""
    server = uvicorn.Server(uvicorn.Config(create_app(settings), port=0, log_level="error"))
    serving = threading.Thread(target=server.run)
    serving.start()
    while not server.started:
        time.sleep(0.02)
    url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        with httpx2.Client(base_url=url, timeout=60) as client, ThreadPoolExecutor(REPEATS) as threads:
            began = time.monotonic()
            sent = list(threads.map(lambda number: _sent(client, number // REPEATS), range(keys * REPEATS)))
            wall_s = time.monotonic() - began
            effects = _cases(client)
    finally:
        server.should_exit = True
        serving.join()
    bodies: dict[int, set[bytes]] = {}
    for number, (body, _) in enumerate(sent):
        bodies.setdefault(number // REPEATS, set()).add(body)
    assert all(len(same) == 1 for same in bodies.values()), "one key had two answers"
    answers = len(set().union(*bodies.values()))
    return Repeated(effects, answers, sum(waited for _, waited in sent), wall_s)


def _sent(client: httpx2.Client, number: int) -> tuple[bytes, int]:
    """Return the answer of one request, and how often it had to be sent again as the first was still running."""
    waited = 0
    while True:
        headers = {"Idempotency-Key": f"key-{number}"}
        answer = client.post("/v1/cases", json={"journey": "trade_in", "channel": "app"}, headers=headers)
        if answer.status_code == 201:
            return answer.content, waited
        assert answer.status_code == 409, answer.text
        assert answer.json()["code"] == "still_running", answer.text
        waited += 1
        time.sleep(0.005)


def _cases(client: httpx2.Client) -> int:
    count, before = 0, ""
    while True:
        page = client.get(f"/v1/cases?limit=200{before}").json()
        count += len(page["cases"])
        if page["next"] is None:
            return count
        before = f"&before={page['next']}"
