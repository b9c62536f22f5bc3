"""HTTP as other programs speak it: understood, or refused by name."""

import gzip
import io

import cv2
import numpy as np
import pillow_heif
import pytest
from fastapi.testclient import TestClient
from PIL import Image
from pydantic import ValidationError

from phonegrade.core.vocabulary import Surface
from phonegrade.serve import create_app
from phonegrade.service.settings import ServiceSettings
from phonegrade.tests.drawn_device import device_photos

ORIGIN = "http://kiosk.local"
PREFLIGHT = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}


def body(disposition: str, content: bytes) -> bytes:
    return b"--B\r\nContent-Disposition: form-data; " + disposition.encode() + b"\r\n\r\n" + content + b"\r\n--B--\r\n"


MULTIPART = {"Content-Type": "multipart/form-data; boundary=B"}


@pytest.mark.parametrize("path", ["/v1/grade", "/v1/inspect"])
@pytest.mark.parametrize("name", ["policy", "device", "anything"])
def test_a_query_parameter_is_refused_by_name(path: str, name: str, client: TestClient) -> None:
    answer = client.post(f"{path}?{name}=marketplace", files={"front": ("a.jpg", b"x")})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "usage"
    assert repr(name) in answer.json()["error"]["message"]


def test_a_compressed_body_is_refused_by_name(client: TestClient) -> None:
    data = gzip.compress(body('name="photo"; filename="a.jpg"', b"x"))
    answer = client.post("/v1/inspect", content=data, headers={**MULTIPART, "Content-Encoding": "gzip"})
    assert answer.status_code == 400
    assert "Content-Encoding 'gzip' is not supported" in answer.json()["error"]["message"]


@pytest.mark.parametrize("disposition", ['name="photo"'])
@pytest.mark.parametrize("size", [10, 3_000_000])
def test_a_text_where_a_photo_belongs_is_refused_by_name(disposition: str, size: int, client: TestClient) -> None:
    answer = client.post("/v1/inspect", content=body(disposition, b"x" * size), headers=MULTIPART)
    assert answer.status_code == 400
    assert "filename" in answer.json()["error"]["message"]
    assert "1024KB" not in answer.text


@pytest.mark.parametrize("path", ["/healthz", "/metrics", "/docs", "/openapi.json"])
def test_head_is_answered_as_get_is_without_the_body(path: str, client: TestClient) -> None:
    head, get = client.head(path), client.get(path)
    assert head.status_code == get.status_code == 200
    assert head.content == b""
    assert head.headers["content-type"] == get.headers["content-type"]


def test_a_web_page_may_call_from_an_origin_that_the_operator_named(settings: ServiceSettings) -> None:
    app = create_app(settings.model_copy(update={"allowed_origins": (ORIGIN,)}))
    with TestClient(app) as client:
        answer = client.options("/v1/grade", headers=PREFLIGHT)
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        refused = client.options("/v1/grade", headers={**PREFLIGHT, "Origin": "http://elsewhere.example"})
        assert "access-control-allow-origin" not in refused.headers
        assert client.get("/healthz", headers={"Origin": ORIGIN}).headers["access-control-allow-origin"] == ORIGIN


def test_no_origin_is_allowed_by_default(client: TestClient) -> None:
    assert "access-control-allow-origin" not in client.get("/healthz", headers={"Origin": ORIGIN}).headers


@pytest.mark.parametrize("origin", ["kiosk.local", "http://kiosk.local/path", ""])
def test_what_is_no_origin_is_refused(origin: str) -> None:
    with pytest.raises(ValidationError, match="is not an origin"):
        ServiceSettings(allowed_origins=(origin,))


def test_the_docs_page_needs_no_other_server_and_names_every_route_and_part(client: TestClient) -> None:
    page = client.get("/docs").text
    assert "http" not in page.replace("http://testserver", "")
    assert "<script src" not in page
    for word in ("/v1/grade", "/v1/inspect", "/readyz", "front", "functional", "min_confidence", "-F photo=@photo.jpg"):
        assert word in page


def test_behind_a_proxy_the_docs_speak_of_the_public_path(settings: ServiceSettings) -> None:
    app = create_app(settings)
    with TestClient(app, root_path="/grading") as client:  # as `phonegrade serve --root-path /grading` sets it
        assert client.get("/healthz").status_code == 200
        assert '"/grading/openapi.json"' in client.get("/docs").text


def test_the_sentence_on_assumed_millimetres_reads_as_english(client: TestClient) -> None:
    answer = client.post("/v1/inspect", files={"photo": ("a.jpg", device_photos()[Surface.FRONT])}).json()
    messages = [flag["message"] for flag in answer["quality"] if flag["code"] == "assumed_scale"]
    assert messages == ["No device was named; sizes assume a typical phone."]


def test_a_damaged_heic_beside_a_good_shot_is_told_and_refuses_nothing(client: TestClient) -> None:
    buffer = io.BytesIO()
    picture = cv2.resize(np.random.default_rng(0).integers(0, 255, (60, 90, 3), np.uint8), (900, 600))
    pillow_heif.from_pillow(Image.fromarray(picture)).save(buffer, quality=90, tile_size=256)
    damaged = buffer.getvalue()[: -len(buffer.getvalue()) // 3]
    views = [("front", ("a.jpg", device_photos()[Surface.FRONT])), ("front", ("b.heic", damaged))]
    answer = client.post("/v1/grade", files=views)
    assert answer.status_code == 200
    other = answer.json()["views"]["front"]["photos"][1]
    assert (other["used"], other["why_not"][0]["rule"]) == (False, "truncated_photo")
