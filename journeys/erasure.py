"""Whether a phone's data are provably gone: which certificates count, and why the others do not."""

from datetime import datetime
from typing import NamedTuple

from phonegrade.configs.journey_parts import ErasureNeed
from phonegrade.journeys.device_facts import Custody, CustodyMove, ErasureCertificate
from phonegrade.journeys.evidence import OUTSIDE, known_hashes
from phonegrade.journeys.fact import JourneyReason
from phonegrade.journeys.facts import CaseFacts

STRICTEST = ErasureNeed(
    methods=("clear", "purge", "destroy"),
    source="NIST SP 800-88 Rev. 2; the journey names no methods of its own",
)
"""Where a journey says nothing of erasure a certificate is still needed before resale."""


class Erasure(NamedTuple):
    """The answer: the certificate that counts, or why none does."""

    certificate: ErasureCertificate | None
    reasons: tuple[JourneyReason, ...]
    """Empty where a certificate counts."""


def custody_of(facts: CaseFacts) -> Custody:
    """Return who has the phone; before the first move it is the customer."""
    moved = facts.latest(CustodyMove)
    return "customer" if moved is None else moved.to


def came_in_at(facts: CaseFacts) -> datetime | None:
    """Return when the phone last came to us from somebody else; None where it is not with us, or never was.

    A move between two of our own sites is not a return. An erasure before this moment proves nothing: whoever had the
    phone since could have put new data on it.
    """
    came: datetime | None = None
    outside = True
    for move in facts.current(CustodyMove):
        if move.to in OUTSIDE:
            outside, came = True, None
        elif move.to == "ours" and outside:
            outside, came = False, move.at
    return came


def erasure_of(facts: CaseFacts, need: ErasureNeed | None, now: datetime) -> Erasure:
    """Return the newest certificate that counts, or for every certificate why it does not."""
    certificates = facts.current(ErasureCertificate)
    rule = STRICTEST if need is None else need
    problems = {one.id: _problem(one, facts, rule, now) for one in certificates}
    valid = [one for one in certificates if problems[one.id] is None]
    if valid:
        return Erasure(valid[-1], ())
    reasons = tuple(reason for reason in problems.values() if reason is not None)
    return Erasure(None, reasons or (_missing(rule),))


def _missing(rule: ErasureNeed) -> JourneyReason:
    return JourneyReason(
        rule="erasure_missing",
        text="there is no data erasure certificate for this phone",
        would_change=f"erase the phone ({' or '.join(rule.methods)}), verify it and add the certificate",
        source=rule.source,
    )


def _problem(one: ErasureCertificate, facts: CaseFacts, rule: ErasureNeed, now: datetime) -> JourneyReason | None:
    """Return the first thing that keeps a certificate from counting."""
    came = came_in_at(facts)
    again = "erase the phone again and add the new certificate"
    checks = (
        ("erasure_revoked", one.revoked_at is not None, f"was revoked: {one.revoked_why or 'no reason given'}", again),
        (
            "erasure_mismatch",
            one.identifier_hmac not in known_hashes(facts),
            "names a number that was not read from this phone",
            "read the number from the phone itself, or add the certificate of this phone",
        ),
        (
            "erasure_before_return",
            came is None or one.started_at < came,
            "is older than the phone's last return: since then somebody else had it",
            again,
        ),
        ("erasure_in_future", one.ended_at > now, "ends in the future", "correct the clock of the erasure station"),
        (
            "erasure_unverified",
            one.verification not in rule.verifications or not any(p.did == "verified" for p in one.persons),
            f"was not verified enough ({one.verification})",
            "verify the erasure and name who verified it",
        ),
        (
            "erasure_method",
            one.method not in rule.methods,
            f"states the method {one.method}, which is not enough here",
            f"erase the phone by {' or '.join(rule.methods)}",
        ),
    )
    failed = next((check for check in checks if check[1]), None)
    if failed is None:
        return None
    code, _, text, remedy = failed
    return JourneyReason(
        rule=code,
        text=f"the certificate of {one.started_at:%Y-%m-%d %H:%M} UTC {text}",
        would_change=remedy,
        evidence=(one.id,),
        source=rule.source,
    )
