"""Diagnostics in the phone's browser: what is given, what is not testable, and that nothing unseen ever passes."""

import wave
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, CDPSession, Page

from phonegrade.core.functional.report import FunctionalReport
from phonegrade.service.web_files import web_files
from phonegrade.tests.web.browser import camera_flags, chromium, ready, violations
from phonegrade.tests.web.serving import Served

COLUMNS, ROWS = 6, 10
RATE = 16_000
POSITION = {"latitude": 48.137154, "longitude": 11.576124, "accuracy": 7}
KEY_TESTS_OF_PEOPLE = {"cellular", "charge_port", "power_on"}
MODULES = f"/assets/{web_files().tag}/diagnostics"


def chirp(seconds: float = 0.5) -> NDArray[np.float64]:
    s = np.arange(round(seconds * RATE)) / RATE
    return np.sin(2 * np.pi * (300 * s + (6000 - 300) / (2 * seconds) * s * s))


@pytest.fixture(scope="module")
def phone_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser whose microphone hears chirps, quietly and in noise."""
    heard = tmp_path_factory.mktemp("sound") / "chirps.wav"
    whole = np.random.default_rng(1).normal(0, 0.01, 3 * RATE)
    for at in (0.3, 1.3, 2.3):
        whole[int(at * RATE) : int(at * RATE) + RATE // 2] += 0.1 * chirp()
    with wave.open(str(heard), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((whole * 32_000).astype("<i2").tobytes())
    with chromium(*camera_flags(None), f"--use-file-for-fake-audio-capture={heard}") as running:
        yield running


@pytest.fixture
def phone(phone_browser: Browser) -> Iterator[Page]:
    context = phone_browser.new_context(
        viewport={"width": 390, "height": 780},
        has_touch=True,
        locale="en-GB",
        permissions=["geolocation", "camera", "microphone"],
        geolocation=POSITION,
    )
    yield context.new_page()
    context.close()


def opened(page: Page, service: Served, case: str, test: str = "") -> None:
    more = f"&test={test}" if test else ""
    ready(page, f"{service.url}/diagnostics?case={case}{more}#{service.keys['app'].text}")
    page.get_by_role("button", name="Start").click()


def touched(page: Page, cdp: CDPSession, *, without: tuple[int, int] | None = None) -> None:
    """Paint the grid with one finger, row by row."""
    page.wait_for_selector(".diagnostics-grid")
    page.wait_for_timeout(300)  # the browser's full screen changes the size
    box = page.locator(".diagnostics-grid").bounding_box()
    assert box is not None

    def at(row: int, column: int) -> dict[str, float]:
        width, height = box["width"] / COLUMNS, box["height"] / ROWS
        return {"x": box["x"] + (column + 0.5) * width, "y": box["y"] + (row + 0.5) * height}

    for row in range(ROWS):
        columns = [column for column in range(COLUMNS) if (row, column) != without]
        for column in columns:
            cdp.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at(row, column)]})
            cdp.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def runs(service: Served, case: str) -> list[dict[str, Any]]:
    return [one for one in service.case(case)["facts"] if one["fact"] == "test_run"]


def results(service: Served, case: str) -> dict[str, str]:
    return {name: result for run in runs(service, case) for name, result in run["report"]["tests"].items()}


def why_not(service: Served, case: str) -> dict[str, str]:
    return {name: why for run in runs(service, case) for name, why in run["why_not"].items()}


def moved(page: Page) -> None:
    """Turn the phone through its three poses, as its sensors report it."""
    page.evaluate(
        """() => { const poses = [[0, 0, 9.8], [0, 9.8, 0], [9.8, 0, 0]]; let n = 0;
        const timer = setInterval(() => { n += 1; const [x, y, z] = poses[Math.floor(n / 3) % 3];
          dispatchEvent(new DeviceMotionEvent('devicemotion', {accelerationIncludingGravity: {x, y, z},
            rotationRate: {alpha: 50, beta: 0, gamma: 0}}));
          dispatchEvent(new DeviceOrientationEvent('deviceorientationabsolute', {alpha: 10 * n % 360, absolute: true}));
        }, 30); window.stopMoving = () => clearInterval(timer); }"""
    )


TWO_CAMERAS = """
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
const known = MediaStreamTrack.prototype.getSettings;
let side; navigator.mediaDevices.getUserMedia = (wanted) => (side = wanted.video?.facingMode?.ideal, open(wanted));
MediaStreamTrack.prototype.getSettings = function () { return {...known.call(this), facingMode: side}; };"""
"""The browser's film is a camera that faces nowhere."""


def test_the_whole_guided_page(phone: Page, service: Served) -> None:
    phone.add_init_script(TWO_CAMERAS)
    case = service.opened()
    cdp = phone.context.new_cdp_session(phone)
    ready(phone, f"{service.url}/diagnostics?case={case}#{service.keys['app'].text}")
    assert "#" not in phone.url
    assert violations(phone) == []
    limits = phone.evaluate(f"import('{MODULES}/main.js').then((m) => m.STEPS.map((one) => one.limitS))")
    assert max(limits) <= 20
    assert sum(limits) <= 240
    phone.get_by_role("button", name="Start").click()
    touched(phone, cdp)
    phone.wait_for_selector("[data-step=fingers]")
    assert violations(phone) == []
    pad = phone.locator(".diagnostics-pad").bounding_box()
    assert pad is not None
    fingers = [{"x": pad["x"] + 40 + 60 * n, "y": pad["y"] + 60, "id": n} for n in range(3)]
    cdp.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": fingers})
    cdp.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    for _ in range(5):
        phone.locator(".diagnostics-next").click()
    phone.wait_for_selector("[data-step=display] .diagnostics-choices")
    assert violations(phone) == []
    phone.get_by_role("button", name="Nothing wrong").click()
    phone.wait_for_selector("[data-step=motion]", timeout=60_000)
    moved(phone)
    phone.wait_for_selector("[data-step=vibration]", timeout=20_000)
    phone.evaluate("window.stopMoving()")
    phone.evaluate("navigator.vibrate = () => (window.vibrating = true)")
    phone.wait_for_selector("[data-step=vibration] fieldset, [data-step=biometrics]", timeout=20_000)
    if phone.locator("[data-step=vibration]").count():
        assert violations(phone) == []
        phone.get_by_role("button", name="Yes").click()
    phone.wait_for_selector("[data-step=biometrics]", timeout=60_000)
    phone.get_by_role("button", name="Skip").click()
    phone.wait_for_selector("[data-step=person]")
    assert violations(phone) == []
    phone.get_by_role("button", name="Continue").click()
    phone.wait_for_selector("text=All results are in")
    assert violations(phone) == []
    given, why = results(service, case), why_not(service, case)
    assert {name: given[name] for name in ("touch_grid", "multi_touch", "display_image", "accelerometer", "gps")} == {
        "touch_grid": "pass",
        "multi_touch": "pass",
        "display_image": "pass",
        "accelerometer": "pass",
        "gps": "pass",
    }
    assert (given["camera_front"], given["camera_rear"]) == ("pass", "pass")
    assert (given["loudspeaker"], given["microphones"], given["gyroscope"], given["compass"]) == ("pass",) * 4
    assert why["flash"] == "not_testable: torch (MediaTrackConstraints)"
    assert {"nfc", "earpiece", "bluetooth", "proximity"} <= set(why)
    assert not KEY_TESTS_OF_PEOPLE & (set(given) | set(why))
    for run in runs(service, case):
        FunctionalReport.model_validate(run["report"])
    facts = str(service.case(case)["facts"])
    assert "48.13" not in facts
    assert "11.57" not in facts
    assert runs(service, case)[0]["evidence"]["touch"] == {"fields": 60.0, "answered": 60.0}


def test_a_field_that_does_not_answer_fails_with_its_place(phone: Page, service: Served) -> None:
    case = service.opened()
    opened(phone, service, case, "touch")
    touched(phone, phone.context.new_cdp_session(phone), without=(3, 4))
    assert violations(phone) == []
    phone.get_by_role("button", name="The rest does not react").click()
    phone.wait_for_selector("text=All results are in")
    (run,) = runs(service, case)
    assert run["report"]["tests"] == {"touch_grid": "fail"}
    assert (run["evidence"]["touch"]["missing_1_row"], run["evidence"]["touch"]["missing_1_column"]) == (4.0, 5.0)


def test_one_test_is_repeated_by_link_and_the_newest_result_counts(phone: Page, service: Served) -> None:
    case = service.opened()
    opened(phone, service, case, "person")
    phone.get_by_role("group", name="Does it make calls?").get_by_role("button", name="No").click()
    phone.get_by_role("button", name="Continue").click()
    phone.wait_for_selector("text=All results are in")
    assert results(service, case) == {"cellular": "fail", "power_on": "pass"}
    phone.get_by_role("button", name="Repeat").click()
    phone.get_by_role("group", name="Does it make calls?").get_by_role("button", name="Yes").click()
    phone.get_by_role("button", name="Continue").click()
    phone.wait_for_selector("text=All results are in")
    assert [run["report"]["tests"]["cellular"] for run in runs(service, case)] == ["fail", "pass"]


def test_results_wait_for_the_network_and_count_once(phone: Page, service: Served) -> None:
    case = service.opened()
    opened(phone, service, case, "person")
    phone.context.set_offline(True)
    phone.get_by_role("group", name="Does it charge by cable?").get_by_role("button", name="Yes").click()
    phone.get_by_role("button", name="Continue").click()
    phone.wait_for_selector("text=1 result is not sent yet")
    assert violations(phone) == []
    phone.context.set_offline(False)
    phone.wait_for_selector("text=All results are in", timeout=15_000)
    assert [run["report"]["tests"] for run in runs(service, case)] == [{"charge_port": "pass", "power_on": "pass"}]


def heard(page: Page, signal: NDArray[np.float64]) -> dict[str, Any]:
    samples = "Float32Array.from(text.split(','), (one) => one / 1e5)"
    call = f"(text) => import('{MODULES}/sound.js').then((m) => m.soundResult({samples}, 1))"
    return dict(page.evaluate(call, ",".join(map(str, (signal * 1e5).astype(int)))))


def test_only_the_phones_own_chirp_passes_for_sound(phone: Page, service: Served) -> None:
    ready(phone, f"{service.url}/diagnostics")
    noise = np.random.default_rng(2).normal(0, 0.02, 2 * RATE)
    s = np.arange(2 * RATE) / RATE
    beeps = noise + 0.5 * np.sin(2 * np.pi * 1000 * s) * (s % 0.5 < 0.2)
    chirped = noise.copy()
    chirped[9000:17000] += 0.05 * chirp()
    assert heard(phone, chirped)["tests"] == {"loudspeaker": "pass", "microphones": "pass"}
    for other in (noise, beeps, noise + 0.3 * np.sin(2 * np.pi * 440 * s)):
        assert heard(phone, other)["tests"] == {"loudspeaker": "fail", "microphones": "pass"}
    silent = heard(phone, np.zeros(2 * RATE))
    assert silent["tests"] == {"microphones": "fail"}
    assert silent["whyNot"] == {"loudspeaker": "not_testable: the microphone is silent"}


def test_what_the_browser_lacks_is_named_and_never_passes(phone: Page, service: Served) -> None:
    phone.add_init_script(
        """delete Navigator.prototype.vibrate; delete Navigator.prototype.getBattery; delete window.DeviceMotionEvent;
        delete window.PublicKeyCredential; delete window.AudioWorkletNode;
        Object.defineProperty(Navigator.prototype, 'mediaDevices', {value: undefined});
        Object.defineProperty(Navigator.prototype, 'geolocation', {value: undefined});
        Object.defineProperty(Navigator.prototype, 'maxTouchPoints', {value: 0});"""
    )
    case = service.opened()
    opened(phone, service, case)
    for _ in range(5):
        phone.locator(".diagnostics-next").click()
    phone.get_by_role("button", name="Skip").click()
    phone.wait_for_selector("[data-step=person]", timeout=30_000)
    phone.get_by_role("button", name="Skip").click()
    phone.wait_for_selector("text=All results are in")
    assert results(service, case) == {}
    why = why_not(service, case)
    named = ("touch_grid", "loudspeaker", "camera_rear", "flash", "accelerometer", "vibration", "gps", "biometrics")
    assert [why[name] for name in named] == [
        "not_testable: navigator.maxTouchPoints",
        "not_testable: navigator.mediaDevices",
        "not_testable: navigator.mediaDevices",
        "not_testable: navigator.mediaDevices",
        "not_testable: DeviceMotionEvent",
        "not_testable: navigator.vibrate",
        "not_testable: navigator.geolocation",
        "not_testable: PublicKeyCredential",
    ]
    assert why["display_image"] == "skipped"


@pytest.mark.parametrize("language", ["de", "ja"])
def test_nothing_is_cut_off_on_a_small_phone(phone: Page, service: Served, language: str) -> None:
    phone.set_viewport_size({"width": 360, "height": 640})
    ready(
        phone,
        f"{service.url}/diagnostics?case={service.opened()}&lang={language}&test=person#{service.keys['app'].text}",
    )
    phone.locator(".button-primary").click()
    phone.wait_for_selector("[data-step=person]")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_link_that_does_not_count_says_so(phone: Page, service: Served) -> None:
    ready(phone, f"{service.url}/diagnostics#pg_0000000000_wrong")
    phone.wait_for_selector("[role=alert]")
    assert violations(phone) == []
    assert "pg_0000000000" not in phone.content() + phone.url
