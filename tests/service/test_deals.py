"""What follows a grade, over HTTP: hand-off, offers, locks, erasure, resale, events, webhooks, figures."""

from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

import pytest
from standardwebhooks import Webhook

from phonegrade.service.settings import ServiceSettings
from phonegrade.tests.journeys import builders
from phonegrade.tests.service.deal_service import DealService, deal_service
from phonegrade.tests.store.example import ASSET, CASE, NUMBER

pytest.importorskip("segno")


@pytest.fixture
def service(settings: ServiceSettings, tmp_path: Path) -> Iterator[DealService]:
    with deal_service(settings, tmp_path) as running:
        yield running


def certificate(service: DealService, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "identifier": NUMBER,
        "method": "purge",
        "technique": "cryptographic_erase",
        "tool": "eraser",
        "tool_version": "4.2",
        "verification": "full",
        "persons": [{"name": "op-7", "did": "sanitised"}, {"name": "op-9", "did": "verified"}],
        "started_at": (service.now - timedelta(minutes=5)).isoformat(),
        "ended_at": service.now.isoformat(),
        **more,
    }


def handed_over(service: DealService) -> str:
    """Hand the case to the shop, and return the visit."""
    opened = service.customer.post(f"/v1/cases/{CASE}/handoffs", {})
    assert opened.status_code == 201, opened.text
    token = {"token": opened.json()["token"], "code": opened.json()["code"]}
    claimed = service.shop.post("/v1/handoffs/claim", {**token, "channel": "store", "site": "shop-3"})
    assert claimed.status_code == 200, claimed.text
    left = {part["step"] for part in claimed.json()["status"]["missing"]}
    assert left.isdisjoint({"consent", "identify", "test", "photograph", "check_locks"})
    return str(claimed.json()["visit"])


def quoted(service: DealService) -> dict[str, Any]:
    """A quote on what the app sent."""
    assert service.customer.post(f"/v1/cases/{CASE}/qualifications", {}).status_code == 200
    answer = service.customer.post(f"/v1/cases/{CASE}/offers", {})
    assert answer.status_code == 201, answer.text
    quote: dict[str, Any] = answer.json()
    return quote


def sold(service: DealService) -> str:
    """Go the whole way to a phone that may be resold; return the quote's id."""
    visit = handed_over(service)
    service.later(1)
    service.add(builders.assessment(2, 181, "warehouse").model_copy(update={"visit": visit}))
    shop = service.shop
    assert shop.post(f"/v1/cases/{CASE}/qualifications", {}).json()["outcome"]["result"] == "qualified"
    quote = shop.post(f"/v1/cases/{CASE}/offers", {})
    assert (quote.status_code, quote.json()["amount"]) == (201, "330.00")
    offer = f"/v1/offers/{quote.json()['id']}"
    shown = {"inputs_sha256": quote.json()["inputs_sha256"]}
    assert shop.post(f"{offer}/accept", shown).json()["state"] == "accepted"
    assert shop.post(f"/v1/assets/{ASSET}/custody", {"to": "ours", "site": "shop-3"}).status_code == 201
    locks = {"activation": "off", "blocklist": "clear", "source": "operator"}
    assert shop.post(f"/v1/assets/{ASSET}/locks", locks).status_code == 201
    service.later(10)
    erased = shop.post(f"/v1/assets/{ASSET}/erasures", certificate(service))
    assert (erased.status_code, erased.json()["counts"]) == (201, True)
    assert shop.post(f"{offer}/settlements", {"reference": "R-1"}).status_code == 201
    return str(quote.json()["id"])


def test_from_the_hand_off_to_a_phone_that_may_be_resold(service: DealService) -> None:
    blocked = service.shop.get(f"/v1/assets/{ASSET}/resale").json()["gate"]
    assert "erasure_missing" in {reason["rule"] for reason in blocked["reasons"]}
    sold(service)
    assert service.shop.get(f"/v1/assets/{ASSET}/resale").json()["gate"]["state"] == "ready"
    types = [one["event"]["type"] for one in service.admin.get("/v1/events?limit=500").json()["events"]]
    assert types[-1] == "phonegrade.resale.ready.v1"
    assert {"phonegrade.handoff.claimed.v1", "phonegrade.erasure.certified.v1"} <= set(types)


def test_nothing_plain_leaves_by_an_event(service: DealService) -> None:
    sold(service)
    text = service.admin.get("/v1/events?limit=500").text
    assert NUMBER not in text
    assert NUMBER.replace("-", "") not in text
    assert "op-9" not in text


def test_a_blocked_phone_cannot_be_sold_and_the_answer_says_why(service: DealService) -> None:
    refused = service.admin.post(f"/v1/assets/{ASSET}/custody", {"to": "sold"})
    assert (refused.status_code, refused.json()["code"]) == (409, "resale_blocked")
    assert "erasure_missing" in refused.json()["detail"]


def test_a_repeated_acceptance_is_one_and_a_stale_one_is_412(service: DealService) -> None:
    quote = quoted(service)
    path = f"/v1/offers/{quote['id']}/accept"
    wrong = service.customer.post(path, {"inputs_sha256": "0" * 64})
    assert (wrong.status_code, wrong.json()["code"]) == (412, "stale_quote")
    body = {"inputs_sha256": quote["inputs_sha256"]}
    first, again = (service.customer.post(path, body, once="accept-1") for _ in range(2))
    assert (first.status_code, first.content) == (200, again.content)
    assert service.customer.post(path, body).json()["code"] == "quote_state"
    stale = service.customer.post(f"/v1/cases/{CASE}/offers", {}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")


def test_a_step_out_of_order_is_answered_with_what_is_missing_and_what_is_next(service: DealService) -> None:
    refused = service.customer.post(f"/v1/cases/{CASE}/offers", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "step_order")
    assert refused.json()["missing"]["qualify"] == ["the rules' answer"]
    assert refused.json()["next"] == ["qualify", "verify", "dispute"]


def test_a_token_works_once_and_its_digits_must_agree(service: DealService) -> None:
    opened = service.customer.post(f"/v1/cases/{CASE}/handoffs", {}).json()
    assert opened["qr_svg"].startswith("<svg")
    wrong = {"token": opened["token"], "code": f"{(int(opened['code']) + 1) % 100:02d}", "channel": "store"}
    assert service.shop.post("/v1/handoffs/claim", wrong).json()["code"] == "hand_off"
    right = {**wrong, "code": opened["code"]}
    assert service.customer.post("/v1/handoffs/claim", right).status_code == 403
    assert service.shop.post("/v1/handoffs/claim", right).status_code == 200
    assert service.shop.post("/v1/handoffs/claim", right).status_code == 409


def test_a_customers_key_may_neither_erase_nor_settle_nor_read_all_events(service: DealService) -> None:
    quote = quoted(service)["id"]
    for path, body in (
        (f"/v1/assets/{ASSET}/erasures", certificate(service)),
        (f"/v1/offers/{quote}/settlements", {}),
        (f"/v1/cases/{CASE}/overrides", {"rule": "deal_not_settled", "name": "Jeff", "reason": "please"}),
        ("/v1/webhooks", {"url": "https://example.com"}),
    ):
        assert service.customer.post(path, body).status_code == 403, path
    assert service.customer.get("/v1/events").status_code == 403


def test_an_override_shows_its_name_and_a_revocation_blocks_at_once(service: DealService) -> None:
    sold(service)
    lift = {"rule": "identity_unconfirmed", "name": "M. Meyer", "reason": "compared by telephone"}
    assert service.admin.post(f"/v1/cases/{CASE}/overrides", lift).status_code == 201
    refused = service.admin.post(f"/v1/cases/{CASE}/overrides", {**lift, "rule": "erasure_missing"})
    assert (refused.status_code, refused.json()["code"]) == (400, "usage")
    facts = service.shop.get(f"/v1/cases/{CASE}").json()["facts"]
    [known] = [one["id"] for one in facts if one["fact"] == "erasure_certificate"]
    path = f"/v1/assets/{ASSET}/erasures/{known}/revoke"
    assert service.shop.post(path, {"why": "wrong phone"}).status_code == 200
    assert service.shop.post(path, {"why": "again"}).status_code == 409
    gate = service.shop.get(f"/v1/assets/{ASSET}/resale").json()["gate"]
    assert [reason["rule"] for reason in gate["reasons"]] == ["erasure_revoked"]


def test_next_best_offers_are_answered_and_summarised(service: DealService) -> None:
    assert service.customer.post(f"/v1/cases/{CASE}/recommendations", {}).json() == {"recommendations": []}
    unknown = {"offer": "upgrade", "outcome": "accepted"}
    assert service.customer.post(f"/v1/cases/{CASE}/recommendations/answers", unknown).status_code == 404
    assert service.admin.get("/v1/offers").json() == {"rules": []}
    uplift = service.admin.get("/v1/offers/uplift?since=2026-01-01T00:00:00Z").json()
    assert (uplift["champion"], uplift["uplift"]["champion_cases"], uplift["uplift"]["interval"]) == (
        "standard",
        1,
        None,
    )
    assert service.customer.get("/v1/offers/uplift").status_code == 403


def test_events_go_on_where_a_client_stopped(service: DealService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("phonegrade.service.events.LIFE_S", 0.3)
    page = service.admin.get("/v1/events?limit=3").json()
    assert [one["position"] for one in page["events"]] == [1, 2, 3]
    rest = service.admin.get(f"/v1/events?after={page['next']}&limit=500").json()["events"]
    streamed = service.admin.get("/v1/events/stream", headers={"Last-Event-ID": str(page["next"])})
    assert streamed.headers["content-type"].startswith("text/event-stream")
    ids = [int(line[4:]) for line in streamed.text.splitlines() if line.startswith("id: ")]
    assert ids == [one["position"] for one in rest]
    assert service.admin.get("/v1/events/stream", headers={"Last-Event-ID": "x"}).status_code == 400
    assert service.stranger.get("/v1/events").json() == {"events": [], "next": 0}
    only = service.admin.get("/v1/events?type=phonegrade.case.*").json()["events"]
    assert {one["event"]["type"] for one in only} == {"phonegrade.case.opened.v1", "phonegrade.case.visited.v1"}


class Receiver(BaseHTTPRequestHandler):
    """Takes every delivery."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.taken.put((dict(self.headers), body))  # type: ignore[attr-defined]
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Not in the tests' output."""


def test_a_webhook_is_sent_signed_and_sent_again_on_demand(service: DealService) -> None:
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    taken: Queue[tuple[dict[str, str], bytes]] = Queue()
    server.taken = taken  # type: ignore[attr-defined]
    Thread(target=server.serve_forever, daemon=True).start()
    wanted = {"url": f"http://127.0.0.1:{server.server_port}/hook", "types": ["phonegrade.offer.*"]}
    made = service.admin.post("/v1/webhooks", wanted)
    assert made.status_code == 201, made.text
    hook = f"/v1/webhooks/{made.json()['id']}"
    assert "secret" not in service.admin.get(hook).json()
    quoted(service)
    headers, body = taken.get(timeout=20)
    event = Webhook(made.json()["secret"]).verify(body, headers)
    assert event["type"] == "phonegrade.offer.made.v1"
    for _ in range(100):
        [delivery] = service.admin.get(f"{hook}/deliveries").json()["deliveries"]
        if delivery["state"] == "delivered":
            break
    assert (delivery["state"], delivery["status"]) == ("delivered", 204)
    again = service.admin.post(f"{hook}/replay", {"since": "2026-01-01T00:00:00Z"})
    assert again.json() == {"deliveries": 1}
    assert taken.get(timeout=20)[0]["webhook-id"] == headers["webhook-id"]
    disabled = service.admin.post(f"{hook}/state", {"state": "disabled", "why": "maintenance"}).json()
    assert (disabled["state"], disabled["why"]) == ("disabled", "maintenance")
    assert service.admin.request("DELETE", hook).status_code == 204
    assert service.admin.get("/v1/webhooks").json() == {"webhooks": []}
    server.shutdown()
    server.server_close()


def test_a_webhook_inside_the_network_is_refused(service: DealService) -> None:
    for url in ("https://10.0.0.1/x", "http://169.254.169.254/latest", "ftp://127.0.0.1/"):
        refused = service.admin.post("/v1/webhooks", {"url": url})
        assert (refused.status_code, refused.json()["code"]) == (422, "webhook_url")


def test_the_figures_of_the_journey_are_among_the_metrics(service: DealService) -> None:
    sold(service)
    text = service.admin.get("/metrics").text
    for line in (
        'phonegrade_cases{channel="store",ending="open",journey="trade_in"} 1.0',
        'phonegrade_case_axis{axis="resale",channel="store",state="ready"} 1.0',
        'phonegrade_case_step{channel="store",journey="trade_in",step="release"} 1.0',
        'phonegrade_case_step_seconds_count{channel="store",journey="trade_in",step="qualify"} 1.0',
        'phonegrade_certificate_lag_seconds_bucket{le="900.0"} 1.0',
        'phonegrade_grade_agreement_total{agreement="same"} 1.0',
        'phonegrade_photo_inspections_total{surface="front"} 1.0',
        "phonegrade_cases_unsettled 0.0",
        'phonegrade_offers_total{event="made"} 1.0',
        'phonegrade_offers_total{event="accepted"} 1.0',
        'phonegrade_hand_offs_total{event="claimed"} 1.0',
        "phonegrade_webhook_lag_seconds 0.0",
    ):
        assert line in text.splitlines(), line


def test_a_tenant_reads_its_own_figures(service: DealService) -> None:
    sold(service)
    figures = service.shop.get("/v1/figures").json()
    assert figures["steps"] == [{"labels": {"journey": "trade_in", "step": "release", "channel": "store"}, "count": 1}]
    assert figures["overturned"] is None
    [lag] = figures["certificate_lag"]
    assert (lag["count"], lag["seconds"], len(lag["buckets"])) == (1, 600.0, len(figures["bounds_s"]) + 1)
    assert service.stranger.get("/v1/figures").json()["steps"] == []
    assert service.customer.get("/v1/figures").status_code == 403


def test_every_id_of_another_tenant_is_404(service: DealService) -> None:
    quote = sold(service)
    own = {"case_id": CASE, "asset_id": ASSET, "offer_id": quote, "certificate_id": CASE, "webhook_id": CASE}
    bodies: dict[str, Any] = {
        "accept": {"inputs_sha256": "0" * 64},
        "decline": {"why": "x"},
        "overrides": {"rule": "deal_not_settled", "name": "x", "reason": "x"},
        "locks": {"activation": "off", "source": "x"},
        "custody": {"to": "ours"},
        "erasures": certificate(service),
        "revoke": {"why": "x"},
        "answers": {"offer": "upgrade", "outcome": "accepted"},
        "state": {"state": "disabled"},
        "replay": {"since": "2026-01-01T00:00:00Z"},
    }
    asked = 0
    for path, methods in service.app.openapi()["paths"].items():
        tags = {tag for method in methods.values() for tag in method.get("tags", ())}
        if "{" not in path or not tags & {"deals", "phones", "webhooks"}:
            continue
        for method in methods:
            url, body = path.format(**own), bodies.get(path.rsplit("/", 1)[1], {})
            answer = service.stranger.request(
                method.upper(),
                url,
                headers={"Idempotency-Key": f"{method}{url}"},
                **({"json": body} if method == "post" else {}),
            )
            assert answer.status_code == 404, (method, path, answer.text)
            asked += 1
    assert asked >= 20
