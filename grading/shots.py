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
from phonegrade.grading.evidence import counted_defects, doubts
from phonegrade.grading.judge import judge
from phonegrade.grading.place import Points, outline_mm, overlap, upside_down

TOLERANCE_MM = 1.5
"""Two photos of a phone agree on a place to about 1 % of its length."""
LEAST_OVERLAP = 0.5


@dataclass
class Group:
    """One mark as all shots saw it; the members come from different shots."""

    members: list[Defect]
    shots: list[int]
    places: list[Points] = field(default_factory=list)


@dataclass(frozen=True)
class Fused:
    """One inspection a surface, and what was learnt on the way."""

    inspections: dict[Surface, Inspection]
    flags: tuple[Flag, ...]
    review: tuple[Reason, ...]
    """Where the shots disagree so much that the grade hangs on it."""


def judge_shots(
    shots: Mapping[Surface, Sequence[Inspection]], functional: FunctionalReport | None, policy: Policy
) -> Decision:
    """`judge` over any number of shots a surface; the same for any order of shots."""
    fused = fuse(shots, policy)
    decision = judge(fused.inspections, functional, policy)
    review = (*decision.review, *fused.review)
    return decision.model_copy(
        update={"review": review, "needs_review": bool(review), "flags": (*decision.flags, *fused.flags)}
    )


def fuse(shots: Mapping[Surface, Sequence[Inspection]], policy: Policy) -> Fused:
    """Every mark of a surface once.

    The usable shot with the finest detail stands for the surface; marks that others see are added to it. Marks of one
    shot are never taken for one, so another usable shot can only add marks or make them larger. A shot that cannot
    carry a grade is set aside where another can; what it alone shows is for a person to look at.
    """
    inspections: dict[Surface, Inspection] = {}
    flags: list[Flag] = []
    review: list[Reason] = []
    for surface in Surface:
        taken = sorted(shots.get(surface, ()), key=_finest_first)
        if not taken:
            continue
        usable = [shot for shot in taken if doubts(surface, shot, policy)[0] is Status.GRADED]
        if not usable:
            inspections[surface] = min(taken, key=lambda shot: _doubt(surface, shot, policy))
            continue
        groups = _grouped(usable)
        inspections[surface] = _merged(usable, groups)
        unsure = _seen_once(usable, groups, policy)
        flags.extend(_disagreement(surface, unsure))
        certain = [group for group in groups if group not in unsure]
        review.extend(_if_it_matters(surface, _merged(usable, certain), inspections[surface], unsure, policy))
        aside = [shot for shot in taken if shot not in usable]
        review.extend(_only_aside(surface, inspections[surface], aside, policy))
    return Fused(inspections, tuple(flags), tuple(review))


def _finest_first(shot: Inspection) -> tuple[float, str, str]:
    finest = shot.scale.resolvable_mm
    return (np.inf if finest is None else finest, shot.photo_sha256, repr(shot))


def _doubt(surface: Surface, shot: Inspection, policy: Policy) -> tuple[int, int]:
    status, against = doubts(surface, shot, policy)
    return list(Status).index(status), len(against)


def _grouped(shots: Sequence[Inspection]) -> list[Group]:
    groups: list[Group] = []
    for number, shot in enumerate(shots):
        found = [(defect, outline_mm(defect, shot)) for defect in sorted(set(shot.defects), key=repr)]
        pairs = _pairs(groups, found, shot)
        for index, (defect, place) in enumerate(found):
            group = pairs.get(index)
            if group is None:
                groups.append(Group([defect], [number], [] if place is None else [place]))
                continue
            group.members.append(defect)
            group.shots.append(number)
    return groups


def _pairs(
    groups: Sequence[Group], found: Sequence[tuple[Defect, Points | None]], shot: Inspection
) -> dict[int, Group]:
    """The group of each defect that was seen before: one to one, best overlap first, whichever way up fits better."""
    size_mm = shot.surface_size_mm or (0.0, 0.0)
    ways: list[list[tuple[float, int, int]]] = []
    for turned in (False, True):
        scored = [
            (overlap(upside_down(place, size_mm) if turned else place, group.places[0], TOLERANCE_MM), at, index)
            for index, (defect, place) in enumerate(found)
            for at, group in enumerate(groups)
            if place is not None and group.places and group.members[0].kind is defect.kind
        ]
        ways.append(_one_to_one(scored))
    upright, over = ways
    best = over if len(over) > len(upright) else upright
    return {index: groups[at] for _, at, index in best}


def _one_to_one(scored: list[tuple[float, int, int]]) -> list[tuple[float, int, int]]:
    chosen: list[tuple[float, int, int]] = []
    for score, at, index in sorted(scored, key=lambda pair: (-pair[0], pair[1], pair[2])):
        free = all(at != other and index != one for _, other, one in chosen)
        if score >= LEAST_OVERLAP and free:
            chosen.append((score, at, index))
    return chosen


def _merged(shots: Sequence[Inspection], groups: Sequence[Group]) -> Inspection:
    defects = tuple(_one(group) for group in groups)
    return shots[0].model_copy(update={"defects": defects})


def _one(group: Group) -> Defect:
    """The largest that any shot saw of a mark; a zone on which they disagree is unknown."""
    first, shot = group.members[0], group.shots[0]
    name = first.id if shot == 0 else f"{first.id}@{shot + 1}"
    if len(group.members) == 1:
        return first.model_copy(update={"id": name})
    zones = {member.zone for member in group.members}
    longest = max(group.members, key=lambda member: member.length_mm or 0.0)
    return first.model_copy(
        update={
            "id": name,
            "confidence": max(member.confidence for member in group.members),
            "zone": first.zone if len(zones) == 1 else None,
            "length_error_mm": longest.length_error_mm,
            "width_error_mm": longest.width_error_mm,
            **{size: _largest(group, size) for size in ("length_mm", "width_mm", "area_mm2", "depth_mm")},
        }
    )


def _largest(group: Group, size: str) -> float | None:
    known = [getattr(member, size) for member in group.members if getattr(member, size) is not None]
    return max(known, default=None)


def _seen_once(shots: Sequence[Inspection], groups: Sequence[Group], policy: Policy) -> list[Group]:
    """Marks that count, seen by one shot and not by another that was fine enough to show them."""
    least = policy.cosmetic.min_confidence
    return [
        group
        for group in groups
        if len(group.members) == 1
        and group.members[0].confidence >= least[group.members[0].kind]
        and any(_could_show(group.members[0], shot) for n, shot in enumerate(shots) if n not in group.shots)
    ]


def _could_show(defect: Defect, shot: Inspection) -> bool:
    finest = shot.scale.resolvable_mm
    return finest is not None and defect.width_mm is not None and finest <= defect.width_mm


def _disagreement(surface: Surface, unsure: Sequence[Group]) -> list[Flag]:
    if not unsure:
        return []
    names = ", ".join(_one(group).id for group in unsure)
    text = f"{names} seen in one shot and not in another that was fine enough"
    return [Flag(code="shots-disagree", text=text, surface=surface)]


def _if_it_matters(
    surface: Surface, sure: Inspection, everything: Inspection, unsure: Sequence[Group], policy: Policy
) -> list[Reason]:
    low, high = grade_surface(surface, everything, policy).grade, grade_surface(surface, sure, policy).grade
    if not unsure or low == high:
        return []
    names = tuple(_one(group).id for group in unsure)
    text = f"{surface}: {', '.join(names)} seen in one shot only; with it {low}, without it {high}"
    return [Reason(rule="shots-disagree", text=text, surface=surface, defect_ids=names)]


def _only_aside(surface: Surface, fused: Inspection, aside: Sequence[Inspection], policy: Policy) -> list[Reason]:
    """What a shot that was set aside shows and the others do not, where it would make the look worse."""
    found: list[Reason] = []
    for shot in aside:
        counted = counted_defects(shot, policy)
        pairs = _pairs(_grouped([fused]), [(defect, outline_mm(defect, shot)) for defect in counted], shot)
        alone = tuple(defect for index, defect in enumerate(counted) if index not in pairs)
        whole = fused.model_copy(update={"defects": (*fused.defects, *alone)})
        before, after = grade_surface(surface, fused, policy), grade_surface(surface, whole, policy)
        if alone and before.grade != after.grade:
            names = tuple(defect.id for defect in alone)
            text = f"{surface}: {', '.join(names)} stand in {shot.photo} alone, which could not carry a grade"
            found.append(Reason(rule="shots-disagree", text=text, surface=surface, defect_ids=names))
    return found
