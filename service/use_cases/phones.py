"""A phone's own facts: its locks, where it is, what a named person lifts, and whether it may be resold."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from phonegrade.core.data_errors import NotFoundError
from phonegrade.core.errors import UsageError
from phonegrade.core.journey_errors import FactsError, ResaleBlockedError
from phonegrade.core.strict import Strict
from phonegrade.journeys.deal_facts import Override
from phonegrade.journeys.device_facts import ActivationLock, Blocklist, Custody, CustodyMove, Identifier, LockCheck
from phonegrade.journeys.erasure import came_in_at, custody_of
from phonegrade.journeys.evidence import known_hashes
from phonegrade.journeys.fact import FactId, Label, Text, Utc
from phonegrade.journeys.facts import CaseFacts
from phonegrade.journeys.resale import ResaleGate
from phonegrade.service.lock_lookup import LockQuestion
from phonegrade.service.use_cases.acting import Acting
from phonegrade.store.assets import plain_number


class LockAnswer(Strict):
    """What a look-up of locks answered; what it did not ask for is left out."""

    activation: ActivationLock | None = None
    blocklist: Blocklist | None = None
    source: Label
    """Which service or person answered."""
    visit: FactId | None = None

    @model_validator(mode="after")
    def _answers_something(self) -> Self:
        if self.activation is None and self.blocklist is None:
            raise ValueError("give activation, blocklist or both")
        return self


class CustodyRequest(Strict):
    """The phone changes hands."""

    to: Custody
    site: Label | None = None
    carrier: Label | None = None
    reference: Label | None = None
    visit: FactId | None = None


class OverrideRequest(Strict):
    """A named person lifts one reason of the resale gate."""

    rule: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    name: Label
    reason: Text
    until: Utc | None = None
    visit: FactId | None = None


class AssetResale(Strict):
    """Whether a phone may be resold, by the case that decides on it, with every reason against it."""

    asset: FactId
    case: FactId
    custody: Custody
    gate: ResaleGate
    at: Utc
    """The answer holds for this moment: locks and overrides expire."""


def record_locks(acting: Acting, asset: str, answer: LockAnswer) -> LockCheck:
    """Record a look-up of locks. Raises NotFoundError."""
    acting = acting.at(answer.visit)
    stored = acting.case_of_phone(asset)
    acting.check_step(stored.facts, "check_locks", "app", "kiosk", "store", "warehouse")
    check = LockCheck(
        **acting.of_phone(stored.facts),
        activation=answer.activation,
        blocklist=answer.blocklist,
        source=answer.source,
    )
    acting.add(stored, check)
    return check


def lock_questions(acting: Acting, asset: str, visit: FactId | None) -> tuple[LockQuestion, ...]:
    """Return the numbers that were read from a phone, in plain where they are stored, for a look-up alone.

    Raises NotFoundError, FactsError for a phone of which no number was read or confirmed.
    """
    facts = acting.case_of_phone(asset).facts
    acting.check_step(facts, "check_locks", "app", "kiosk", "store", "warehouse")
    acting.find_visit(facts, visit)  # refused before anybody is asked
    known = known_hashes(facts)
    readings = {one.hmac: one for one in facts.current(Identifier) if one.hmac in known}
    if not readings:
        raise FactsError("no number was read from this phone or confirmed, so no lock can be looked up; identify it")
    return tuple(LockQuestion(one.kind, one.hmac, _plain(acting, one.id)) for one in readings.values())


def _plain(acting: Acting, reading: str) -> str | None:
    try:
        return plain_number(acting.connection, acting.vault, acting.tenant, reading)
    except NotFoundError:
        return None


def move(acting: Acting, asset: str, request: CustodyRequest) -> CustodyMove:
    """Record that the phone changes hands.

    Raises ResaleBlockedError for a sale that the resale gate does not let; CaseExpiredError and StepOrderError where
    the phone comes to us before the journey lets it. That it is on its way, or given back, is always recorded.
    """
    acting = acting.at(request.visit)
    stored = acting.case_of_phone(asset)
    if request.to == "sold":
        acting.check_step(stored.facts, "release", "warehouse")
        refuse_resale(acting, stored.facts)
    acting.check_step(stored.facts, "hand_over", "kiosk", "store", "warehouse")
    if request.to == "ours" and came_in_at(stored.facts) is None:
        acting.refuse_step(stored.facts, "hand_over")
    moved = CustodyMove(
        **acting.of_phone(stored.facts),
        to=request.to,
        site=request.site,
        carrier=request.carrier,
        reference=request.reference,
    )
    acting.add(stored, moved)
    return moved


def override(acting: Acting, case_id: str, request: OverrideRequest) -> Override:
    """Record that a named person lifts a reason. Raises UsageError for one that the journey lets nobody lift."""
    acting = acting.at(request.visit)
    stored = acting.load(case_id)
    acting.check_step(stored.facts, "release", "warehouse")
    resale = acting.journey_of(stored.facts).resale
    liftable = () if resale is None else resale.overridable
    if request.rule not in liftable:
        raise UsageError(
            f"{request.rule} cannot be lifted on journey {stored.facts.case.journey}; "
            f"what can be: {', '.join(liftable) or 'nothing'}"
        )
    given = Override(
        **acting.of_case(stored.facts),
        rule=request.rule,
        name=request.name,
        reason=request.reason,
        until=request.until,
    )
    acting.add(stored, given)
    return given


def resale(acting: Acting, asset: str) -> AssetResale:
    """Return whether a phone may be resold now. Raises NotFoundError."""
    facts = acting.case_of_phone(asset).facts
    return AssetResale(
        asset=facts.case.asset or asset,
        case=facts.case.id,
        custody=custody_of(facts),
        gate=acting.gate(facts),
        at=acting.now,
    )


def refuse_resale(acting: Acting, facts: CaseFacts) -> None:
    """Raise ResaleBlockedError, with every reason, unless the resale gate is open."""
    gate = acting.gate(facts)
    if gate.state == "blocked":
        reasons = "; ".join(f"{one.text} [{one.rule}]" for one in gate.reasons)
        raise ResaleBlockedError(f"the phone may not be resold or put away for sale: {reasons}")
