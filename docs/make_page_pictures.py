"""Make the pictures of pages.md: every page on a phone, a tablet and a wide screen, light in English, dark in German.

python docs/make_page_pictures.py [NAME ...]

Needs Chromium and the extra `dev`; a service with the shipped models runs meanwhile.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from playwright.sync_api import Browser, Page

from phonegrade.core.arrays import RGB
from phonegrade.core.vocabulary import Surface
from phonegrade.store.store import open_store
from phonegrade.tests.service.deal_service import PRICES
from phonegrade.tests.service.sold_phone import add_sold_phone
from phonegrade.tests.web.at_result import offered, resume
from phonegrade.tests.web.browser import camera_flags, chromium, ready
from phonegrade.tests.web.capturing import PHONE, STATS, Capturing
from phonegrade.tests.web.films import write_film
from phonegrade.tests.web.reviewing import SIX_MARKS, disputed, looked_at_all, post, seated
from phonegrade.tests.web.reviewing import opened as taken
from phonegrade.tests.web.serving import Served, served

PICTURES = Path(__file__).parent / "pictures"
SIZES = ((360, 640), (768, 1024), (1920, 1080))
SHOWN_AS = (("en-GB", "light"), ("de-DE", "dark"))
GAP_PX, HEIGHT_PX, MOST_BYTES = 16, 540, 195_000


class Made(NamedTuple):
    """What the pages show, made once before the first picture."""

    service: Served
    kiosk: dict[str, Any]
    """A visit to the kiosk whose result is shown."""
    asset: str
    """A phone with a public passport."""


def _capture(page: Page, made: Made) -> None:
    Capturing(page, made.service, made.service.opened()).open()


def _kiosk(page: Page, made: Made) -> None:
    ready(page, f"{made.service.url}/kiosk?station=kiosk-7")
    page.fill("input[name=key]", made.service.keys["kiosk"].text)
    page.click("button[type=submit]")
    page.wait_for_selector("[data-screen=attract]")


def _kiosk_number(page: Page, made: Made) -> None:
    _kiosk(page, made)
    page.locator(".button-primary").click()
    page.locator(".button-primary").click()
    page.wait_for_selector("[data-screen=number]")


def _kiosk_result(page: Page, made: Made) -> None:
    _kiosk(page, made)
    resume(page, made.kiosk)
    page.wait_for_load_state("networkidle")


def _diagnostics(page: Page, made: Made) -> None:
    key = made.service.keys["app"].text
    ready(page, f"{made.service.url}/diagnostics?case={made.service.opened()}#{key}")
    page.wait_for_selector(".button-primary")


def _diagnostics_person(page: Page, made: Made) -> None:
    key = made.service.keys["app"].text
    ready(page, f"{made.service.url}/diagnostics?case={made.service.opened()}&test=person#{key}")
    page.locator(".button-primary").click()
    page.wait_for_selector("[data-step=person]")


def _passport(page: Page, made: Made) -> None:
    page.goto(f"{made.service.url}/p/{made.asset}")
    page.wait_for_load_state("networkidle")


def _review(page: Page, made: Made) -> None:
    disputed(made.service, SIX_MARKS)
    seated(page, made.service, language=page.evaluate("navigator.language").split("-")[0])
    taken(page)
    page.keyboard.press("j")
    looked_at_all(page)


def _home(page: Page, made: Made) -> None:
    ready(page, f"{made.service.url}/")
    page.fill("input[name=key]", made.service.keys["admin"].text)
    page.click("button[type=submit]")
    page.wait_for_selector(".list, .state")
    page.wait_for_load_state("networkidle")


PAGES: dict[str, Callable[[Page, Made], None]] = {
    "capture": _capture,
    "kiosk": _kiosk_number,
    "kiosk_result": _kiosk_result,
    "diagnostics": _diagnostics,
    "diagnostics_person": _diagnostics_person,
    "passport": _passport,
    "review": _review,
    "home": _home,
}
"""How each picture's page is brought to what it shows; home is last, so that it has cases."""


def main(names: list[str]) -> None:
    """Write the named pictures, or all, into docs/pictures/."""
    with tempfile.TemporaryDirectory() as name, served(Path(name), "--prices", str(PRICES)) as service:
        far = write_film(Path(name) / "far.mjpeg", [(Surface.BACK, "good")])
        made = Made(service, offered(service), _published(service))
        with chromium(*camera_flags(far)) as browser:
            for picture, drawn in PAGES.items():
                if not names or picture in names:
                    rows = [
                        _side_by_side(list(_in_every_size(browser, made, drawn, shown_as))) for shown_as in SHOWN_AS
                    ]
                    _save(f"{picture}.jpg", _below_each_other(rows))
            if not names or "capture_phone" in names:
                _save("capture_phone.jpg", _side_by_side(list(_on_a_phone(browser, service))))


def _published(service: Served) -> str:
    """Store a phone that was sold, publish its passport, and return its id."""
    with open_store(str(service.data)) as store:
        asset = add_sold_phone(store)
    with service.api("warehouse") as api:
        post(api, f"/v1/assets/{asset}/passport", {"public": True})
    return asset


def _in_every_size(
    browser: Browser, made: Made, drawn: Callable[[Page, Made], None], shown_as: tuple[str, str]
) -> Iterator[RGB]:
    """Yield a page on three screens, in one language."""
    for width, height in SIZES:
        page = _page(browser, {"viewport": {"width": width, "height": height}, "has_touch": width < 1000}, shown_as)
        drawn(page, made)
        yield _shot(page)
        page.goto("about:blank")  # what the page holds is given back
        page.context.close()


def _on_a_phone(browser: Browser, service: Served) -> Iterator[RGB]:
    """Yield the screens that a customer meets, light in English and dark in German."""
    samples = Path(__file__).parents[1] / "samples"
    for shown_as in SHOWN_AS:
        one = Capturing(_page(browser, PHONE, shown_as), service, service.opened())
        one.open()
        yield _shot(one.page)
        one.page.click(".capture-actions .button-primary")
        one.page.wait_for_selector(".say:not(:has-text('Guidance')):not(:has-text('Anleitung'))", timeout=60_000)
        one.page.wait_for_function(f"({STATS})().then((all) => all.length > 9)", timeout=60_000)
        yield _shot(one.page)
        one.page.wait_for_selector(".help", timeout=60_000)
        yield _shot(one.page)
        one.page.locator(".shooting-foot .button").first.click()
        for surface in Surface:
            one.page.wait_for_selector(".file-one")
            one.page.set_input_files("input[type=file]", samples / f"{surface}.jpg")
            one.page.wait_for_timeout(300)
        one.page.wait_for_selector(".strip-usable >> nth=5", timeout=120_000)
        yield _shot(one.page)
        one.page.context.close()


def _page(browser: Browser, device: dict[str, Any], shown_as: tuple[str, str]) -> Page:
    locale, scheme = shown_as
    more = {"locale": locale, "color_scheme": scheme, "device_scale_factor": 1}
    return browser.new_context(**{**device, **more}).new_page()


def _shot(page: Page) -> RGB:
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(400)
    data = np.frombuffer(page.screenshot(animations="disabled"), np.uint8)
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def _side_by_side(shots: list[RGB]) -> RGB:
    """Return the screens in one row, at one height."""
    small = [
        cv2.resize(one, (round(one.shape[1] * HEIGHT_PX / one.shape[0]), HEIGHT_PX), interpolation=cv2.INTER_AREA)
        for one in shots
    ]
    gap = np.full((HEIGHT_PX, GAP_PX, 3), 128, np.uint8)
    return np.concatenate([part for one in small for part in (one, gap)][:-1], axis=1)


def _below_each_other(rows: list[RGB]) -> RGB:
    gap = np.full((GAP_PX, rows[0].shape[1], 3), 128, np.uint8)
    return np.concatenate([part for one in rows for part in (one, gap)][:-1], axis=0)


def _save(name: str, picture: RGB) -> None:
    """Write a JPEG, as good as its size allows."""
    for quality in range(84, 30, -6):
        fits, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
        if fits and data.size <= MOST_BYTES:
            (PICTURES / name).write_bytes(data.tobytes())
            return
    raise ValueError(f"{name} does not get small enough; show less on it")


if __name__ == "__main__":
    main(sys.argv[1:])
