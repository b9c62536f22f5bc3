"""The kiosk: from the first touch to the receipt, without a network, without anybody left, and with a second kiosk."""

import base64
import io
import time
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image
from playwright.sync_api import Page, Request, Route

from phonegrade.core.functional.report import functional_vocabulary
from phonegrade.core.vocabulary import Surface
from phonegrade.journeys.signed_record import check_record
from phonegrade.tests.service.sold_phone import SAMPLES
from phonegrade.tests.web.at_result import offered, resume
from phonegrade.tests.web.browser import ready, violations
from phonegrade.tests.web.keeping import cached, entries, kept, visited
from phonegrade.tests.web.reviewing import post
from phonegrade.tests.web.serving import Served

pytest.importorskip("segno")
pytest.importorskip("reportlab")
IMEI = "490154203237518"
"""Of nobody's phone."""
TARGET_PX, WORDS = 80, 12
RIG = "window.showDirectoryPicker = () => navigator.storage.getDirectory();"
"""The browser's private folder stands in for the one that a rig writes into."""


def signed_in(page: Page, service: Served) -> None:
    page.add_init_script(RIG)
    ready(page, f"{service.url}/kiosk?station=kiosk-7")
    page.fill("input[name=key]", service.keys["kiosk"].text)
    page.click("button[type=submit]")
    on(page, "attract")


def on(page: Page, screen: str, timeout_ms: float = 20_000) -> None:
    page.wait_for_selector(f"[data-screen={screen}]", timeout=timeout_ms)


def checked(page: Page) -> None:
    """Hold a screen to what every screen of a kiosk keeps to."""
    assert violations(page) == []
    shown = page.locator(".kiosk-screen > h1, .kiosk-screen > p").all_inner_texts()
    assert len(" ".join(shown).split()) <= WORDS, shown
    sizes = "(all) => all.map((one) => one.getBoundingClientRect()).map(({width, height}) => [width, height])"
    boxes = page.eval_on_selector_all("button, .kiosk a, input", sizes)
    assert [box for box in boxes if 0 < min(box) < TARGET_PX] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def rig_writes(page: Page, surface: Surface) -> None:
    """Let the rig write its next photo."""
    picture = Image.open(SAMPLES / f"{surface.value}.jpg")
    written = io.BytesIO()
    picture.resize((picture.width // 2, picture.height // 2)).save(written, "JPEG", quality=90)
    page.evaluate(
        """async ([name, text]) => { const folder = await navigator.storage.getDirectory();
        const file = await (await folder.getFileHandle(name, {create: true})).createWritable();
        await file.write(Uint8Array.from(atob(text), (one) => one.charCodeAt(0))); await file.close(); }""",
        [f"{uuid4().hex}.jpg", base64.b64encode(written.getvalue()).decode()],
    )


def identified(page: Page, number: str = IMEI) -> None:
    """Begin, and give the phone's number."""
    press(page, "Touch to start")
    press(page, "I agree")
    on(page, "number")
    page.get_by_label("IMEI, 15 digits").fill(number)
    on(page, "confirm")
    press(page, "Yes")


def photographed(page: Page) -> None:
    for surface in Surface:
        page.wait_for_selector(f"text={LAID[surface]}")
        page.wait_for_timeout(300)  # what lies in the folder already is looked at first
        rig_writes(page, surface)


LAID = {
    Surface.FRONT: "screen up",
    Surface.BACK: "Now the back up",
    Surface.LEFT: "Now the left edge up",
    Surface.RIGHT: "Now the right edge up",
    Surface.TOP: "Now the top edge up",
    Surface.BOTTOM: "Now the bottom edge up",
}


def cased(request: Request) -> bool:
    return request.method == "POST" and request.url.endswith("/v1/cases")


def newest_case(service: Served) -> dict[str, Any]:
    with service.api() as api:
        line = api.get("/v1/cases?limit=1").json()["cases"][0]
    return service.case(line["case"]["id"])


def diagnosed(service: Served, case: dict[str, Any]) -> None:
    """What the customer's own phone and the operator's look-up of locks send."""
    results = dict.fromkeys(functional_vocabulary().tests, "pass")
    run = {"method": "agent", "report": {"tests": results}}
    with service.api("kiosk") as api:
        post(api, f"/v1/cases/{case['case']['id']}/tests", run)
    locks = {"activation": "off", "blocklist": "clear", "source": "operator"}
    with service.api() as api:
        post(api, f"/v1/assets/{case['case']['asset']}/locks", locks)


def test_a_phone_is_traded_in_and_a_second_kiosk_is_told_so(page: Page, service: Served) -> None:
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    signed_in(page, service)
    checked(page)
    press(page, "Photos from a folder")
    press(page, "Touch to start")
    checked(page)
    press(page, "I agree")
    on(page, "number")
    checked(page)
    page.get_by_label("IMEI, 15 digits").fill(IMEI[:-1] + "9")
    page.wait_for_selector("text=Check the digits.")
    page.get_by_label("IMEI, 15 digits").fill(IMEI)
    on(page, "confirm")
    assert "7518" in page.locator("h1").inner_text()
    checked(page)
    press(page, "Yes")
    on(page, "model")
    assert IMEI not in kept(page)
    page.get_by_label("Model").fill("iphone 13")
    press(page, "Apple iPhone 13")
    on(page, "storage")
    checked(page)
    press(page, "128 GB")
    page.wait_for_selector(".kiosk-qr")
    checked(page)
    diagnosed(service, newest_case(service))
    on(page, "photos")
    checked(page)
    photographed(page)
    on(page, "result", 240_000)
    assert page.locator(".kiosk-picture img").count() == 2
    assert "Valid until" in page.locator(".kiosk-until").inner_text()
    checked(page)
    lost: list[str] = []

    def lose(route: Route) -> None:
        """The service accepts, and its answer is lost, once."""
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch().text())
            route.abort()

    page.route("**/v1/offers/*/accept", lose)
    press(page, "Accept")
    on(page, "hand_over", 30_000)
    assert lost
    checked(page)
    press(page, "Done")
    on(page, "erase")
    press(page, "Continue")
    on(page, "receipt")
    page.wait_for_selector(".kiosk-qr")
    checked(page)
    assert [one for one in (*asked, *visited(page), kept(page)) if IMEI in one] == []
    case = newest_case(service)
    with page.expect_popup() as popup:
        press(page, "Print")
    assert [one["event"] for one in case["facts"] if one["fact"] == "quote_event"] == ["accepted"]
    with service.api() as api:
        address = api.get(f"/v1/cases/{case['case']['id']}/receipt").json()["path"]
        record = check_record(api.get(f"{address}?as=json", headers={"Authorization": ""}).content).record
        assert (record["case"], record["offer"]["state"], record["custody"]) == (case["case"]["id"], "accepted", "ours")
        for language in ("en", "ja"):
            assert api.get(f"{address}?lang={language}").content.startswith(b"%PDF")
        assert api.get(address[:-1] + ("0" if address[-1] != "0" else "1")).status_code == 404
    press(page, "Done")
    on(page, "attract")
    page.wait_for_timeout(200)
    assert popup.value.is_closed()
    assert entries(page) == 0
    identified(page)
    on(page, "elsewhere")
    assert "kiosk-7" in page.locator("h1").inner_text()
    checked(page)


def test_without_a_network_it_goes_on_and_sends_everything_once(page: Page, service: Served) -> None:
    signed_in(page, service)
    press(page, "Photos from a folder")
    keys: list[str] = []
    page.on("request", lambda one: keys.append(one.headers.get("idempotency-key", "")))
    page.context.set_offline(True)
    number = "359906000003033"
    identified(page, number)
    on(page, "model")
    assert number not in kept(page)
    press(page, "I do not know")
    page.wait_for_selector("text=tests come later")
    press(page, "Continue")
    photographed(page)
    on(page, "later")
    checked(page)
    code = page.locator(".kiosk-code").inner_text()
    assert entries(page) == 8
    press(page, "Done")
    on(page, "attract")
    assert number not in kept(page)
    first = {one for one in keys if one}
    page.context.set_offline(False)
    ends_s = time.monotonic() + 40
    while entries(page) and time.monotonic() < ends_s:
        page.wait_for_timeout(200)
    case = newest_case(service)
    assert case["case"]["correlation_id"][:8].upper() == code
    assert len([one for one in case["facts"] if one["fact"] == "photo"]) == 6
    assert [one["last4"] for one in case["facts"] if one["fact"] == "identifier"] == ["3033"]
    assert first <= {one for one in keys if one}
    assert len({one for one in keys if one}) == 8


def test_who_leaves_is_forgotten(page: Page, service: Served) -> None:
    page.clock.install()
    signed_in(page, service)
    begun: list[str] = []
    page.on(
        "request",
        lambda one: begun.append((one.post_data_json or {}).get("correlation_id", "")) if cased(one) else None,
    )
    length = page.evaluate("history.length")
    press(page, "Touch to start")
    press(page, "I agree")
    on(page, "number")
    for key in IMEI[:9]:
        press(page, key)
    assert IMEI[:9] in kept(page)
    page.clock.run_for(46_000)
    page.wait_for_selector("[role=alertdialog]")
    assert violations(page) == []
    for _ in range(10):
        press(page, "More time")
        page.wait_for_selector("[role=alertdialog]", state="detached")
        page.clock.run_for(46_000)
        page.wait_for_selector("[role=alertdialog]")
    page.clock.run_for(21_000)
    on(page, "attract")
    after = kept(page)
    (session,) = begun
    assert [one for one in (IMEI[:9], session) if one in after] == []
    assert entries(page) == 0
    assert page.evaluate("history.length") == length
    # The worker keeps the program for the time without network, and nothing of a visit: files, and the bare page.
    program = (f"{service.url}/assets/", f"{service.url}/kiosk")
    assert [url for url in cached(page) if not (url.startswith(program[0]) or url == program[1])] == []
    assert [url for url in visited(page) if not url.endswith(("about:blank", "/kiosk?station=kiosk-7"))] == []
    assert page.evaluate("({...sessionStorage})") == {}


def test_who_disagrees_is_heard_by_a_person_and_gets_a_receipt(page: Page, service: Served) -> None:
    signed_in(page, service)
    visit = offered(service, "359906000004049")
    resume(page, visit)
    assert visit["result"]["revision"]["decision"]["grade"] in page.locator("h1").inner_text()
    assert "mm" in page.locator(".kiosk-rule").inner_text()
    press(page, "That is not right")
    on(page, "reason")
    checked(page)
    press(page, "Back")
    on(page, "result")
    press(page, "That is not right")
    page.locator(".kiosk-options button").first.click()
    on(page, "disputed")
    page.wait_for_selector(".kiosk-qr")
    checked(page)
    facts = service.case(visit["caseId"])["facts"]
    assert [one["reason"] for one in facts if one["fact"] == "review_request"] == ["disputed"]
    assert [one for one in facts if one["fact"] == "quote_event" and one["event"] == "accepted"] == []
    with service.api("reviewer") as api:
        assert visit["caseId"] in api.get("/v1/reviews").text


@pytest.mark.parametrize("language", ["de", "fr", "es", "ja"])
def test_every_language_fits_the_kiosk(page: Page, service: Served, language: str) -> None:
    page.set_viewport_size({"width": 768, "height": 1024})
    page.context.add_cookies([{"name": "phonegrade_language", "value": language, "url": service.url}])
    signed_in(page, service)
    checked(page)
    page.locator(".button-primary").click()
    checked(page)
