"""A hand-off works once, in time, with both screens; a lot says what it is short of."""

import hashlib

import pytest

from phonegrade.core.journey_errors import HandOffError
from phonegrade.journeys.device_facts import HandOff, HandOffClaim
from phonegrade.journeys.hand_off import hand_off_state, refuse_claim
from phonegrade.tests.journeys.builders import bundle, minutes, of_case

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
