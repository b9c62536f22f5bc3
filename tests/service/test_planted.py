"""Number, serial, name and position are planted wherever a client may put them, and looked for wherever they may go."""

import base64
import hashlib
import io
import logging
import re
import threading
import time
from collections.abc import Iterator
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from PIL import Image

from phonegrade.core.vocabulary import Surface
from phonegrade.service import events
from phonegrade.service.authorize import scopes_of
from phonegrade.service.keys import Scope
from phonegrade.service.logs import JsonLines, PlainLines
from phonegrade.service.settings import ServiceSettings
from phonegrade.tests.drawn_device import device_photos
from phonegrade.tests.service.body_schemas import Schema, object_schemas
from phonegrade.tests.service.case_client import CaseClient, case_service, role
from phonegrade.tests.service.deal_service import PRICES
from phonegrade.tests.service.played import Sending, certificate, every_id, shot_again

IMEI, SERIAL, NAME = "352099001761481", "F2LZK7Q9PLJM", "Wilhelmine Oberhuber"
POSITION = (48.137431, 11.575491)
NUMBERS = (IMEI, SERIAL)


def encodings(word: str) -> set[bytes]:
    """A word as it may be written: spaced, cased, quoted, in hexadecimal, base64 at each offset, wide, hashed."""
    plain = word.encode()
    spaced = f"{word[:2]}-{word[2:8]}-{word[8:14]}-{word[14:]}" if word.isdigit() else word
    ways = {plain, spaced.encode(), plain.lower(), plain.upper(), plain.hex().encode(), plain.hex().upper().encode()}
    ways |= {word.encode("utf-16-le"), word.encode("utf-16-be"), word.replace(" ", "%20").encode(), plain[::-1]}
    ways |= {word.replace(" ", "+").encode(), word.replace(" ", "_").encode()}
    for offset in range(3):
        ways.add(base64.b64encode(b"\0" * offset + plain)[4 if offset else 0 : -4])
    for name in ("md5", "sha1", "sha256"):
        ways |= {hashlib.new(name, plain).hexdigest().encode(), hashlib.new(name, plain).digest()}
    if word.isdigit():
        ways |= {int(word).to_bytes(8, "big"), int(word).to_bytes(8, "little"), bytes.fromhex(f"{word}f")}
    return ways


PLACES = {f"{POSITION[0]:.4f}".encode(), f"{POSITION[1]:.4f}".encode(), b"48,8,14.75", b"GPSLatitude"}
NOWHERE = {one for word in (*NUMBERS, NAME) for one in encodings(word)} | PLACES
"""What no log, event, error or figure may hold."""
NOT_STORED = {one for word in NUMBERS for one in encodings(word)} | PLACES
"""What no file may hold; names stand in what people wrote, until the case is forgotten."""


def matched(data: bytes | str, words: set[bytes]) -> set[bytes]:
    data = data if isinstance(data, bytes) else data.encode()
    return {word for word in words if word in data}


def photo_of_a_place() -> bytes:
    """A photo whose metadata say where, by whom and with which device it was taken."""
    image = Image.open(io.BytesIO(shot_again(Surface.FRONT, 77)))
    exif = image.getexif()
    place = exif.get_ifd(0x8825)
    degrees = [[Fraction(int(one)), Fraction(int(one % 1 * 60)), Fraction(one * 3600 % 60)] for one in POSITION]
    place.update({1: "N", 2: [float(one) for one in degrees[0]], 3: "E", 4: [float(one) for one in degrees[1]]})
    exif[0x8825] = place
    exif[0x013B], exif[0x8298], exif[0x010E] = NAME, NAME, f"IMEI {IMEI}"
    exif.get_ifd(0x8769)[0xA431] = SERIAL
    written = io.BytesIO()
    image.save(written, "JPEG", exif=exif, comment=f"{NAME} {SERIAL} {POSITION[0]:.4f}".encode())
    assert matched(written.getvalue(), {IMEI.encode(), NAME.encode(), SERIAL.encode()})
    return written.getvalue()


@pytest.fixture(scope="module")
def received() -> Iterator[tuple[str, list[bytes]]]:
    """Where webhooks go, and all that came."""
    came: list[bytes] = []

    class Takes(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.append(str(self.headers).encode() + self.rfile.read(int(self.headers["content-length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Not in the tests' output."""

    server = HTTPServer(("127.0.0.1", 0), Takes)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook", came
    server.shutdown()
    server.server_close()


class Planted:
    """A service with everything planted, and what it wrote meanwhile."""

    def __init__(self, app: FastAPI, client: CaseClient, folder: Path, logs: list[io.StringIO]) -> None:
        self.app, self.client, self.folder, self.logs = app, client, folder, logs
        self.ids: dict[str, str] = {}


@pytest.fixture(scope="module")
def planted(
    settings: ServiceSettings, tmp_path_factory: pytest.TempPathFactory, received: tuple[str, list[bytes]]
) -> Iterator[Planted]:
    folder = tmp_path_factory.mktemp("planted")
    changed = {"prices": PRICES, "webhook_private_hosts": ("127.0.0.1",), "webhook_http": True}
    logs = [io.StringIO(), io.StringIO()]
    handlers = [logging.StreamHandler(one) for one in logs]
    root, level = logging.getLogger(), logging.getLogger().level
    for handler, lines in zip(handlers, (JsonLines(), PlainLines()), strict=True):
        handler.setFormatter(lines)
        handler.addFilter(lambda record: not record.name.startswith("httpx"))  # the test's own client
        root.addHandler(handler)
    root.setLevel(logging.INFO)
    key = role("all", Scope.ADMIN, Scope.REVIEWER, Scope.METRICS)
    try:
        with case_service(settings.model_copy(update=changed), folder, key) as (app, [client]):
            running = Planted(app, client, folder, logs)
            assert client.post("/v1/webhooks", {"url": received[0]}).status_code == 201
            running.ids = every_id(Sending(client))
            plant(client, running.ids)
            yield running
    finally:
        root.setLevel(level)
        for handler in handlers:
            root.removeHandler(handler)


def plant(client: CaseClient, ids: dict[str, str]) -> None:
    """Send what belongs into the vault, and what people write, where they may."""
    case, asset = ids["case_id"], ids["asset_id"]
    serial = {"kind": "serial", "value": SERIAL, "source": "agent", "confirmed_by": NAME}
    dashed = {"kind": "imei", "value": f"{IMEI[:2]}-{IMEI[2:8]}-{IMEI[8:14]}-{IMEI[14]}", "source": "typed"}
    for path, body in (
        (f"/v1/cases/{case}/identifiers", serial),
        (f"/v1/cases/{case}/identifiers", dashed),
        (f"/v1/cases/{case}/complaint", {"incident": "drop", "text": f"{NAME} dropped it"}),
        (f"/v1/cases/{case}/visits", {"channel": "store", "operator": NAME}),
        (f"/v1/cases/{case}/overrides", {"rule": "identity_unconfirmed", "name": NAME, "reason": f"for {NAME}"}),
        (
            f"/v1/assets/{asset}/erasures",
            {**certificate(SERIAL), "persons": [{"name": NAME, "did": "sanitised"}], "location": NAME},
        ),
        (f"/v1/cases/{case}/recommendations", {}),
    ):
        answer = client.post(path, body)
        assert answer.status_code in (200, 201), (path, answer.text)
        assert not matched(answer.content, NOT_STORED), path
    sent = client.post(
        f"/v1/cases/{case}/photos",
        files={"photo": (f"{NAME} {IMEI}.jpg", photo_of_a_place())},
        data={"surface": "front"},
    )
    assert sent.status_code == 202, sent.text
    ids["planted_photo"] = sent.json()["photo"]


def test_no_event_in_any_form_holds_them(
    planted: Planted, received: tuple[str, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "LIFE_S", 0.2)
    page = planted.client.get("/v1/events?limit=500")
    streamed = planted.client.get("/v1/events/stream")
    assert not matched(page.content, NOWHERE)
    assert not matched(streamed.content, NOWHERE)
    until = time.monotonic() + 60
    while len(received[1]) < len(page.json()["events"]) - 1 and time.monotonic() < until:
        time.sleep(0.05)
    assert received[1]
    assert not matched(b"\n".join(received[1]), NOWHERE)


def test_no_file_of_the_database_and_no_photo_holds_a_number_or_a_position(planted: Planted) -> None:
    picture = planted.client.get(f"/v1/photos/{planted.ids['planted_photo']}/image").content
    assert not matched(picture, NOWHERE)
    assert not Image.open(io.BytesIO(picture)).getexif()
    files = [one for one in planted.folder.rglob("*") if one.is_file()]
    assert any(one.suffix == ".sqlite" for one in files)
    for file in files:
        assert not matched(file.read_bytes(), NOT_STORED), file.name


def test_figures_and_the_read_case_hold_no_number(planted: Planted) -> None:
    assert not matched(planted.client.get("/metrics").content, NOWHERE)
    for path in (f"/v1/cases/{planted.ids['case_id']}", "/v1/cases", f"/v1/assets/{planted.ids['asset_id']}/resale"):
        assert not matched(planted.client.get(path).content, NOT_STORED), path


def bad(planted: Planted) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every route with a planted word where it does not belong: address, query, headers, members and values."""
    words = cycle((IMEI, SERIAL, NAME))
    for path, methods in planted.client.get("/openapi.json").json()["paths"].items():
        if len(scopes_of(path)) == 1:
            continue
        own = path
        for name in (*planted.ids, "token"):
            own = own.replace(f"{{{name}}}", planted.ids.get(name, "t"))
        for method, operation in methods.items():
            word = next(words)
            json = {"json": {"surprise": word, word: word}} if method == "post" else {}
            yield method, own, json
            yield method, f"{own}?{word}={word}", json
            yield method, own, {**json, "headers": {"If-Match": f'"{word}"'}}
            if "{" in path:
                yield method, re.sub(r"\{\w+\}", word, path), json
            for media, content in operation.get("requestBody", {}).get("content", {}).items():
                for schema in object_schemas(content["schema"], planted.app.openapi()["components"]["schemas"]):
                    sent = fields if media == "application/json" else forms
                    yield from ((method, own, one) for one in sent(schema, words))


def forms(schema: Schema, words: Iterator[str]) -> Iterator[dict[str, Any]]:
    """Forms with a word as a photo's name and as value of every field."""
    for name in (*schema["properties"], None):
        word = next(words)
        for data in (b"", device_photos()[Surface.BACK]):
            yield {"files": {"photo": (f"{word}.jpg", data)}, "data": {name or word: word}}


def fields(schema: Schema, words: Iterator[str]) -> Iterator[dict[str, Any]]:
    """Bodies with a word as value of every member, as text, in a list and as a table's key."""
    for name in schema.get("properties", {}):
        word = next(words)
        for value in (word, [word], {word: word}, {word: True}):
            yield {"json": {name: value}}
            yield {"json": {**dict.fromkeys(schema.get("required", ()), "x"), name: value}}


def test_no_error_and_no_log_repeats_them(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "LIFE_S", 0.2)
    wrong, refused = [], 0
    for number, (method, url, options) in enumerate(bad(planted)):
        headers = {"Idempotency-Key": f"bad-{number}", **options.pop("headers", {})}
        answer = planted.client.request(method.upper(), url, headers=headers, **options)
        refused += answer.status_code >= 400
        if answer.status_code >= 500 or (answer.status_code >= 400 and matched(answer.content, NOWHERE)):
            wrong.append((method, url, answer.text))
    assert not wrong
    assert refused > 300
    for log in planted.logs:
        assert len(log.getvalue()) > 1000, "something was logged"
        assert not [line for line in log.getvalue().splitlines() if matched(line, NOWHERE)]
