"""The operator's first page, and what every page shares: signing in, languages, no network."""

import pytest
from playwright.sync_api import Page

from phonegrade.tests.web.browser import ready, violations
from phonegrade.tests.web.serving import Served


def signed_in(page: Page, service: Served, role: str = "admin") -> None:
    page.fill("input[name=key]", service.keys[role].text)
    page.click("button[type=submit]")
    page.wait_for_selector(".list, .state")


def test_an_operator_signs_in_and_out(page: Page, service: Served) -> None:
    ready(page, f"{service.url}/")
    page.wait_for_selector("form.sign-in")
    assert violations(page) == []
    page.fill("input[name=key]", "pg_0000000000_wrong")
    page.click("button[type=submit]")
    page.wait_for_selector(".error")
    assert violations(page) == []
    signed_in(page, service)
    assert violations(page) == []
    assert page.evaluate("document.cookie") == ""
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_selector("form.sign-in")
    assert page.context.cookies() == []


def test_a_page_asks_nobody_but_its_own_service(page: Page, service: Served) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    ready(page, f"{service.url}/")
    assert [url for url in asked if not url.startswith((service.url, "data:", "blob:"))] == []


@pytest.mark.parametrize("width", [360, 768, 1920])
@pytest.mark.parametrize("language", ["de", "ja"])
def test_nothing_is_cut_off_or_scrolls_sideways(page: Page, service: Served, width: int, language: str) -> None:
    page.set_viewport_size({"width": width, "height": 640})
    ready(page, f"{service.url}/?lang={language}")
    signed_in(page, service)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.documentElement.lang") == language


def test_without_network_the_page_says_so(page: Page, service: Served) -> None:
    ready(page, f"{service.url}/")
    signed_in(page, service)
    page.context.set_offline(True)
    page.wait_for_selector(".offline")
    assert violations(page) == []
    page.context.set_offline(False)
    page.wait_for_selector(".offline", state="detached")
