"""Make the pictures of pages.md: the pages on a phone, a tablet and a wide screen, in two languages, light and dark.

python docs/make_page_pictures.py

Needs Chromium and the extra `dev`; a service with the shipped models runs meanwhile.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from playwright.sync_api import Browser, Page

from phonegrade.core.arrays import RGB
from phonegrade.core.vocabulary import Surface
from phonegrade.tests.web.browser import camera_flags, chromium
from phonegrade.tests.web.capturing import PHONE, Capturing
from phonegrade.tests.web.films import write_film
from phonegrade.tests.web.serving import Served, served

PICTURES = Path(__file__).parent / "pictures"
SIZES = ((360, 640), (768, 1024), (1920, 1080))
LOOKS = (("en-GB", "light"), ("de-DE", "dark"))
GAP_PX, HEIGHT_PX = 16, 640


def main() -> None:
    """Write both pictures into docs/pictures/."""
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as service:
        far = write_film(Path(folder) / "far.mjpeg", [(Surface.BACK, "good")])
        with chromium(*camera_flags(far)) as browser:
            _save("capture_phone.jpg", list(_on_a_phone(browser, service)))
            _save("pages_sizes.jpg", list(_in_every_size(browser, service)))


def _on_a_phone(browser: Browser, service: Served) -> Iterator[RGB]:
    """Yield the screens that a customer meets, light in English and dark in German."""
    samples = Path(__file__).parents[1] / "samples"
    for locale, scheme in LOOKS:
        one = _page(browser, service, PHONE, locale, scheme)
        one.open()
        yield _shot(one.page)
        one.page.click(".capture-actions .button-primary")
        one.messages(0.2)
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


def _in_every_size(browser: Browser, service: Served) -> Iterator[RGB]:
    """Yield the first screens of capture and home on three screens."""
    for (width, height), (locale, scheme) in zip(SIZES, (*LOOKS, LOOKS[0]), strict=True):
        one = _page(browser, service, {"viewport": {"width": width, "height": height}}, locale, scheme)
        one.open()
        yield _shot(one.page)
        one.page.goto(f"{service.url}/")
        one.page.wait_for_selector(".list, .state")
        yield _shot(one.page)
        one.page.context.close()


def _page(browser: Browser, service: Served, device: dict[str, Any], locale: str, scheme: str) -> Capturing:
    context = browser.new_context(**{**device, "locale": locale, "color_scheme": scheme, "device_scale_factor": 1})
    return Capturing(context.new_page(), service, service.opened())


def _shot(page: Page) -> RGB:
    page.wait_for_timeout(400)
    data = np.frombuffer(page.screenshot(animations="disabled"), np.uint8)
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def _save(name: str, shots: list[RGB]) -> None:
    """Write the screens side by side, at one height."""
    small = [
        cv2.resize(one, (round(one.shape[1] * HEIGHT_PX / one.shape[0]), HEIGHT_PX), interpolation=cv2.INTER_AREA)
        for one in shots
    ]
    gap = np.full((HEIGHT_PX, GAP_PX, 3), 255, np.uint8)
    row = [part for one in small for part in (one, gap)][:-1]
    cv2.imwrite(str(PICTURES / name), np.concatenate(row, axis=1), [cv2.IMWRITE_JPEG_QUALITY, 72])


if __name__ == "__main__":
    sys.exit(main())
