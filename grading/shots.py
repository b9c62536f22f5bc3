"""Several shots of one surface: every mark once, and what the shots disagree on said aloud."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from phonegrade.configs.functional import FunctionalReport
from phonegrade.configs.inspection import Defect, Inspection
from phonegrade.configs.policy import Policy
from phonegrade.configs.vocabulary import Surface
from phonegrade.grading.cosmetic import grade_surface
from phonegrade.grading.decision import Decision, Flag, Reason, Status
from phonegrade.grading.evidence import counted_defects, gradability
from phonegrade.grading.judge import judge
from phonegrade.grading.place import Points, on_other_photo, outline_mm, overlap, upside_down

TOLERANCE_MM = 1.5
"""Two photos of a phone agree on a place to about 1 % of its length."""
LEAST_OVERLAP = 0.5
SIZES = ("length_mm", "width_mm", "area_mm2", "depth_mm", "surface_share")


@dataclass
class Group:
    """One mark as all shots saw it; the members come from different shots."""

    members: list[Defect]
    shots: list[int]
    places: list[Points] = field(default_factory=list)
    """Where the first member lies, on the surface as the first shot has it."""

    @property
    def name(self) -> str:
        """That of the first member; `@2` tells that the second shot was the first to show it."""
        first, shot = self.members[0].id, self.shots[0]
        return first if shot == 0 else f"{first}@{shot + 1}"


@dataclass(frozen=True)
class Shot:
    """One shot and what became of it."""

    inspection: Inspection
    """The marks of a used shot carry their surface's names: equal names are one mark."""
    used: bool
    why_not: tuple[Reason, ...]


@dataclass(frozen=True)
class Fused:
    """One inspection a surface, and what was learnt on the way."""

    inspections: dict[Surface, Inspection]
    """Of the shot that stands for the surface, with the marks of the others in its pixels."""
    shots: dict[Surface, tuple[Shot, ...]]
    """The shot that stands for the surface first; then what else is used, finest first; then the others."""
    disagree_on: dict[Surface, tuple[str, ...]]
    """Marks that one used shot shows and another, fine enough, does not."""
    flags: tuple[Flag, ...]
    review: tuple[Reason, ...]
    """Where the shots disagree so much that the grade hangs on it."""


def judge_shots(
    shots: Mapping[Surface, Sequence[Inspection]], functional: FunctionalReport | None, policy: Policy
) -> Decision:
    """`judge` over any number of shots a surface; the same for any order of shots."""
    return judge_fused(fuse(shots, policy), functional, policy)


def judge_fused(
    fused: Fused,
    functional: FunctionalReport | None,
    policy: Policy,
    unusable: Mapping[Surface, Reason] | None = None,
) -> Decision:
    """`judge` over what `fuse` made of the shots, with what they disagree on."""
    return judge(fused.inspections, functional, policy, unusable).with_doubts(fused.review, fused.flags)


def fuse(shots: Mapping[Surface, Sequence[Inspection]], policy: Policy) -> Fused:
    """Every mark of a surface once.

    The usable shot with the finest detail stands for the surface; marks that others see are added to it. Marks of one
    shot are never taken for one, so another usable shot can only add marks or make them larger. A shot that cannot
    carry a grade is set aside where another can; what it alone shows is for a person to look at.
    """
    inspections: dict[Surface, Inspection] = {}
    told: dict[Surface, tuple[Shot, ...]] = {}
    disagree_on: dict[Surface, tuple[str, ...]] = {}
    flags: list[Flag] = []
    review: list[Reason] = []
    for surface in Surface:
        taken = sorted(shots.get(surface, ()), key=_finest_first)
        if not taken:
            continue
        usable = [shot for shot in taken if gradability(surface, shot, policy)[0] is Status.GRADED]
        aside = sorted((shot for shot in taken if shot not in usable), key=lambda shot: _doubt(surface, shot, policy))
        groups, turned = _grouped(usable)
        unsure = _seen_once(surface, usable, groups, policy)
        disagree_on[surface] = tuple(group.name for group in unsure)
        told[surface] = (
            *(Shot(_named(shot, number, groups), True, ()) for number, shot in enumerate(usable)),
            *(Shot(shot, False, gradability(surface, shot, policy)[1]) for shot in aside),
        )
        if not usable:
            inspections[surface] = aside[0]
            continue
        inspections[surface] = _merged(usable, groups, turned)
        flags.extend(_disagreement(surface, usable, unsure))
        certain = _merged(usable, [group for group in groups if group not in unsure], turned)
        review.extend(_if_it_matters(surface, certain, inspections[surface], unsure, policy))
        review.extend(_only_aside(surface, inspections[surface], aside, policy))
    return Fused(inspections, told, disagree_on, tuple(flags), tuple(review))


def _finest_first(shot: Inspection) -> tuple[float, str, str]:
    finest = shot.scale.resolvable_mm
    return (np.inf if finest is None else finest, shot.photo_sha256, repr(shot))


def _doubt(surface: Surface, shot: Inspection, policy: Policy) -> tuple[int, int]:
    status, against = gradability(surface, shot, policy)
    return list(Status).index(status), len(against)


def _grouped(shots: Sequence[Inspection]) -> tuple[list[Group], list[bool]]:
    """Every mark once, and of each shot whether it has the surface the other way up than the first."""
    groups: list[Group] = []
    turned: list[bool] = []
    for number, shot in enumerate(shots):
        found = [(defect, outline_mm(defect, shot)) for defect in sorted(set(shot.defects), key=_by_name)]
        pairs, over = _pairs(groups, found, shot)
        turned.append(over)
        for index, (defect, place) in enumerate(found):
            group = pairs.get(index)
            if group is None:
                upright = upside_down(place, _size_mm(shot)) if over and place is not None else place
                groups.append(Group([defect], [number], [] if upright is None else [upright]))
                continue
            group.members.append(defect)
            group.shots.append(number)
    return groups, turned


def _by_name(defect: Defect) -> tuple[int, str, str]:
    return len(defect.id), defect.id, repr(defect)


def _size_mm(shot: Inspection) -> tuple[float, float]:
    return shot.surface_size_mm or (0.0, 0.0)


def _pairs(
    groups: Sequence[Group], found: Sequence[tuple[Defect, Points | None]], shot: Inspection
) -> tuple[dict[int, Group], bool]:
    """The group of each defect that was seen before: one to one, best overlap first, whichever way up fits better.

    And whether that is upside down.
    """
    ways: list[list[tuple[float, int, int]]] = []
    for turned in (False, True):
        scored = [
            (overlap(upside_down(place, _size_mm(shot)) if turned else place, group.places[0], TOLERANCE_MM), at, index)
            for index, (defect, place) in enumerate(found)
            for at, group in enumerate(groups)
            if place is not None and group.places and group.members[0].kind is defect.kind
        ]
        ways.append(_one_to_one(scored))
    upright, over = ways
    turned = len(over) > len(upright)
    return {index: groups[at] for _, at, index in (over if turned else upright)}, turned


def _one_to_one(scored: list[tuple[float, int, int]]) -> list[tuple[float, int, int]]:
    chosen: list[tuple[float, int, int]] = []
    for score, at, index in sorted(scored, key=lambda pair: (-pair[0], pair[1], pair[2])):
        free = all(at != other and index != one for _, other, one in chosen)
        if score >= LEAST_OVERLAP and free:
            chosen.append((score, at, index))
    return chosen


def _merged(shots: Sequence[Inspection], groups: Sequence[Group], turned: Sequence[bool]) -> Inspection:
    """The first shot with all marks; as it was where it is the only one."""
    first = shots[0]
    if len(shots) == 1:
        return first
    return first.model_copy(update={"defects": tuple(_one(group, shots, turned) for group in groups)})


def _one(group: Group, shots: Sequence[Inspection], turned: Sequence[bool]) -> Defect:
    """The largest that any shot saw of a mark; a zone on which they disagree is unknown."""
    first, shot = group.members[0], group.shots[0]
    polygon = first.polygon
    if shot > 0:
        polygon = on_other_photo(first, shots[shot], shots[0], turned=turned[shot])
    zones = {member.zone for member in group.members}
    longest = max(group.members, key=lambda member: member.length_mm or 0.0)
    return first.model_copy(
        update={
            "id": group.name,
            "polygon": polygon,
            "confidence": max(member.confidence for member in group.members),
            "zone": first.zone if len(zones) == 1 else None,
            "length_error_mm": longest.length_error_mm,
            "width_error_mm": longest.width_error_mm,
            **{size: _largest(group, size) for size in SIZES},
        }
    )


def _named(shot: Inspection, number: int, groups: Sequence[Group]) -> Inspection:
    """The shot with the surface's names of its marks."""
    names = {
        member: group.name
        for group in groups
        for member, at in zip(group.members, group.shots, strict=True)
        if at == number
    }
    defects = tuple(defect.model_copy(update={"id": names[defect]}) for defect in shot.defects)
    return shot.model_copy(update={"defects": defects})


def _largest(group: Group, size: str) -> float | None:
    known = [getattr(member, size) for member in group.members if getattr(member, size) is not None]
    return max(known, default=None)


def _seen_once(surface: Surface, shots: Sequence[Inspection], groups: Sequence[Group], policy: Policy) -> list[Group]:
    """Marks that count, seen by one shot and not by another that was fine enough to show them."""
    return [
        group
        for group in groups
        if len(group.members) == 1
        and group.members[0].confidence >= policy.cosmetic.counts_from(group.members[0], surface)
        and any(_could_show(group.members[0], shot) for n, shot in enumerate(shots) if n not in group.shots)
    ]


def _could_show(defect: Defect, shot: Inspection) -> bool:
    finest = shot.scale.resolvable_mm
    return finest is not None and defect.width_mm is not None and finest <= defect.width_mm


def _disagreement(surface: Surface, shots: Sequence[Inspection], unsure: Sequence[Group]) -> list[Flag]:
    if not unsure:
        return []
    names = ", ".join(f"{group.name} ({shots[group.shots[0]].photo})" for group in unsure)
    text = f"{names} seen in one shot and not in another that was fine enough"
    return [Flag(code="shots-disagree", text=text, surface=surface)]


def _if_it_matters(
    surface: Surface, sure: Inspection, everything: Inspection, unsure: Sequence[Group], policy: Policy
) -> list[Reason]:
    low, high = grade_surface(surface, everything, policy).grade, grade_surface(surface, sure, policy).grade
    if not unsure or low == high:
        return []
    names = tuple(group.name for group in unsure)
    text = f"{surface}: {', '.join(names)} seen in one shot only; with it {low}, without it {high}"
    return [Reason(rule="shots-disagree", text=text, surface=surface, defect_ids=names)]


def _only_aside(surface: Surface, fused: Inspection, aside: Sequence[Inspection], policy: Policy) -> list[Reason]:
    """What a shot that was set aside shows and the others do not, where it would make the look worse."""
    found: list[Reason] = []
    for shot in aside:
        counted = counted_defects(surface, shot, policy)
        groups, _ = _grouped([fused])
        pairs, _ = _pairs(groups, [(defect, outline_mm(defect, shot)) for defect in counted], shot)
        alone = tuple(defect for index, defect in enumerate(counted) if index not in pairs)
        whole = fused.model_copy(update={"defects": (*fused.defects, *alone)})
        before, after = grade_surface(surface, fused, policy), grade_surface(surface, whole, policy)
        if alone and before.grade != after.grade:
            names = tuple(defect.id for defect in alone)
            text = f"{surface}: {', '.join(names)} stand in {shot.photo} alone, which could not carry a grade"
            found.append(Reason(rule="shots-disagree", text=text, surface=surface, defect_ids=names))
    return found
