"""The page's gates and the service's flag the same pictures with the same codes, in the same order, in two browsers."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page

from phonegrade.inference import quality
from phonegrade.inference.capture_rules import CODES, capture_rules
from phonegrade.tests.web.browser import ready
from phonegrade.tests.web.gate_table import JUDGE, START, Row, rows, service_flags
from phonegrade.tests.web.serving import Served

ROWS = rows()
WEBKIT, SCREEN = shutil.which("WebKitWebDriver"), shutil.which("Xvfb")
NO_WEBKIT = (
    "WebKitGTK is not installed, so the gates are not tested in it; "
    "on Debian: sudo apt-get install webkit2gtk-driver xvfb"
)


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


@pytest.mark.skipif(WEBKIT is None or SCREEN is None, reason=NO_WEBKIT)
def test_another_browsers_engine_flags_the_same(service: Served) -> None:
    with webkit() as driver:
        driver.set_script_timeout(120)
        driver.get(f"{service.url}/capture")
        assert driver.execute_async_script(f"({START})().then(arguments[0])") == "full"
        call = f"({JUDGE})(arguments[0]).then(arguments[1])"
        answers = {row.name: tuple(driver.execute_async_script(call, row.argument)) for row in ROWS}
    assert answers == {row.name: row.flags for row in ROWS}


@contextmanager
def webkit() -> Iterator:  # type: ignore[type-arg]
    """Yield a WebKitGTK browser on a screen of its own."""
    import subprocess

    from selenium.webdriver import WebKitGTK, WebKitGTKOptions
    from selenium.webdriver.webkitgtk.service import Service

    display = f":{90 + os.getpid() % 900}"
    screen = subprocess.Popen([str(SCREEN), display, "-screen", "0", "1280x800x24"])  # noqa: S603
    environment = {**os.environ, "DISPLAY": display, "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"}
    try:
        options = WebKitGTKOptions()
        driver = WebKitGTK(options=options, service=Service(executable_path=WEBKIT, env=environment))
        yield driver
        driver.quit()
    finally:
        screen.terminate()
        screen.wait(10)


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
