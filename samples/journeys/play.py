"""Plays four journeys over HTTP with the sample phone, and prints what each channel sees.

    python samples/journeys/play.py                            # starts a service of its own in a temporary folder
    python samples/journeys/play.py --url http://127.0.0.1:8000 # plays on one that runs with --data and --prices

Jeff trades his phone in: photos and tests in the app, a provisional quote, hand-off to the shop, whose tests find the
loudspeaker faulty, a verified grade and why it differs, acceptance, data erasure, resale. Then a phone is insured, a
fault is claimed, and advice is sought.
"""

import argparse
import io
import json
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from PIL import Image

SAMPLES = Path(__file__).parents[1]
SURFACES = ("front", "back", "left", "right", "top", "bottom")
IMEI = "352099001761481"
"""Of nobody's phone: the example of the standard."""
PHONE = {"device": "Apple iPhone 13", "storage_gb": 128}
WAIT_S = 300.0


class Client:
    """Sends JSON and photos to one service; each POST has an Idempotency-Key of its own."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def get(self, path: str) -> Any:
        """GET."""
        return self._send(urllib.request.Request(self._url + path))

    def post(self, path: str, **body: Any) -> Any:
        """POST JSON."""
        return self._post(path, json.dumps(body).encode(), "application/json")

    def photo(self, case: str, surface: str, data: bytes, **texts: str) -> str:
        """Send one photo, and return its id."""
        line = uuid4().hex
        parts = [
            f'--{line}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in {"surface": surface, **texts}.items()
        ]
        head = f'--{line}\r\nContent-Disposition: form-data; name="photo"; filename="{surface}.jpg"\r\n\r\n'
        body = "".join(parts).encode() + head.encode() + data + f"\r\n--{line}--\r\n".encode()
        return str(self._post(f"/v1/cases/{case}/photos", body, f"multipart/form-data; boundary={line}")["photo"])

    def _post(self, path: str, body: bytes, media: str) -> Any:
        headers = {"Content-Type": media, "Idempotency-Key": str(uuid4())}
        return self._send(urllib.request.Request(self._url + path, body, headers, method="POST"))

    def _send(self, request: urllib.request.Request) -> Any:
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise SystemExit(
                f"{request.get_method()} {request.full_url}: {error.code} {error.read().decode()}"
            ) from error


def say(text: str) -> None:
    """Print a line."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def picture(surface: str, scale: float = 1.0) -> bytes:
    """Return the sample's photo of a surface, smaller where the camera is meant to be weaker."""
    data = (SAMPLES / f"{surface}.jpg").read_bytes()
    if scale == 1.0:
        return data
    whole = Image.open(io.BytesIO(data))
    small = whole.resize((round(whole.width * scale), round(whole.height * scale)), Image.Resampling.LANCZOS)
    written = io.BytesIO()
    small.save(written, "JPEG", quality=92)
    return written.getvalue()


def report(**results: str) -> dict[str, Any]:
    """Return the sample's functional tests, some with another result, without the number in plain."""
    given = json.loads((SAMPLES / "functional.json").read_text(encoding="utf-8"))
    return {"tests": {**given["tests"], **results}, "measures": given.get("measures", {})}


def opened(client: Client, journey: str, channel: str = "app") -> tuple[str, str]:
    """Open a case with its number and model known; return the ids of case and phone."""
    case = client.post("/v1/cases", journey=journey, channel=channel, consent=["assessment"])["case"]
    read = client.post(f"/v1/cases/{case}/identifiers", kind="imei", value=IMEI, source="agent", reads=2)
    client.post(f"/v1/cases/{case}/device", **PHONE)
    return case, read["asset"]


def photograph(client: Client, case: str, scale: float, **texts: str) -> None:
    """Send all six photos, and wait until each was inspected."""
    photos = [client.photo(case, surface, picture(surface, scale), **texts) for surface in SURFACES]
    ends_s = time.monotonic() + WAIT_S
    while any(client.get(f"/v1/photos/{one}")["state"] == "stored" for one in photos):
        if time.monotonic() > ends_s:
            raise SystemExit(f"the photos of case {case} were not inspected in {WAIT_S:.0f} s")
        time.sleep(0.2)


def assessed(client: Client, case: str) -> str:
    """Assess what is there, and return it in words."""
    answer = client.post(f"/v1/cases/{case}/assessments")
    kind = "provisional" if answer["provisional"] else "verified"
    return f"{kind} grade {answer['revision']['decision']['grade']} (assessment {answer['revision']['number']})"


def quoted(client: Client, case: str) -> Any:
    """Ask for a quote, and print its lines."""
    quote = client.post(f"/v1/cases/{case}/offers")
    say(f"       quote {quote['amount']} {quote['currency']} until {quote['valid_until'][:10]}")
    for line in quote["lines"]:
        say(f"         {line['amount']:>8}  {line['text']}")
    return quote


def decided(client: Client, case: str) -> None:
    """Ask the journey's rules, and print their answer."""
    outcome = client.post(f"/v1/cases/{case}/qualifications")["outcome"]
    say(
        f"       {outcome['offering']}: {outcome['result']}"
        + (f" ({outcome['alternate']})" if outcome["alternate"] else "")
    )
    for reason in (*outcome["reasons"], *outcome["exclusions"]):
        say(f"         {reason['text']} [{reason['rule']}]")


def trade_in(client: Client) -> None:
    """From the app to a phone that may be resold."""
    say("Trade-in")
    case, asset = opened(client, "trade_in")
    client.post(f"/v1/cases/{case}/tests", method="agent", report=report())
    photograph(client, case, 0.75)
    client.post(f"/v1/assets/{asset}/locks", activation="off", blocklist="clear", source="operator")
    say(f"app    {assessed(client, case)}")
    decided(client, case)
    quoted(client, case)
    offered = client.post(f"/v1/cases/{case}/handoffs")
    say(f"app    hand-off: QR code of {len(offered['qr_svg'])} characters, digits shown on both screens, ten minutes")
    claim = {"token": offered["token"], "code": offered["code"], "channel": "store", "site": "main street"}
    claimed = client.post("/v1/handoffs/claim", **claim)
    say(f"shop   claimed; left: {', '.join(one['step'] for one in claimed['status']['missing']) or 'nothing'}")
    in_shop = verify(client, case, claimed["visit"])
    settle(client, case, asset, in_shop)


def verify(client: Client, case: str, visit: str) -> Any:
    """Grade the phone with it at hand, explain the difference, and quote again."""
    client.post(f"/v1/cases/{case}/tests", method="agent", report=report(loudspeaker="fail"), visit=visit)
    confirmed = {"kind": "imei", "value": IMEI, "source": "agent", "reads": 2, "confirmed_by": "shop assistant"}
    client.post(f"/v1/cases/{case}/identifiers", **confirmed, visit=visit)
    photograph(client, case, 1.0, visit=visit)
    say(f"shop   {assessed(client, case)}")
    delta = client.get(f"/v1/cases/{case}/assessments/2/delta")
    for one in delta["changes"]:
        say(f"         {one['change']['effect']}: {one['change']['reason']['text']}")
    decided(client, case)
    return quoted(client, case)


def settle(client: Client, case: str, asset: str, quote: Any) -> None:
    """Accept, hand over, erase, pay; and show what the resale gate says before and after."""
    accepted = client.post(f"/v1/offers/{quote['id']}/accept", inputs_sha256=quote["inputs_sha256"])
    say(f"shop   offer {accepted['state']}")
    client.post(f"/v1/assets/{asset}/custody", to="ours", site="main street")
    blocked = client.get(f"/v1/assets/{asset}/resale")["gate"]
    say(f"shop   resale {blocked['state']}: {', '.join(one['rule'] for one in blocked['reasons'])}")
    start = datetime.now(UTC)
    time.sleep(0.05)
    erased = client.post(
        f"/v1/assets/{asset}/erasures",
        identifier=IMEI,
        method="purge",
        technique="cryptographic_erase",
        tool="sample eraser",
        tool_version="1.0",
        verification="full",
        persons=[{"name": "op-7", "did": "sanitised"}, {"name": "op-9", "did": "verified"}],
        started_at=start.isoformat(),
        ended_at=datetime.now(UTC).isoformat(),
    )
    say(f"shop   erasure certificate {'counts' if erased['counts'] else 'does not count'}")
    client.post(f"/v1/offers/{quote['id']}/settlements", reference="R-1")
    ready = client.get(f"/v1/assets/{asset}/resale")["gate"]
    say(f"shop   paid; resale {ready['state']}" + "".join(f" {one['rule']}" for one in ready["reasons"]))
    say(f"       {len(client.get('/v1/events?limit=500')['events'])} events")


def insurance(client: Client) -> None:
    """A phone is insured if it is whole and works today."""
    say("Insurance")
    case, asset = opened(client, "insurance")
    activated = (datetime.now(UTC) - timedelta(days=5)).date().isoformat()
    client.post(f"/v1/cases/{case}/holding", activated_on=activated, cover="none", source="operator")
    client.post(f"/v1/cases/{case}/tests", method="agent", report=report())
    photograph(client, case, 1.0, session_code_shown="true")
    client.post(f"/v1/assets/{asset}/locks", blocklist="clear", source="operator")
    say(f"app    {assessed(client, case)}")
    decided(client, case)


def warranty(client: Client) -> None:
    """A fault under warranty, or damage by the customer."""
    say("Warranty")
    case, _ = opened(client, "warranty", "web")
    client.post(f"/v1/cases/{case}/complaint", symptoms=["loudspeaker"], incident="none", text="No sound on speaker.")
    ends = (datetime.now(UTC) + timedelta(days=200)).date().isoformat()
    client.post(f"/v1/cases/{case}/holding", warranty_until=ends, source="operator")
    client.post(f"/v1/cases/{case}/tests", method="agent", report=report(loudspeaker="fail"))
    photograph(client, case, 1.0)
    say(f"web    {assessed(client, case)}")
    decided(client, case)


def care(client: Client) -> None:
    """Advice for a phone with a complaint."""
    say("Device care")
    case, _ = opened(client, "care")
    client.post(f"/v1/cases/{case}/complaint", symptoms=["microphones"], incident="none", text="Nobody hears me.")
    decided(client, case)
    client.post(
        f"/v1/cases/{case}/tests", method="browser", report={"tests": {"power_on": "pass", "microphones": "pass"}}
    )
    decided(client, case)


@contextmanager
def own_service(store: Sequence[str] = ()) -> Iterator[str]:
    """Yield the address of a fresh service; `store` says by options of `phonegrade serve` where, if not in a folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="phonegrade-journeys-") as folder:
        prices = SAMPLES / "journeys" / "prices.csv"
        command = [sys.executable, "-m", "phonegrade", "serve", "--port", str(port), *(store or ("--data", folder))]
        log = Path(folder) / "service.log"
        with log.open("wb") as written:
            running = subprocess.Popen([*command, "--prices", str(prices)], stdout=written, stderr=written)
            try:
                _await_ready(f"http://127.0.0.1:{port}", running, log)
                yield f"http://127.0.0.1:{port}"
            finally:
                running.terminate()
                running.wait(60)


def _await_ready(url: str, running: "subprocess.Popen[bytes]", log: Path) -> None:
    ends_s = time.monotonic() + WAIT_S
    while running.poll() is None and time.monotonic() < ends_s:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"the service did not start:\n{log.read_text(encoding='utf-8')[-2000:]}")


def play(url: str) -> None:
    """Play all four journeys on a running service."""
    client = Client(url)
    for journey in (trade_in, insurance, warranty, care):
        journey(client)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description="Plays four journeys over HTTP with the sample phone.")
    arguments.add_argument("--url", help="A service that runs with --data and --prices; without it, one is started.")
    arguments.add_argument("store", nargs="*", help="Where its cases are kept, after --: --data URL --blobs URL")
    given = arguments.parse_args()
    if given.url:
        play(given.url)
    else:
        with own_service(given.store) as started:
            play(started)
