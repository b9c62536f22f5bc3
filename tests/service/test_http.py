"""The service over HTTP, as a caller meets it."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from phonegrade.assessment.assessment import Assessment
from phonegrade.core.inspection import Inspection
from phonegrade.core.vocabulary import Surface
from phonegrade.serve import create_app
from phonegrade.service.examples import GRADE_EXAMPLE, INSPECT_EXAMPLE
from phonegrade.service.loading import worker_pool
from phonegrade.service.settings import ServiceSettings
from phonegrade.tests.bad_photos import BAD_PHOTOS
from phonegrade.tests.drawn_device import SCRATCH_MM, device_photos, empty_table, second_shots
from phonegrade.tests.model_without_card import write_models_without_card
from phonegrade.tests.service.stand_in import load_stand_in

SAMPLE_TESTS = (Path(__file__).parents[2] / "samples" / "functional.json").read_bytes()
Files = dict[str, tuple[str, bytes]]


def _files() -> Files:
    photos = {surface.value: (f"{surface}.jpg", data) for surface, data in device_photos().items()}
    return {**photos, "functional": ("tests.json", SAMPLE_TESTS)}


def _error(answer: Response) -> tuple[int, str, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["error"] == {"code": problem["code"], "message": problem["detail"]}
    assert problem["request_id"] == answer.headers["x-request-id"]
    return answer.status_code, problem["code"], problem["detail"]


def test_six_photos_and_tests_are_graded(client: TestClient) -> None:
    answer = client.post("/v1/grade", files=_files())
    assert answer.status_code == 200
    assessment = Assessment.model_validate_json(answer.content)
    assert assessment.decision.status == "graded"
    assert assessment.device.name == "Apple iPhone 13"
    assert assessment.inspections[Surface.FRONT].defects[0].length_mm == pytest.approx(SCRATCH_MM, rel=0.06)


def test_a_device_named_in_the_request_counts_more_than_the_one_in_the_tests(client: TestClient) -> None:
    files = {"front": _files()["front"], "functional": ("t.json", b'{"device": "Samsung Galaxy S21 5G", "tests": {}}')}
    answer = client.post("/v1/grade", files=files, data={"device": "iphone 13 pro", "policy": "ctia-like"})
    assert answer.json()["device"]["name"] == "Apple iPhone 13 Pro"
    assert "identity_mismatch" in [reason["rule"] for reason in answer.json()["decision"]["review"]]


def test_asset_and_order_are_echoed(client: TestClient) -> None:
    answer = client.post("/v1/grade", files=_files(), data={"asset": "A-17", "order": "SO 9"})
    assert answer.json()["reference"] == {"asset": "A-17", "order": "SO 9"}


def test_one_photo_is_inspected(client: TestClient) -> None:
    files = {"photo": ("a.jpg", device_photos()[Surface.FRONT])}
    answer = client.post("/v1/inspect", files=files, data={"view": "front", "device": "iphone 13"})
    inspection = Inspection.model_validate_json(answer.content)
    assert [defect.kind for defect in inspection.defects] == ["scratch"]
    assert inspection.scale.source == "catalogue"


def test_min_confidence_leaves_out_what_is_less_sure(client: TestClient) -> None:
    files = {"photo": ("a.jpg", device_photos()[Surface.FRONT])}
    answer = client.post("/v1/inspect", files=files, data={"min_confidence": "1"})
    assert answer.json()["defects"] == []


@pytest.mark.parametrize("name", BAD_PHOTOS)
def test_an_unusable_photo_is_refused_with_its_own_code(name: str, client: TestClient) -> None:
    data, code, status = BAD_PHOTOS[name]
    assert _error(client.post("/v1/inspect", files={"photo": ("x.jpg", data)}))[:2] == (status, code)
    got_status, got_code, message = _error(client.post("/v1/grade", files={"back": ("x.jpg", data)}))
    assert (got_status, got_code) == (status, code)
    assert "back (x.jpg)" in message


BAD_FORMS: dict[str, tuple[Files, dict[str, str], int, str, str]] = {
    "no device": ({"front": ("a.jpg", empty_table())}, {}, 422, "no_device", "front (a.jpg)"),
    "back for front": ({"front": ("a.jpg", device_photos()[Surface.BACK])}, {}, 422, "wrong_view", "front (a.jpg)"),
    "one photo twice": (
        {"left": ("l.jpg", device_photos()[Surface.LEFT]), "top": ("t.jpg", device_photos()[Surface.LEFT])},
        {},
        422,
        "duplicate_photo",
        "left (l.jpg)",
    ),
    "unknown device": ({"front": _files()["front"]}, {"device": "iphone 99 turbo"}, 422, "unknown_device", "iphone 99"),
    "ambiguous device": ({"front": _files()["front"]}, {"device": "a7"}, 422, "ambiguous_device", "Lenovo A7"),
    "unknown test": (
        {"functional": ("f.json", b'{"tests": {"touch_gird": "pass"}}')},
        {},
        422,
        "functional_file",
        "touch",
    ),
    "unknown value": ({"functional": ("f.json", b'{"tests": {"wifi": "okay"}}')}, {}, 422, "functional_file", "okay"),
    "unknown policy": ({"front": _files()["front"]}, {"policy": "ctia-lik"}, 422, "policy_file", "ctia-like"),
    "policy from a path": (
        {"front": _files()["front"]},
        {"policy": "/etc/passwd.yaml"},
        422,
        "policy_file",
        "unknown policy",
    ),
    "no photo": ({"functional": _files()["functional"]}, {}, 400, "usage", "no photo"),
    "text for a file": ({"front": _files()["front"]}, {"functional": "{}"}, 400, "usage", "must be a file"),
    "endless asset id": ({"front": _files()["front"]}, {"asset": "x" * 65}, 400, "usage", "asset must be 1 to 64"),
    "unknown part": ({"fron": ("a.jpg", b"x")}, {}, 400, "usage", "fron"),
}


@pytest.mark.parametrize("name", BAD_FORMS)
def test_unusable_input_is_refused_with_its_own_code_and_names_the_cause(name: str, client: TestClient) -> None:
    files, data, status, code, cause = BAD_FORMS[name]
    got_status, got_code, message = _error(client.post("/v1/grade", files=files, data=data))
    assert (got_status, got_code) == (status, code)
    assert cause in message


def test_several_photos_of_one_surface_are_graded_together(client: TestClient) -> None:
    parts = [
        *_files().items(),
        ("front", ("front-2.jpg", second_shots()[Surface.FRONT])),
        ("front", ("b.jpg", b"text")),
    ]
    answer = client.post("/v1/grade", files=parts)
    assert answer.status_code == 200
    assessment = Assessment.model_validate_json(answer.content)
    (scratch,) = assessment.inspections[Surface.FRONT].defects
    assert scratch.length_mm == pytest.approx(SCRATCH_MM, rel=0.06)
    front = answer.json()["views"]["front"]
    assert (front["used"], front["disagree_on"]) == (2, [])
    assert [(shot["file"], shot["used"]) for shot in front["photos"]][2] == ("b.jpg", False)
    assert front["photos"][2]["why_not"][0]["rule"] == "not_an_image"
    assert answer.json()["views"]["back"]["used"] == 1


def test_more_photos_than_the_limit_are_refused_before_any_is_inspected(settings: ServiceSettings) -> None:
    with TestClient(create_app(settings.model_copy(update={"max_photos": 3}))) as client:
        parts = [("front", ("a.jpg", b"x")), ("front", ("b.jpg", b"x")), ("back", ("c.jpg", b"x"))]
        assert _error(client.post("/v1/grade", files=parts))[1] != "too_many_photos"
        status, code, message = _error(client.post("/v1/grade", files=[*parts, ("front", ("d.jpg", b"x"))]))
    assert (status, code) == (413, "too_many_photos")
    assert "at most 3 photos" in message


def test_all_shots_of_a_device_share_the_limit_on_bytes(settings: ServiceSettings) -> None:
    front, second = device_photos()[Surface.FRONT], second_shots()[Surface.FRONT]
    small = settings.model_copy(update={"max_body_bytes": len(front) + len(second) // 2})
    with TestClient(create_app(small)) as client:
        parts = [("front", ("a.jpg", front)), ("front", ("b.jpg", second))]
        assert client.post("/v1/grade", files=parts[:1]).status_code == 200
        assert _error(client.post("/v1/grade", files=parts))[:2] == (413, "body_too_large")


@pytest.mark.parametrize(
    ("path", "part", "code"), [("grade", "functional", "usage"), ("inspect", "photo", "duplicate_photo")]
)
def test_other_parts_sent_twice_are_refused(path: str, part: str, code: str, client: TestClient) -> None:
    answer = client.post(f"/v1/{path}", files=[(part, ("a", b"{}")), (part, ("b", b"{}"))])
    assert _error(answer)[1] == code


def test_one_photo_sent_twice_for_one_surface_is_refused(client: TestClient) -> None:
    front = device_photos()[Surface.FRONT]
    answer = client.post("/v1/grade", files=[("front", ("a.jpg", front)), ("front", ("b.jpg", front))])
    status, code, message = _error(answer)
    assert (status, code) == (422, "duplicate_photo")
    assert "a.jpg" in message
    assert "b.jpg" in message


def test_a_confidence_outside_its_range_is_refused_by_name(client: TestClient) -> None:
    answer = client.post("/v1/inspect", files={"photo": ("a.jpg", b"x")}, data={"min_confidence": "7"})
    status, code, message = _error(answer)
    assert (status, code) == (422, "bad_input")
    assert "min_confidence" in message


def test_unknown_paths_and_methods_answer_in_the_same_shape(client: TestClient) -> None:
    assert _error(client.get("/v2/grade"))[:2] == (404, "not_found")
    assert _error(client.get("/v1/grade"))[:2] == (405, "method_not_allowed")


def test_a_body_over_the_limit_is_refused(settings: ServiceSettings) -> None:
    small = settings.model_copy(update={"max_body_bytes": 1000})
    with TestClient(create_app(small)) as client:
        assert _error(client.post("/v1/grade", files=_files()))[:2] == (413, "body_too_large")


def test_ready_after_a_stored_photo_was_inspected(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}
    assert client.get("/readyz").json() == {"status": "ready", "workers": 1, "ready": 1}


def test_not_ready_where_no_phone_is_found_in_the_stored_photo(
    settings: ServiceSettings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "desk.jpg").write_bytes(empty_table())
    with TestClient(create_app(settings.model_copy(update={"ready_photo": tmp_path / "desk.jpg"}))) as client:
        status, code, message = _error(client.get("/readyz"))
        assert (status, code) == (503, "not_ready")
        assert "desk.jpg" not in message
        assert "no phone was found in the stored photo desk.jpg" in caplog.text
        assert client.get("/healthz").status_code == 200


def test_an_installation_s_paths_stay_in_the_log(
    settings: ServiceSettings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gone = {"models_dir": tmp_path / "gone", "ready_photo": tmp_path / "gone.jpg"}
    with TestClient(create_app(settings.model_copy(update=gone))) as client:
        for answer in (client.post("/v1/grade", files=_files()), client.get("/readyz")):
            assert answer.status_code in (500, 503)
            assert str(tmp_path) not in answer.text
    with TestClient(create_app(settings.model_copy(update={"ready_photo": gone["ready_photo"]}))) as client:
        assert str(tmp_path) not in client.get("/readyz").text
    assert str(tmp_path / "gone.jpg") in caplog.text


def test_a_model_without_its_card_is_told_and_never_ready(
    settings: ServiceSettings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_models_without_card(tmp_path)
    with TestClient(create_app(settings.model_copy(update={"models_dir": tmp_path}))) as client:
        status, code, message = _error(client.post("/v1/grade", files=_files()))
        assert (status, code) == (500, "model_file")
        assert "models cannot be used" in message
        assert "card" in caplog.text
        assert _error(client.get("/readyz"))[:2] == (503, "not_ready")


def test_beyond_the_queue_503_says_when_to_come_again_and_health_is_answered(settings: ServiceSettings) -> None:
    photo = {"photo": ("slow.jpg", b"x")}
    short = settings.model_copy(update={"queue": 1})
    app = create_app(short, worker_pool(short, load_stand_in))
    with TestClient(app) as client, ThreadPoolExecutor(2) as pool:
        accepted = [pool.submit(client.post, "/v1/inspect", files=photo) for _ in range(2)]
        while app.state.parts.pool.busy + app.state.parts.pool.waiting < 2:
            time.sleep(0.01)
        refused = client.post("/v1/inspect", files=photo)
        assert _error(refused)[:2] == (503, "busy")
        assert int(refused.headers["retry-after"]) > 0
        assert client.get("/healthz").status_code == client.get("/readyz").status_code == 200
        unread = client.post("/v1/grade", files={"unknown part": b"refused with 400 by whoever parses it"})
        assert _error(unread)[:2] == (503, "busy")
        assert [one.result().status_code for one in accepted] == [200, 200]


def test_an_unforeseen_error_leaks_nothing_and_costs_one_answer(settings: ServiceSettings) -> None:
    app = create_app(settings, worker_pool(settings, load_stand_in))
    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.post("/v1/inspect", files={"photo": ("broken.jpg", b"x")})
        assert _error(answer)[:2] == (500, "error")
        assert "secret" not in answer.text
        assert "Traceback" not in answer.text
        assert client.post("/v1/inspect", files={"photo": ("a.jpg", b"x")}).status_code == 200


def test_a_photo_that_kills_its_worker_costs_that_photo(settings: ServiceSettings) -> None:
    with TestClient(create_app(settings, worker_pool(settings, load_stand_in))) as client:
        answer = client.post("/v1/inspect", files={"photo": ("abort.jpg", b"x")})
        assert _error(answer)[:2] == (422, "photo_crashed_decoder")
        assert client.post("/v1/inspect", files={"photo": ("a.jpg", b"x")}).status_code == 200
        assert client.get("/readyz").json() == {"status": "ready", "workers": 1, "ready": 1}
        assert "phonegrade_worker_crashes_total 2.0" in client.get("/metrics").text


def test_metrics_count_by_route_and_never_by_raw_path(settings: ServiceSettings) -> None:
    with TestClient(create_app(settings)) as client:
        client.post("/v1/grade", files=_files())
        client.get("/stranger/4711")
        text = client.get("/metrics").text
    assert 'phonegrade_requests_total{method="POST",path="/v1/grade",status="200"} 1.0' in text
    assert 'path="other",status="404"' in text
    assert "4711" not in text
    assert "phonegrade_workers_busy 0.0" in text
    assert "phonegrade_grades_total{grade=" in text


def test_two_apps_in_one_process_count_apart(settings: ServiceSettings) -> None:
    with TestClient(create_app(settings)) as one, TestClient(create_app(settings)) as other:
        one.get("/healthz")
        assert "/healthz" not in other.get("/metrics").text


def test_the_documented_examples_are_valid_answers(client: TestClient) -> None:
    Inspection.model_validate_json(json.dumps(INSPECT_EXAMPLE))
    Assessment.model_validate_json(json.dumps(GRADE_EXAMPLE))
    paths = client.get("/openapi.json").json()["paths"]
    answers = paths["/v1/grade"]["post"]["responses"]
    assert answers["200"]["content"]["application/json"]["example"]["device"] == GRADE_EXAMPLE["device"]
    assert set(answers) >= {"200", "400", "401", "403", "406", "408", "409", "413", "415", "422", "429", "500", "503"}
