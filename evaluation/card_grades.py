"""Grades in the model card: on real photos first, and of whole rendered phones."""

from collections.abc import Sequence

from phonegrade.evaluation.figures import GradedPhones, RealFigures
from phonegrade.evaluation.real_grades import POLICY
from phonegrade.evaluation.tables import agreement_table, curve_table, phone_table, usable_table
from phonegrade.grading.uncertainty.agreement import ReviewPoint


def grades_of_real(figures: RealFigures) -> list[str]:
    """Return the grades on real photos, the first section of the card."""
    if not figures.usable:
        return []
    return [
        "## Grades on real photos",
        "",
        f"`phonegrade evaluate --real` grades under `{POLICY}`: whole phones made of {figures.photos} real photos, and "
        "each photo alone as its surface. Where devices.csv names no model, none is given, and every test passes.",
        "",
        *(phone_table(figures) if figures.phones else []),
        *usable_table(figures),
        *(_curve(figures.curve) if figures.curve else []),
    ]


def _curve(curve: Sequence[ReviewPoint]) -> list[str]:
    return [
        "Which of these grades would go to manual review, by the policy's `max_expected_cost`, and how wrong the "
        "others are:",
        "",
        *curve_table(curve),
    ]


def grades_of_rendered(figures: GradedPhones) -> list[str]:
    return [
        "### Grades of rendered phones",
        "",
        f"Whole phones at a counter under `{POLICY}`, those of the half that the calibration was not fitted to "
        f"(`phonegrade policy inspect-set` and `agreement`; labelled phones `{figures.labelled_sha256[:12]}`). True is "
        "the grade of the defects that a round's photos show.",
        "",
        *agreement_table(figures.agreement),
        *_curve(figures.agreement.curve),
    ]
