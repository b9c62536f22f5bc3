"""The forms that an answer has: JSON, brief, with a report, a page, events, a picture; and one request sent twice."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from phonegrade.core.inspection import Inspection
from phonegrade.core.vocabulary import Surface
from phonegrade.tests.bad_photos import BAD_PHOTOS
from phonegrade.tests.drawn_device import device_photos

FILES = {surface.value: (f"{surface}.jpg", data) for surface, data in device_photos().items()}
TESTS = (Path(__file__).parents[2] / "samples" / "functional.json").read_bytes()
ALL = {"functional": ("tests.json", TESTS), **FILES}


def grade(client: TestClient, accept: str = "*/*", key: str | None = None, **texts: str) -> Response:
    headers = {"Accept": accept} | ({} if key is None else {"Idempotency-Key": key})
    return client.post("/v1/grade", files=ALL, data=texts, headers=headers)


def events(answer: Response) -> list[tuple[str, Any]]:
    assert answer.headers["content-type"].startswith("text/event-stream")
    blocks = [block.split("\ndata: ", 1) for block in answer.text.strip().split("\n\n")]
    return [(name.removeprefix("event: "), json.loads(data)) for name, data in blocks]


def test_a_brief_answer_leaves_out_what_each_photo_shows_and_nothing_else(client: TestClient) -> None:
    whole, brief = grade(client).json(), grade(client, brief="true").json()
    assert set(whole) - set(brief) == {"inspections", "photos", "views"}
    assert brief == {name: whole[name] for name in brief}


def test_the_report_comes_beside_the_answer_or_as_the_answer(client: TestClient) -> None:
    beside = grade(client, report="yes").json()
    assert beside["report"].startswith("<!doctype html>")
    assert {**beside, "report": None} == {**grade(client).json(), "report": None}
    page = grade(client, "text/html")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.text.count("data:image/jpeg;base64") >= len(FILES)


@pytest.mark.parametrize("name", ["brief", "report"])
def test_what_is_neither_yes_nor_no_is_refused(name: str, client: TestClient) -> None:
    answer = grade(client, **{name: "maybe"})
    assert (answer.status_code, answer.json()["code"]) == (400, "usage")
    assert f"{name} must be true or false" in answer.json()["detail"]


def test_events_bring_every_photo_and_then_the_grade(client: TestClient) -> None:
    *photos, last = events(grade(client, "text/event-stream", device="iphone 13"))
    assert {name for name, _ in photos} == {"photo"}
    assert sorted(data["surface"] for _, data in photos) == sorted(FILES)
    assert all(Inspection.model_validate(data["inspection"]) for _, data in photos)
    assert last == ("grade", grade(client, device="iphone 13").json())


def test_what_goes_wrong_before_the_first_event_is_an_error_and_afterwards_an_event(client: TestClient) -> None:
    early = grade(client, "text/event-stream", device="no such phone at all")
    assert (early.status_code, early.json()["code"]) == (422, "unknown_device")
    bad = BAD_PHOTOS["text"][0] if "text" in BAD_PHOTOS else next(iter(BAD_PHOTOS.values()))[0]
    answer = client.post("/v1/grade", files={"front": ("a.jpg", bad)}, headers={"Accept": "text/event-stream"})
    (photo, data), (error, problem) = events(answer)
    assert (photo, error) == ("photo", "error")
    assert data["inspection"] is None
    assert data["error"]["code"] == problem["code"]


def test_an_inspected_photo_comes_back_with_its_defects_outlined(client: TestClient) -> None:
    front = device_photos()[Surface.FRONT]
    answer = client.post("/v1/inspect", files={"photo": ("a.jpg", front)}, headers={"Accept": "image/jpeg"})
    assert answer.headers["content-type"] == "image/jpeg"
    picture = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR)
    sent = cv2.imdecode(np.frombuffer(front, np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape == sent.shape
    assert np.abs(picture.astype(int) - sent).max() > 100


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/json", 200),
        ("text/html;q=0.1, application/json", 200),
        ("image/png", 406),
        ("application/json;q=0", 406),
        ("", 200),
    ],
)
def test_a_form_that_no_answer_has_is_refused(accept: str, status: int, client: TestClient) -> None:
    answer = grade(client, accept)
    assert answer.status_code == status
    if status == 200:
        assert answer.headers["content-type"] == "application/json"
    else:
        assert answer.json()["code"] == "not_acceptable"


def test_a_request_sent_again_is_answered_byte_for_byte_and_one_with_other_content_refused(client: TestClient) -> None:
    first, again = grade(client, key="k-1"), grade(client, key="k-1")
    assert first.content == again.content
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    other = grade(client, key="k-1", policy="marketplace")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert grade(client, key="with space").json()["code"] == "usage"


def test_an_edge_that_is_named_is_measured_as_that_edge(client: TestClient) -> None:
    photo = {"photo": ("a.jpg", device_photos()[Surface.TOP])}
    named = client.post("/v1/inspect", files=photo, data={"surface": "top", "device": "iphone 13"}).json()
    assert named["surface_size_mm"] == [71.5, 7.7]
    both = client.post("/v1/inspect", files=photo, data={"surface": "top", "view": "edge"})
    assert both.json()["code"] == "usage"
    assert client.post("/v1/inspect", files=photo, data={"surface": "side"}).json()["code"] == "bad_input"
