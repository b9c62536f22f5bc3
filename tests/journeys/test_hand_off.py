"""A hand-off works once, in time, with both screens; a lot says what it is short of."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phonegrade.core.journey_errors import HandOffError
from phonegrade.journeys.device_facts import Asset, ExpectedItem, HandOff, HandOffClaim, Lot
from phonegrade.journeys.hand_off import hand_off_state, lot_differences, refuse_claim
from phonegrade.tests.journeys.builders import AT, asset, bundle, fact_id, minutes, of_case

TOKEN = "t" * 22


def hand_off(number: int = 60, at: float = 10) -> HandOff:
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    return HandOff(**of_case(number, at), token_sha256=digest, code="42", expires_at=minutes(at + 10))


CLAIM = HandOffClaim(**of_case(61, 12, "store"), hand_off=hand_off().id)


def test_it_is_claimed_with_token_and_code() -> None:
    refuse_claim(hand_off(), bundle(hand_off()), minutes(12), TOKEN, "42")


@pytest.mark.parametrize(("token", "code"), [("x" * 22, "42"), (TOKEN, "43"), ("", ""), (TOKEN, "é")])
def test_either_wrong_is_the_same_refusal(token: str, code: str) -> None:
    with pytest.raises(HandOffError, match="token and code do not belong together"):
        refuse_claim(hand_off(), bundle(hand_off()), minutes(12), token, code)


def test_it_works_once_in_time_and_only_the_newest() -> None:
    facts = bundle(hand_off(), CLAIM)
    assert hand_off_state(hand_off(), facts, minutes(13)) == "claimed"
    with pytest.raises(HandOffError, match="is claimed; start another"):
        refuse_claim(hand_off(), facts, minutes(13), TOKEN, "42")
    assert hand_off_state(hand_off(), bundle(hand_off()), minutes(21)) == "expired"
    assert hand_off_state(hand_off(), bundle(hand_off(), hand_off(62, 11)), minutes(12)) == "replaced"


def lot(*expected: ExpectedItem) -> Lot:
    return Lot(id=fact_id(800), at=AT, by="key-1", reference="L-7", expected=expected)


def received(device: str | None, storage_gb: int | None, number: int) -> Asset:
    return asset(device, storage_gb, number).model_copy(update={"asset": fact_id(number)})


LOT = lot(
    ExpectedItem(device="Apple iPhone 13", storage_gb=128, count=2), ExpectedItem(device="Apple iPhone 13", count=1)
)
PHONES = [
    received("Apple iPhone 13", 128, 801),
    received("Apple iPhone 13", 128, 802),
    received("Apple iPhone 13", 256, 803),
]


def test_a_lot_that_holds_what_it_should_differs_nowhere() -> None:
    assert lot_differences(LOT, PHONES) == ()
    assert lot_differences(LOT, [*PHONES[:2], received("Apple iPhone 13", 128, 804)]) == ()


@given(st.permutations([PHONES[0], received(None, None, 805), received("Apple iPhone 12", 64, 806)]))
def test_what_is_short_and_what_is_surplus_is_named_in_any_order(phones: list[Asset]) -> None:
    rows = [(one.device, one.storage_gb, one.expected, one.received) for one in lot_differences(LOT, phones)]
    assert rows == [
        ("Apple iPhone 12", 64, 0, 1),
        ("Apple iPhone 13", None, 1, 0),
        ("Apple iPhone 13", 128, 2, 1),
        ("unknown", None, 0, 1),
    ]
