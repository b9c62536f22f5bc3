"""The type allocation code as a vote: which device confirmed phones with the same eight digits turned out to be.

No public table of TACs is to be trusted, so nothing is known here but what an operator's own cases have confirmed. A
vote suggests; it never names a phone.
"""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

AGREEING = 3
"""Confirmed phones from which on a TAC suggests their device."""
LEAST_SHARE = 0.75
"""Of all votes; makers do allocate one TAC to several variants of a model."""


class TacVote(NamedTuple):
    """One phone that a person identified: its TAC and the catalogue's name of what it is."""

    phone: str
    tac: str
    device: str


def suggested_device(votes: Iterable[TacVote], tac: str, without: str | None = None) -> str | None:
    """Return the device that a TAC suggests, None where too few phones agree; `without` is the phone in question.

    Every phone votes once: the last of its votes counts.
    """
    by_phone = {vote.phone: vote.device for vote in votes if vote.tac == tac and vote.phone != without}
    if not by_phone:
        return None
    device, agreeing = Counter(by_phone.values()).most_common(1)[0]
    return device if agreeing >= AGREEING and agreeing >= LEAST_SHARE * len(by_phone) else None
