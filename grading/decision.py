"""The record of one decision: the grade, why, and what would have made it better."""

from enum import StrEnum
from typing import Literal

from phonegrade.core.functional.report import FunctionalState
from phonegrade.core.strict import Strict
from phonegrade.core.vocabulary import Surface


class Status(StrEnum):
    """What became of the request, best first; only `graded` carries a combined grade."""

    GRADED = "graded"
    RETAKE = "retake"
    INCOMPLETE = "incomplete"
    NOT_ACCEPTED = "not_accepted"


class Reason(Strict):
    """One rule that fired, in words, and the evidence that made it fire."""

    rule: str
    """A policy's rule, such as `B_display_scratch`, or a rule of the judge itself, such as `missing_surface`."""
    text: str
    surface: Surface | None = None
    defect_ids: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()

    @property
    def full_text(self) -> str:
        """Return the text after the surface that it is about, for where that is not shown beside it."""
        return self.text if self.surface is None else f"{self.surface}: {self.text}"


class SurfaceGrade(Strict):
    """The cosmetic grade of one surface; None with the reasons when the photo cannot carry one."""

    surface: Surface
    status: Status
    grade: str | None
    counted_defects: int
    reasons: tuple[Reason, ...]
    """Why not the next better grade, or why no grade."""
    at_best: str | None = None
    """What the damage seen so far still allows: of a surface without a grade, where that is not the best one."""
    bounded_by: tuple[Reason, ...] = ()
    """The rules that shut every better one."""


class CosmeticOutcome(Strict):
    """The look of the whole phone: its worst surface binds."""

    status: Status
    grade: str | None
    surfaces: tuple[SurfaceGrade, ...]
    at_best: str | None = None
    """What the damage seen so far still allows the whole phone, where it has no grade and that is not the best one."""


class Deducted(Strict):
    """A deduction that fired: it costs money and leaves the grade as it is."""

    reason: Reason
    share: float
    """Of what the phone is worth at its grade."""


class FunctionalOutcome(Strict):
    """The function of the whole phone; `code` is None when untested or not accepted."""

    state: FunctionalState
    code: str | None
    """What the policy calls the state, such as "1" or F5."""
    grade_cap: str | None
    """The worst look that a gate allows: a panel fault, say, bounds the combined letter."""
    deductions: tuple[Deducted, ...]
    reasons: tuple[Reason, ...]


class NextBetter(Strict):
    """The smallest set of changes that would have given the next better combined grade along one axis."""

    axis: Literal["cosmetic", "functional"]
    grade: str
    cosmetic_grade: str
    """The look within that grade."""
    changes: tuple[Reason, ...]


class Flag(Strict):
    """Something a person should know that did not change the grade."""

    code: str
    text: str
    surface: Surface | None = None


class Certainty(Strict):
    """How sure the look of a phone is."""

    probability: dict[str, float]
    """Of each look, best first; they add up to 1."""
    prediction_set: tuple[str, ...]
    """Neighbouring looks, best first, one of them true as often as `coverage` promises; the cheapest is among them."""
    coverage: float | None
    """The promise, as a share of phones; None where no calibration of this policy backs it."""
    expected_cost: dict[str, float]
    """Of giving each look, as a share of the price of the best grade."""
    cheapest: str
    """The look with the least expected cost, the worse of equals."""
    draws: int
    seed: int


class PolicyRef(Strict):
    """Which policy decided."""

    name: str
    version: str
    sha256: str


class Decision(Strict):
    """The answer: status, combined grade (look and function, such as `B1`) and everything behind it."""

    status: Status
    grade: str | None
    cosmetic_grade: str | None
    """The look of the combined grade: that of the worst surface, a worse one where a gate bounds it, or the one with
    the least expected cost where marks near their limit make another dearer; then a reason `odds` says so."""
    binding: tuple[str, ...]
    """The rules that hold the look where it is; without all of them it would be better."""
    value_share: float | None
    """Share of the price of the best grade, deductions taken off."""
    needs_review: bool
    """A person must look before the grade counts; `review` says why."""
    review: tuple[Reason, ...]
    cosmetic: CosmeticOutcome
    functional: FunctionalOutcome
    reasons: tuple[Reason, ...]
    """What decided: the binding rules of a grade, or everything that stands in its way."""
    next_better: tuple[NextBetter, ...]
    flags: tuple[Flag, ...]
    policy: PolicyRef
    certainty: Certainty | None = None
    """How sure the look is; None where nobody asked."""
    cosmetic_at_best: str | None = None
    """Without a grade: what the damage seen so far still allows, where that is not the best one; better photos could
    only find more."""

    def with_doubts(self, review: tuple[Reason, ...], flags: tuple[Flag, ...]) -> "Decision":
        """The decision with more reasons for a person to look, and more flags; the grade stays."""
        every = (*self.review, *review)
        return self.model_copy(update={"review": every, "needs_review": bool(every), "flags": (*self.flags, *flags)})
