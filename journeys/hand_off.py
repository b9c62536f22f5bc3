"""A case's way from one channel to another, and what a lot held against what it should hold."""

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import PositiveInt

from phonegrade.core.journey_errors import HandOffError
from phonegrade.core.strict import Strict
from phonegrade.journeys.device_facts import Asset, HandOff, HandOffClaim, Lot
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


class LotDifference(Strict):
    """Phones of one kind that a lot is short of, or holds beyond what was expected."""

    device: str
    storage_gb: PositiveInt | None
    """None where the expected list leaves it open, or it is not known of the phone."""
    expected: int
    received: int


def lot_differences(lot: Lot, received: Iterable[Asset]) -> tuple[LotDifference, ...]:
    """Return where a lot differs from its expected list; none where it holds what it should.

    A phone counts for the line of its storage before one that leaves storage open. A phone that is not recognised is
    surplus under the name "unknown".
    """
    open_lines: Counter[tuple[str, int | None]] = Counter()
    for item in lot.expected:
        open_lines[item.device, item.storage_gb] += item.count
    counts: Counter[tuple[str, int | None]] = Counter()
    for asset in sorted(received, key=lambda one: (one.asset, one.order)):
        exact, loose = (asset.device or "unknown", asset.storage_gb), (asset.device or "unknown", None)
        takes = exact if counts[exact] < open_lines[exact] or counts[loose] >= open_lines[loose] else loose
        counts[takes] += 1
    return tuple(
        LotDifference(device=key[0], storage_gb=key[1], expected=open_lines[key], received=counts[key])
        for key in sorted({*open_lines, *counts}, key=lambda key: (key[0], key[1] or 0))
        if open_lines[key] != counts[key]
    )
