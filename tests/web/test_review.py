"""The review station in a browser: the queue, judging without a mouse, the overlay, leases, and what is recorded."""

import io
import json
import re
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

from phonegrade.tests.web.browser import violations
from phonegrade.tests.web.reviewing import (
    current,
    disputed,
    facts,
    given_back,
    looked_at_all,
    opened,
    post,
    seated,
)
from phonegrade.tests.web.serving import Served


@pytest.fixture(autouse=True)
def _empty_queue(service: Served) -> None:
    given_back(service)


@pytest.fixture
def second(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    yield context.new_page()
    context.close()


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


def test_a_mark_is_drawn_and_erased_by_keyboard_and_measured(page: Page, service: Served) -> None:
    case = disputed(service, ("front",))
    seated(page, service)
    opened(page)
    page.keyboard.press("p")
    for steps in (("Enter",), ("ArrowRight",) * 4, ("Enter",), ("ArrowDown",) * 3, ("Enter", "Enter")):
        for key in steps:
            page.keyboard.press(f"Shift+{key}" if key.startswith("Arrow") else key)
    drawn = page.locator(".defect-selected")
    expect(drawn).to_contain_text("Drawn")
    page.keyboard.press("4")
    expect(drawn).to_contain_text("Chip")
    expect(drawn).to_contain_text("mm")
    looked_at_all(page)
    page.keyboard.press("f")
    page.wait_for_selector(".state-icon")
    (judged,) = facts(service, case, "judged_defect")
    assert (judged["kind"], judged["defect_id"]) == ("chip", None)
    assert len(judged["polygon"]) == 3
    assert judged["measured"]["length_mm"] > 0
    assert judged["measured"]["zone"] == "display"
    counted = facts(service, case, "assessment_revision")[-1]["counted"]
    assert {"id": "front-drawn-1", "kind": "chip"}.items() <= next(
        one for one in counted if "drawn" in one["id"]
    ).items()


def test_a_brush_draws_what_it_paints(page: Page, service: Served) -> None:
    disputed(service, ("top",))
    seated(page, service)
    opened(page)
    box = page.locator(".viewer-pane").first.bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.keyboard.press("b")
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 80, middle[1], steps=4)
    page.mouse.up()
    polygon = page.locator(".mark-selected")
    expect(polygon).to_have_count(1)
    painted = polygon.bounding_box() or {}
    assert painted["width"] == pytest.approx(80 + 14, abs=6)
    assert painted["height"] == pytest.approx(14, abs=6)
    page.keyboard.press("e")
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 30, middle[1], steps=4)
    page.mouse.up()
    expect(polygon).to_have_count(1)
    assert float(polygon.evaluate("one => one.getBoundingClientRect().width")) < 70
    page.keyboard.press("z")
    page.keyboard.press("z")
    expect(page.get_by_text("Drawn", exact=True)).to_have_count(0)


TRUTH = (1200, 700, 1260, 740)
"""x0, y0, x1, y1 of a white patch on a black photo of 2000 x 1500 pixels, the last ones outside."""


def _drawn_photo() -> bytes:
    picture = np.zeros((1500, 2000, 3), np.uint8)
    x0, y0, x1, y1 = TRUTH
    picture[y0:y1, x0:x1] = 255
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG")
    return out.getvalue()


def _with_truth(route: Route) -> None:
    """Answer an assessment with one defect, round the white patch: pixel centres are whole numbers."""
    answer: dict[str, Any] = route.fetch().json()
    x0, y0, x1, y1 = TRUTH
    corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    inspection = answer["record"]["inspections"]["top"]
    inspection["defects"] = inspection["defects"][:1]
    inspection["defects"][0]["polygon"] = [[x - 0.5, y - 0.5] for x, y in corners]
    route.fulfill(body=json.dumps(answer), content_type="application/json")


@pytest.mark.parametrize("zoom", [1, 2, 8])
def test_the_overlay_lies_on_the_picture(page: Page, service: Served, zoom: int) -> None:
    disputed(service, ("top",))
    page.route("**/v1/photos/*/image", lambda route: route.fulfill(body=_drawn_photo(), content_type="image/png"))
    page.route("**/assessments/*", _with_truth)
    seated(page, service)
    opened(page)
    pane = page.locator(".viewer-pane").first
    place = page.locator("polygon").first.bounding_box()
    assert place is not None
    page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    page.mouse.wheel(0, -300 * float(np.log(zoom)))
    expect(pane.locator("output")).to_have_text(re.compile(f"^{zoom}.$"))
    corners = page.locator("polygon").first.evaluate(
        """one => [...one.points].map((point) => {
          const at = point.matrixTransform(one.getScreenCTM());
          return [at.x, at.y];
        })"""
    )
    page.keyboard.press(" ")
    expect(page.locator(".viewer-pane").first.locator("polygon")).to_have_count(0)
    box = pane.bounding_box()
    assert box is not None
    shown = np.asarray(Image.open(io.BytesIO(page.screenshot(clip=box))).convert("L"))
    inside = np.zeros(shown.shape, np.bool_)
    inside[20:-60, 20:-20] = True  # without the page at its corners, and the buttons below
    rows, columns = np.nonzero((shown > 127) & inside)
    shown_px = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    drawn = [
        min(x for x, _ in corners),
        min(y for _, y in corners),
        max(x for x, _ in corners),
        max(y for _, y in corners),
    ]
    offset = [box["x"], box["y"], box["x"], box["y"]]
    assert np.abs(np.array(shown_px) + np.floor(offset) - np.array(drawn)).max() <= 1.0


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
    first = opened(page)
    looked_at_all(page)
    page.wait_for_load_state("networkidle")
    page.evaluate(
        """() => addEventListener('keydown', () => {
          const began = performance.now();
          const before = document.querySelector('.review').dataset.case;
          const look = () => document.querySelector('.review')?.dataset.case === before
            ? requestAnimationFrame(look) : (document.documentElement.dataset.tookMs = performance.now() - began);
          look();
        }, { once: true })"""
    )
    page.keyboard.press("a")
    page.wait_for_selector("html[data-took-ms]")
    assert current(page) != first
    assert page.evaluate("document.querySelector('.viewer-pane img').complete")
    assert float(page.get_attribute("html", "data-took-ms") or "") < 300


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


def test_visits_are_compared(page: Page, service: Served) -> None:
    disputed(service, ("top",), ("app", "store"))
    seated(page, service)
    opened(page)
    page.keyboard.press("x")
    expect(page.get_by_role("region", name="Beside: Earlier visit")).to_contain_text("app")
    page.wait_for_selector(".beside img")
    assert violations(page) == []


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
