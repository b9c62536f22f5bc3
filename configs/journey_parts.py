"""The parts of a journey file: needs, steps, deciding rules, quotes and the resale gate."""

from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from phonegrade.configs.condition import When
from phonegrade.configs.policy_part import PolicyPart, RuleName, Share, Source
from phonegrade.core.functional.report import MeasureName, Role, TestName, functional_vocabulary
from phonegrade.core.vocabulary import Surface

StepName = Literal[
    "consent",
    "identify",
    "describe",
    "complain",
    "test",
    "photograph",
    "check_locks",
    "assess",
    "qualify",
    "quote",
    "accept",
    "hand_over",
    "verify",
    "erase",
    "settle",
    "release",
]
"""What can be done for a case; `release` is the sale or put-away that the resale gate guards."""
StepChannel = Literal["app", "web", "kiosk", "store", "warehouse", "partner"]
KeyScope = Literal["kiosk", "app", "store", "reviewer", "warehouse", "admin"]
Sentence = Annotated[str, Field(min_length=8, max_length=400)]


class ConsentNeed(PolicyPart):
    """What the customer must agree to."""

    purposes: Annotated[tuple[Literal["assessment", "offers", "training"], ...], Field(min_length=1)]
    source: Source


class IdentityNeed(PolicyPart):
    """How surely it must be known which phone this is."""

    level: Literal["claimed", "read", "confirmed"]
    """A number was typed; two reads agree; somebody compared it with the phone."""
    catalogue: bool = True
    """The phone must be a device of the catalogue."""
    storage: bool = False
    """Its storage must be known."""
    source: Source


class HoldingNeed(PolicyPart):
    """What must be known about the customer's ownership."""

    facts: Annotated[tuple[Literal["owned_since", "activated_on", "warranty_until", "cover"], ...], Field(min_length=1)]
    source: Source


class ComplaintNeed(PolicyPart):
    """The customer must say what is wrong and what has happened."""

    source: Source


class TestsNeed(PolicyPart):
    """Which tests and measures must have a result."""

    __test__ = False

    roles: tuple[Role, ...] = ()
    """Every test of these roles."""
    tests: tuple[TestName, ...] = ()
    measures: tuple[MeasureName, ...] = ()
    complained: bool = False
    """Every function that the customer complains about."""
    source: Source

    @property
    def names(self) -> tuple[str, ...]:
        """Every test that is named or of a named role, in the vocabulary's order."""
        vocabulary = functional_vocabulary()
        wanted = {*self.tests, *(name for role in self.roles for name in vocabulary.named(role))}
        return tuple(name for name in vocabulary.tests if name in wanted)

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if not (self.roles or self.tests or self.measures or self.complained):
            raise ValueError("give at least one of roles, tests, measures and complained")
        return self


class PhotosNeed(PolicyPart):
    """Which surfaces must be shown."""

    surfaces: Annotated[tuple[Surface, ...], Field(min_length=1)]
    session_code: bool = False
    """The session's code must be legible in each: no older photo counts."""
    max_age_hours: PositiveInt | None = None
    """Older photos do not count."""
    max_tries: PositiveInt = 3
    """After so many photos of one surface the best is taken as it is: nobody is trapped in retakes."""
    source: Source


class LocksNeed(PolicyPart):
    """Which locks must be asked about; the answer `unknown` lets the case go on, and blocks resale."""

    checks: Annotated[tuple[Literal["activation", "blocklist"], ...], Field(min_length=1)]
    max_age_days: PositiveInt
    """An older answer counts as unknown."""
    source: Source


class ErasureNeed(PolicyPart):
    """How the data must be erased."""

    methods: Annotated[tuple[Literal["clear", "purge", "destroy"], ...], Field(min_length=1)]
    """NIST SP 800-88's methods that are enough."""
    verifications: Annotated[tuple[Literal["full", "sampled", "tool_report"], ...], Field(min_length=1)] = (
        "full",
        "sampled",
        "tool_report",
    )
    source: Source


class VerifiedNeed(PolicyPart):
    """What makes a grade verified beyond a phone at hand and no open question."""

    second_person_from: Annotated[Decimal, Field(gt=0)] | None = None
    """From this quote on, two persons accept the assessment."""
    near_limit_below: Annotated[float, Field(gt=0.0, lt=1.0)] | None = None
    """A grade with the phone at hand that is less likely than this is reviewed by a person."""
    source: Source


class Needs(PolicyPart):
    """What the journey needs; each part is asked for by the step of its kind."""

    consent: ConsentNeed | None = None
    identity: IdentityNeed | None = None
    holding: HoldingNeed | None = None
    complaint: ComplaintNeed | None = None
    tests: TestsNeed | None = None
    photos: PhotosNeed | None = None
    locks: LocksNeed | None = None
    verified: VerifiedNeed | None = None
    erasure: ErasureNeed | None = None


NEED_OF_STEP: MappingProxyType[StepName, str] = MappingProxyType(
    {
        "consent": "consent",
        "identify": "identity",
        "describe": "holding",
        "complain": "complaint",
        "test": "tests",
        "photograph": "photos",
        "check_locks": "locks",
        "verify": "verified",
        "erase": "erasure",
    }
)
"""The part of `needs` that a step asks for; the other steps need nothing but the steps before."""


class JourneyStep(PolicyPart):
    """One step: who may do it, and after which others."""

    step: StepName
    channels: Annotated[tuple[StepChannel, ...], Field(min_length=1)]
    scopes: Annotated[tuple[KeyScope, ...], Field(min_length=1)]
    """Of the API keys that may do it."""
    after: tuple[StepName, ...] = ()
    """Steps that must be done before."""
    optional: bool = False
    """It is offered and never missing."""
    source: Source


class DecidingRule(PolicyPart):
    """A rule that decides what the case comes to."""

    rule: RuleName
    outcome: Literal["qualified", "unqualified", "alternate", "needs_person"]
    alternate: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")] | None = None
    """The journey or offering to take instead."""
    when: When
    unknown: Literal["wait", "skip"] = "wait"
    """Where it is not known whether it applies: the answer waits, and in the end goes to a person; or the rule is
    passed over, which wants a reason in `source`, such as a later gate that asks again."""
    text: Sentence
    """Why, as the customer reads it."""
    would_change: Sentence
    """What would have to be different for another outcome."""
    source: Source

    @model_validator(mode="after")
    def _names_the_alternate(self) -> Self:
        if (self.outcome == "alternate") != (self.alternate is not None):
            raise ValueError(f"{self.rule}: an alternate outcome names its alternate, and no other does")
        return self


class Exclusion(PolicyPart):
    """Something that a qualified case does not cover, such as damage from before; it changes no outcome."""

    rule: RuleName
    when: When
    text: Sentence
    would_change: Sentence
    source: Source


class Otherwise(PolicyPart):
    """The outcome where no rule applies."""

    outcome: Literal["qualified", "unqualified", "needs_person"]
    text: Sentence
    would_change: Sentence
    source: Source


class PriceDeduction(PolicyPart):
    """Something that lowers a quote. Of all that apply to one part only the greatest is charged."""

    rule: RuleName
    part: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    """What would be repaired or replaced, such as `display`; each part is charged once."""
    when: When
    share: Share | None = None
    """Of the price of the grade."""
    amount: Annotated[Decimal, Field(gt=0, decimal_places=2)] | None = None
    """In the price book's currency."""
    unknown: Literal["mention", "charge"] = "mention"
    """Where it is not known whether it applies: the quote says so and charges nothing, or charges it."""
    text: Sentence
    source: Source

    @model_validator(mode="after")
    def _asks_one_price(self) -> Self:
        if (self.share is None) == (self.amount is None):
            raise ValueError(f"{self.rule}: give exactly one of share and amount")
        return self


class QuoteRules(PolicyPart):
    """How a quote is made of the price of the grade."""

    valid_days: Annotated[int, Field(ge=1, le=366)]
    deductions: tuple[PriceDeduction, ...] = ()
    source: Source

    @model_validator(mode="after")
    def _rules_once(self) -> Self:
        names = [entry.rule for entry in self.deductions]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two deductions of the same name: {', '.join(twice)}")
        return self


OverridableReason = Literal[
    "evidence_not_verified",
    "identity_unconfirmed",
    "activation_lock_unknown",
    "blocklist_unknown",
    "deal_not_settled",
]
"""Reasons of the resale gate that a named person may lift. Missing erasure, a lock that is on, a listed phone, a phone
that is not ours and conflicting identities can never be lifted."""


class ResaleRules(PolicyPart):
    """Which reasons of the resale gate a named person may lift, with a reason that is shown."""

    overridable: tuple[OverridableReason, ...]
    source: Source
