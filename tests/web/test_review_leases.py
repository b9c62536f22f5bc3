"""Who has which case at the review station: leases, the case that is fetched ahead, and a lost network."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from phonegrade.tests.web.browser import violations
from phonegrade.tests.web.capturing import is_busy
from phonegrade.tests.web.reviewing import current, disputed, facts, looked_at_all, opened, post, seated
from phonegrade.tests.web.serving import Served

pytestmark = pytest.mark.usefixtures("empty_queue")
FETCHED_AHEAD = """() => new Set(performance.getEntriesByType('resource').map((one) => one.name)
  .filter((name) => /photos\\/[^/]+\\/image$/.test(name))).size > 1"""
"""The pictures of two cases are here."""
WATCH_NEXT = """() => addEventListener('keydown', () => {
  const began = performance.now();
  const before = document.querySelector('.review').dataset.case;
  const look = () => document.querySelector('.review') && document.querySelector('.review').dataset.case !== before
    ? (document.documentElement.dataset.tookMs = performance.now() - began) : requestAnimationFrame(look);
  look();
}, { once: true })"""
"""Note how long it takes from the key to the next case."""


@pytest.fixture
def second(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    yield context.new_page()
    context.close()


def test_a_lease_that_was_lost_says_what_changed_and_loses_nothing(page: Page, service: Served) -> None:
    case = disputed(service, ("top",))
    seated(page, service)
    opened(page)
    page.keyboard.press("j")
    page.keyboard.press("0")
    looked_at_all(page)
    request = facts(service, case, "review_request")[0]["id"]
    desk = page.evaluate("sessionStorage.getItem('phonegrade-review-desk')")
    with service.api("reviewer") as api:
        post(api, f"/v1/reviews/{request}/release", None, **{"X-Phonegrade-Desk": desk})
    with service.api("admin") as api:
        post(api, f"/v1/reviews/{request}/take", None)
        with page.expect_response("**/verdict") as answer:
            page.keyboard.press("f")
        assert answer.value.status == 409
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("Nothing else has changed since")
        assert violations(page) == []
        dialog.get_by_role("button", name="Take it again").click()
        expect(dialog).to_contain_text("Somebody else has it open")
        post(api, f"/v1/reviews/{request}/release", None)
    page.keyboard.press("Escape")
    with page.expect_response("**/verdict"):
        page.keyboard.press("f")
    dialog.get_by_role("button", name="Take it again").click()
    page.wait_for_selector("dialog[open]", state="detached")
    expect(page.locator(".defect-none")).to_have_count(1)
    looked_at_all(page)
    page.keyboard.press("f")
    page.wait_for_selector(".state-icon")
    assert [one["kind"] for one in facts(service, case, "judged_defect")] == [None]


def test_two_browsers_never_hold_one_case_and_a_closed_tab_frees_its_own(
    page: Page, second: Page, service: Served
) -> None:
    cases = {disputed(service, ("top",)), disputed(service, ("top",))}
    seated(page, service)
    one = opened(page)
    page.wait_for_timeout(500)
    seated(second, service)
    elsewhere = second.get_by_text("Open elsewhere")
    expect(elsewhere.nth(1)).to_be_visible()  # the one at hand, and the next one fetched
    held = elsewhere.count()
    page.close()
    expect(elsewhere).to_have_count(held - 2, timeout=15_000)
    assert {one, opened(second)} <= cases


def test_the_next_case_is_there_at_once(page: Page, service: Served) -> None:
    for _ in range(3):
        disputed(service, ("top",))
    seated(page, service)
    page.set_default_timeout(60_000)
    first = opened(page)
    looked_at_all(page)
    page.wait_for_function(FETCHED_AHEAD)
    expect(page.get_by_role("button", name="Accept A", exact=True)).to_be_enabled()
    page.evaluate(WATCH_NEXT)
    held: list[Route] = []
    page.route("**/v1/**", held.append)  # from here on nothing is answered: what is shown was there
    page.keyboard.press("a")
    page.wait_for_selector("html[data-took-ms]")
    assert current(page) != first
    assert page.evaluate("document.querySelector('.viewer-pane img').complete")
    assert is_busy() or float(page.get_attribute("html", "data-took-ms") or "") < 300
    page.unroute("**/v1/**")
    for route in held:
        route.continue_()


def test_without_network_the_verdict_waits(page: Page, service: Served) -> None:
    case = disputed(service, ("top",))
    seated(page, service)
    opened(page)
    looked_at_all(page)
    page.context.set_offline(True)
    page.wait_for_selector(".offline")
    page.keyboard.press("a")
    expect(page.get_by_text("No connection").first).to_be_visible(timeout=10_000)
    assert violations(page) == []
    page.context.set_offline(False)
    page.wait_for_selector(".offline", state="detached")
    page.keyboard.press("a")
    page.wait_for_selector(".state-icon")
    assert [one["verdict"] for one in facts(service, case, "review")] == ["accepted"]
