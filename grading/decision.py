"""The record of one decision: the grade, its reasons, and what the next better grade would have needed."""

from enum import StrEnum
from typing import Literal

from phonegrade.core.functional.report import FunctionalState
from phonegrade.core.strict import Strict
from phonegrade.core.vocabulary import Surface


class Status(StrEnum):
    """Outcome of a request, best first; only `graded` carries a combined grade."""

    GRADED = "graded"
    RETAKE = "retake"
    INCOMPLETE = "incomplete"
    NOT_ACCEPTED = "not_accepted"


class Reason(Strict):
    """One rule that fired, as a sentence, with the evidence behind it."""

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
    """The cosmetic grade of one surface; None, with the reasons, where its photo does not allow one."""

    surface: Surface
    status: Status
    grade: str | None
    counted_defects: int
    reasons: tuple[Reason, ...]
    """Why not the next better grade, or why no grade."""
    at_best: str | None = None
    """Best grade that the damage still allows a surface without a grade; None where that is the best of all."""
    bounded_by: tuple[Reason, ...] = ()
    """The rules that rule out every better one."""


class CosmeticOutcome(Strict):
    """The cosmetic grade of the whole phone: that of its worst surface."""

    status: Status
    grade: str | None
    surfaces: tuple[SurfaceGrade, ...]
    at_best: str | None = None
    """The same for a whole phone without a grade."""


class Deducted(Strict):
    """A deduction that fired: it lowers the price and leaves the grade as it is."""

    reason: Reason
    share: float
    """Of the value of the phone at its grade."""


class FunctionalOutcome(Strict):
    """The functional grade of the whole phone; `code` is None where untested or not accepted."""

    state: FunctionalState
    code: str | None
    """The policy's name of the state, such as "1" or F5."""
    grade_cap: str | None
    """Best cosmetic grade that the gates allow: a panel fault, say, caps the combined grade."""
    deductions: tuple[Deducted, ...]
    reasons: tuple[Reason, ...]


class NextBetter(Strict):
    """The smallest set of changes that would have given the next better combined grade along one axis."""

    axis: Literal["cosmetic", "functional"]
    grade: str
    cosmetic_grade: str
    """The cosmetic part of that grade."""
    changes: tuple[Reason, ...]


class Flag(Strict):
    """Something worth knowing that did not change the grade."""

    code: str
    text: str
    surface: Surface | None = None


class Certainty(Strict):
    """How certain the cosmetic grade of a phone is."""

    probability: dict[str, float]
    """Of each cosmetic grade, best first; they add up to 1."""
    prediction_set: tuple[str, ...]
    """Adjacent cosmetic grades, best first; the true one is among them at least as often as `coverage`."""
    coverage: float | None
    """Guaranteed coverage, as a share of phones; None where no calibration of this policy guarantees one."""
    expected_cost: dict[str, float]
    """Of giving each cosmetic grade, as a share of the price of the best grade."""
    cheapest: str
    """The cosmetic grade with the lowest expected cost; of equals the worse."""
    draws: int
    seed: int


class PolicyRef(Strict):
    """The policy that decided."""

    name: str
    version: str
    sha256: str


class Decision(Strict):
    """The answer: status, combined grade (cosmetic and functional, such as `B1`) and everything behind it."""

    status: Status
    grade: str | None
    cosmetic_grade: str | None
    """The cosmetic part of the combined grade: that of the worst surface, a worse one where a gate caps it, or the one
    with the lowest expected cost where defects near their limit make another costlier; then a reason `odds` says so."""
    binding: tuple[str, ...]
    """The rules that set the cosmetic grade; without all of them it would be better."""
    value_share: float | None
    """Share of the price of the best grade, after deductions."""
    needs_review: bool
    """The grade is subject to manual review; `review` says why."""
    review: tuple[Reason, ...]
    cosmetic: CosmeticOutcome
    functional: FunctionalOutcome
    reasons: tuple[Reason, ...]
    """What decided: the binding rules of a grade, or everything that prevents one."""
    next_better: tuple[NextBetter, ...]
    flags: tuple[Flag, ...]
    policy: PolicyRef
    certainty: Certainty | None = None
    """How certain the cosmetic grade is; None where it was not computed."""
    cosmetic_at_best: str | None = None
    """Without a grade: the best one that the damage still allows, unless that is the best of all; better photos could
    only find more."""

    def with_review(self, review: tuple[Reason, ...], flags: tuple[Flag, ...]) -> "Decision":
        """Return the decision with further reasons for manual review, and further flags; the grade stays."""
        every = (*self.review, *review)
        return self.model_copy(update={"review": every, "needs_review": bool(every), "flags": (*self.flags, *flags)})
