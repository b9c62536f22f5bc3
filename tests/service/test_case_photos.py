"""A case's photos over HTTP: stored before they are answered, inspected once, given back without their metadata."""

import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from fastapi import FastAPI
from PIL import Image

from phonegrade.core.vocabulary import Surface
from phonegrade.service.keys import Scope
from phonegrade.service.pool_settings import WorkTimes
from phonegrade.service.settings import ServiceSettings
from phonegrade.tests.drawn_device import device_photos, empty_table
from phonegrade.tests.service.case_client import CaseClient, case_service, role

POSITION = "52.5200"


@pytest.fixture(scope="module")
def running(
    settings: ServiceSettings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[FastAPI, list[CaseClient]]]:
    keys = role("app", Scope.APP), role("shop", Scope.STORE), role("other", Scope.ADMIN, tenant="other")
    with case_service(settings, tmp_path_factory.mktemp("photos"), *keys) as running:
        yield running


@pytest.fixture
def clients(running: tuple[FastAPI, list[CaseClient]]) -> list[CaseClient]:
    return running[1]


@pytest.fixture
def running_app(running: tuple[FastAPI, list[CaseClient]]) -> FastAPI:
    return running[0]


@pytest.fixture
def app(clients: list[CaseClient]) -> CaseClient:
    return clients[0]


def sent(client: CaseClient, case: str, data: bytes, once: str | None = None, **texts: str) -> Any:  # noqa: ANN401
    return client.post(f"/v1/cases/{case}/photos", once=once, files={"photo": ("mine.jpg", data)}, data=texts)


def awaited(client: CaseClient, photo: str) -> dict[str, Any]:
    """The photo's record once it was inspected."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        read: dict[str, Any] = client.get(f"/v1/photos/{photo}").json()
        if read["state"] != "stored":
            return read
        time.sleep(0.05)
    raise AssertionError(f"photo {photo} was not inspected in time")


def test_a_photo_that_was_posted_twice_is_inspected_once(app: CaseClient) -> None:
    case, data = app.opened(), device_photos()[Surface.FRONT]
    first, repeat = (sent(app, case, data, "photo-1", surface="front") for _ in range(2))
    assert (first.status_code, first.json()["state"], first.json()["known"]) == (202, "stored", False)
    assert first.content == repeat.content
    again = sent(app, case, data, surface="front")
    assert (again.status_code, again.json()["known"]) == (202, True)
    assert again.json()["photo"] == first.json()["photo"]
    read = awaited(app, first.json()["photo"])
    assert (read["state"], len(read["inspected"])) == ("inspected", 1)
    assert read["inspection"]["photo"] == first.json()["photo"], "no name that a person gave"
    kinds = [one["fact"] for one in app.get(f"/v1/cases/{case}").json()["facts"]]
    assert (kinds.count("photo"), kinds.count("inspected")) == (1, 1)


def test_a_photo_that_shows_no_phone_is_unusable_and_says_why(app: CaseClient) -> None:
    case = app.opened()
    photo = sent(app, case, empty_table(), surface="front").json()["photo"]
    read = awaited(app, photo)
    assert (read["state"], read["inspected"][0]["problem"], read["inspection"]) == ("unusable", "no_device", None)
    left = {one["step"]: one for one in app.get(f"/v1/cases/{case}").json()["status"]["missing"]}
    assert "front" in left["photograph"]["left"]


def test_where_a_photo_was_taken_is_not_stored(app: CaseClient, tmp_path: Path) -> None:
    picture = Image.open(io.BytesIO(device_photos()[Surface.BACK]))
    exif = picture.getexif()
    exif.get_ifd(0x8825)[0x0002] = (52.0, 31.0, 12.0)
    exif[0x010E] = f"at {POSITION}"
    with_position = io.BytesIO()
    picture.save(with_position, "JPEG", exif=exif)
    assert POSITION.encode() in with_position.getvalue()
    case = app.opened()
    photo = sent(app, case, with_position.getvalue(), surface="back").json()["photo"]
    answer = app.get(f"/v1/photos/{photo}/image")
    assert (answer.headers["content-type"], answer.headers["x-content-type-options"]) == ("image/jpeg", "nosniff")
    assert POSITION.encode() not in answer.content
    assert not Image.open(io.BytesIO(answer.content)).getexif().get_ifd(0x8825)


@pytest.mark.parametrize(
    ("data", "texts", "status", "code"),
    [
        (b"%PDF-1.7 no photo", {"surface": "front"}, 415, "not_an_image"),
        (b"", {"surface": "front"}, 400, "empty_photo"),
        (b"x", {"surface": "inside"}, 422, "facts"),
        (b"x", {"purpose": "surface"}, 422, "facts"),
        (b"x", {"surface": "front", "client_gates": "{"}, 400, "usage"),
        (b"x", {"surface": "front", "visit": "elsewhere"}, 422, "facts"),
        (b"x", {"sharpness": "1"}, 400, "usage"),
    ],
)
def test_what_is_no_photo_of_a_case_is_refused(
    app: CaseClient, data: bytes, texts: dict[str, str], status: int, code: str
) -> None:
    answer = sent(app, app.opened(), data, **texts)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_one_photo_is_not_two_surfaces(app: CaseClient) -> None:
    case, data = app.opened(), device_photos()[Surface.TOP]
    assert sent(app, case, data, surface="top").status_code == 202
    other = sent(app, case, data, surface="bottom")
    assert (other.status_code, other.json()["code"]) == (422, "duplicate_photo")


def test_a_shop_without_a_visit_adds_nothing_to_an_apps_case(clients: list[CaseClient]) -> None:
    app, shop, other = clients
    case, data = app.opened(), device_photos()[Surface.LEFT]
    assert sent(shop, case, data, surface="left").status_code == 403
    visit = shop.post(f"/v1/cases/{case}/visits", {"channel": "store"}).json()["id"]
    photo = sent(shop, case, data, surface="left").json()["photo"]
    assert app.get(f"/v1/photos/{photo}").json()["photo"]["visit"] == visit
    assert sent(app, case, device_photos()[Surface.RIGHT], surface="right", visit=visit).status_code == 403
    for path in (f"/v1/photos/{photo}", f"/v1/photos/{photo}/image"):
        assert other.get(path).status_code == 404
    assert sent(other, case, data, surface="left").status_code == 404


def test_a_photo_comes_in_widths_for_a_screen_and_never_enlarged(clients: list[CaseClient]) -> None:
    app, _, other = clients
    data = device_photos()[Surface.FRONT]
    own_px = Image.open(io.BytesIO(data)).width
    photo = sent(app, app.opened(), data, surface="front").json()["photo"]
    for width_px in (160, 640, 1920):
        answer = app.get(f"/v1/photos/{photo}/image?w={width_px}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg"), answer.text
        assert Image.open(io.BytesIO(answer.content)).width == min(width_px, own_px)
    for wrong in ("161", "0", "x"):
        assert app.get(f"/v1/photos/{photo}/image?w={wrong}").status_code == 422
    assert other.get(f"/v1/photos/{photo}/image?w=160").status_code == 404


def test_a_picture_is_made_once(clients: list[CaseClient], running_app: FastAPI) -> None:
    app = clients[0]
    photo = sent(app, app.opened(), device_photos()[Surface.BACK], surface="back").json()["photo"]
    awaited(app, photo)
    done: list[WorkTimes] = []
    running_app.state.parts.watchers.append(done.append)
    first = app.get(f"/v1/photos/{photo}/image?w=320").content
    assert app.get(f"/v1/photos/{photo}/image?w=320").content == first
    assert [one.task for one in done] == ["scale_photo"]


def test_what_a_photo_shows_lies_on_it_as_lines(clients: list[CaseClient]) -> None:
    app, data = clients[0], device_photos()[Surface.FRONT]
    photo = sent(app, app.opened(), data, surface="front").json()["photo"]
    read = awaited(app, photo)
    answer = app.get(f"/v1/photos/{photo}/overlay")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
    root = ElementTree.fromstring(answer.text)  # noqa: S314  our own
    width, height = Image.open(io.BytesIO(data)).size
    assert root.get("viewBox") == f"0 0 {width} {height}"
    corner = read["inspection"]["outline"][0]
    outline = next(one for one in root.iter() if one.get("class") == "outline")
    assert (outline.get("points") or "").startswith(f"{corner[0] + 0.5:.1f},{corner[1] + 0.5:.1f} ")
    empty = sent(app, app.opened(), empty_table(), surface="front").json()["photo"]
    awaited(app, empty)
    assert app.get(f"/v1/photos/{empty}/overlay").status_code == 404
