"""The capture page as a customer's phone shows it: a film for its camera, and what can be read from the screen."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from playwright.sync_api import BrowserContext, Page

from phonegrade.core.vocabulary import Surface
from phonegrade.tests.web.browser import camera_flags, chromium
from phonegrade.tests.web.films import write_film
from phonegrade.tests.web.serving import Served

PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 640},
    "has_touch": True,
    "is_mobile": True,
    "locale": "en-GB",
    "device_scale_factor": 2,
}
STATS = """async () => {
  const main = document.querySelector('script[type=module]').src;
  const { running } = await import(main.replace('main.js', 'shooting.js'));
  return running.now?.stats ?? [];
}"""
"""Answers what the loop that runs now has measured."""
PLAYED = """() => new Promise((done) => {
  const video = document.querySelector('video'), began = performance.now();
  let count = 0;
  const next = () => {
    count += 1;
    if (performance.now() - began < 2000) video.requestVideoFrameCallback(next);
    else done(count);
  };
  video.requestVideoFrameCallback(next);
})"""
"""Answers how many frames of the video are shown in two seconds."""
_QUICK = "{{ const now = performance.now.bind(performance); performance.now = () => {times} * now(); }}"


class Shown(NamedTuple):
    """One message, and how long it was shown."""

    text: str
    seconds: float


class Capturing:
    """The page of one case."""

    def __init__(self, page: Page, service: Served, case: str) -> None:
        self.page, self.service, self.case = page, service, case
        self.token = link_of(service, case)

    def begin(self, query: str = "") -> None:
        """Sign in, open the case's page and start its camera."""
        self.open(query)
        self.page.click(".capture-actions .button-primary")

    def open(self, query: str = "") -> None:
        """Sign in by the link's token and open the case's page."""
        self.page.goto(f"{self.service.url}/capture{query}#{self.token}")
        self.page.wait_for_selector("html[data-ready]")
        self.page.wait_for_selector(".capture-actions, .result, .file-one, .sign-in")

    def message(self) -> str:
        """Return what the page says now."""
        return self.page.locator(".say").inner_text(timeout=20_000)

    def messages(self, seconds: float, until: Callable[[], bool] = lambda: False) -> list[Shown]:
        """Return every message of so many seconds after the first judged frame."""
        self.page.wait_for_selector(".say:not(:has-text('Guidance')):not(:has-text('Look'))", timeout=90_000)
        shown: list[Shown] = []
        began = since = time.monotonic()
        text = self.message()
        while time.monotonic() - began < seconds and not until():
            now = self.page.evaluate("document.querySelector('.say')?.textContent ?? ''")
            if now != text:
                shown.append(Shown(text, time.monotonic() - since))
                text, since = now, time.monotonic()
            time.sleep(0.05)
        return [*shown, Shown(text, time.monotonic() - since)]

    def surface(self) -> str:
        """Return the surface that the page asks for."""
        return self.page.locator(".shooting-head h1").evaluate("one => one.firstChild.textContent.trim()")

    def stats(self) -> list[dict[str, float]]:
        """Return when each frame was judged, and in what time."""
        return list(self.page.evaluate(STATS))

    def photos(self) -> list[dict[str, Any]]:
        """Return the photos that the service has of the case, oldest first."""
        facts = self.service.case(self.case)["facts"]
        return [one for one in facts if one["fact"] == "photo"]


def link_of(service: Served, case: str) -> str:
    """Return a fresh token that opens one case's page: it stands after the # of the page's address."""
    with service.api("app") as api:
        answer = api.post(f"/v1/cases/{case}/capture-links", json={}, headers={"Idempotency-Key": uuid4().hex})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


class Cinema(NamedTuple):
    """A phone whose camera shows what lies in one file: a page that opens the camera next sees the film of then."""

    phone: BrowserContext
    film: Path

    @contextmanager
    def shows(
        self, service: Served, scenes: list[tuple[Surface, str]], seconds: float = 0.0, quicker: int = 1
    ) -> Iterator[Capturing]:
        """Yield the page of a fresh case that sees this film; its clock may run so many times as fast.

        Afterwards the phone forgets the visit. It keeps the program, so that the guide is fetched and compiled once.
        """
        write_film(self.film, scenes, seconds)
        page = self.phone.new_page()
        if quicker > 1:
            page.add_init_script(_QUICK.format(times=quicker))
        try:
            yield Capturing(page, service, service.opened())
        finally:
            self.phone.set_offline(False)
            visit = {"origin": service.url, "storageTypes": "cookies,local_storage,indexeddb"}
            page.goto("about:blank")
            self.phone.new_cdp_session(page).send("Storage.clearDataForOrigin", visit)
            page.close()


@contextmanager
def cinema(folder: Path) -> Iterator[Cinema]:
    """Yield a phone for films, until the end of the block."""
    film = write_film(folder / "film.mjpeg", [(Surface.FRONT, "none")])
    with chromium(*camera_flags(film)) as browser:
        context = browser.new_context(**PHONE)
        yield Cinema(context, film)
        context.close()


def is_busy() -> bool:
    """Return whether other work takes the processors: then nothing is asserted about time."""
    beside = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")) > 1
    return beside or os.getloadavg()[0] > 1.5 * (os.cpu_count() or 1)
