"""Several views of one surface: every mark once, as likely as all views make it, and what they disagree on flagged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from phonegrade.configs.policy import Policy
from phonegrade.core.functional.report import FunctionalReport
from phonegrade.core.inspection import Defect, Inspection
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.cosmetic import grade_surface
from phonegrade.grading.decision import Decision, Flag, Reason, Status
from phonegrade.grading.gradability import counted_defects, gradability
from phonegrade.grading.judge import judge
from phonegrade.grading.multi_view.correspondence import on_other_photo, outline_mm
from phonegrade.grading.multi_view.evidence import Witness, could_show, evidence, fuse_confidence, witness
from phonegrade.grading.multi_view.groups import Group, group_marks, pair_marks
from phonegrade.grading.multi_view.sizes import best_sizes, contradicted, extremes

DISAGREE = "views_disagree"
"""Code of the flags and of the reasons for review."""


@dataclass(frozen=True)
class SurfaceView:
    """One view and what became of it."""

    inspection: Inspection
    """The marks of a used view carry their surface's names: equal names are one mark."""
    used: bool
    why_not: tuple[Reason, ...]


@dataclass(frozen=True)
class FusedViews:
    """One inspection a surface, and what was learnt on the way."""

    inspections: dict[Surface, Inspection]
    """Of the view that stands for the surface, with the marks of the others in its pixels."""
    views: dict[Surface, tuple[SurfaceView, ...]]
    """The view that stands for the surface first; then what else is used, finest first; then the others."""
    disagree_on: dict[Surface, tuple[str, ...]]
    """Marks that count by one used shot's word and that another, fine enough, does not show."""
    flags: tuple[Flag, ...]
    review: tuple[Reason, ...]
    """Where the views disagree so much that the grade hangs on it."""


def judge_all_views(
    views: Mapping[Surface, Sequence[Inspection]], functional: FunctionalReport | None, policy: Policy
) -> Decision:
    """`judge` over any number of views a surface; the same for any order of views."""
    return judge_views(fuse_views(views, policy), functional, policy)


def judge_views(
    fused: FusedViews,
    functional: FunctionalReport | None,
    policy: Policy,
    unusable: Mapping[Surface, Reason] | None = None,
) -> Decision:
    """`judge` over what `fuse_views` made of the views, with what they disagree on."""
    return judge(fused.inspections, functional, policy, unusable).with_doubts(fused.review, fused.flags)


@dataclass(frozen=True)
class _Views:
    """The usable views of one surface and the marks that they show."""

    surface: Surface
    policy: Policy
    taken: Sequence[Inspection]
    """Finest first."""
    groups: Sequence[Group]
    turned: Sequence[bool]
    witnesses: Sequence[Witness]

    def finest_mm(self, group: Group) -> list[float | None]:
        """Of each view that shows a mark."""
        return [self.witnesses[view].finest_mm for view in group.views]

    def counts(self, group: Group) -> bool:
        """Whether one view alone would count the mark."""
        return any(
            counted_defects(self.surface, self.taken[view].model_copy(update={"defects": (member,)}), self.policy)
            for member, view in zip(group.members, group.views, strict=True)
        )

    def grade(self, defects: Sequence[Defect]) -> str | None:
        """Of the surface with these marks."""
        inspection = self.taken[0].model_copy(update={"defects": tuple(defects)})
        return grade_surface(self.surface, inspection, self.policy).grade


def fuse_views(views: Mapping[Surface, Sequence[Inspection]], policy: Policy) -> FusedViews:
    """Every mark of a surface once, as likely and as large as all usable views of it make it.

    The usable view with the finest detail stands for the surface; marks that others show are added to it, and marks of
    one view are never taken for one. A view that shows a mark makes it likelier; one that is as fine, clear and lists
    nothing at its place makes it less likely, within bounds (`view_evidence`). A coarser or flagged view takes nothing
    away. A view that cannot carry a grade is set aside where another can; what it alone shows goes to manual review,
    and so does what the views disagree on, where the grade hangs on it.
    """
    inspections: dict[Surface, Inspection] = {}
    told: dict[Surface, tuple[SurfaceView, ...]] = {}
    disagree_on: dict[Surface, tuple[str, ...]] = {}
    flags: list[Flag] = []
    review: list[Reason] = []
    for surface in Surface:
        taken = sorted(views.get(surface, ()), key=_finest_first)
        if not taken:
            continue
        usable, aside = _sorted_out(surface, taken, policy)
        groups, turned = group_marks(usable)
        shown = _Views(surface, policy, usable, groups, turned, [witness(view) for view in usable])
        unsure = _disputed(shown)
        disagree_on[surface] = tuple(group.name for group in unsure)
        told[surface] = (
            *(SurfaceView(_named(view, number, groups), True, ()) for number, view in enumerate(usable)),
            *(SurfaceView(view, False, why_not) for view, why_not in aside),
        )
        if not usable:
            inspections[surface] = aside[0][0]
            continue
        fused = inspections[surface] = _merged(shown)
        flags.extend((*_disagreement(shown, unsure), *_sizes_disagree(shown, fused)))
        review.extend((*_if_it_matters(shown, fused, unsure), *_if_sizes_matter(shown, fused)))
        heard = {view.photo_sha256 for view in usable}
        review.extend(_only_aside(surface, fused, [v for v, _ in aside if v.photo_sha256 not in heard], policy))
    return FusedViews(inspections, told, disagree_on, tuple(flags), tuple(review))


def _sorted_out(
    surface: Surface, taken: Sequence[Inspection], policy: Policy
) -> tuple[list[Inspection], list[tuple[Inspection, tuple[Reason, ...]]]]:
    """The views that can carry a grade, and the others with why not, least in doubt first.

    One photo is one view, however often it is given.
    """
    usable: list[Inspection] = []
    again: list[tuple[Inspection, tuple[Reason, ...]]] = []
    poor: list[Inspection] = []
    for view in taken:
        if gradability(surface, view, policy)[0] is not Status.GRADED:
            poor.append(view)
        elif any(view.photo_sha256 == other.photo_sha256 for other in usable):
            text = "the same photo as another of this surface"
            again.append((view, (Reason(rule="same_photo", text=text, surface=surface),)))
        else:
            usable.append(view)
    poor.sort(key=lambda view: _doubt(surface, view, policy))
    return usable, [*again, *((view, gradability(surface, view, policy)[1]) for view in poor)]


def _finest_first(view: Inspection) -> tuple[float, str, str]:
    finest = view.scale.resolvable_mm
    return (np.inf if finest is None else finest, view.photo_sha256, repr(view))


def _doubt(surface: Surface, view: Inspection, policy: Policy) -> tuple[int, int]:
    status, against = gradability(surface, view, policy)
    return list(Status).index(status), len(against)


def _merged(views: _Views) -> Inspection:
    """The first view with all marks; as it was where it is the only one."""
    first = views.taken[0]
    if len(views.taken) == 1:
        return first
    return first.model_copy(update={"defects": tuple(_one(group, views) for group in views.groups)})


def _one(group: Group, views: _Views) -> Defect:
    """One mark from all views; a zone on which they disagree is unknown."""
    first, view = group.members[0], group.views[0]
    polygon = first.polygon
    if view > 0:
        polygon = on_other_photo(first, views.taken[view], views.taken[0], turned=views.turned[view])
    zones = {member.zone for member in group.members}
    return first.model_copy(
        update={
            "id": group.name,
            "polygon": polygon,
            "confidence": fuse_confidence(group, views.witnesses),
            "zone": first.zone if len(zones) == 1 else None,
            **best_sizes(group, views.finest_mm(group)),
        }
    )


def _named(view: Inspection, number: int, groups: Sequence[Group]) -> Inspection:
    """The view with the surface's names of its marks."""
    names = {
        member: group.name
        for group in groups
        for member, at in zip(group.members, group.views, strict=True)
        if at == number
    }
    defects = tuple(defect.model_copy(update={"id": names[defect]}) for defect in view.defects)
    return view.model_copy(update={"defects": defects})


def _disputed(views: _Views) -> list[Group]:
    """Marks that count by one view's word and that another, fine enough, does not show."""
    return [
        group
        for group in views.groups
        if views.counts(group)
        and any(n not in group.views and could_show(group, views.witnesses, n) for n in range(len(views.taken)))
    ]


def _disagreement(views: _Views, unsure: Sequence[Group]) -> list[Flag]:
    if not unsure:
        return []
    names = ", ".join(
        f"{group.name} ({', '.join(views.taken[view].photo for view in group.views)})" for group in unsure
    )
    text = f"{names} seen in {_few(unsure)} and not in another that was fine enough"
    return [Flag(code=DISAGREE, text=text, surface=views.surface)]


def _if_it_matters(views: _Views, fused: Inspection, unsure: Sequence[Group]) -> list[Reason]:
    """Disputed marks that the other views do not bear out, where the grade is another with them than without."""
    doubtful = [group for group in unsure if evidence(group, views.witnesses) <= 0.0]
    names = tuple(group.name for group in doubtful)
    surest = {group.name: max(member.confidence for member in group.members) for group in doubtful}
    with_it = [
        defect.model_copy(update={"confidence": surest.get(defect.id, defect.confidence)}) for defect in fused.defects
    ]
    low, high = views.grade(with_it), views.grade([defect for defect in fused.defects if defect.id not in names])
    if low == high:
        return []
    text = f"{', '.join(names)} seen in {_few(doubtful)} only; with it {low}, without it {high}"
    return [Reason(rule=DISAGREE, text=text, surface=views.surface, defect_ids=names)]


def _few(groups: Sequence[Group]) -> str:
    return "one view" if all(len(group.members) == 1 for group in groups) else "some views"


def _contradicted(views: _Views, fused: Inspection) -> dict[str, Group]:
    """Marks that count and on whose sizes the views contradict each other, by name."""
    counted = {defect.id for defect in counted_defects(views.surface, fused, views.policy)}
    return {
        group.name: group
        for group in views.groups
        if group.name in counted and contradicted(group, views.finest_mm(group))
    }


def _sizes_disagree(views: _Views, fused: Inspection) -> list[Flag]:
    groups = _contradicted(views, fused)
    if not groups:
        return []
    text = f"{', '.join(groups)} measured differently in different views, by more than the errors allow"
    return [Flag(code=DISAGREE, text=text, surface=views.surface)]


def _if_sizes_matter(views: _Views, fused: Inspection) -> list[Reason]:
    sizes = {name: extremes(group) for name, group in _contradicted(views, fused).items()}
    grades = [
        views.grade([d.model_copy(update=sizes[d.id][end]) if d.id in sizes else d for d in fused.defects])
        for end in (0, 1)
    ]
    if grades[0] == grades[1]:
        return []
    names = tuple(sizes)
    text = (
        f"the views measured {', '.join(names)} differently; "
        f"by the largest sizes {grades[1]}, by the smallest {grades[0]}"
    )
    return [Reason(rule=DISAGREE, text=text, surface=views.surface, defect_ids=names)]


def _only_aside(surface: Surface, fused: Inspection, aside: Sequence[Inspection], policy: Policy) -> list[Reason]:
    """What a view that was set aside shows and the others do not count, where it would make the look worse."""
    found: list[Reason] = []
    groups, _ = group_marks([fused.model_copy(update={"defects": counted_defects(surface, fused, policy)})])
    for view in aside:
        counted = counted_defects(surface, view, policy)
        pairs, _ = pair_marks(groups, [(defect, outline_mm(defect, view)) for defect in counted], view)
        alone = tuple(defect for index, defect in enumerate(counted) if index not in pairs)
        whole = fused.model_copy(update={"defects": (*fused.defects, *alone)})
        before, after = grade_surface(surface, fused, policy), grade_surface(surface, whole, policy)
        if alone and before.grade != after.grade:
            names = tuple(defect.id for defect in alone)
            text = f"{', '.join(names)} stand in {view.photo} alone, which could not carry a grade"
            found.append(Reason(rule=DISAGREE, text=text, surface=surface, defect_ids=names))
    return found
