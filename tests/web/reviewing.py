"""Cases that wait for a person, and a browser at the review station."""

import io
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
from PIL import Image
from playwright.sync_api import Page

from phonegrade.tests.web.browser import ready
from phonegrade.tests.web.serving import Served

SAMPLES = Path(__file__).parents[2] / "samples"
SIX_MARKS = ("left", "right", "top")
"""Sides of the sample phone that show six defects together."""


def disputed(service: Served, surfaces: tuple[str, ...] = SIX_MARKS, visits: tuple[str, ...] = ("app",)) -> str:
    """Return a case that was photographed on each of `visits`, assessed, and disputed by its customer."""
    case = service.opened()
    with service.api("app") as app:
        post(app, f"/v1/cases/{case}/device", {"device": "iPhone 13", "storage_gb": 128})
    for number, channel in enumerate(visits):
        with service.api(channel) as api:
            post(api, f"/v1/cases/{case}/visits", {"channel": channel})
            photographed(api, case, surfaces, number)
            post(api, f"/v1/cases/{case}/assessments", {})
    with service.api("app") as app:
        post(app, f"/v1/cases/{case}/dispute", {"text": "The scratch was on the protector."})
    return case


def photographed(api: httpx2.Client, case: str, surfaces: tuple[str, ...], number: int = 0) -> None:
    """Send the sample's photos to a case, and wait until each is inspected; those of a later visit are saved again."""
    photos = []
    for surface in surfaces:
        data = (SAMPLES / f"{surface}.jpg").read_bytes()
        if number:  # saved again, it is another photo of the same picture
            saved = io.BytesIO()
            Image.open(io.BytesIO(data)).save(saved, "JPEG", quality=95 - number)
            data = saved.getvalue()
        form = {"photo": (f"{surface}.jpg", data, "image/jpeg")}
        key = {"Idempotency-Key": uuid4().hex}
        answer = api.post(f"/v1/cases/{case}/photos", files=form, data={"surface": surface}, headers=key)
        assert answer.status_code == 202, answer.text
        photos.append(answer.json()["photo"])
    until = time.monotonic() + 60
    for photo in photos:
        while api.get(f"/v1/photos/{photo}").json()["state"] == "stored":
            assert time.monotonic() < until, "photos were not inspected in time"
            time.sleep(0.05)


def post(api: httpx2.Client, path: str, body: Any, **headers: str) -> Any:  # noqa: ANN401
    """POST once, and return what was answered."""
    answer = api.post(path, json=body, headers={"Idempotency-Key": uuid4().hex, **headers})
    assert answer.status_code < 300, (path, answer.text)
    return answer.json()


def facts(service: Served, case: str, kind: str) -> list[dict[str, Any]]:
    """Return the facts of one kind that a case has, oldest first."""
    return [one for one in service.case(case)["facts"] if one["fact"] == kind]


def seated(page: Page, service: Served, role: str = "reviewer", language: str = "en") -> Page:
    """Sign in at the review station."""
    page.set_default_timeout(10_000)
    ready(page, f"{service.url}/review?lang={language}")
    page.fill("input[name=key]", service.keys[role].text)
    page.keyboard.press("Enter")
    page.wait_for_selector(".queue-head, .state-icon")
    return page


def opened(page: Page) -> str:
    """Take the next case by keyboard, and return its id."""
    page.keyboard.press("s")
    page.wait_for_selector(".review")
    return current(page)


def current(page: Page) -> str:
    """Return the case that is shown."""
    return str(page.get_attribute(".review", "data-case"))


def looked_at_all(page: Page) -> None:
    """Show every side for as long as it takes, by keyboard."""
    for _ in range(page.locator(".strip li").count()):
        page.wait_for_selector(".strip [aria-current] .strip-done")
        page.keyboard.press("l")


def given_back(service: Served) -> None:
    """Answer what earlier tests left in the queue, so that a test finds its own cases alone."""
    with service.api("reviewer") as api:
        while True:
            answer = api.get("/v1/reviews/next", headers={"X-Phonegrade-Desk": "tidy"})
            if answer.status_code == 204:
                return
            request = answer.json()["request"]["id"]
            post(api, f"/v1/reviews/{request}/verdict", {"verdict": "accepted"}, **{"X-Phonegrade-Desk": "tidy"})
