"""Debian's Chromium, driven by Playwright; where it is not installed, tests skip and say what to install."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
MISSING = "Chromium is not installed, so the pages are not tested; on Debian: sudo apt-get install chromium"
_FLAGS = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--mute-audio")


@contextmanager
def chromium(*flags: str) -> Iterator[Browser]:
    """Yield a browser of its own process, with further `flags`, such as a film as its camera."""
    if CHROMIUM is None:
        pytest.skip(MISSING)
    with _playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*_FLAGS, *flags])
        yield browser
        browser.close()


_running: list[Playwright] = []


@contextmanager
def _playwright() -> Iterator[Playwright]:
    """Yield the driver, of which a thread can have one: a browser inside another's block shares it."""
    if _running:
        yield _running[0]
        return
    with sync_playwright() as started:
        _running.append(started)
        try:
            yield started
        finally:
            _running.clear()


def camera_flags(film: Path | None) -> tuple[str, ...]:
    """Return the flags that make a film the camera, allowed without asking."""
    fake = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    return fake if film is None else (*fake, f"--use-file-for-fake-video-capture={film}")


def ready(page: Page, url: str) -> Page:
    """Open an address and wait until the page is drawn."""
    page.goto(url)
    page.wait_for_selector("html[data-ready]", timeout=15_000)
    return page


def violations(page: Page) -> list[tuple[str, str]]:
    """Return what axe finds wrong in the page as it is now: rule and place."""
    answer: dict[str, Any] = Axe().run(page).response
    return [(one["id"], one["nodes"][0]["html"][:200]) for one in answer["violations"]]
