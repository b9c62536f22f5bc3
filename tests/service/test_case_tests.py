"""Functional tests of a case: ours, or as another tool wrote them."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from phonegrade.service.settings import ServiceSettings
from phonegrade.tests.service.deal_service import DealService, deal_service
from phonegrade.tests.store.example import CASE, NUMBER

CSV = "Test Name;Result\nTouch Screen;Passed\nWi-Fi;FAIL\nNFC;not_testable(no API)\nFan Speed;Pass\n"
PATH = f"/v1/cases/{CASE}/tests"


@pytest.fixture(scope="module")
def service(settings: ServiceSettings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DealService]:
    with deal_service(settings, tmp_path_factory.mktemp("tests")) as running:
        yield running


def foreign(text: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"method": "import", "foreign": {"base64": base64.b64encode(text.encode()).decode(), **more}}


def newest(service: DealService) -> dict[str, Any]:
    facts = service.customer.get(f"/v1/cases/{CASE}").json()["facts"]
    run: dict[str, Any] = [one for one in facts if one["fact"] == "test_run"][-1]
    return run


def test_another_tools_report_is_read_and_what_was_not_testable_stays_not_run(service: DealService) -> None:
    service.later(1)
    answer = service.customer.post(PATH, foreign(CSV))
    assert (answer.status_code, answer.json()["not_understood"]) == (201, ["Fan Speed"])
    run = newest(service)
    assert run["report"]["tests"] == {"touch_grid": "pass", "wifi": "fail", "nfc": "not_run"}
    assert run["why_not"] == {"nfc": "no API"}
    service.later(1)
    as_json = json.dumps({"tests": {"touch screen": "ok"}, "imei": NUMBER})
    assert service.customer.post(PATH, foreign(as_json)).status_code == 201
    assert newest(service)["report"] == {"device": None, "imei": None, "tests": {"touch_grid": "pass"}, "measures": {}}
    assert NUMBER.replace("-", "") not in service.customer.get(f"/v1/cases/{CASE}").text


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (foreign(json.dumps({"touch screen": "ok", "imei": "356938035643809"})), 422, "facts"),
        (foreign("Test,Result\nIMEI,356938035643809\nIMEI,352099001761481\nWi-Fi,ok"), 422, "functional_file"),
        (foreign("Fan Speed;pass"), 422, "functional_file"),
        (foreign(CSV.replace("FAIL", "perhaps"), name="shop.csv"), 422, "functional_file"),
        ({"method": "import", "foreign": {"base64": "!!!!"}}, 400, "usage"),
        ({"method": "import"}, 422, "bad_input"),
        ({**foreign(CSV), "report": {}}, 422, "bad_input"),
    ],
)
def test_what_cannot_be_used_is_refused(service: DealService, body: dict[str, Any], status: int, code: str) -> None:
    answer = service.customer.post(PATH, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert "356938035643809" not in answer.text
