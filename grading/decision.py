"""The record of one decision: the grade, why, and what would have made it better."""

from enum import StrEnum
from typing import Literal

from phonegrade.configs.strict import Strict
from phonegrade.configs.vocabulary import Surface


class Status(StrEnum):
    """What became of the request, best first; only `graded` carries a combined grade."""

    GRADED = "graded"
    RETAKE = "retake"
    INCOMPLETE = "incomplete"
    NOT_ACCEPTED = "not_accepted"


class FunctionalState(StrEnum):
    """The trade's five states, best first, and `untested` for what cannot be said yet."""

    FULLY_FUNCTIONAL = "fully_functional"
    KEY_FUNCTIONS_ONLY = "key_functions_only"
    PARTIAL_FAULT = "partial_fault"
    UNTESTED = "untested"
    NON_FUNCTIONAL = "non_functional"
    NOT_ACCEPTED = "not_accepted"


class Reason(Strict):
    """One rule that fired, in words, and the evidence that made it fire."""

    rule: str
    """A policy's rule, such as `B-display-scratch`, or a rule of the judge itself, such as `missing-surface`."""
    text: str
    surface: Surface | None = None
    defect_ids: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()


class SurfaceGrade(Strict):
    """The cosmetic grade of one surface; None with the reasons when the photo cannot carry one."""

    surface: Surface
    status: Status
    grade: str | None
    counted_defects: int
    reasons: tuple[Reason, ...]
    """Why not the next better grade, or why no grade."""


class CosmeticOutcome(Strict):
    """The look of the whole phone: its worst surface binds."""

    status: Status
    grade: str | None
    surfaces: tuple[SurfaceGrade, ...]


class FunctionalOutcome(Strict):
    """The function of the whole phone; `digit` is None when untested or not accepted."""

    state: FunctionalState
    digit: int | None
    letter_at_best: str | None
    """A panel fault bounds the combined letter."""
    reasons: tuple[Reason, ...]


class NextBetter(Strict):
    """The smallest set of changes that would have given the next better combined grade along one axis."""

    axis: Literal["cosmetic", "functional"]
    grade: str
    changes: tuple[Reason, ...]


class Flag(Strict):
    """Something a person should know that did not change the grade."""

    code: str
    text: str
    surface: Surface | None = None


class PolicyRef(Strict):
    """Which policy decided."""

    name: str
    version: str
    sha256: str


class Decision(Strict):
    """The answer: status, combined grade (letter and digit, such as `B1`) and everything behind it."""

    status: Status
    grade: str | None
    cosmetic: CosmeticOutcome
    functional: FunctionalOutcome
    reasons: tuple[Reason, ...]
    """What decided: the binding rules of a grade, or everything that stands in its way."""
    next_better: tuple[NextBetter, ...]
    flags: tuple[Flag, ...]
    policy: PolicyRef
