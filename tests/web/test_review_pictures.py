"""The pictures of the review station: the overlay, marks that are drawn, and earlier visits beside."""

import io
import json
import re
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from phonegrade.tests.web.browser import violations
from phonegrade.tests.web.reviewing import disputed, facts, looked_at_all, opened, seated
from phonegrade.tests.web.serving import Served

pytestmark = pytest.mark.usefixtures("empty_queue")


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


def test_visits_are_compared(page: Page, service: Served) -> None:
    disputed(service, ("top",), ("app", "store"))
    seated(page, service)
    opened(page)
    page.keyboard.press("x")
    expect(page.get_by_role("region", name="Beside: Earlier visit")).to_contain_text("app")
    page.wait_for_selector(".beside img")
    assert violations(page) == []
