"""Groups the detections of one defect over several views of its surface."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from phonegrade.core.arrays import Points
from phonegrade.core.inspection import Defect, Inspection
from phonegrade.grading.multi_view.correspondence import outline_mm, overlap, upside_down

TOLERANCE_MM = 1.5
"""Two photos of a phone agree on a position to about 1 % of its length."""
LEAST_OVERLAP = 0.5


@dataclass
class DefectGroup:
    """The detections of one defect; the members come from different views."""

    members: list[Defect]
    views: list[int]
    outlines: list[Points] = field(default_factory=list)
    """Outline of the first member in mm, the way up of the first view; empty where it has no position."""

    @property
    def name(self) -> str:
        """Id of the first member; `@2` means that the second view was the first to show it."""
        first, view = self.members[0].id, self.views[0]
        return first if view == 0 else f"{first}@{view + 1}"


def group_defects(views: Sequence[Inspection]) -> tuple[list[DefectGroup], list[bool]]:
    """Return every defect once, and for each view whether it is upside down against the first."""
    groups: list[DefectGroup] = []
    turned: list[bool] = []
    for number, view in enumerate(views):
        defects = [(defect, outline_mm(defect, view)) for defect in sorted(set(view.defects), key=_by_name)]
        matches, over = match_defects(groups, defects, view)
        turned.append(over)
        for index, (defect, outline) in enumerate(defects):
            group = matches.get(index)
            if group is None:
                upright = upside_down(outline, _size_mm(view)) if over and outline is not None else outline
                groups.append(DefectGroup([defect], [number], [] if upright is None else [upright]))
                continue
            group.members.append(defect)
            group.views.append(number)
    return groups, turned


def match_defects(
    groups: Sequence[DefectGroup], defects: Sequence[tuple[Defect, Points | None]], view: Inspection
) -> tuple[dict[int, DefectGroup], bool]:
    """Return the group of each defect that corresponds to one: one to one, best overlap first, the better way up.

    And whether that way is upside down.
    """
    ways: list[list[tuple[float, int, int]]] = []
    for turned in (False, True):
        scored = [
            (
                overlap(upside_down(outline, _size_mm(view)) if turned else outline, group.outlines[0], TOLERANCE_MM),
                at,
                index,
            )
            for index, (defect, outline) in enumerate(defects)
            for at, group in enumerate(groups)
            if outline is not None and group.outlines and group.members[0].kind is defect.kind
        ]
        ways.append(_one_to_one(scored))
    upright, over = ways
    turned = len(over) > len(upright)
    return {index: groups[at] for _, at, index in (over if turned else upright)}, turned


def _by_name(defect: Defect) -> tuple[int, str, str]:
    return len(defect.id), defect.id, repr(defect)


def _size_mm(view: Inspection) -> tuple[float, float]:
    return view.surface_size_mm or (0.0, 0.0)


def _one_to_one(scored: list[tuple[float, int, int]]) -> list[tuple[float, int, int]]:
    chosen: list[tuple[float, int, int]] = []
    for score, at, index in sorted(scored, key=lambda pair: (-pair[0], pair[1], pair[2])):
        free = all(at != other and index != one for _, other, one in chosen)
        if score >= LEAST_OVERLAP and free:
            chosen.append((score, at, index))
    return chosen
