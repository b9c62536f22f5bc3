"""Logs: one JSON line a request, with its id, and nothing that a stranger or a customer wrote."""

import asyncio
import json
import logging

import httpx2 as httpx
import pytest
from fastapi import FastAPI

from phonegrade.service.logs import JsonLines, RequestLog, request_id


def answered(caplog: pytest.LogCaptureFixture, path: str, headers: dict[str, str]) -> tuple[httpx.Response, str]:
    app = FastAPI()

    @app.get("/v1/things/{thing}")
    async def thing(thing: str) -> dict[str, str | None]:
        return {"id": request_id()}

    app.add_middleware(RequestLog)

    async def main() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            return await client.get(path, headers=headers)

    with caplog.at_level(logging.INFO, "phonegrade.access"):
        response = asyncio.run(main())
    (record,) = (one for one in caplog.records if one.name == "phonegrade.access")
    return response, JsonLines().format(record)


def test_a_request_is_one_line_with_its_id_and_without_what_a_stranger_wrote(caplog: pytest.LogCaptureFixture) -> None:
    response, line = answered(caplog, "/v1/things/356938035643809?imei=1", {"x-request-id": "kiosk-7.42"})
    assert response.headers["x-request-id"] == "kiosk-7.42" == response.json()["id"]
    logged = json.loads(line)
    assert logged["request_id"] == "kiosk-7.42"
    assert (logged["route"], logged["status"], logged["method"]) == ("/v1/things/{thing}", 200, "GET")
    assert "356938035643809" not in line
    assert "imei" not in line


@pytest.mark.parametrize("given", ["", "a b", 'x"y', "y" * 65])
def test_an_id_that_is_no_word_is_replaced(given: str, caplog: pytest.LogCaptureFixture) -> None:
    response, line = answered(caplog, "/v1/things/1", {"x-request-id": given})
    assert len(response.headers["x-request-id"]) == 16
    assert json.loads(line)["request_id"] == response.headers["x-request-id"]


def test_an_unknown_path_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    response, line = answered(caplog, "/secret/356938035643809", {})
    assert response.status_code == 404
    assert json.loads(line)["route"] == "other"
    assert "356938035643809" not in line
