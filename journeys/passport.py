"""The passport of a phone: what whoever buys it may know, and nothing of who sold, had, tested or keeps it.

Every member is listed here: nothing that a fact gets later is shown by itself. Free texts of people are never shown.
"""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveInt

from phonegrade.core.functional.report import TestResult
from phonegrade.core.inspection import ModelRef, Point
from phonegrade.core.strict import Strict
from phonegrade.core.vocabulary import DefectKind, Surface
from phonegrade.grading.decision import PolicyRef
from phonegrade.grading.explain.comparison import Source
from phonegrade.journeys.device_facts import ActivationLock, Blocklist, Custody, IdentifierKind
from phonegrade.journeys.evidence import Identity
from phonegrade.journeys.evidence_axis import Evidence
from phonegrade.journeys.fact import FactId, Sha256, Utc
from phonegrade.journeys.facts import Channel

ErasureState = Literal["valid", "revoked", "invalid", "none"]
Happening = Literal[
    "opened",
    "identified",
    "tested",
    "photographed",
    "assessed",
    "disputed",
    "reviewed",
    "locks_checked",
    "moved",
    "erased",
    "erasure_revoked",
    "published",
    "withdrawn",
]


class PassportDevice(Strict):
    """What the phone is."""

    name: str | None
    storage_gb: PositiveInt | None
    colour: str | None


class PassportNumber(Strict):
    """One number of the phone: its last four characters."""

    kind: IdentifierKind
    last4: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{4}$")]
    confirmed: bool


class PassportReason(Strict):
    """One rule that decided or blocks, in words."""

    rule: str
    text: str
    surface: Surface | None = None


class PassportDefect(Strict):
    """One defect that counted towards the grade."""

    id: str
    kind: DefectKind
    length_mm: NonNegativeFloat | None
    outline: tuple[Point, ...]
    """(x, y) in pixels of the photo as a viewer shows it."""


class PassportSurface(Strict):
    """One surface: its grade, its photo and what counted on it."""

    surface: Surface
    grade: str | None
    photo: FactId | None
    """None once the photo has been erased."""
    photo_sha256: Sha256 | None
    defects: tuple[PassportDefect, ...]


class PassportGrade(Strict):
    """The grade that holds, and what it rests on."""

    number: PositiveInt
    at: Utc
    source: Source
    at_hand: bool
    """Whoever photographed and tested it had the phone in hand."""
    grade: str | None
    cosmetic: str | None
    functional: str
    reasons: tuple[PassportReason, ...]
    surfaces: tuple[PassportSurface, ...]
    policy: PolicyRef
    models: ModelRef
    phonegrade: str
    """Version of the software that graded."""
    record_sha256: Sha256
    """Of the whole stored assessment."""


class PassportTests(Strict):
    """Functional tests by the names of the vocabulary."""

    results: dict[str, TestResult]
    not_testable: tuple[str, ...]
    """Tests that could not be run where the phone was; they count as not run."""
    measures: dict[str, float]


class PassportChange(Strict):
    """One reason why two grades differ, with both pictures where a photo shows it."""

    effect: Literal["worse", "better", "other"]
    text: str
    surface: Surface | None
    before: FactId | None
    after: FactId | None


class PassportComparison(Strict):
    """The grade that was given first, without the phone in hand, and the one that holds."""

    before: str
    before_at: Utc
    before_source: Source
    after: str
    after_at: Utc
    after_source: Source
    verified: bool
    changes: tuple[PassportChange, ...]


class PassportErasure(Strict):
    """Whether the phone's data are provably gone."""

    state: ErasureState
    method: Literal["clear", "purge", "destroy"] | None = None
    technique: str | None = None
    tool: str | None = None
    tool_version: str | None = None
    verification: str | None = None
    ended_at: Utc | None = None
    reasons: tuple[PassportReason, ...] = ()


class PassportLocks(Strict):
    """What was last answered of locks; `unknown` never counts as good."""

    activation: ActivationLock
    activation_at: Utc | None
    blocklist: Blocklist
    blocklist_at: Utc | None


class PassportResale(Strict):
    """Whether the phone may be resold, with everything against it."""

    state: Literal["ready", "blocked"]
    reasons: tuple[PassportReason, ...]
    lifted: tuple[PassportReason, ...]
    """What a person answers for by name; the name is not shown."""


class PassportEntry(Strict):
    """One line of the phone's history."""

    at: Utc
    what: Happening
    channel: Channel
    count: NonNegativeInt | None = None
    grade: str | None = None
    number: PositiveInt | None = None
    custody: Custody | None = None


class Passport(Strict):
    """One record of a phone, as everybody may read it."""

    kind: Literal["phonegrade passport 1"] = "phonegrade passport 1"
    asset: FactId
    giai: str | None
    """Global Individual Asset Identifier, where the operator has a GS1 company prefix."""
    at: Utc
    """The answer holds for this moment: locks expire."""
    device: PassportDevice
    identity: Identity
    numbers: tuple[PassportNumber, ...]
    evidence: Evidence
    grade: PassportGrade | None
    tests: PassportTests
    comparison: PassportComparison | None
    history: tuple[PassportEntry, ...]
    erasure: PassportErasure
    locks: PassportLocks
    resale: PassportResale
