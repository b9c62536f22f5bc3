"""A kiosk's visit that stands at its result: made through the service, and shown by the kiosk's page."""

from typing import Any

from playwright.sync_api import Page

from phonegrade.core.functional.report import functional_vocabulary
from phonegrade.core.vocabulary import Surface
from phonegrade.service.web_files import web_files
from phonegrade.tests.web.reviewing import photographed, post
from phonegrade.tests.web.serving import Served


def offered(service: Served, imei: str = "490154203237518") -> dict[str, Any]:
    """Trade a phone in at a kiosk, up to its offer, and return the visit as the kiosk's page has it."""
    case = service.opened("trade_in", "kiosk", "kiosk")
    with service.api("kiosk") as api:
        number = {"kind": "imei", "value": imei, "source": "typed", "confirmed_by": "customer"}
        asset = post(api, f"/v1/cases/{case}/identifiers", number)["asset"]
        post(api, f"/v1/cases/{case}/device", {"device": "iPhone 13", "storage_gb": 128})
        passed = dict.fromkeys(functional_vocabulary().tests, "pass")
        post(api, f"/v1/cases/{case}/tests", {"method": "agent", "report": {"tests": passed}})
        photographed(api, case, tuple(Surface))
        with service.api() as admin:
            locks = {"activation": "off", "blocklist": "clear", "source": "operator"}
            post(admin, f"/v1/assets/{asset}/locks", locks)
        result = post(api, f"/v1/cases/{case}/assessments", {})
        post(api, f"/v1/cases/{case}/qualifications", {})
        quote = post(api, f"/v1/cases/{case}/offers", {})
    reasons = result["revision"]["decision"]["reasons"]
    surface = next((one["surface"] for one in reasons if one["surface"] and one["defect_ids"]), "front")
    sha256 = result["revision"]["photos"][surface]
    facts = service.case(case)["facts"]
    photo = next(one["id"] for one in facts if one["fact"] == "photo" and one["sha256"] == sha256)
    shown = {**result, "picture": {"id": photo, "surface": surface}}
    return {"session": "shown", "step": "result", "caseId": case, "asset": asset, "result": shown, "quote": quote}


def resume(page: Page, visit: dict[str, Any]) -> None:
    """Let the kiosk's page go on with a visit, as though it had led there."""
    module = f"/assets/{web_files().tag}/kiosk/visit.js"
    page.evaluate(f"async (visit) => (await import('{module}')).go(visit)", visit)
    page.wait_for_selector(f"[data-screen={visit['step']}]")
