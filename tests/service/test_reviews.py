"""The queue of reviews over HTTP: two persons, second opinions, planted reviews, and judged defects as COCO."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from fastapi import FastAPI

from phonegrade.core.vocabulary import DefectKind, Surface
from phonegrade.journeys.evidence_facts import ReviewedDefect
from phonegrade.journeys.facts import AnyFact, ConsentChange
from phonegrade.service.case_store import CaseStore
from phonegrade.service.keys import Scope
from phonegrade.service.settings import ServiceSettings
from phonegrade.store.blobs import put_photo
from phonegrade.store.cases import add_facts, open_case
from phonegrade.tests.drawn_device import device_photos
from phonegrade.tests.journeys import builders
from phonegrade.tests.service.case_client import CaseClient, case_service, role
from phonegrade.tests.store.example import CASE, NOW, TENANT, example_case

SHOP = builders.assessment(2, 25, "warehouse")


class Reviewing:
    """A service with one case, two reviewers and an admin."""

    def __init__(self, app: FastAPI, clients: list[CaseClient]) -> None:
        self.app, (self.anna, self.ben, self.admin) = app, clients

    def add(self, *facts: AnyFact) -> None:
        cases: CaseStore = self.app.state.parts.cases
        with cases.store.database.write() as connection:
            add_facts(connection, cases.store.vault, TENANT, CASE, facts, NOW)

    def shares(self, **shares: float) -> None:
        parts = self.app.state.parts
        parts.settings = parts.settings.model_copy(update=shares)

    def judged(self, client: CaseClient, verdict: str = "accepted", **more: Any) -> int:  # noqa: ANN401
        """Take the next review and answer it; return the status, 204 where there is none."""
        task = client.get("/v1/reviews/next")
        if task.status_code == 204:
            return 204
        path = f"/v1/reviews/{task.json()['request']['id']}/verdict"
        return client.post(path, {"verdict": verdict, "why": "seen", **more}).status_code


@pytest.fixture
def service(settings: ServiceSettings, tmp_path: Path) -> Iterator[Reviewing]:
    keys = role("anna", Scope.REVIEWER), role("ben", Scope.REVIEWER), role("boss", Scope.ADMIN)
    changed = settings.model_copy(update={"honeypot_share": 0.0})
    with case_service(changed, tmp_path, *keys) as (app, clients):
        running = Reviewing(app, clients)
        cases: CaseStore = app.state.parts.cases
        photo = put_photo(cases.store.blobs, TENANT, device_photos()[Surface.FRONT])
        stored = builders.photo(Surface.FRONT, number=801).model_copy(
            update={"sha256": photo.sha256, "size_bytes": photo.size_bytes}
        )
        with cases.store.database.write() as connection:
            open_case(connection, TENANT, example_case(), NOW)
        running.add(builders.visit("app"), builders.visit("warehouse", 20), builders.asset(), stored, SHOP)
        yield running


def queue(client: CaseClient, query: str = "") -> list[dict[str, Any]]:
    answer = client.get(f"/v1/reviews{query}")
    assert answer.status_code == 200, answer.text
    reviews: list[dict[str, Any]] = answer.json()["reviews"]
    return reviews


def test_a_dear_phone_takes_two_persons(service: Reviewing) -> None:
    service.add(*(builders.review_request(SHOP, "price", number) for number in (201, 202)))
    assert [one["reason"] for one in queue(service.anna)] == ["price", "price"]
    assert all(one["age_s"] > 0 and one["leased_until"] is None for one in queue(service.anna))
    held = service.anna.get("/v1/reviews/next").json()["request"]["id"]
    assert service.anna.get("/v1/reviews/next").json()["request"]["id"] == held, "the same again, not a second one"
    assert service.judged(service.anna) == 201
    assert service.judged(service.anna) == 204
    assert len(queue(service.anna, "?reason=price")) == 1
    assert queue(service.anna, "?reason=audit") == []
    assert service.judged(service.ben) == 201
    assert queue(service.anna) == []


def test_a_second_opinion_is_somebody_else_s(service: Reviewing) -> None:
    service.add(builders.review_request(SHOP))
    assert service.judged(service.anna, "second_opinion") == 201
    assert service.judged(service.anna) == 204
    assert service.judged(service.ben) == 201
    figures = service.admin.get("/v1/figures").json()
    assert {(one["labels"]["verdict"], one["count"]) for one in figures["reviews"]} == {
        ("second_opinion", 1),
        ("accepted", 1),
    }
    assert figures["overturned"] == 0.0


def test_a_planted_review_looks_like_any_other_and_changes_nothing_but_a_score(service: Reviewing) -> None:
    service.shares(honeypot_share=1.0)
    known = {"case": CASE, "assessment": SHOP.id, "verdict": "rejected"}
    known["defects"] = [{"surface": "front", "defect_id": "front-1", "kind": None}]  # type: ignore[assignment]
    assert service.anna.post("/v1/reviews/honeypots", known).status_code == 403
    assert service.admin.post("/v1/reviews/honeypots", known).status_code == 201
    assert service.admin.post("/v1/reviews/honeypots", known).status_code == 409
    before = service.admin.get(f"/v1/cases/{CASE}").json()
    task = service.anna.get("/v1/reviews/next").json()
    assert task["request"]["reason"] == "audit"
    assert "honeypot" not in json.dumps(task)
    assert service.anna.get("/v1/reviews/next").json() == task
    path = f"/v1/reviews/{task['request']['id']}/verdict"
    assert service.ben.post(path, {"verdict": "accepted"}).status_code == 404
    answers = [service.anna.post(path, {"verdict": "rejected", "why": "x"}, once="v-1") for _ in range(2)]
    assert (answers[0].status_code, answers[0].content) == (201, answers[1].content)
    assert service.anna.get("/v1/reviews/next").status_code == 204, "nobody gets it twice"
    assert service.judged(service.ben) == 201
    assert service.admin.get(f"/v1/cases/{CASE}").json()["facts"] == before["facts"]
    scores = service.admin.get("/v1/reviews/scores").json()["reviewers"]
    assert sorted((one["answered"], one["right"]) for one in scores) == [(1, 0), (1, 1)]
    assert service.anna.get("/v1/reviews/scores").status_code == 403


COCO = {
    "type": "object",
    "required": ["info", "images", "annotations", "categories"],
    "properties": {
        "images": {"type": "array", "items": {"type": "object", "required": ["id", "file_name", "height", "width"]}},
        "annotations": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "image_id", "category_id", "segmentation", "area", "bbox", "iscrowd"],
                "properties": {"bbox": {"type": "array", "minItems": 4, "maxItems": 4}, "iscrowd": {"const": 0}},
            },
        },
        "categories": {"type": "array", "items": {"type": "object", "required": ["id", "name"]}},
    },
}


def test_judged_defects_come_back_as_coco_where_the_customer_agreed(service: Reviewing) -> None:
    [photo] = [one for one in service.admin.get(f"/v1/cases/{CASE}").json()["facts"] if one["fact"] == "photo"]
    review = builders.review(SHOP, "fixed")
    outline = ((10.0, 10.0), (30.0, 10.0), (30.0, 20.0), (10.0, 20.0))
    members = {"review": review.id, "surface": Surface.FRONT, "photo_sha256": photo["sha256"], "polygon": outline}
    kinds = enumerate((DefectKind.SCRATCH, None), 401)
    service.add(
        review, *(ReviewedDefect(**builders.of_case(number, 31), kind=kind, **members) for number, kind in kinds)
    )
    path = "/v1/feedback/defects.coco.json"
    assert service.anna.get(path).json()["images"] == [], "the customer agreed to an assessment alone"
    consent = ConsentChange(**builders.of_case(950, 170), consent=("assessment", "training"))
    service.add(consent)
    coco = service.anna.get(path).json()
    jsonschema.validate(coco, COCO)
    names = {one["id"]: one["name"] for one in coco["categories"]}
    assert set(names.values()) == {*(kind.value for kind in DefectKind), "no_damage"}
    assert [one["file_name"] for one in coco["images"]] == [photo["id"]]
    assert {names[one["category_id"]] for one in coco["annotations"]} == {"scratch", "no_damage"}
    assert [(one["area"], one["bbox"]) for one in coco["annotations"]] == [(200.0, [10.0, 10.0, 20.0, 10.0])] * 2
    picture = service.admin.get(f"/v1/photos/{photo['id']}/image")
    assert picture.status_code == 200
    assert (coco["info"]["next"], coco["info"]["photos_left_out"]) == (None, 0)
