"""From qualification to payment, and what the gate says at each step."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

import phonegrade
from phonegrade.configs.journey import shipped_journey
from phonegrade.configs.offer_rules import shipped_offer_rules
from phonegrade.core.data_errors import NotFoundError, StaleVersionError
from phonegrade.core.errors import UsageError
from phonegrade.core.journey_errors import (
    CaseExpiredError,
    NoPriceError,
    QuoteStateError,
    ResaleBlockedError,
    StaleQuoteError,
    StepOrderError,
)
from phonegrade.journeys.deal_facts import Qualification, Quote
from phonegrade.journeys.next_best import Experiment
from phonegrade.service.use_cases.erasures import ErasureRevocation, ErasureUpload, add_erasure, revoke_erasure
from phonegrade.service.use_cases.offers import (
    OfferAcceptance,
    OfferDecline,
    OfferPayment,
    PriceBooks,
    accept,
    decline,
    offer,
    qualify,
    settle,
)
from phonegrade.service.use_cases.phones import (
    CustodyRequest,
    LockAnswer,
    OverrideRequest,
    move,
    override,
    record_locks,
    resale,
)
from phonegrade.service.use_cases.recommending import recommend
from phonegrade.store.cases import open_case
from phonegrade.store.event_log import events_after
from phonegrade.tests.journeys import builders
from phonegrade.tests.service.use_cases.conftest import Shop
from phonegrade.tests.store.example import ASSET, CASE, NUMBER, TENANT, example_case

PRICES = PriceBooks(Path(phonegrade.__file__).parent / "samples/journeys/prices.csv")

OTHER = builders.fact_id(7000)


def upload(shop: Shop, **more: object) -> ErasureUpload:
    given = {
        "identifier": NUMBER,
        "method": "purge",
        "technique": "cryptographic_erase",
        "tool": "eraser",
        "tool_version": "4.2",
        "verification": "full",
        "persons": [{"name": "op-7", "did": "sanitised"}, {"name": "op-9", "did": "verified"}],
        "started_at": shop.now - timedelta(minutes=5),
        "ended_at": shop.now,
    }
    return ErasureUpload.model_validate(given | more)


def sold(shop: Shop) -> str:
    """The whole way until the phone may be resold; return the quote's id."""
    shop.do(lambda acting: qualify(acting, CASE))
    shop.add(builders.assessment(2, 30, "warehouse"))
    quote = shop.do(lambda acting: offer(acting, CASE, PRICES))
    shop.do(lambda acting: accept(acting, quote.id, OfferAcceptance(inputs_sha256=quote.inputs_sha256)))
    shop.do(lambda acting: move(acting, ASSET, CustodyRequest(to="ours", site="hub")))
    shop.do(lambda acting: record_locks(acting, ASSET, LockAnswer(activation="off", blocklist="clear", source="op")))
    shop.now += timedelta(minutes=10)
    assert shop.do(lambda acting: add_erasure(acting, shop.store.blobs, ASSET, upload(shop))).counts
    shop.do(lambda acting: settle(acting, quote.id, OfferPayment(reference="R-1")))
    return quote.id


def quoted(shop: Shop) -> Quote:
    """A quote on what the app sent."""
    shop.do(lambda acting: qualify(acting, CASE))
    return shop.do(lambda acting: offer(acting, CASE, PRICES))


def test_the_whole_way_opens_the_gate_and_a_revocation_closes_it(shop: Shop) -> None:
    sold(shop)
    ready = shop.do(lambda acting: resale(acting, ASSET))
    assert (ready.gate.state, ready.gate.reasons, ready.custody) == ("ready", (), "ours")
    certificate = shop.do(lambda acting: acting.load(CASE)).facts.facts
    [known] = [one for one in certificate if one.fact == "erasure_certificate"]
    shop.do(lambda acting: revoke_erasure(acting, ASSET, known.id, ErasureRevocation(why="wrong phone")))
    blocked = shop.do(lambda acting: resale(acting, ASSET)).gate
    assert [reason.rule for reason in blocked.reasons] == ["erasure_revoked"]
    types = [event.type.split(".", 1)[1] for event in events_after(shop.store.database, TENANT, 0)]
    assert types[-3:] == ["resale.ready.v1", "erasure.revoked.v1", "resale.blocked.v1"]
    with pytest.raises(ResaleBlockedError, match="erasure_revoked"):
        shop.do(lambda acting: move(acting, ASSET, CustodyRequest(to="sold")))


def test_a_case_that_waits_for_facts_records_no_answer(shop: Shop) -> None:
    first = shop.do(lambda acting: qualify(acting, CASE))
    again = shop.do(lambda acting: qualify(acting, CASE))
    assert (first.outcome.result, first.qualification) == ("qualified", again.qualification)
    shop.add(builders.photo(builders.Surface.FRONT, at=20, number=150))
    waiting = shop.do(lambda acting: qualify(acting, CASE))
    assert (waiting.outcome.result, waiting.qualification) == (None, None)


def test_a_quote_is_accepted_once_and_only_on_the_assessment_that_holds(shop: Shop) -> None:
    quote = quoted(shop)
    assert (quote.amount, quote.currency) == (Decimal("330.00"), "EUR")
    acceptance = OfferAcceptance(inputs_sha256=quote.inputs_sha256)
    with pytest.raises(StaleQuoteError):
        shop.do(lambda acting: accept(acting, quote.id, OfferAcceptance(inputs_sha256="0" * 64)))
    assert shop.do(lambda acting: accept(acting, quote.id, acceptance)).state == "accepted"
    with pytest.raises(QuoteStateError):
        shop.do(lambda acting: accept(acting, quote.id, acceptance))
    fresh = shop.do(lambda acting: offer(acting, CASE, PRICES))
    shop.add(builders.assessment(2, 30, "warehouse"))
    with pytest.raises(StaleQuoteError, match="number 2 holds now"):
        shop.do(lambda acting: accept(acting, fresh.id, OfferAcceptance(inputs_sha256=fresh.inputs_sha256)))


def test_an_expired_quote_is_stale_and_a_declined_one_cannot_be_paid(shop: Shop) -> None:
    quote = quoted(shop)
    shop.now = quote.valid_until + timedelta(seconds=1)
    with pytest.raises(StaleQuoteError, match="expired"):
        shop.do(lambda acting: accept(acting, quote.id, OfferAcceptance(inputs_sha256=quote.inputs_sha256)))
    shop.now = quote.at
    assert shop.do(lambda acting: decline(acting, quote.id, OfferDecline(why="too little"))).state == "declined"
    with pytest.raises(QuoteStateError, match="declined"):
        shop.do(lambda acting: settle(acting, quote.id, OfferPayment()))


def test_prices_are_a_tenants_own(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_bytes(
        (Path(phonegrade.__file__).parent / "samples/journeys/prices.csv").read_bytes()
    )
    books = PriceBooks(tmp_path)
    assert books.of("other").currency == "EUR"
    shop.do(lambda acting: qualify(acting, CASE))
    with pytest.raises(NoPriceError):
        shop.do(lambda acting: offer(acting, CASE, books))
    (tmp_path / "none").mkdir()
    with pytest.raises(UsageError):
        PriceBooks(tmp_path / "none")


def test_a_certificate_that_does_not_count_is_kept_with_the_reason(shop: Shop) -> None:
    added = shop.do(
        lambda acting: add_erasure(acting, shop.store.blobs, ASSET, upload(shop, identifier="356938035643809"))
    )
    assert (added.counts, added.reasons[0].rule) == (False, "erasure_mismatch")
    broken = upload(shop, document={"base64": "!!!!"})
    with pytest.raises(UsageError, match="base64"):
        shop.do(lambda acting: add_erasure(acting, shop.store.blobs, ASSET, broken))
    with_document = upload(shop, document={"base64": "JVBERi0xLjc="})
    shop.do(lambda acting: add_erasure(acting, shop.store.blobs, ASSET, with_document))
    assert len(list(shop.store.blobs.names())) == 1


def test_only_what_the_journey_names_can_be_lifted(shop: Shop) -> None:
    lift = OverrideRequest(rule="deal_not_settled", name="M. Meyer", reason="paid in cash")
    shop.do(lambda acting: override(acting, CASE, lift))
    gate = shop.do(lambda acting: resale(acting, ASSET)).gate
    assert [one.override.name for one in gate.lifted] == ["M. Meyer"]
    with pytest.raises(UsageError, match="erasure_missing cannot be lifted"):
        shop.do(lambda acting: override(acting, CASE, lift.model_copy(update={"rule": "erasure_missing"})))


def test_nothing_of_another_tenant_or_case_is_there(shop: Shop) -> None:
    quote = quoted(shop)
    shop.tenant = "other"
    for use_case in (
        lambda acting: qualify(acting, CASE),
        lambda acting: accept(acting, quote.id, OfferAcceptance(inputs_sha256=quote.inputs_sha256)),
        lambda acting: resale(acting, ASSET),
        lambda acting: move(acting, ASSET, CustodyRequest(to="ours")),
    ):
        with pytest.raises(NotFoundError):
            shop.do(use_case)
    shop.tenant, shop.only_case = TENANT, builders.fact_id(999)
    with pytest.raises(NotFoundError):
        shop.do(lambda acting: resale(acting, ASSET))


def test_a_change_that_rests_on_an_older_version_is_refused(shop: Shop) -> None:
    with pytest.raises(StaleVersionError):
        shop.do(lambda acting: qualify(replace(acting, version=1), CASE))


def test_decisions_keep_the_journeys_order_and_say_what_is_next(shop: Shop) -> None:
    with pytest.raises(StepOrderError, match="the rules have not answered") as refused:
        shop.do(lambda acting: offer(acting, CASE, PRICES))
    assert refused.value.members["next"] == ["qualify", "verify", "dispute"]
    quote = quoted(shop)
    with pytest.raises(StepOrderError, match="the customer has not accepted"):
        shop.do(lambda acting: move(acting, ASSET, CustodyRequest(to="ours")))
    shop.do(lambda acting: move(acting, ASSET, CustodyRequest(to="in_transit")))  # a fact: it is on its way
    shop.do(lambda acting: accept(acting, quote.id, OfferAcceptance(inputs_sha256=quote.inputs_sha256)))
    with pytest.raises(StepOrderError, match="the phone is not with us"):
        shop.do(lambda acting: settle(acting, quote.id, OfferPayment()))
    shop.do(lambda acting: move(acting, ASSET, CustodyRequest(to="ours")))
    with pytest.raises(StepOrderError, match="the grade is not verified"):
        shop.do(lambda acting: settle(acting, quote.id, OfferPayment()))


def test_a_quote_is_not_accepted_once_the_rules_lead_elsewhere(shop: Shop) -> None:
    quote = quoted(shop)
    shop.add(builders.lock_check(9, 42, blocklist="listed"))
    with pytest.raises(StepOrderError, match="reported lost, stolen or unpaid"):
        shop.do(lambda acting: accept(acting, quote.id, OfferAcceptance(inputs_sha256=quote.inputs_sha256)))


def test_a_case_past_its_end_makes_no_deal_but_what_was_accepted_is_carried_out(shop: Shop) -> None:
    with shop.store.database.write() as connection:
        own = example_case().model_copy(update={"id": OTHER, "expires_at": shop.now - timedelta(seconds=1)})
        open_case(connection, TENANT, own, shop.now)
    for step in (
        lambda acting: qualify(acting, OTHER),
        lambda acting: offer(acting, OTHER, PRICES),
        lambda acting: recommend(acting, OTHER, Experiment(shipped_offer_rules("standard")), "app"),
    ):
        with pytest.raises(CaseExpiredError, match="can only be read"):
            shop.do(step)
    assert shop.do(lambda acting: acting.load(OTHER)).facts.case.id == OTHER


def test_a_quote_and_a_qualification_name_the_journey_that_made_them(shop: Shop) -> None:
    quote, journey = quoted(shop), shipped_journey("trade_in")
    facts = shop.do(lambda acting: acting.load(CASE)).facts
    [answer] = facts.every(Qualification)
    assert quote.journey_sha256 == answer.ruleset_sha256 == journey.sha256
