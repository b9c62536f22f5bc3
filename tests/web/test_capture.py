"""The capture page with films as its camera: what it says, when it takes a photo, and what reaches the service."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, Page

from phonegrade.core.vocabulary import Surface
from phonegrade.tests.web.browser import CHROMIUM, MISSING, violations
from phonegrade.tests.web.capturing import PHONE, PLAYED, Capturing, Cinema, cinema, is_busy
from phonegrade.tests.web.pictures import SAMPLES, jpeg_of, table
from phonegrade.tests.web.serving import Served

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=MISSING)
FRONT, BACK = Surface.FRONT, Surface.BACK
NAMES = {
    Surface.FRONT: "Front",
    Surface.BACK: "Back",
    Surface.LEFT: "Left edge",
    Surface.RIGHT: "Right edge",
    Surface.TOP: "Top edge",
    Surface.BOTTOM: "Bottom edge",
}
FRAMES, QUICKER = 48, 4
"""Judged frames of six seconds at the least rate; how much faster the page's clock runs where no claim is of time."""
REFUSED = {
    "denied": "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'));",
    "absent": "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotFoundError'));",
    "insecure": "Object.defineProperty(window, 'isSecureContext', {value: false});"
    "Object.defineProperty(Navigator.prototype, 'mediaDevices', {value: undefined});",
}
WHY = {"denied": "was not allowed", "absent": "No camera was found", "insecure": "secure (https) page"}
SAYS = {
    "none": "Point at the phone",
    "far": "Move closer",
    "dark": "Add more light",
    "blur": "Hold still and focus",
    "cut": "Step back, show all of it",
    "glare": "Tilt the lamp\u2019s glare away",
}


@pytest.fixture
def phone(browser: Browser, service: Served) -> Iterator[Capturing]:
    """A phone's page without a camera."""
    context = browser.new_context(**PHONE)
    yield Capturing(context.new_page(), service, service.opened(consent=()))
    context.close()


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cinema]:
    """One browser for all films."""
    with cinema(tmp_path_factory.mktemp("films")) as running:
        yield running


def test_a_good_view_is_photographed_by_itself_and_the_next_is_asked_for(service: Served, films: Cinema) -> None:
    with films.shows(service, [(FRONT, "good")]) as one:
        one.open()
        assert violations(one.page) == []
        one.page.click(".capture-actions .button-primary")
        assert one.surface() == "Front"
        began = time.monotonic()
        one.page.wait_for_selector(".shooting-head h1:has-text('Back')", timeout=90_000)
        stats = one.stats()
        if not is_busy():
            assert time.monotonic() - began < 10.0  # model and camera start in this time too
            assert (stats[-1]["at"] - stats[0]["at"]) / 1000 < 3.0 + 2.0
        wait_for(one, 1)
        (photo,) = one.photos()
        assert (photo["surface"], photo["degraded"]) == ("front", False)
        assert all(photo["client_gates"].values())
        assert picture_size(service, photo["id"]) == (960, 1280)
        played = one.page.evaluate(PLAYED)
        assert is_busy() or played >= 20 * 2
        assert one.message() == "Show the back"
        assert len(one.photos()) == 1
        assert violations(one.page) == []
        frames = one.stats()
        if not is_busy():
            assert len(frames) / ((frames[-1]["at"] - frames[0]["at"]) / 1000) >= 8.0


@pytest.mark.parametrize("fault", SAYS)
def test_a_fault_is_named_alone_and_held_and_nothing_is_photographed(
    service: Served, films: Cinema, fault: str
) -> None:
    quicker = 1 if fault == "none" else QUICKER
    with films.shows(service, [(BACK if fault == "far" else FRONT, fault)], quicker=quicker) as one:
        one.begin()
        shown = one.messages(6.0) if quicker == 1 else one.messages(20.0, lambda: len(one.stats()) >= FRAMES)
        assert [text for text, _ in shown] == [SAYS[fault]], shown
        assert one.page.locator(".say").count() == 1
        assert one.photos() == []
        one.page.wait_for_selector(".help", timeout=20_000)
        assert violations(one.page) == []
        one.page.get_by_role("button", name="Use it anyway").click()
        wait_for(one, 1)
        (photo,) = one.photos()
        assert photo["degraded"] is True
        assert False in photo["client_gates"].values()


def test_another_side_is_named_and_not_taken(service: Served, films: Cinema) -> None:
    with films.shows(service, [(BACK, "good")]) as one:
        one.begin()
        assert [text for text, _ in one.messages(20.0, lambda: len(one.stats()) >= FRAMES)] == ["Show the front"]
        assert one.photos() == []


def test_by_hand_two_tries_show_the_picture_and_let_it_be_used(service: Served, films: Cinema) -> None:
    with films.shows(service, [(BACK, "far")]) as one:
        one.begin()
        one.messages(0.5)
        shutter = one.page.get_by_role("button", name="Take the photo")
        shutter.click()
        one.page.wait_for_selector("dialog[open]", timeout=20_000)
        assert one.page.locator("dialog .explained").count() == 0
        assert violations(one.page) == []
        one.page.locator("dialog footer").get_by_role("button", name="Take it again").click()
        shutter.click()
        one.page.wait_for_selector("dialog[open] .explained", timeout=20_000)
        assert violations(one.page) == []
        one.page.locator("dialog footer").get_by_role("button", name="Use it anyway").click()
        wait_for(one, 1)
        assert one.photos()[0]["degraded"] is True


def test_six_surfaces_of_which_four_are_taken_without_network_arrive_once(service: Served, films: Cinema) -> None:
    scenes = [(surface, "good") for surface in (FRONT, BACK, *[Surface.TOP] * 4)]
    with films.shows(service, scenes, seconds=1.6) as one:
        one.begin()
        began = time.monotonic()
        wait_for(one, 2, seconds=90)
        one.page.context.set_offline(True)
        one.page.wait_for_selector(".shooting-chip[role=status]", timeout=60_000)
        one.page.wait_for_selector(".result", timeout=120_000)
        taken_s = time.monotonic() - began
        one.page.reload()
        one.page.wait_for_selector(".result", timeout=30_000)
        assert "are kept" in one.page.locator(".notice").inner_text()
        assert violations(one.page) == []
        assert len(one.photos()) == 2
        one.page.context.set_offline(False)
        wait_for(one, 6, seconds=60)
        assert sorted(photo["surface"] for photo in one.photos()) == sorted(Surface)
        one.page.wait_for_timeout(500)
        assert len(one.photos()) == 6
        if not is_busy():
            assert taken_s < 90.0


@pytest.mark.parametrize("query", ["?slow", "?light"])
def test_a_slow_phone_gets_smaller_pictures_and_one_without_webassembly_a_shutter(
    service: Served, films: Cinema, query: str
) -> None:
    with films.shows(service, [(FRONT, "good")]) as one:
        one.begin(query)
        if query == "?slow":
            one.page.wait_for_selector(".shooting-head h1:has-text('Back')", timeout=90_000)
            assert {frame["sidePx"] for frame in one.stats()} == {160}
            return
        assert [text for text, _ in one.messages(2.0)] == ["Fit it in, then press"]
        assert one.photos() == []
        one.page.get_by_role("button", name="Take the photo").click()
        wait_for(one, 1)
        assert one.photos()[0]["degraded"] is False


def test_where_the_camera_is_refused_or_missing_a_file_is_taken(phone: Capturing, service: Served) -> None:
    phone.open()
    assert phone.page.get_by_role("button", name="Agree and start").count() == 1
    phone.page.click(".capture-actions .button-primary")
    began = time.monotonic()
    phone.page.wait_for_selector(".file-one")
    assert is_busy() or time.monotonic() - began < 2.0
    assert "camera" in phone.page.locator(".notice").inner_text().casefold()
    assert violations(phone.page) == []
    phone.page.set_input_files("input[type=file]", SAMPLES / "front.jpg")
    phone.page.wait_for_selector(".file-one h1:has-text('Back')")
    wait_for(phone, 1)
    agreed = [one["consent"] for one in service.case(phone.case)["facts"] if one["fact"] == "consent_change"]
    assert agreed == [["assessment"]]


@pytest.mark.parametrize("how", REFUSED)
def test_why_there_is_no_camera_is_said(phone: Capturing, how: str) -> None:
    phone.page.add_init_script(REFUSED[how])
    phone.begin()
    phone.page.wait_for_selector(".file-one", timeout=30_000 if is_busy() else 1000)
    assert WHY[how] in phone.page.locator(".notice").inner_text()


def test_what_the_service_refuses_is_asked_for_again_alone(phone: Capturing, tmp_path: Path) -> None:
    phone.begin()
    (tmp_path / "table.jpg").write_bytes(jpeg_of(table(960, 1280)))
    for surface in Surface:
        phone.page.wait_for_selector(f".file-one h1:has-text('{NAMES[surface]}')")
        phone.page.set_input_files(
            "input[type=file]", tmp_path / "table.jpg" if surface is FRONT else SAMPLES / f"{surface}.jpg"
        )
    wait_for(phone, 6)
    phone.page.wait_for_selector("text=take this one again", timeout=60_000)
    assert phone.page.locator(".file-one h1").inner_text() == "Front"
    assert violations(phone.page) == []
    phone.page.set_input_files("input[type=file]", SAMPLES / "front.jpg")
    phone.page.wait_for_selector("text=All photos are accepted", timeout=60_000)
    assert "mm" in phone.page.locator("p.hint").inner_text()
    assert violations(phone.page) == []
    last = phone.photos()[-1]
    assert (last["surface"], last["retake_of"]) == ("front", phone.photos()[0]["id"])


def test_a_link_that_does_not_count_says_so(phone: Capturing) -> None:
    phone.page.goto(f"{phone.service.url}/capture#pg_0123456789_{'x' * 43}")
    phone.page.wait_for_selector("[role=alert]")
    assert violations(phone.page) == []
    assert "pg_" not in phone.page.url


def test_the_token_stays_in_no_address_and_no_storage(phone: Capturing) -> None:
    phone.open()
    secret = phone.token
    stored = phone.page.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href])"
    )
    assert secret not in stored
    assert secret not in phone.page.content()


def test_the_first_page_is_small_and_the_guide_is_kept_by_its_hash(phone: Capturing) -> None:
    sizes: dict[str, int] = {}
    session = phone.page.context.new_cdp_session(phone.page)
    session.send("Network.enable")
    urls: dict[str, str] = {}
    session.on("Network.responseReceived", lambda event: urls.update({event["requestId"]: event["response"]["url"]}))
    session.on(
        "Network.loadingFinished",
        lambda event: sizes.update({urls.get(event["requestId"], "?"): int(event["encodedDataLength"])}),
    )
    phone.open()
    first = {url: size for url, size in sizes.items() if "/v1/" not in url and "service-worker" not in url}
    assert 0 < sum(first.values()) <= 60_000, first
    assert not any(url.endswith((".onnx", ".wasm")) for url in first)
    heavy = json.loads(phone.page.evaluate("document.documentElement.dataset.heavy"))
    addresses = {address for name, address in heavy.items() if name.endswith((".onnx", ".wasm"))}
    packed = 0
    for address in addresses:
        with httpx2.stream("GET", phone.service.url + address, headers={"Accept-Encoding": "gzip"}) as answer:
            packed += sum(map(len, answer.iter_raw()))
            assert "immutable" in answer.headers["cache-control"]
    assert len(addresses) == 2
    assert 0 < packed <= 7_000_000


def wait_for(one: Capturing, count: int, seconds: float = 30.0) -> None:
    """Wait until the service has so many photos of the case."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if len(one.photos()) >= count:
            return
        one.page.wait_for_timeout(200)
    raise AssertionError(f"{len(one.photos())} photos of {count}")


def picture_size(service: Served, photo: str) -> tuple[int, int]:
    """Return width and height of a stored photo."""
    import io

    from PIL import Image

    with service.api() as api:
        return Image.open(io.BytesIO(api.get(f"/v1/photos/{photo}/image").content)).size


def test_nothing_is_cut_off_in_any_language(browser: Browser, service: Served) -> None:
    for language in ("de", "ja"):
        context = browser.new_context(**PHONE)
        page: Page = context.new_page()
        one = Capturing(page, service, service.opened())
        one.open(f"?lang={language}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        heights = [one.bounding_box() for one in page.locator("button, a, select").all()]
        assert min(box["height"] for box in heights if box) >= 44
        context.close()
