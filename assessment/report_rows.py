"""The defects of an assessment as a report shows them: table rows and labels, every size in words."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from phonegrade.assessment.assessment import Assessment
from phonegrade.assessment.report_pictures import Picture
from phonegrade.configs.policy import Policy
from phonegrade.core.inspection import Defect, Inspection
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.explain.deciding import DecidingDefect
from phonegrade.grading.explain.policy_words import allowed_by, where_of
from phonegrade.grading.gradability import counted_defects

UNKNOWN = "unknown"
SUB_PIXEL = "†"
"""Marks a width below what the photo resolves."""
MOST_LABELS = 25
"""More of them on one picture would hide the defects."""
LABEL_SHARE = 0.03
"""Height of a label, of the picture's long side."""


class Role(StrEnum):
    """The effect of a defect on the grade."""

    DECIDES = "decides"
    COUNTS = "counts"
    LISTED = "listed"
    """Too uncertain to count."""


class DefectRow(NamedTuple):
    """One row of the table of defects."""

    surface: Surface
    number: str
    kind: str
    zone: str
    length: str
    width: str
    area: str
    confidence: str
    role: Role
    why: str
    """Of a defect that does not count, the confidence that it falls short of."""


class Label(NamedTuple):
    """A number beside a defect, in pixels of a picture."""

    text: str
    x: float
    y: float
    role: Role


def defect_rows(assessment: Assessment, policy: Policy, deciding: Iterable[DecidingDefect]) -> tuple[DefectRow, ...]:
    """Return every defect of every surface, those that decide first."""
    decide = {(one.surface, one.defect.id) for one in deciding}
    rows = [
        (list(Role).index(role), row)
        for surface, inspection in assessment.inspections.items()
        for defect, role in roles(surface, inspection, policy, decide).items()
        for row in [_row(surface, inspection, defect, role, policy)]
    ]
    return tuple(row for _, row in sorted(rows, key=lambda one: one[0]))


def roles(
    surface: Surface, inspection: Inspection, policy: Policy, decide: set[tuple[Surface, str]]
) -> dict[Defect, Role]:
    """Return the role of each distinct defect of a surface."""
    counted = set(counted_defects(surface, inspection, policy))
    return {
        defect: Role.DECIDES if (surface, defect.id) in decide else Role.COUNTS if defect in counted else Role.LISTED
        for defect in inspection.defects
    }


def _row(surface: Surface, inspection: Inspection, defect: Defect, role: Role, policy: Policy) -> DefectRow:
    least = policy.cosmetic.counts_from(defect, surface)
    return DefectRow(
        surface=surface,
        number=number_of(defect.id),
        kind=defect.kind,
        zone=defect.zone or UNKNOWN,
        length=length_words(defect),
        width=width_words(defect, inspection.scale.resolvable_mm),
        area=UNKNOWN if defect.area_mm2 is None else f"{defect.area_mm2:.1f}",
        confidence=f"{defect.confidence:.0%}",
        role=role,
        why="" if defect.confidence >= least else f"below {least:.0%}",
    )


def number_of(name: str) -> str:
    """Return the label of a defect in a picture: 6 for `front-6`, 1@2 for `front-1@2`."""
    return name.rsplit("-", 1)[-1]


def length_words(defect: Defect) -> str:
    """Return the length in mm, with its standard deviation where that was measured."""
    return _with_error(defect.length_mm, defect.length_error_mm, 1)


def width_words(defect: Defect, finest_mm: float | None) -> str:
    """Return the width likewise; one below `finest_mm`, what the photo resolves, is marked as an estimate.

    Without a measured error of that estimate the bound alone is given.
    """
    width_mm, error_mm = defect.width_mm, defect.width_error_mm
    if width_mm is None or finest_mm is None or width_mm >= finest_mm:
        return _with_error(width_mm, error_mm, 2)
    if error_mm is None:
        return f"under {finest_mm:.2f}"
    return f"{_with_error(width_mm, error_mm, 2)} {SUB_PIXEL}"


def _with_error(value_mm: float | None, error_mm: float | None, digits: int) -> str:
    if value_mm is None:
        return UNKNOWN
    if error_mm is None:
        return f"{value_mm:.{digits}f}"
    return f"{value_mm:.{digits}f} ± {max(error_mm, 10.0**-digits):.{digits}f}"


def rule_words(rule: str, policy: Policy) -> str | None:
    """Return what a rule of the policy allows, and of what; None for a rule of the judge itself."""
    for grade in policy.cosmetic.grades:
        for limit in grade.limits:
            if limit.rule == rule:
                return f"{grade.grade} allows, for {where_of(limit)}: {allowed_by(limit)}"
    return None


def labels(picture: Picture, by_id: Mapping[str, Role]) -> tuple[Label, ...]:
    """Return a label beside each of the most important defects, moved down until it covers no other."""
    size = LABEL_SHARE * max(picture.width_px, picture.height_px)
    ordered = sorted(picture.defects, key=lambda one: list(Role).index(by_id[one.id]))[:MOST_LABELS]
    placed: list[Label] = []
    for one in sorted(ordered, key=lambda one: one.y):
        text = number_of(one.id)
        x = min(one.x, picture.width_px - _wide(text, size))
        label = Label(text, max(0.0, x), min(max(one.y, size), picture.height_px - 0.2 * size), by_id[one.id])
        while any(_covers(label, other, size) for other in placed) and label.y + size < picture.height_px:
            label = label._replace(y=label.y + 0.5 * size)
        placed.append(label)
    return tuple(placed)


def _wide(text: str, size: float) -> float:
    return 0.62 * size * len(text) + 0.4 * size


def _covers(one: Label, other: Label, size: float) -> bool:
    apart_x = max(one.x - other.x - _wide(other.text, size), other.x - one.x - _wide(one.text, size))
    return apart_x < 0 and abs(one.y - other.y) < size


def any_sub_pixel(rows: Sequence[DefectRow]) -> bool:
    """Return whether any width is marked as an estimate, so that the page must explain the mark."""
    return any(row.width.endswith(SUB_PIXEL) for row in rows)
