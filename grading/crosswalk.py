"""A grade of one policy in the words of another."""

from phonegrade.configs.policy import CrossRow, Policy
from phonegrade.grading.decision import Decision


def crossed(decision: Decision, into: Policy) -> CrossRow | None:
    """The row of `into` that names the decision's look and function.

    None for a phone without a grade or one that no row names: in R2v3's words it stays in the controlled stream.
    """
    if decision.cosmetic_grade is None or decision.functional.code is None:
        return None
    return next(
        (
            row
            for row in into.crosswalk
            if row.policy == decision.policy.name
            and decision.cosmetic_grade in row.cosmetic_grades
            and decision.functional.code in row.functional_grades
        ),
        None,
    )


def combined_grade(cosmetic: str, at_best: str | None, names: tuple[str, ...]) -> str:
    """The look, unless a panel fault bounds it: the worse of both in `names`, best first."""
    return cosmetic if at_best is None else max(cosmetic, at_best, key=names.index)
