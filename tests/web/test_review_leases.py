"""The review station beside others: leases, the case that is fetched ahead, and a network that goes."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from phonegrade.tests.web.browser import violations
from phonegrade.tests.web.capturing import is_busy
from phonegrade.tests.web.reviewing import current, disputed, facts, looked_at_all, opened, post, seated
from phonegrade.tests.web.serving import Served

pytestmark = pytest.mark.usefixtures("empty_queue")


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
    cases = [disputed(service, ("top",)) for _ in range(3)]
    fetched: list[str] = []
    page.on("requestfinished", lambda one: fetched.append(one.url))
    seated(page, service)
    first = opened(page)
    others = [facts(service, case, "photo")[0]["id"] for case in cases if case != first]
    until = time.monotonic() + 60  # a loaded machine fetches slowly; that is not what is measured
    while not any(f"/{photo}/image" in url for photo in others for url in fetched):
        assert time.monotonic() < until, "the next case was not fetched ahead"
        page.wait_for_timeout(50)
    looked_at_all(page)
    page.evaluate(
        """() => addEventListener('keydown', () => {
          const began = performance.now();
          const before = document.querySelector('.review').dataset.case;
          const look = () => document.querySelector('.review')?.dataset.case === before
            ? requestAnimationFrame(look) : (document.documentElement.dataset.tookMs = performance.now() - began);
          look();
        }, { once: true, capture: true })"""  # before the page's own listener, which may draw the next case at once
    )
    page.keyboard.press("a")
    page.wait_for_selector("html[data-took-ms]", timeout=20_000)
    page.wait_for_selector(".review")
    assert current(page) != first
    assert page.evaluate("document.querySelector('.viewer-pane img').complete")
    if not is_busy():
        assert float(page.get_attribute("html", "data-took-ms") or "") < 300


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
