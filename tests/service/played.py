"""A whole trade-in over HTTP with the drawn phone: where ids for every route come from, and what kills interrupt."""

import io
import json
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from PIL import Image

import phonegrade
from phonegrade.core.vocabulary import Surface
from phonegrade.tests.drawn_device import device_photos
from phonegrade.tests.service.case_client import CaseClient

IMEI = "352099001761481"
"""Of nobody's phone: the example of the standard."""
DEVICE = {"device": "Apple iPhone 13", "storage_gb": 128}
WAIT_S = 120.0


@cache
def whole_report() -> dict[str, Any]:
    """Every test passed."""
    given = json.loads((Path(phonegrade.__file__).parent / "samples/functional.json").read_text(encoding="utf-8"))
    return {"tests": given["tests"], "measures": given["measures"]}


class Player(Protocol):
    """Sends requests, each POST with an Idempotency-Key of its own, and returns what a 2xx answers."""

    def get(self, path: str) -> Any:  # noqa: ANN401
        """GET."""

    def post(self, path: str, **body: Any) -> Any:  # noqa: ANN401
        """POST JSON."""

    def photo(self, case: str, data: bytes, **texts: str) -> Any:  # noqa: ANN401
        """Send one photo."""


class Sending:
    """A player over a test's client."""

    def __init__(self, client: CaseClient) -> None:
        self.client = client

    def get(self, path: str) -> Any:  # noqa: ANN401
        """GET."""
        answer = self.client.get(path)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()

    def post(self, path: str, **body: Any) -> Any:  # noqa: ANN401
        """POST JSON."""
        answer = self.client.post(path, body)
        assert answer.status_code in (200, 201), (path, answer.text)
        return answer.json()

    def photo(self, case: str, data: bytes, **texts: str) -> Any:  # noqa: ANN401
        """Send one photo."""
        answer = self.client.post(f"/v1/cases/{case}/photos", files={"photo": ("a.jpg", data)}, data=texts)
        assert answer.status_code == 202, answer.text
        return answer.json()


@cache
def shot_again(surface: Surface, quality: int) -> bytes:
    """The drawn photo of a surface as another file."""
    written = io.BytesIO()
    Image.open(io.BytesIO(device_photos()[surface])).save(written, "JPEG", quality=quality)
    return written.getvalue()


def photograph(player: Player, case: str, quality: int, surfaces: Iterable[Surface] = Surface, **texts: str) -> str:
    """Send photos and wait until each was inspected; return the id of the last."""
    photos = [
        player.photo(case, shot_again(surface, quality), surface=surface.value, **texts)["photo"]
        for surface in surfaces
    ]
    ends_s = time.monotonic() + WAIT_S
    while any(player.get(f"/v1/photos/{one}")["state"] == "stored" for one in photos):
        if time.monotonic() > ends_s:
            raise AssertionError(f"the photos of case {case} were not inspected in {WAIT_S:.0f} s")
        time.sleep(0.05)
    return str(photos[-1])


def trade_in(player: Player, imei: str = IMEI, quality: int = 90) -> dict[str, str]:
    """Play from the app to a phone that may be resold; return an id for each name that a path has for one."""
    case = player.post("/v1/cases", journey="trade_in", channel="app", consent=["assessment"])["case"]
    read = {"kind": "imei", "value": imei, "source": "agent", "reads": 2}
    asset = player.post(f"/v1/cases/{case}/identifiers", **read)["asset"]
    player.post(f"/v1/cases/{case}/device", **DEVICE)
    player.post(f"/v1/cases/{case}/holding", source="customer", owned_since="2024-01-10")
    player.post(f"/v1/cases/{case}/complaint", incident="drop", text="It fell.")
    player.post(f"/v1/cases/{case}/tests", method="agent", report=whole_report())
    photograph(player, case, quality, [Surface.FRONT])
    player.post(f"/v1/cases/{case}/assessments")
    locks = {"activation": "off", "blocklist": "clear", "source": "operator"}
    player.post(f"/v1/assets/{asset}/locks", **locks)
    offered = player.post(f"/v1/cases/{case}/handoffs")
    claim = {"token": offered["token"], "code": offered["code"], "channel": "store"}
    visit = player.post("/v1/handoffs/claim", **claim)["visit"]
    player.post(f"/v1/cases/{case}/tests", method="agent", report=whole_report(), visit=visit)
    player.post(f"/v1/cases/{case}/identifiers", **read, confirmed_by="shop assistant", visit=visit)
    photo = photograph(player, case, quality + 1, visit=visit)
    player.post(f"/v1/cases/{case}/assessments")
    return {"case_id": case, "photo_id": photo, "asset_id": asset, "number": "2", **sold(player, case, asset, imei)}


def every_id(player: Player) -> dict[str, str]:
    """Play a trade-in, dispute its grade and subscribe; return a real id for every name that a path has for one."""
    ids = trade_in(player)
    disputed = player.post(f"/v1/cases/{ids['case_id']}/dispute", text="It is clean.")
    hook = player.post("/v1/webhooks", url="https://1.1.1.1/hook", types=["phonegrade.drift.*"])
    return {**ids, "request_id": disputed["review_request"], "webhook_id": hook["id"]}


def sold(player: Player, case: str, asset: str, imei: str) -> dict[str, str]:
    """Quote, accept, hand over, erase and pay; return the ids of quote and certificate."""
    player.post(f"/v1/cases/{case}/qualifications")
    quote = player.post(f"/v1/cases/{case}/offers")
    offer = f"/v1/offers/{quote['id']}"
    player.post(f"{offer}/accept", inputs_sha256=quote["inputs_sha256"])
    player.post(f"/v1/assets/{asset}/custody", to="ours", site="main street")
    erased = player.post(f"/v1/assets/{asset}/erasures", **certificate(imei))
    player.post(f"{offer}/settlements", reference="R-1")
    return {"offer_id": quote["id"], "certificate_id": erased["certificate"]}


def certificate(imei: str) -> dict[str, Any]:
    """What an erasure tool writes that has just been used."""
    now = datetime.now(UTC)
    return {
        "identifier": imei,
        "method": "purge",
        "technique": "cryptographic_erase",
        "tool": "eraser",
        "tool_version": "4.2",
        "verification": "full",
        "persons": [{"name": "op-7", "did": "sanitised"}, {"name": "op-9", "did": "verified"}],
        "started_at": (now - timedelta(milliseconds=5)).isoformat(),
        "ended_at": now.isoformat(),
    }
