"""The page's gates and the service's flag the same pictures with the same codes, in the same order, in two browsers."""

import pytest
from playwright.sync_api import Page

from phonegrade.inference import quality
from phonegrade.inference.capture_rules import CODES, capture_rules
from phonegrade.tests.web.browser import ready
from phonegrade.tests.web.gate_table import JUDGE, START, Row, rows, service_flags
from phonegrade.tests.web.serving import Served
from phonegrade.tests.web.webkit import DRIVER, MISSING, SCREEN, webkit

ROWS = rows()


def test_the_table_holds_every_gate_and_good_pictures_of_every_view() -> None:
    assert len(ROWS) >= 24
    judged = {code for row in ROWS for code in row.flags}
    assert judged >= set(CODES) - {"no_outline", "view_unsure", "bright"}
    assert {row.sent_as.view for row in ROWS if not row.flags} == {row.sent_as.view for row in ROWS}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_service_flags_what_the_table_says(row: Row) -> None:
    assert service_flags(row.jpeg, row.sent_as) == row.flags


def test_the_page_flags_what_the_service_does(page: Page, service: Served) -> None:
    ready(page, f"{service.url}/capture")
    assert page.evaluate(START) == "full"
    answers = {row.name: tuple(page.evaluate(JUDGE, row.argument)) for row in ROWS}
    assert answers == {row.name: row.flags for row in ROWS}


@pytest.mark.skipif(DRIVER is None or SCREEN is None, reason=MISSING)
def test_another_browsers_engine_flags_the_same(service: Served) -> None:
    with webkit() as browser:
        browser.open(f"{service.url}/capture")
        assert browser.call(START) == "full"
        answers = {row.name: tuple(browser.call(JUDGE, row.argument)) for row in ROWS}
    assert answers == {row.name: row.flags for row in ROWS}


def test_the_rules_limits_are_those_of_the_service() -> None:
    table = capture_rules()
    assert table.limits["max_blur_px"] == quality.MAX_BLUR_PX
    assert table.limits["min_luminance"] == quality.MIN_LUMINANCE
    aims = table.aims
    assert aims.min_luminance > table.limits["min_luminance"]
    assert aims.max_luminance < table.limits["max_luminance"]
    assert aims.max_clipped_share < table.limits["max_clipped_share"]
    assert aims.max_clipped_edge_share < table.limits["max_clipped_edge_share"]
    assert aims.max_scale_spread < table.limits["max_scale_spread"]
    assert aims.min_view_confidence > table.limits["min_view_confidence"]
