"""The review station in a browser: the queue, judging without a mouse, what is recorded, how it looks."""

import time

import pytest
from playwright.sync_api import Page, expect

from phonegrade.tests.web.browser import violations
from phonegrade.tests.web.reviewing import disputed, facts, looked_at_all, opened, post, seated
from phonegrade.tests.web.serving import Served

pytestmark = pytest.mark.usefixtures("empty_queue")


def test_the_queue_says_why_and_since_when_a_case_waits(page: Page, service: Served) -> None:
    seated(page, service)
    expect(page.get_by_role("heading", name="Nothing waits")).to_be_visible()
    assert violations(page) == []
    disputed(service, ("top",))
    page.reload()
    page.wait_for_selector(".queue-row")
    row = page.locator(".queue-row").inner_text()
    assert "Disputed" in row
    assert "Trade-in" in row
    assert "due in 2 days" in row
    assert violations(page) == []


def test_a_case_of_six_marks_is_judged_without_a_mouse(page: Page, service: Served) -> None:
    case = disputed(service)
    seated(page, service)
    began = time.monotonic()
    assert opened(page) == case
    assert page.locator(".defect").count() == 6
    expect(page.get_by_role("button", name="Fix and accept")).to_be_disabled()
    for key in ("2", "0", "3", "0", "2", "5"):
        page.keyboard.press("j")
        page.keyboard.press(key)
    page.keyboard.press("4")
    page.keyboard.press("z")
    page.wait_for_selector(".grade-new, .changes, .review-panel > .hint")
    looked_at_all(page)
    expect(page.get_by_role("button", name="Fix and accept")).to_be_enabled()
    page.keyboard.press("f")
    page.wait_for_selector(".state-icon")
    assert time.monotonic() - began < 20

    judged = {(one["surface"], one["defect_id"]): one["kind"] for one in facts(service, case, "judged_defect")}
    assert judged == {
        ("left", "left-1"): "scratch",
        ("left", "left-2"): None,
        ("right", "right-1"): "scuff",
        ("top", "top-1"): None,
        ("top", "top-2"): "scratch",
        ("top", "top-3"): "dent",
    }
    revisions = facts(service, case, "assessment_revision")
    assert [one["number"] for one in revisions] == [1, 2]
    counted = {one["id"]: one["kind"] for one in revisions[1]["counted"]}
    assert "left-2" not in counted
    assert (counted["right-1"], counted["top-3"]) == ("scuff", "dent")
    reviews = facts(service, case, "review")
    assert [one["verdict"] for one in reviews] == ["fixed", "accepted"]
    assert reviews[1]["assessment"] == revisions[1]["id"]
    assert 0 < reviews[0]["seconds"] < 20


def test_no_verdict_before_every_side_was_shown_for_a_second(page: Page, service: Served) -> None:
    case = disputed(service)
    seated(page, service)
    opened(page)
    for name in ("Accept", "Reject", "Second opinion"):
        expect(page.get_by_role("button", name=name, exact=False).first).to_be_disabled()
    page.keyboard.press("a")
    expect(page.get_by_text("Look at 3 more sides").first).to_be_visible()
    page.wait_for_selector(".strip-done")
    page.keyboard.press("l")
    page.keyboard.press("l")
    page.wait_for_selector("li:nth-child(3) .strip-done")
    page.keyboard.press("a")
    assert facts(service, case, "review") == []
    page.keyboard.press("h")
    expect(page.get_by_role("button", name="Accept A", exact=True)).to_be_enabled()


def test_reject_asks_why_and_a_second_opinion_leaves_the_case(page: Page, service: Served) -> None:
    case = disputed(service, ("top",))
    seated(page, service)
    opened(page)
    looked_at_all(page)
    page.keyboard.press("r")
    page.get_by_role("dialog").get_by_role("button", name="Reject").click()
    expect(page.get_by_role("alert")).to_contain_text("Say why")
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("q")
    page.get_by_role("dialog").get_by_role("textbox").fill("Is that dirt?")
    page.get_by_role("dialog").get_by_role("button", name="Second opinion").click()
    page.wait_for_selector(".state-icon")
    assert [(one["verdict"], one["why"]) for one in facts(service, case, "review")] == [
        ("second_opinion", "Is that dirt?")
    ]


@pytest.mark.parametrize(("width", "height"), [(360, 640), (1280, 800)])
@pytest.mark.parametrize("language", ["de", "ja"])
def test_nothing_scrolls_sideways_and_axe_finds_nothing(
    page: Page, service: Served, width: int, height: int, language: str
) -> None:
    disputed(service)
    page.set_viewport_size({"width": width, "height": height})
    seated(page, service, language=language)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    opened(page)
    page.keyboard.press("j")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []
    page.keyboard.press("?")
    page.wait_for_selector("dialog[open]")
    assert violations(page) == []


def test_no_number_of_a_phone_is_in_page_address_or_storage(page: Page, service: Served) -> None:
    case = disputed(service, ("top",))
    with service.api("store") as api:
        post(api, f"/v1/cases/{case}/visits", {"channel": "store"})
        number = {"kind": "imei", "value": "356938035643809", "source": "barcode", "reads": 2, "confirmed_by": "ann"}
        post(api, f"/v1/cases/{case}/identifiers", number)
    seated(page, service)
    opened(page)
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    for text in (page.content(), page.url, kept):
        assert "356938035643809" not in text
        assert service.keys["reviewer"].text not in text
