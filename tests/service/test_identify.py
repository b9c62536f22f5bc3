"""Photos of numbers over HTTP: read in a worker, answered once, recorded in a case without the number itself."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from phonegrade.recognition.identification import Identification
from phonegrade.serve import create_app
from phonegrade.service.identifying import IDENTIFY_EXAMPLE
from phonegrade.service.keys import Scope
from phonegrade.service.settings import ServiceSettings
from phonegrade.tests.recognition.drawn_labels import DrawnLabel, drawn_label
from phonegrade.tests.service.case_client import CaseClient, case_service, role

SCREEN, BOX = drawn_label("dial_bars", "clean", 0), drawn_label("box", "clean", 0)


@pytest.fixture(scope="module")
def service(
    settings: ServiceSettings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[FastAPI, list[CaseClient]]]:
    keys = role("app", Scope.APP), role("shop", Scope.STORE), role("other", Scope.ADMIN, tenant="other")
    only_bars = settings.model_copy(update={"read_print": False})
    with case_service(only_bars, tmp_path_factory.mktemp("numbers"), *keys) as running:
        yield running


@pytest.fixture
def app(service: tuple[FastAPI, list[CaseClient]]) -> CaseClient:
    return service[1][0]


@pytest.fixture
def shop(service: tuple[FastAPI, list[CaseClient]]) -> CaseClient:
    return service[1][1]


def sent(client: CaseClient, case: str, label: DrawnLabel, once: str | None = None, **texts: str) -> Response:
    files = {"photo": (f"{label.imeis[0]}.jpg", label.jpeg)}
    answer: Response = client.post(f"/v1/cases/{case}/identifiers", once=once, files=files, data=texts)
    return answer


def facts(client: CaseClient, case: str, kind: str) -> list[dict[str, Any]]:
    return [one for one in client.get(f"/v1/cases/{case}").json()["facts"] if one["fact"] == kind]


READ_IN_A_WORKER = """
import sys
from pathlib import Path
from phonegrade.inference.worker_process import _restrict, rss_bytes
from phonegrade.service.pool_settings import PoolSettings
from phonegrade.service.tasks import ReadIdentifiers, WorkerSetup
from phonegrade.service.worker import load_worker

models, ready, photo = map(Path, sys.argv[1:])
worker = load_worker(WorkerSetup(models, 1, (), ready))
limits = PoolSettings(workers=1)
_restrict(limits.memory_bytes)
print(worker(ReadIdentifiers("photo"), photo.read_bytes()).model_dump_json())
assert rss_bytes() < limits.recycle_rss_bytes, rss_bytes()
"""


def test_print_is_read_within_what_a_worker_may_take_and_without_a_socket(
    settings: ServiceSettings, tmp_path: Path
) -> None:
    pytest.importorskip("rapidocr")
    label, photo = drawn_label("dial_text", "clean", 0), tmp_path / "photo.jpg"
    photo.write_bytes(label.jpeg)
    arguments = [str(one) for one in (settings.models_dir, settings.ready_photo, photo)]
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", READ_IN_A_WORKER, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    identification = Identification.model_validate_json(done.stdout)
    assert {one.value for one in identification.accepted} == set(label.imeis)


def test_a_photo_is_read_and_nothing_of_it_is_logged(
    settings: ServiceSettings, caplog: pytest.LogCaptureFixture
) -> None:
    only_bars = settings.model_copy(update={"read_print": False})
    with caplog.at_level(logging.DEBUG), TestClient(create_app(only_bars)) as client:
        answer = client.post("/v1/identify", files={"photo": (f"{SCREEN.imeis[0]}.jpg", SCREEN.jpeg)})
        refused = client.post("/v1/identify", files={"photo": (f"{SCREEN.imeis[0]}.jpg", b"%PDF-1.7")})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    identification = Identification.model_validate_json(answer.content)
    assert identification.readers == ("barcode",)
    assert {one.value for one in identification.accepted} == set(SCREEN.imeis)
    assert (refused.status_code, SCREEN.imeis[0] in refused.text) == (415, False)
    assert not any(number in caplog.text for number in SCREEN.imeis)


def test_the_example_is_an_answer() -> None:
    Identification.model_validate(IDENTIFY_EXAMPLE)


@pytest.mark.parametrize(("data", "status", "code"), [(b"%PDF-1.7", 415, "not_an_image"), (b"", 400, "empty_photo")])
def test_a_refusal_does_not_repeat_a_file_name_that_is_a_number(
    app: CaseClient, data: bytes, status: int, code: str
) -> None:
    answer = app.post(f"/v1/cases/{app.opened()}/identifiers", files={"photo": ("352370817080089.jpg", data)})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "352370817080089" not in answer.text


def test_both_numbers_of_a_screen_become_facts_without_the_numbers(app: CaseClient) -> None:
    case = app.opened()
    answer = sent(app, case, SCREEN)
    assert answer.status_code == 201, answer.text
    numbers = answer.json()["numbers"]
    assert {one["verdict"] for one in numbers} == {"accepted"}
    assert {one["last4"] for one in numbers} == {one[-4:] for one in SCREEN.imeis}
    readings = facts(app, case, "identifier")
    assert {(one["kind"], one["source"], one["reads"]) for one in readings} == {
        ("imei", "barcode", 2),
        ("imei2", "barcode", 2),
    }
    whole = app.get(f"/v1/cases/{case}")
    assert whole.json()["status"]["identity"] == "read"
    for number in SCREEN.imeis:
        assert number not in answer.text + whole.text
    for one in readings:
        assert app.get(f"/v1/photos/{one['crop']}/image").headers["content-type"] == "image/jpeg"


def test_a_repeat_is_answered_byte_for_byte_and_the_same_photo_again_adds_no_number(app: CaseClient) -> None:
    case = app.opened()
    first, again = (sent(app, case, SCREEN, "one-photo") for _ in range(2))
    assert first.content == again.content
    assert again.headers["idempotency-replayed"] == "true"
    photo = first.json()["photo"]
    stored = app.post(f"/v1/cases/{case}/identifiers", {"photo": photo})
    assert stored.status_code == 201, stored.text
    assert [one["id"] for one in stored.json()["numbers"]] == [one["id"] for one in first.json()["numbers"]]
    assert len(facts(app, case, "identifier")) == 2


def test_a_serial_number_waits_for_a_person_who_confirms_it_by_its_crop(app: CaseClient, shop: CaseClient) -> None:
    case = app.opened()
    numbers = sent(app, case, BOX, purpose="box").json()["numbers"]
    (serial,) = (one for one in numbers if one["kind"] == "serial")
    assert (serial["verdict"], serial["why"]) == ("confirm", "no_check_digit")
    path = f"/v1/cases/{case}/identifiers/{serial['id']}/confirm"
    assert app.post(path, {"confirmed_by": "me"}).status_code == 403
    shop.post(f"/v1/cases/{case}/visits", {"channel": "store"})
    confirmed = shop.post(path, {"confirmed_by": "till 3"})
    assert (confirmed.status_code, confirmed.json()["last4"]) == (201, serial["last4"])
    assert app.get(f"/v1/cases/{case}").json()["status"]["identity"] == "confirmed"
    assert shop.post(path, {"confirmed_by": "till 3"}).status_code == 404


def test_what_cannot_be_read_is_refused_by_name(app: CaseClient, service: tuple[FastAPI, list[CaseClient]]) -> None:
    case = app.opened()
    assert sent(app, case, SCREEN, purpose="surface").json()["code"] == "usage"
    path = f"/v1/cases/{case}/identifiers"
    assert app.post(path, {"photo": "0190a5de-0000-7000-8000-000000000000"}).status_code == 404
    assert service[1][2].post(path, {"photo": "0190a5de-0000-7000-8000-000000000000"}).status_code == 404
    typo = app.post(path, {"kind": "imei", "valu": "352370817080089", "source": "typed"})
    assert (typo.status_code, typo.json()["code"]) == (422, "bad_input")
    assert "352370817080089" not in typo.text


def test_a_tac_that_three_confirmed_phones_share_contradicts_another_name(shop: CaseClient) -> None:
    def traded(serial: str, device: str) -> tuple[str, dict[str, Any]]:
        case = shop.opened(channel="store")
        shop.post(f"/v1/cases/{case}/device", {"device": device})
        body = {"kind": "imei", "value": f"35237081{serial}", "source": "typed", "confirmed_by": "till 3"}
        assert shop.post(f"/v1/cases/{case}/identifiers", body).status_code == 201
        return case, shop.get(f"/v1/cases/{case}").json()["status"]

    for serial in ("7080089", "7080097", "7080105"):
        assert traded(serial, "Apple iPhone 13")[1]["flags"] == []
    case, status = traded("7080113", "Apple iPhone 12")
    assert [one["code"] for one in status["flags"]] == ["tac_mismatch"]
    assert "review" in [one["step"] for one in status["next"]]
    shop.post(f"/v1/cases/{case}/device", {"device": "Apple iPhone 12"})
    assert shop.get(f"/v1/cases/{case}").json()["status"]["flags"] == [], "a person looked at the phone since"
