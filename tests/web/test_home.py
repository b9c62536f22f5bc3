"""The operator's pages, and what every page shares: signing in, languages, no network."""

import pytest
from playwright.sync_api import Page, expect

from phonegrade.tests.web.browser import ready, violations
from phonegrade.tests.web.reviewing import disputed
from phonegrade.tests.web.serving import Served

NUMBER = "352099001761481"


@pytest.fixture(scope="module")
def case(service: Served) -> str:
    """A case with photos, an assessment and a dispute."""
    return disputed(service, ("left",))


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


def test_cases_are_found_by_state_and_text_and_no_address_holds_a_whole_number(
    page: Page, service: Served, case: str
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    ready(page, f"{service.url}/")
    signed_in(page, service)
    page.select_option("select[name=evidence]", "disputed")
    expect(page.locator(f'.list a[href="#case/{case}"]')).to_be_visible()
    page.fill("input[name=q]", NUMBER)
    page.wait_for_selector(".state")
    assert violations(page) == []
    assert any(url.endswith(f"q={NUMBER[-4:]}") for url in asked)
    assert not any(NUMBER in url for url in asked)
    page.fill("input[name=q]", case)
    expect(page.locator(f'.list a[href="#case/{case}"]')).to_be_visible()


def test_a_case_shows_where_it_stands_and_why(page: Page, service: Served, case: str) -> None:
    ready(page, f"{service.url}/")
    signed_in(page, service)
    page.click(f'.list a[href="#case/{case}"]')
    expect(page.locator(".case-head .chip").first).to_have_text("Disputed")
    page.wait_for_selector(".case-photo img")
    expect(page.locator(".assessment .reasons")).to_contain_text("there is no photo of the front")
    assert page.locator(".case-photo .outline").count() >= 1
    assert page.locator(".history li").count() >= 5
    page.get_by_role("button", name="Photograph by phone").click()
    expect(page.locator("dialog[open] img.qr")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)


@pytest.mark.parametrize(("part", "shown"), [("figures", ".charts rect"), ("health", ".wide-table td")])
def test_figures_and_health_are_there_for_who_may_see_them(
    page: Page, service: Served, case: str, part: str, shown: str
) -> None:
    ready(page, f"{service.url}/#{part}")
    signed_in(page, service)
    page.wait_for_selector(shown, state="attached")
    assert violations(page) == []


def test_a_page_asks_nobody_but_its_own_service(page: Page, service: Served) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    ready(page, f"{service.url}/")
    assert [url for url in asked if not url.startswith((service.url, "data:", "blob:"))] == []


@pytest.mark.parametrize(("language", "width"), [("de", 360), ("ja", 768), ("de", 1920)])
def test_nothing_is_cut_off_or_scrolls_sideways(
    page: Page, service: Served, case: str, language: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 640})
    ready(page, f"{service.url}/?lang={language}")
    signed_in(page, service)
    assert page.evaluate("document.documentElement.lang") == language
    for part, shown in (
        ("", ".list"),
        ("figures", ".charts"),
        ("health", ".wide-table"),
        (f"case/{case}", ".case-head"),
    ):
        page.evaluate("hash => { location.hash = hash; }", part)
        page.wait_for_selector(shown)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, part


def test_without_network_the_page_says_so(page: Page, service: Served) -> None:
    ready(page, f"{service.url}/")
    signed_in(page, service)
    page.context.set_offline(True)
    page.wait_for_selector(".offline")
    assert violations(page) == []
    page.context.set_offline(False)
    page.wait_for_selector(".offline", state="detached")
