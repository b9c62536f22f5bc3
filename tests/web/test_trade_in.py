"""A whole trade-in: capture page by link, hand-off, a person at the review station, acceptance, erasure, passport.

The pages are played in a browser; no page shows or claims a hand-off yet, so those two steps, the tests and the deal
go over HTTP as the kiosk sends them.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page

from phonegrade.core.functional.report import functional_vocabulary
from phonegrade.core.vocabulary import Surface
from phonegrade.journeys.signed_record import check_record
from phonegrade.tests.web.capturing import PHONE, Capturing
from phonegrade.tests.web.pictures import SAMPLES
from phonegrade.tests.web.reviewing import facts, looked_at_all, opened, post, seated
from phonegrade.tests.web.serving import Served

pytest.importorskip("segno")
pytest.importorskip("reportlab")
pytestmark = pytest.mark.usefixtures("empty_queue")
IMEI = "352099001761481"
"""Of nobody's phone: the example of the standard."""


def _captured(browser: Browser, service: Served, *, offline: bool) -> str:
    """Photograph a fresh case by link on a phone without a camera; return its id once all is accepted."""
    context = browser.new_context(**PHONE)
    phone = Capturing(context.new_page(), service, service.opened())
    page = phone.page
    phone.open()
    page.click(".capture-actions .button-quiet")
    for number, surface in enumerate(Surface):
        page.wait_for_selector(f".file-one h1:has-text('{surface.value.title()}')", timeout=30_000)
        context.set_offline(offline and number > 0)
        page.set_input_files("input[type=file]", SAMPLES / f"{surface.value}.jpg")
    page.wait_for_selector(".result", timeout=30_000)
    context.set_offline(False)
    page.wait_for_selector("text=All photos are accepted", timeout=120_000)
    assert sorted(one["surface"] for one in phone.photos()) == sorted(Surface)
    context.close()
    return phone.case


def _claimed(service: Served, case: str) -> str:
    """Hand the case over to the kiosk, which asks for no photo again and tests the phone; return the phone's id."""
    with service.api("app") as app:
        offered = post(app, f"/v1/cases/{case}/handoffs", {})
    with service.api("kiosk") as kiosk:
        claim = {"token": offered["token"], "code": offered["code"], "channel": "kiosk", "station": "kiosk-7"}
        claimed = post(kiosk, "/v1/handoffs/claim", claim)
        assert claimed["case"] == case
        assert "photograph" not in [one["step"] for one in claimed["status"]["missing"]]
        visit = {"visit": claimed["visit"]}
        number = {"kind": "imei", "value": IMEI, "source": "typed", "confirmed_by": "customer"}
        asset = post(kiosk, f"/v1/cases/{case}/identifiers", {**number, **visit})["asset"]
        post(kiosk, f"/v1/cases/{case}/device", {"device": "Apple iPhone 13", "storage_gb": 128})
        tests = {"tests": dict.fromkeys(functional_vocabulary().tests, "pass")}
        post(kiosk, f"/v1/cases/{case}/tests", {"method": "agent", "report": tests, **visit})
    with service.api() as api:
        post(api, f"/v1/assets/{asset}/locks", {"activation": "off", "blocklist": "clear", "source": "operator"})
    return str(asset)


def _disputed(service: Served, case: str) -> None:
    """Grade the case, as soon as its photos are inspected for the model that it was told, and disagree."""
    until = time.monotonic() + 90
    with service.api("kiosk") as kiosk:
        while True:
            key = {"Idempotency-Key": uuid4().hex}
            answer = kiosk.post(f"/v1/cases/{case}/assessments", json={}, headers=key)
            if answer.is_success and not answer.json()["waiting"]:
                break
            assert answer.is_success or answer.status_code == 409, answer.text
            assert time.monotonic() < until, "the photos were not inspected in time"
            time.sleep(0.2)
        post(kiosk, f"/v1/cases/{case}/dispute", {"text": "That is dirt."})


def _sold(service: Served, case: str, asset: str) -> None:
    """Accept the quote, take the phone, and erase it."""
    with service.api() as api:
        post(api, f"/v1/cases/{case}/qualifications", {})
        quote = post(api, f"/v1/cases/{case}/offers", {})
        accepted = post(api, f"/v1/offers/{quote['id']}/accept", {"inputs_sha256": quote["inputs_sha256"]})
        assert accepted["state"] == "accepted"
        post(api, f"/v1/assets/{asset}/custody", {"to": "ours"})
        now = datetime.now(UTC)
        erasure: dict[str, Any] = {
            "identifier": IMEI,
            "method": "purge",
            "technique": "cryptographic_erase",
            "tool": "sample eraser",
            "tool_version": "1.0",
            "verification": "full",
            "persons": [{"name": "op-7", "did": "sanitised"}, {"name": "op-9", "did": "verified"}],
            "started_at": now.isoformat(),
            "ended_at": (now + timedelta(milliseconds=1)).isoformat(),
        }
        assert post(api, f"/v1/assets/{asset}/erasures", erasure)["counts"]
        where = api.get(f"/v1/cases/{case}/receipt").json()["path"]
        record = check_record(api.get(f"{where}?as=json", headers={"Authorization": ""}).content).record
        assert (record["case"], record["offer"]["state"], record["custody"]) == (case, "accepted", "ours")


@pytest.mark.parametrize("offline", [False, True], ids=["with_a_network", "photos_without_a_network"])
def test_a_phone_goes_from_a_link_to_its_passport(
    browser: Browser, page: Page, service: Served, *, offline: bool
) -> None:
    case = _captured(browser, service, offline=offline)
    asset = _claimed(service, case)
    _disputed(service, case)
    seated(page, service)
    assert opened(page) == case
    looked_at_all(page)
    page.keyboard.press("a")
    page.wait_for_selector(".state-icon")
    assert [one["verdict"] for one in facts(service, case, "review")] == ["accepted"]
    _sold(service, case, asset)
    with service.api() as api:
        post(api, f"/v1/assets/{asset}/passport", {"public": True})
    page.goto(f"{service.url}/p/{asset}")
    assert page.locator(".passport-grade strong").count() == 1
    assert IMEI not in page.content()
    assert len(facts(service, case, "photo")) == 6
