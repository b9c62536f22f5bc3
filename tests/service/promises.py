"""What an answered request promises, held to what is there afterwards: nothing lost, nothing twice, nothing else."""

import hashlib
import json
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import httpx2

WAIT_S = 300.0
"""How long the last webhooks may take."""


@dataclass(frozen=True)
class Sent:
    """A POST and what was answered, which is a promise from then on."""

    path: str
    key: str
    body: bytes
    media: str
    status: int
    answer: bytes


class Reader(Protocol):
    """A client that has sent requests, and sends one again until it is answered."""

    sent: list[Sent]

    def get(self, path: str) -> Any:  # noqa: ANN401
        """GET."""

    def again(self, one: Sent) -> httpx2.Response:
        """Send an answered request once more."""

    def picture(self, photo: str) -> bytes:
        """Return a photo's file."""


class Story(NamedTuple):
    """What a case holds after its play, without what differs between two plays."""

    facts: Counter[str]
    events: Counter[str]
    gate: str


def story(player: Reader, ids: dict[str, str]) -> Story:
    """Return what the case of a play holds. Raises AssertionError where its events have a gap or a repeat."""
    case = ids["case_id"]
    facts = Counter(one["fact"] for one in player.get(f"/v1/cases/{case}")["facts"])
    events = [one for one in every_event(player) if one.get("subject") == f"cases/{case}"]
    assert [int(one["sequence"]) for one in events] == list(range(1, len(events) + 1))
    gate = str(player.get(f"/v1/assets/{ids['asset_id']}/resale")["gate"]["state"])
    return Story(facts, Counter(one["type"] for one in events), gate)


def every_event(player: Reader) -> list[dict[str, Any]]:
    """Return all events, in their order."""
    events: list[dict[str, Any]] = []
    after = 0
    while True:
        page = player.get(f"/v1/events?after={after}&limit=500")
        if not page["events"]:
            return events
        events += [one["event"] for one in page["events"]]
        after = page["next"]


def different(actual: Story, model: Story) -> list[str]:
    """Return how a story differs from the undisturbed one."""
    return [
        f"{name}: {left} instead of {right}"
        for name, left, right in zip(Story._fields, actual, model, strict=True)
        if left != right
    ]


def lost(player: Reader) -> list[str]:
    """Return what was acknowledged and is no longer so."""
    wrong = []
    known: dict[str, set[str]] = {}
    for one in player.sent:
        again = player.again(one)
        if (again.status_code, again.content) != (
            one.status,
            one.answer,
        ) or "idempotency-replayed" not in again.headers:
            wrong.append(f"{one.path}: another answer to its Idempotency-Key: {again.status_code}")
        answer = json.loads(one.answer)
        if one.path == "/v1/cases":
            case = player.get(f"/v1/cases/{answer['case']}")
            known[answer["case"]] = {fact["id"] for fact in (*case["facts"], *case["hand_offs"])}
        facts = set().union(*known.values())
        wrong += [f"{one.path}: fact {fact} is gone" for fact in promised(answer) - facts]
        if one.path.endswith("/photos"):
            stored = hashlib.sha256(player.picture(answer["photo"])).hexdigest()
            wrong += [] if stored == answer["sha256"] else [f"photo {answer['photo']}: its file is another"]
    return wrong


def promised(answer: dict[str, Any]) -> set[str]:
    """Return the facts that an answer names."""
    named = {answer.get(name) for name in ("id", "photo", "visit", "certificate", "qualification")}
    named.add(answer.get("revision", {}).get("id"))
    named.add(answer.get("quote", {}).get("id") if isinstance(answer.get("quote"), dict) else None)
    return {str(one) for one in named if one is not None}


def undelivered(player: Reader, got: Counter[str]) -> list[str]:
    """Return the events that the webhook's receiver did not get, or whose delivery is not noted once."""
    [hook] = player.get("/v1/webhooks")["webhooks"]
    events = {one["id"] for one in every_event(player)}
    ends_s = time.monotonic() + WAIT_S
    while time.monotonic() < ends_s:
        rows = deliveries(player, hook["id"])
        if events == {one["event"] for one in rows if one["state"] == "delivered"}:
            break
        time.sleep(0.2)
    wrong = [f"event {one} was not delivered" for one in events - got.keys()]
    states = Counter(one["event"] for one in rows if one["state"] == "delivered")
    return wrong + [f"event {one} has {states[one]} deliveries" for one in events if states[one] != 1]


def deliveries(player: Reader, hook: str) -> list[dict[str, Any]]:
    """Return every delivery of a webhook."""
    rows: list[dict[str, Any]] = []
    before = ""
    while True:
        page = player.get(f"/v1/webhooks/{hook}/deliveries?limit=500{before}")["deliveries"]
        if not page:
            return rows
        rows += page
        before = f"&before={page[-1]['position']}"


def ended_twice(file: Path) -> list[str]:
    """Return the jobs whose end was granted more than once."""
    ends = Counter(file.read_text(encoding="utf-8").splitlines()) if file.exists() else Counter()
    return [f"job {name} was ended {count} times" for name, count in ends.items() if count > 1]
