"""The combined grade, and its equivalent under another policy."""

from phonegrade.configs.policy import CrossRow, Policy
from phonegrade.grading.decision import Decision


def crosswalk_row(decision: Decision, target: Policy) -> CrossRow | None:
    """Return the crosswalk row of `target` for the decision's cosmetic and functional grade.

    None for a phone without a grade, or with one that no row lists: under R2v3 it stays in the controlled stream.
    """
    if decision.cosmetic_grade is None or decision.functional.code is None:
        return None
    return next(
        (
            row
            for row in target.crosswalk
            if row.policy == decision.policy.name
            and decision.cosmetic_grade in row.cosmetic_grades
            and decision.functional.code in row.functional_grades
        ),
        None,
    )


def combined_grade(cosmetic: str, grade_cap: str | None, names: tuple[str, ...]) -> str:
    """Return the worse of the cosmetic grade and its functional cap, if any; `names` are best first."""
    return cosmetic if grade_cap is None else max(cosmetic, grade_cap, key=names.index)
