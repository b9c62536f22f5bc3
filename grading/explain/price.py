"""From the price of the best grade to that of this phone, line by line."""

from typing import NamedTuple

from phonegrade.configs.policy import Policy
from phonegrade.core.functional.report import FunctionalReport
from phonegrade.grading.decision import Decision, NextBetter
from phonegrade.grading.explain.with_passed_tests import with_passed_tests
from phonegrade.grading.functional import grade_functional
from phonegrade.grading.judge import value_share


class PriceLine(NamedTuple):
    """One step from the price of the best grade to that of this phone."""

    text: str
    rule: str | None
    """Rule of the deduction; None for the cosmetic grade."""
    change: float
    """Share of the price of the best grade that it adds, such as -0.25."""


def price_lines(decision: Decision, policy: Policy) -> tuple[PriceLine, ...]:
    """Return the cosmetic grade first, then each deduction from the remainder; nothing without a grade.

    Added to 1 they give the decision's share of the price.
    """
    if decision.cosmetic_grade is None:
        return ()
    remaining = policy.value.value_share[decision.cosmetic_grade]
    lines = [PriceLine(f"cosmetic grade {decision.cosmetic_grade}", None, remaining - 1.0)]
    for deducted in decision.functional.deductions:
        amount = remaining * deducted.share
        text = f"{deducted.reason.text} ({deducted.share:.0%} of the remainder)"
        lines.append(PriceLine(text, deducted.reason.rule, -amount))
        remaining -= amount
    return tuple(lines)


def share_after(step: NextBetter, functional: FunctionalReport, policy: Policy) -> float:
    """Return the share of the price of the best grade that the phone would have after a step to a better grade."""
    passed = tuple(test for change in step.changes for test in change.tests)
    after = with_passed_tests(functional, passed, policy.functional)
    return value_share(step.cosmetic_grade, grade_functional(after, policy.functional, policy.cosmetic.names), policy)
