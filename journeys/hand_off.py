"""A case's way from one channel to another."""

import hashlib
import hmac
from datetime import datetime
from typing import Literal

from phonegrade.core.journey_errors import HandOffError
from phonegrade.journeys.device_facts import HandOff, HandOffClaim
from phonegrade.journeys.facts import CaseFacts

HandOffState = Literal["open", "claimed", "expired", "replaced"]


def hand_off_state(hand_off: HandOff, facts: CaseFacts, now: datetime) -> HandOffState:
    """Return what became of a hand-off: it works once, for as long as it says, and only the newest of a case."""
    if any(claim.hand_off == hand_off.id for claim in facts.every(HandOffClaim)):
        return "claimed"
    newest = facts.latest(HandOff)
    if newest is not None and newest.id != hand_off.id:
        return "replaced"
    return "expired" if now > hand_off.expires_at else "open"


def refuse_claim(hand_off: HandOff, facts: CaseFacts, now: datetime, token: str, code: str) -> None:
    """Raise HandOffError unless a hand-off is open and both its token and the two digits on the other screen are right.

    Token and code are compared in constant time, and the message is the same for either.
    """
    digest = hashlib.sha256(token.encode()).hexdigest()
    right = hmac.compare_digest(digest, hand_off.token_sha256) & hmac.compare_digest(
        code.encode(), hand_off.code.encode()
    )
    if not right:
        raise HandOffError("token and code do not belong together; read both again from the other screen")
    state = hand_off_state(hand_off, facts, now)
    if state != "open":
        raise HandOffError(f"this hand-off is {state}; start another on the first screen")
