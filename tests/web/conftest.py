"""What the tests of the pages share: one service with the shipped models, one browser, a fresh page each."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from phonegrade.tests.service.deal_service import PRICES
from phonegrade.tests.web.browser import chromium
from phonegrade.tests.web.reviewing import given_back
from phonegrade.tests.web.serving import Served, served


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("served"), "--prices", str(PRICES)) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    yield context.new_page()
    context.close()


@pytest.fixture
def empty_queue(service: Served) -> None:
    """Answer what earlier tests left at the review station."""
    given_back(service)
