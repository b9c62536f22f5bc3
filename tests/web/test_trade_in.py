"""A whole trade-in in browsers: photos and tests on a phone, a kiosk, a person at the review station, the passport.

The service and its models are the real ones. The second run cuts the network at every step and brings it back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from phonegrade.core.functional.report import functional_vocabulary
from phonegrade.core.vocabulary import Surface
from phonegrade.journeys.signed_record import check_record
from phonegrade.tests.service.played import certificate
from phonegrade.tests.web.browser import ready
from phonegrade.tests.web.capturing import PHONE, Capturing, link_of
from phonegrade.tests.web.keeping import entries
from phonegrade.tests.web.pictures import SAMPLES
from phonegrade.tests.web.reviewing import facts, given_back, looked_at_all, opened, post, seated
from phonegrade.tests.web.serving import Served
from phonegrade.tests.web.test_diagnostics import touched
from phonegrade.tests.web.test_kiosk import on, press, signed_in

zxingcpp = pytest.importorskip("zxingcpp")
pytest.importorskip("segno")
pytest.importorskip("reportlab")
IMEIS = {False: "359906000001011", True: "359906000002027"}
"""Of nobody's phones."""
NO_SENSORS = """
delete Navigator.prototype.vibrate; delete Navigator.prototype.getBattery; delete window.DeviceMotionEvent;
delete window.PublicKeyCredential; delete window.AudioWorkletNode;
Object.defineProperty(Navigator.prototype, 'mediaDevices', {value: undefined});
Object.defineProperty(Navigator.prototype, 'geolocation', {value: undefined});"""
"""What the browser's sensors answer is tested elsewhere; here the phone has a touch screen and a display."""


class Network:
    """Is cut where the test says so, if this run cuts it at all."""

    def __init__(self, *, cuts: bool) -> None:
        self.cuts = cuts

    @contextmanager
    def cut(self, page: Page) -> Iterator[None]:
        """Keep a browser from the service until the end of the block."""
        page.context.set_offline(self.cuts)
        yield
        page.context.set_offline(False)


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(**PHONE)
    context.add_init_script(NO_SENSORS)
    yield context.new_page()
    context.close()


@pytest.fixture
def station(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    yield context.new_page()
    context.close()


def captured(one: Capturing, network: Network) -> None:
    """Give all six photos by the link's page, and wait until the service accepts them."""
    one.begin()
    one.page.wait_for_selector(".file-one")
    with network.cut(one.page):
        for surface in Surface:
            one.page.wait_for_selector(".file-one")
            one.page.set_input_files("input[type=file]", SAMPLES / f"{surface}.jpg")
        one.page.wait_for_selector(".result")
        if network.cuts:
            assert entries(one.page) == 6
            assert one.photos() == []
    one.page.wait_for_selector("text=All photos are accepted", timeout=60_000)
    assert entries(one.page) == 0


def handed_off(phone: Page, network: Network) -> tuple[str, str]:
    """Ask for the code of the kiosk; return the token that its picture holds, and its digits."""
    button = phone.get_by_role("button", name="Go on at a kiosk")
    if network.cuts:
        with network.cut(phone):
            button.click()
            phone.wait_for_selector(".toasts .notice")
    with phone.expect_response(lambda answer: answer.url.endswith("/handoffs") and answer.ok) as answer:
        button.click()
    phone.wait_for_selector(".on-phone img")
    offered = answer.value.json()
    assert f"Then type {offered['code']} there" in phone.locator(".on-phone").inner_text()
    picture = phone.locator(".on-phone img").screenshot()
    code = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    assert [one.text for one in zxingcpp.read_barcodes(code)] == [offered["token"]]
    return offered["token"], offered["code"]


def claimed(kiosk: Page, token: str, digits: str, network: Network) -> None:
    """Let the scanner type the token, and type the digits."""
    press(kiosk, "I have a code")
    kiosk.get_by_label("Code").fill(token)
    with network.cut(kiosk):
        kiosk.get_by_label("Two digits").fill(digits)
        on(kiosk, "checking")


def identified(kiosk: Page, number: str, network: Network) -> None:
    """Give number and model: all that a photographed case lacks before its tests."""
    on(kiosk, "number")
    kiosk.get_by_label("IMEI, 15 digits").fill(number)
    with network.cut(kiosk):
        press(kiosk, "Yes")
        on(kiosk, "model")
    kiosk.get_by_label("Model").fill("iphone 13")
    press(kiosk, "Apple iPhone 13")


def link_for_tests(kiosk: Page, network: Network) -> str:
    """Say how much the phone holds; return the link that the kiosk shows then."""
    with kiosk.expect_response(lambda answer: answer.url.endswith("/capture-links")) as answer, network.cut(kiosk):
        press(kiosk, "128 GB")
        on(kiosk, "tests")
        if network.cuts:
            kiosk.wait_for_selector("text=tests come later")
    kiosk.wait_for_selector(".kiosk-qr")
    return str(answer.value.json()["link"])


def diagnosed(phone: Page, link: str, network: Network) -> None:
    """Run all tests by the kiosk's link."""
    ready(phone, link)
    phone.get_by_role("button", name="Start").click()
    with network.cut(phone):
        touched(phone, phone.context.new_cdp_session(phone))
        phone.wait_for_selector("[data-step=fingers]")
        phone.get_by_role("button", name="Skip").click()
        for _ in range(5):
            phone.locator(".diagnostics-next").click()
        phone.get_by_role("button", name="Nothing wrong").click()
        phone.wait_for_selector("[data-step=person]", timeout=60_000)
        for question in ("Does it make calls?", "Does it charge by cable?"):
            phone.get_by_role("group", name=question).get_by_role("button", name="Yes").click()
        phone.get_by_role("button", name="Continue").click()
        if network.cuts:
            phone.wait_for_selector("text=not sent yet")
    phone.wait_for_selector("text=All results are in", timeout=20_000)


def disputed(kiosk: Page, network: Network) -> None:
    """See that there is no grade without what no browser can test, and contest that."""
    on(kiosk, "result", 60_000)
    assert "A person makes the offer" in kiosk.locator("h1").inner_text()
    press(kiosk, "That is not right")
    with network.cut(kiosk):
        kiosk.locator("[data-screen=reason] .kiosk-options button").first.click()
        on(kiosk, "disputed")
        press(kiosk, "Done")
        on(kiosk, "attract")
        assert entries(kiosk) == int(network.cuts)
    kiosk.wait_for_function(f"({KIOSK_SENT})()", timeout=20_000)


KIOSK_SENT = """() => new Promise((done) => { const asked = indexedDB.open('phonegrade'); asked.onsuccess = () => {
  const base = asked.result; const count = base.transaction('outbox').objectStore('outbox').count();
  count.onsuccess = () => (base.close(), done(count.result === 0)); }; })"""


def reviewed(station: Page, service: Served, case: str, network: Network) -> None:
    """Let a person look, and agree with the grade."""
    seated(station, service)
    assert opened(station) == case
    looked_at_all(station)
    expect(station.get_by_role("button", name="Accept A", exact=True)).to_be_enabled()
    if network.cuts:
        with network.cut(station):
            station.wait_for_selector(".offline")
            station.keyboard.press("a")
            expect(station.get_by_text("No connection").first).to_be_visible()
        station.wait_for_selector(".offline", state="detached")
    station.keyboard.press("a")
    station.wait_for_selector(".state-icon")


def unseen_tested(service: Served, case: str) -> None:
    """Send what a program on the phone tests: all that its browser could not."""
    known = {name for run in facts(service, case, "test_run") for name in run["report"]["tests"]}
    rest = dict.fromkeys([name for name in functional_vocabulary().tests if name not in known], "pass")
    with service.api("kiosk") as api:
        post(api, f"/v1/cases/{case}/tests", {"method": "agent", "report": {"tests": rest}})


def sold(kiosk: Page, network: Network) -> None:
    """Accept, leave the phone, and see the code of the receipt."""
    on(kiosk, "result", 60_000)
    with network.cut(kiosk):
        press(kiosk, "Accept")
        on(kiosk, "accepting" if network.cuts else "hand_over")
    on(kiosk, "hand_over", 40_000)
    with network.cut(kiosk):
        press(kiosk, "Done")
        on(kiosk, "erase")
        press(kiosk, "Continue")
        on(kiosk, "receipt")
    kiosk.wait_for_selector(".kiosk-qr")
    kiosk.wait_for_function(f"({KIOSK_SENT})()", timeout=20_000)
    press(kiosk, "Done")
    on(kiosk, "attract")


@pytest.mark.parametrize("cuts", [False, True], ids=["at once", "with the network cut at every step"])
def test_a_phone_is_traded_in(page: Page, phone: Page, station: Page, service: Served, *, cuts: bool) -> None:
    network, number = Network(cuts=cuts), IMEIS[cuts]
    given_back(service)
    one = Capturing(phone, service, service.opened())
    captured(one, network)
    signed_in(page, service)
    claimed(page, *handed_off(phone, network), network)
    identified(page, number, network)
    link = link_for_tests(page, network)
    asset = str(service.case(one.case)["case"]["asset"])
    with service.api() as api:
        locks = {"activation": "off", "blocklist": "clear", "source": "operator"}
        post(api, f"/v1/assets/{asset}/locks", locks)
    diagnosed(phone, link, network)
    disputed(page, network)
    reviewed(station, service, one.case, network)
    unseen_tested(service, one.case)
    one.token = link_of(service, one.case)
    one.open()
    claimed(page, *handed_off(phone, network), network)
    sold(page, network)
    with service.api("warehouse") as api:
        post(api, f"/v1/cases/{one.case}/visits", {"channel": "warehouse"})
        post(api, f"/v1/assets/{asset}/erasures", certificate(number))
        post(api, f"/v1/assets/{asset}/passport", {"public": True})
        receipt = api.get(f"/v1/cases/{one.case}/receipt").json()["path"]
        record = check_record(api.get(f"{receipt}?as=json").content).record
    counted_once(service, one.case)
    assert (record["case"], record["offer"]["state"], record["custody"]) == (one.case, "accepted", "ours")
    assert number not in str(service.case(one.case))
    bought(phone, service, one.case, asset)


def counted_once(service: Served, case: str) -> None:
    """Hold the service to one fact for each thing that was done."""
    photos = facts(service, case, "photo")
    assert sorted(one["surface"] for one in photos) == sorted(Surface)
    for kind in ("identifier", "dispute", "custody_move", "erasure_certificate"):
        assert len(facts(service, case, kind)) == 1, kind
    assert [one["event"] for one in facts(service, case, "quote_event")] == ["accepted"]
    assert len(facts(service, case, "hand_off_claim")) == 2
    runs = facts(service, case, "test_run")
    assert len(runs) == len({str((one["report"], one["why_not"])) for one in runs})
    keys: dict[str, Any] = {name: value for run in runs for name, value in run["report"]["tests"].items()}
    assert keys.items() >= {"touch_grid": "pass", "display_image": "pass", "cellular": "pass"}.items()


def bought(page: Page, service: Served, case: str, asset: str) -> None:
    """Read the passport as a buyer does, on a phone."""
    page.goto(f"{service.url}/p/{asset}")
    grade = facts(service, case, "assessment_revision")[-1]["decision"]["grade"]
    assert "iPhone 13" in page.title()
    assert page.locator(".passport-grade strong").inner_text().strip() == grade
    with page.expect_download() as download:
        page.get_by_role("link", name="Signed record").click()
    assert check_record(download.value.path().read_bytes()).record["asset"] == asset
