"""The page of a passport: who may read it, how it prints, where its code leads, and that it stays readable."""

import re
from uuid import uuid4

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from phonegrade.journeys.signed_record import check_record
from phonegrade.store.store import open_store
from phonegrade.tests.service.sold_phone import SECRETS, add_sold_phone
from phonegrade.tests.store.example import CASE
from phonegrade.tests.web.browser import violations
from phonegrade.tests.web.serving import Served

pytest.importorskip("segno")


@pytest.fixture(scope="module")
def asset(service: Served) -> str:
    with open_store(str(service.data)) as store:
        return add_sold_phone(store)


def publish(service: Served, asset: str, *, public: bool = True) -> None:
    with service.api("warehouse") as api:
        headers = {"Idempotency-Key": uuid4().hex}
        answer = api.post(f"/v1/assets/{asset}/passport", json={"public": public}, headers=headers)
    assert answer.status_code == 201, answer.text


def test_a_buyer_reads_it_without_script_key_or_anything_from_elsewhere(
    browser: Browser, service: Served, asset: str
) -> None:
    publish(service, asset)
    context = browser.new_context(java_script_enabled=False, locale="de-DE")
    page, asked = context.new_page(), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{service.url}/p/{asset}")
    assert page.title().startswith("Gerätepass · Apple iPhone 13")
    assert page.locator(".passport-grade strong").inner_text().strip() == "C2"
    assert [url for url in asked if not url.startswith(service.url)] == []
    assert [one for one in SECRETS if one in page.content()] == []
    context.close()


def test_its_code_leads_to_itself_and_its_record_is_signed(page: Page, service: Served, asset: str) -> None:
    publish(service, asset)
    page.goto(f"{service.url}/p/{asset}")
    picture = page.locator(".passport-qr").screenshot()
    code = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    assert cv2.QRCodeDetector().detectAndDecode(cv2.resize(code, None, fx=3, fy=3))[0] == page.url
    with page.expect_download() as download:
        page.get_by_role("link", name="Signed record").click()
    checked = check_record(download.value.path().read_bytes())
    assert checked.record["asset"] == asset
    assert checked.key in page.content()


def test_it_prints_on_two_pages(page: Page, service: Served, asset: str) -> None:
    publish(service, asset)
    page.goto(f"{service.url}/p/{asset}")
    page.wait_for_load_state("networkidle")
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 2


@pytest.mark.parametrize("width", [360, 1920])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_readable_on_every_screen(page: Page, service: Served, asset: str, width: int, scheme: str) -> None:
    publish(service, asset)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 640})
    page.goto(f"{service.url}/p/{asset}?lang=ja")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []


def test_outlines_lie_on_their_picture(page: Page, service: Served, asset: str) -> None:
    publish(service, asset)
    page.goto(f"{service.url}/p/{asset}")
    page.locator(".passport-surfaces img").first.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    boxes = page.evaluate(
        """() => ['img', 'svg'].map((name) => { const {x, y, width, height} = document.querySelector(
        '.passport-photo:has(polygon) ' + name).getBoundingClientRect(); return [x, y, width, height]; })"""
    )
    assert np.abs(np.subtract(*boxes)).max() < 1
    image = page.locator(".passport-photo:has(polygon) img")
    shape = image.evaluate("(one) => one.naturalWidth / one.naturalHeight")
    box = page.locator(".passport-photo:has(polygon) svg").get_attribute("viewBox") or ""
    assert int(box.split()[2]) / int(box.split()[3]) == pytest.approx(shape, rel=0.01)


def test_what_was_withdrawn_or_revoked_shows(page: Page, service: Served, asset: str) -> None:
    publish(service, asset)
    certificate = next(one["id"] for one in service.case(CASE)["facts"] if one["fact"] == "erasure_certificate")
    with service.api("warehouse") as api:
        address = f"/v1/assets/{asset}/erasures/{certificate}/revoke"
        assert api.post(address, json={"why": "wrong phone"}, headers={"Idempotency-Key": uuid4().hex}).is_success
    page.goto(f"{service.url}/p/{asset}")
    banner = page.locator("main > *").first
    assert "passport-revoked" in (banner.get_attribute("class") or "")
    assert violations(page) == []
    publish(service, asset, public=False)
    page.goto(f"{service.url}/p/{asset}")
    assert page.locator("h1").inner_text() == "No passport here"
    assert violations(page) == []
