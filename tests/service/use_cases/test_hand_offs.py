"""A case goes to the shop by a token that works once."""

from datetime import timedelta
from xml.etree import ElementTree

import pytest

from phonegrade.core.journey_errors import HandOffError
from phonegrade.journeys.device_facts import HandOff
from phonegrade.journeys.facts import Visit
from phonegrade.service.use_cases.hand_offs import HandOffClaimRequest, OpenedHandOff, claim_hand_off, open_hand_off
from phonegrade.tests.service.use_cases.conftest import Shop
from phonegrade.tests.store.example import CASE

pytest.importorskip("segno")


def claim_of(opened: OpenedHandOff, **more: str) -> HandOffClaimRequest:
    return HandOffClaimRequest.model_validate(
        {"token": opened.token, "code": opened.code, "channel": "store", "site": "shop-3"} | more
    )


def test_the_claimed_case_goes_on_where_it_was(shop: Shop) -> None:
    opened = shop.do(lambda acting: open_hand_off(acting, CASE))
    claimed = shop.do(lambda acting: claim_hand_off(acting, claim_of(opened)))
    facts = shop.do(lambda acting: acting.load(CASE)).facts
    visit = facts.by_id(Visit, claimed.visit)
    assert (claimed.case, visit and visit.site, visit and visit.channel) == (CASE, "shop-3", "store")
    steps = {part.step for part in claimed.status.missing}
    assert steps.isdisjoint({"consent", "identify", "test", "photograph", "check_locks"})
    assert "verify" in {step.step for step in claimed.status.next}


def test_the_token_is_stored_as_a_hash_and_shown_as_a_picture(shop: Shop) -> None:
    opened = shop.do(lambda acting: open_hand_off(acting, CASE))
    assert len(bytes.fromhex(opened.token)) == 16
    known = shop.do(lambda acting: acting.load(CASE)).facts.latest(HandOff)
    assert known is not None
    assert opened.token not in known.model_dump_json()
    assert ElementTree.fromstring(opened.qr_svg).tag.endswith("svg")  # noqa: S314  our own


def test_it_works_once_for_ten_minutes_and_with_the_right_digits(shop: Shop) -> None:
    opened = shop.do(lambda acting: open_hand_off(acting, CASE))
    other = f"{(int(opened.code) + 1) % 100:02d}"
    with pytest.raises(HandOffError, match="do not belong together"):
        shop.do(lambda acting: claim_hand_off(acting, claim_of(opened, code=other)))
    with pytest.raises(HandOffError, match="do not belong together"):
        shop.do(lambda acting: claim_hand_off(acting, claim_of(opened, token="0" * 32)))
    shop.do(lambda acting: claim_hand_off(acting, claim_of(opened)))
    with pytest.raises(HandOffError, match="claimed"):
        shop.do(lambda acting: claim_hand_off(acting, claim_of(opened)))
    shop.now += timedelta(seconds=1)
    late = shop.do(lambda acting: open_hand_off(acting, CASE))
    shop.now += timedelta(minutes=10, seconds=1)
    with pytest.raises(HandOffError, match="expired"):
        shop.do(lambda acting: claim_hand_off(acting, claim_of(late)))


def test_another_tenants_token_is_none(shop: Shop) -> None:
    opened = shop.do(lambda acting: open_hand_off(acting, CASE))
    shop.tenant = "other"
    with pytest.raises(HandOffError, match="do not belong together"):
        shop.do(lambda acting: claim_hand_off(acting, claim_of(opened)))
