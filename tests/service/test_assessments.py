"""From photos to a grade over HTTP: provisional from the app, verified in the shop, explained, disputed, reviewed."""

import io
import time
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from phonegrade.configs.journey import shipped_journey
from phonegrade.core.functional.report import functional_vocabulary
from phonegrade.core.vocabulary import Surface
from phonegrade.service.keys import Scope
from phonegrade.service.settings import ServiceSettings
from phonegrade.tests.drawn_device import device_photos
from phonegrade.tests.service.case_client import CaseClient, case_service, role
from phonegrade.tests.service.test_case_photos import awaited, sent

NUMBER = "35-209900-176148-1"
PLAIN = NUMBER.replace("-", "")


@pytest.fixture(scope="module")
def clients(settings: ServiceSettings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[CaseClient]]:
    reviewers = role("first", Scope.REVIEWER), role("second", Scope.REVIEWER)
    keys = role("app", Scope.APP), role("shop", Scope.STORE), *reviewers, role("other", Scope.ADMIN, tenant="other")
    with case_service(settings, tmp_path_factory.mktemp("assessed"), *keys) as (_, running):
        yield running


def photographed(client: CaseClient, case: str, quality: int) -> None:
    """Send all six photos, saved with a JPEG quality that makes them this visit's, and wait for their inspections."""
    photos = []
    for surface, data in device_photos().items():
        saved = io.BytesIO()
        Image.open(io.BytesIO(data)).save(saved, "JPEG", quality=quality)
        photos.append(sent(client, case, saved.getvalue(), surface=surface.value).json()["photo"])
    for photo in photos:
        awaited(client, photo)


def diagnosed(client: CaseClient, case: str) -> None:
    tests = dict.fromkeys(functional_vocabulary().tests, "pass")
    answer = client.post(f"/v1/cases/{case}/tests", {"method": "operator", "report": {"tests": tests}})
    assert answer.status_code == 201, answer.text


def assessed(client: CaseClient, case: str) -> Any:  # noqa: ANN401
    """Assess until no photo waits any more; what waits in between is another revision."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        answer = client.post(f"/v1/cases/{case}/assessments", {})
        if answer.status_code == 201 and not answer.json()["waiting"]:
            return answer.json()
        assert answer.status_code in (201, 409), answer.text
        time.sleep(0.1)
    raise AssertionError("photos were not inspected in time")


@pytest.fixture(scope="module")
def case(clients: list[CaseClient]) -> str:
    """One phone: photographed at home, then in a shop."""
    app, shop, *_ = clients
    case = app.opened()
    assert app.post(f"/v1/cases/{case}/device", {"device": "iPhone 13", "storage_gb": 128}).status_code == 201
    photographed(app, case, 95)
    diagnosed(app, case)
    first = assessed(app, case)
    assert (first["revision"]["number"], first["provisional"], first["revision"]["source"]) == (1, True, "app")
    assert first["revision"]["device"] == first["record"]["device"]["name"] == "Apple iPhone 13"
    shop.post(f"/v1/cases/{case}/visits", {"channel": "store", "site": "main street"})
    photographed(shop, case, 97)
    diagnosed(shop, case)
    second = assessed(shop, case)
    assert (second["provisional"], second["revision"]["source"]) == (False, "store")
    return case


def test_the_verified_grade_says_why_it_differs(clients: list[CaseClient], case: str) -> None:
    app, *_ = clients
    facts = app.get(f"/v1/cases/{case}").json()["facts"]
    last = max(one["number"] for one in facts if one["fact"] == "assessment_revision")
    read = app.get(f"/v1/cases/{case}/assessments/{last}")
    assert (read.status_code, read.json()["provisional"]) == (200, False)
    assert read.json()["record"]["decision"]["cosmetic_grade"] is not None
    delta = app.get(f"/v1/cases/{case}/assessments/{last}/delta").json()
    assert delta["comparison"]["before_source"] == "app"
    assert delta["comparison"]["after_source"] == "store"
    assert app.get(f"/v1/cases/{case}/assessments/1/delta").status_code == 404
    assert app.get(f"/v1/cases/{case}/assessments/99").status_code == 404
    assert app.get(f"/v1/cases/{case}").json()["status"]["evidence"] in ("verified", "needs_person")


def test_what_was_graded_before_was_graded_from_the_same_picture(clients: list[CaseClient], case: str) -> None:
    app, *_ = clients
    facts = app.get(f"/v1/cases/{case}").json()["facts"]
    pairs = [(one["photo_sha256"], one["fingerprint"]) for one in facts if one["fact"] == "inspected"]
    assert len(pairs) == len(set(pairs)), "no photo was inspected twice by the same models as the same device"


def test_a_case_without_an_inspected_photo_is_not_assessed(clients: list[CaseClient]) -> None:
    app, *_ = clients
    answer = app.post(f"/v1/cases/{app.opened()}/assessments", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "fact_conflict")


def test_a_repeated_assessment_is_one_revision(clients: list[CaseClient]) -> None:
    app, *_ = clients
    case = app.opened()
    awaited(app, sent(app, case, device_photos()[Surface.FRONT], surface="front").json()["photo"])
    tag = app.get(f"/v1/cases/{case}").headers["etag"]
    answers = [app.post(f"/v1/cases/{case}/assessments", {}, once="assess-1") for _ in range(2)]
    assert answers[0].content == answers[1].content
    assert answers[1].headers["idempotency-replayed"] == "true"
    stale = app.post(f"/v1/cases/{case}/assessments", {}, headers={"If-Match": tag})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    kinds = [one["fact"] for one in app.get(f"/v1/cases/{case}").json()["facts"]]
    assert kinds.count("assessment_revision") == 1


def test_a_dispute_is_reviewed_by_one_person_at_a_time(clients: list[CaseClient], case: str) -> None:
    app, _, first, second, _ = clients
    words = {"text": "the scratch is on the protector"}
    opened = app.post(f"/v1/cases/{case}/dispute", words)
    assert opened.status_code == 201, opened.text
    assert app.post(f"/v1/cases/{case}/dispute", words).status_code == 409
    assert app.get(f"/v1/cases/{case}").json()["status"]["evidence"] == "disputed"
    assert app.get("/v1/reviews/next").status_code == 403
    request = opened.json()["review_request"]
    task = first.get("/v1/reviews/next").json()
    assert (task["request"]["id"], task["dispute"]["text"]) == (request, words["text"])
    verdict = {"verdict": "accepted", "seconds": 12.5}
    stranger = second.post(f"/v1/reviews/{request}/verdict", verdict)
    assert (stranger.status_code, stranger.json()["code"]) == (409, "fact_conflict")
    assert first.post(f"/v1/reviews/{request}/release").status_code == 200
    assert second.get("/v1/reviews/next").json()["request"]["id"] == request
    done = second.post(f"/v1/reviews/{request}/verdict", verdict, once="verdict-1")
    assert done.status_code == 201, done.text
    assert second.post(f"/v1/reviews/{request}/verdict", verdict, once="verdict-1").content == done.content
    assert app.get(f"/v1/cases/{case}").json()["status"]["evidence"] != "disputed"
    rejected = second.post(f"/v1/reviews/{request}/verdict", {"verdict": "rejected"})
    assert rejected.status_code in (409, 422)


def test_a_fixed_defect_is_not_counted_again(clients: list[CaseClient], case: str) -> None:
    app, _, first, *_ = clients
    front = app.get(f"/v1/cases/{case}").json()["facts"]
    newest = [one for one in front if one["fact"] == "assessment_revision"][-1]
    record = app.get(f"/v1/cases/{case}/assessments/{newest['number']}").json()["record"]["inspections"]["front"]
    assert record["defects"]
    app.post(f"/v1/cases/{case}/dispute", {"text": "there is no scratch"})
    request = first.get("/v1/reviews/next").json()["request"]["id"]
    judged = [
        {"surface": "front", "photo_sha256": record["photo_sha256"], "defect_id": one["id"], "kind": None}
        for one in record["defects"]
    ]
    fixed = first.post(f"/v1/reviews/{request}/verdict", {"verdict": "fixed", "defects": judged})
    assert fixed.status_code == 201, fixed.text
    after = assessed(first, case)
    assert after["record"]["inspections"]["front"]["defects"] == []
    assert after["revision"]["source"] == "store"


def test_a_number_is_never_answered_in_plain(clients: list[CaseClient]) -> None:
    app, shop, *_ = clients
    one, other = app.opened(), app.opened()
    body = {"kind": "imei", "value": NUMBER, "source": "typed"}
    typed = app.post(f"/v1/cases/{one}/identifiers", body, once="number-1")
    assert (typed.status_code, typed.json()["last4"]) == (201, "1481")
    spaced = app.post(f"/v1/cases/{one}/identifiers", {**body, "value": "35 209900 176148 1"}, once="number-1")
    assert spaced.content == typed.content
    assert app.get(f"/v1/cases/{one}").json()["status"]["identity"] == "claimed"
    assert app.post(f"/v1/cases/{one}/identifiers", {**body, "confirmed_by": "me"}).status_code == 403
    for case in (one, other):
        shop.post(f"/v1/cases/{case}/visits", {"channel": "store"})
        confirmed = {**body, "source": "barcode", "reads": 2, "confirmed_by": "ann"}
        assert shop.post(f"/v1/cases/{case}/identifiers", confirmed).status_code == 201
    read = [app.get(f"/v1/cases/{case}") for case in (one, other)]
    assert read[0].json()["case"]["asset"] == read[1].json()["case"]["asset"], "one number, one phone"
    assert read[0].json()["status"]["identity"] == "confirmed"
    for answer in (typed, *read):
        assert PLAIN not in answer.text.replace("-", "").replace(" ", "")
    wrong = app.post(f"/v1/cases/{one}/identifiers", {**body, "value": "(secret)"})
    assert (wrong.status_code, "secret" in wrong.text) == (400, False)
    report = {"tests": {}, "imei": PLAIN}
    tests = app.post(f"/v1/cases/{one}/tests", {"method": "browser", "report": report})
    assert (tests.status_code, PLAIN in tests.text) == (422, False)


def test_what_is_known_of_phone_and_customer_is_recorded(clients: list[CaseClient]) -> None:
    app, *_ = clients
    case = app.opened()
    sent_facts = {
        "device": {"device": "iPhone 13", "storage_gb": 128},
        "holding": {"owned_since": "2023-05-01", "cover": "insured", "source": "customer"},
        "tests": {"method": "browser", "report": {"tests": {}}, "why_not": {}},
        "complaint": {"incident": "drop", "text": "it fell"},
        "consent": {"consent": ["assessment"]},
    }
    for path, body in sent_facts.items():
        answer = app.post(f"/v1/cases/{case}/{path}", body)
        assert answer.status_code == 201, (path, answer.text)
    facts = {one["fact"]: one for one in app.get(f"/v1/cases/{case}").json()["facts"]}
    assert set(facts) == {"visit", "asset", "holding", "test_run", "complaint", "consent_change"}
    assert facts["asset"]["device"] == "Apple iPhone 13"
    unknown = app.post(f"/v1/cases/{case}/device", {"device": "no such phone"})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_device")
    bad = app.post(f"/v1/cases/{case}/holding", {"owned_since": "yesterday", "source": "customer"})
    assert (bad.status_code, bad.json()["code"]) == (422, "facts")


def test_a_photo_saved_again_as_another_surface_is_flagged_and_holds_up_nothing(clients: list[CaseClient]) -> None:
    app, case = clients[0], clients[0].opened()
    left, again = device_photos()[Surface.LEFT], io.BytesIO()
    Image.open(io.BytesIO(left)).save(again, "JPEG", quality=80)
    for surface, data in (("left", left), ("right", again.getvalue())):
        awaited(app, sent(app, case, data, surface=surface).json()["photo"])
    answer = assessed(app, case)
    near = [flag for flag in answer["record"]["flags"] if flag["code"] == "near_duplicate"]
    assert [flag["surface"] for flag in near] == ["right"]
    assert answer["revision"]["journey_sha256"] == shipped_journey("trade_in").sha256
