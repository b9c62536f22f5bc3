"""The marks of an assessment as a report shows them: table rows, close-ups and labels, every size in words."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from phonegrade.assessment.assessment import Assessment
from phonegrade.assessment.report_pictures import Picture
from phonegrade.configs.policy import Policy
from phonegrade.core.inspection import Defect, Inspection
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.explain.deciding import DecidingMark
from phonegrade.grading.explain.policy_words import allowed_by, where_of
from phonegrade.grading.gradability import counted_defects

UNKNOWN = "unknown"
SUB_PIXEL = "†"
"""Beside a width that is narrower than the photo shows."""
MOST_LABELS = 25
"""More of them on one picture hide what they name."""
LABEL_SHARE = 0.03
"""Height of a label, of the picture's long side."""


class Role(StrEnum):
    """What a mark does to the grade."""

    DECIDES = "decides"
    COUNTS = "counts"
    LISTED = "listed"
    """Too uncertain to count."""


class MarkRow(NamedTuple):
    """One mark in the table."""

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
    """Of a mark that does not count, the confidence from which it would."""


class Label(NamedTuple):
    """A number beside a mark, in a picture's pixels."""

    text: str
    x: float
    y: float
    role: Role


def mark_rows(assessment: Assessment, policy: Policy, deciding: Iterable[DecidingMark]) -> tuple[MarkRow, ...]:
    """Every mark of every surface, those that decide first and the surest before others."""
    decide = {(mark.surface, mark.defect.id) for mark in deciding}
    rows = [
        (list(Role).index(role), row)
        for surface, seen in assessment.inspections.items()
        for defect, role in roles(surface, seen, policy, decide).items()
        for row in [_row(surface, seen, defect, role, policy)]
    ]
    return tuple(row for _, row in sorted(rows, key=lambda one: one[0]))


def roles(surface: Surface, seen: Inspection, policy: Policy, decide: set[tuple[Surface, str]]) -> dict[Defect, Role]:
    """What each distinct mark of a surface does to the grade."""
    counted = set(counted_defects(surface, seen, policy))
    return {
        defect: Role.DECIDES if (surface, defect.id) in decide else Role.COUNTS if defect in counted else Role.LISTED
        for defect in seen.defects
    }


def _row(surface: Surface, seen: Inspection, defect: Defect, role: Role, policy: Policy) -> MarkRow:
    least = policy.cosmetic.counts_from(defect, surface)
    return MarkRow(
        surface=surface,
        number=number_of(defect.id),
        kind=defect.kind,
        zone=defect.zone or UNKNOWN,
        length=length_words(defect),
        width=width_words(defect, seen.scale.resolvable_mm),
        area=UNKNOWN if defect.area_mm2 is None else f"{defect.area_mm2:.1f}",
        confidence=f"{defect.confidence:.0%}",
        role=role,
        why="" if defect.confidence >= least else f"below {least:.0%}",
    )


def number_of(name: str) -> str:
    """What stands beside a mark in its picture: 6 of `front-6`, 1@2 of `front-1@2`."""
    return name.rsplit("-", 1)[-1]


def length_words(defect: Defect) -> str:
    """In mm, with its standard deviation where that was measured."""
    return _with_error(defect.length_mm, defect.length_error_mm, 1)


def width_words(defect: Defect, finest_mm: float | None) -> str:
    """The same of a width. One below `finest_mm`, the narrowest that the photo shows, is marked as an estimate.

    Where nobody measured how good that estimate is, no number is given but that bound.
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
    """What a rule of the policy allows, and of what; None for a rule of the judge itself."""
    for grade in policy.cosmetic.grades:
        for limit in grade.limits:
            if limit.rule == rule:
                return f"{grade.grade} allows, for {where_of(limit)}: {allowed_by(limit)}"
    return None


def labels(picture: Picture, by_id: Mapping[str, Role]) -> tuple[Label, ...]:
    """A number beside each mark, moved down until it covers no other; those of the marks that matter most."""
    size = LABEL_SHARE * max(picture.width_px, picture.height_px)
    ordered = sorted(picture.marks, key=lambda mark: list(Role).index(by_id[mark.id]))[:MOST_LABELS]
    placed: list[Label] = []
    for mark in sorted(ordered, key=lambda mark: mark.y):
        text = number_of(mark.id)
        x = min(mark.x, picture.width_px - _wide(text, size))
        label = Label(text, max(0.0, x), min(max(mark.y, size), picture.height_px - 0.2 * size), by_id[mark.id])
        while any(_covers(label, other, size) for other in placed) and label.y + size < picture.height_px:
            label = label._replace(y=label.y + 0.5 * size)
        placed.append(label)
    return tuple(placed)


def _wide(text: str, size: float) -> float:
    return 0.62 * size * len(text) + 0.4 * size


def _covers(one: Label, other: Label, size: float) -> bool:
    apart_x = max(one.x - other.x - _wide(other.text, size), other.x - one.x - _wide(one.text, size))
    return apart_x < 0 and abs(one.y - other.y) < size


def any_sub_pixel(rows: Sequence[MarkRow]) -> bool:
    """Whether a width is marked as an estimate, so that the page must say what that means."""
    return any(row.width.endswith(SUB_PIXEL) for row in rows)
