"""Which marks of several views of one surface are one mark."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from phonegrade.core.inspection import Defect, Inspection
from phonegrade.grading.multi_view.correspondence import Points, outline_mm, overlap, upside_down

TOLERANCE_MM = 1.5
"""Two photos of a phone agree on a place to about 1 % of its length."""
LEAST_OVERLAP = 0.5


@dataclass
class Group:
    """One mark as all views saw it; the members come from different views."""

    members: list[Defect]
    views: list[int]
    places: list[Points] = field(default_factory=list)
    """Where the first member lies, on the surface as the first view has it."""

    @property
    def name(self) -> str:
        """That of the first member; `@2` tells that the second view was the first to show it."""
        first, view = self.members[0].id, self.views[0]
        return first if view == 0 else f"{first}@{view + 1}"


def group_marks(views: Sequence[Inspection]) -> tuple[list[Group], list[bool]]:
    """Every mark once, and of each view whether it has the surface the other way up than the first."""
    groups: list[Group] = []
    turned: list[bool] = []
    for number, view in enumerate(views):
        marks = [(defect, outline_mm(defect, view)) for defect in sorted(set(view.defects), key=_by_name)]
        pairs, over = pair_marks(groups, marks, view)
        turned.append(over)
        for index, (defect, place) in enumerate(marks):
            group = pairs.get(index)
            if group is None:
                upright = upside_down(place, _size_mm(view)) if over and place is not None else place
                groups.append(Group([defect], [number], [] if upright is None else [upright]))
                continue
            group.members.append(defect)
            group.views.append(number)
    return groups, turned


def pair_marks(
    groups: Sequence[Group], marks: Sequence[tuple[Defect, Points | None]], view: Inspection
) -> tuple[dict[int, Group], bool]:
    """The group of each mark that was seen before: one to one, best overlap first, whichever way up fits better.

    And whether that is upside down.
    """
    ways: list[list[tuple[float, int, int]]] = []
    for turned in (False, True):
        scored = [
            (overlap(upside_down(place, _size_mm(view)) if turned else place, group.places[0], TOLERANCE_MM), at, index)
            for index, (defect, place) in enumerate(marks)
            for at, group in enumerate(groups)
            if place is not None and group.places and group.members[0].kind is defect.kind
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
