"""Fuses several views of one surface: every defect once, with the evidence of all views, and disagreements flagged."""

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
from phonegrade.grading.multi_view.evidence import ViewDetections, could_show, detections_of, evidence, fuse_confidence
from phonegrade.grading.multi_view.groups import DefectGroup, group_defects, match_defects
from phonegrade.grading.multi_view.sizes import best_sizes, contradicted, extremes

DISAGREE = "views_disagree"
"""Code of the flags and of the reasons for review."""


@dataclass(frozen=True)
class SurfaceView:
    """One view, and whether it was used."""

    inspection: Inspection
    """Defects of used views carry the ids of their surface: equal ids are one defect."""
    used: bool
    why_not: tuple[Reason, ...]


@dataclass(frozen=True)
class FusedViews:
    """One inspection per surface, and what the views disagree on."""

    inspections: dict[Surface, Inspection]
    """Of the view that represents the surface, with the defects of the others in its pixels."""
    views: dict[Surface, tuple[SurfaceView, ...]]
    """The view that represents the surface first, then the other used ones, finest first, then the unused ones."""
    disagree_on: dict[Surface, tuple[str, ...]]
    """Ids of defects that count in one used view and that another, fine enough, does not show."""
    flags: tuple[Flag, ...]
    review: tuple[Reason, ...]
    """Disagreements on which the grade depends."""


def judge_all_views(
    views: Mapping[Surface, Sequence[Inspection]], functional: FunctionalReport | None, policy: Policy
) -> Decision:
    """Return the decision over any number of views per surface; the same for any order of views."""
    return judge_views(fuse_views(views, policy), functional, policy)


def judge_views(
    fused: FusedViews,
    functional: FunctionalReport | None,
    policy: Policy,
    unusable: Mapping[Surface, Reason] | None = None,
) -> Decision:
    """Return the decision over fused views, with their flags and reasons for review."""
    return judge(fused.inspections, functional, policy, unusable).with_review(fused.review, fused.flags)


@dataclass(frozen=True)
class _Views:
    """The usable views of one surface and the defects that they show."""

    surface: Surface
    policy: Policy
    usable: Sequence[Inspection]
    """Finest first."""
    groups: Sequence[DefectGroup]
    turned: Sequence[bool]
    detections: Sequence[ViewDetections]

    def finest_mm(self, group: DefectGroup) -> list[float | None]:
        """Return the finest detail of each view that shows a defect."""
        return [self.detections[view].finest_mm for view in group.views]

    def counts(self, group: DefectGroup) -> bool:
        """Return whether one view alone would count the defect."""
        return any(
            counted_defects(self.surface, self.usable[view].model_copy(update={"defects": (member,)}), self.policy)
            for member, view in zip(group.members, group.views, strict=True)
        )

    def grade(self, defects: Sequence[Defect]) -> str | None:
        """Return the grade of the surface with these defects."""
        inspection = self.usable[0].model_copy(update={"defects": tuple(defects)})
        return grade_surface(self.surface, inspection, self.policy).grade


def fuse_views(views: Mapping[Surface, Sequence[Inspection]], policy: Policy) -> FusedViews:
    """Return every defect of a surface once, with its confidence and sizes from all usable views.

    The usable view with the finest detail represents the surface; defects that others show are added to it, and two
    defects of one view are never merged. A view that shows a defect raises its confidence; one that is as fine, clear
    and lists nothing at its position lowers it, within bounds (`evidence`). A coarser or flagged view lowers nothing.
    A view too poor to be graded is unused where another can be; what it alone shows goes to manual review, and so does
    what the views disagree on, where the grade depends on it.
    """
    inspections: dict[Surface, Inspection] = {}
    views_of: dict[Surface, tuple[SurfaceView, ...]] = {}
    disagree_on: dict[Surface, tuple[str, ...]] = {}
    flags: list[Flag] = []
    review: list[Reason] = []
    for surface in Surface:
        given = sorted(views.get(surface, ()), key=_finest_first)
        if not given:
            continue
        usable, unused = _split(surface, given, policy)
        groups, turned = group_defects(usable)
        shown = _Views(surface, policy, usable, groups, turned, [detections_of(view) for view in usable])
        disputed = _disputed(shown)
        disagree_on[surface] = tuple(group.name for group in disputed)
        views_of[surface] = (
            *(SurfaceView(_named(view, number, groups), True, ()) for number, view in enumerate(usable)),
            *(SurfaceView(view, False, why_not) for view, why_not in unused),
        )
        if not usable:
            inspections[surface] = unused[0][0]
            continue
        fused = inspections[surface] = _fused(shown)
        flags.extend((*_disagreement(shown, disputed), *_sizes_disagree(shown, fused)))
        review.extend((*_if_decisive(shown, fused, disputed), *_if_sizes_decisive(shown, fused)))
        used = {view.photo_sha256 for view in usable}
        review.extend(_only_unused(surface, fused, [v for v, _ in unused if v.photo_sha256 not in used], policy))
    return FusedViews(inspections, views_of, disagree_on, tuple(flags), tuple(review))


def _split(
    surface: Surface, given: Sequence[Inspection], policy: Policy
) -> tuple[list[Inspection], list[tuple[Inspection, tuple[Reason, ...]]]]:
    """Return the views that can be graded, and the others with the reasons, the best of them first.

    One photo is one view, however often it is given.
    """
    usable: list[Inspection] = []
    repeated: list[tuple[Inspection, tuple[Reason, ...]]] = []
    poor: list[Inspection] = []
    for view in given:
        if gradability(surface, view, policy)[0] is not Status.GRADED:
            poor.append(view)
        elif any(view.photo_sha256 == other.photo_sha256 for other in usable):
            text = "the same photo as another view"
            repeated.append((view, (Reason(rule="same_photo", text=text, surface=surface),)))
        else:
            usable.append(view)
    poor.sort(key=lambda view: _poorness(surface, view, policy))
    return usable, [*repeated, *((view, gradability(surface, view, policy)[1]) for view in poor)]


def _finest_first(view: Inspection) -> tuple[float, str, str]:
    finest = view.scale.resolvable_mm
    return (np.inf if finest is None else finest, view.photo_sha256, repr(view))


def _poorness(surface: Surface, view: Inspection, policy: Policy) -> tuple[int, int]:
    status, reasons = gradability(surface, view, policy)
    return list(Status).index(status), len(reasons)


def _fused(views: _Views) -> Inspection:
    """Return the first view with all defects; unchanged where it is the only one."""
    first = views.usable[0]
    if len(views.usable) == 1:
        return first
    return first.model_copy(update={"defects": tuple(_fused_defect(group, views) for group in views.groups)})


def _fused_defect(group: DefectGroup, views: _Views) -> Defect:
    """Return one defect from all views; a zone on which they disagree is unknown."""
    first, view = group.members[0], group.views[0]
    polygon = first.polygon
    if view > 0:
        polygon = on_other_photo(first, views.usable[view], views.usable[0], turned=views.turned[view])
    zones = {member.zone for member in group.members}
    return first.model_copy(
        update={
            "id": group.name,
            "polygon": polygon,
            "confidence": fuse_confidence(group, views.detections),
            "zone": first.zone if len(zones) == 1 else None,
            **best_sizes(group, views.finest_mm(group)),
        }
    )


def _named(view: Inspection, number: int, groups: Sequence[DefectGroup]) -> Inspection:
    """Return the view with the ids that its defects have on the surface."""
    names = {
        member: group.name
        for group in groups
        for member, at in zip(group.members, group.views, strict=True)
        if at == number
    }
    defects = tuple(defect.model_copy(update={"id": names[defect]}) for defect in view.defects)
    return view.model_copy(update={"defects": defects})


def _disputed(views: _Views) -> list[DefectGroup]:
    """Return defects that count in one view and that another, fine enough, does not show."""
    return [
        group
        for group in views.groups
        if views.counts(group)
        and any(n not in group.views and could_show(group, views.detections, n) for n in range(len(views.usable)))
    ]


def _disagreement(views: _Views, disputed: Sequence[DefectGroup]) -> list[Flag]:
    if not disputed:
        return []
    names = ", ".join(
        f"{group.name} ({', '.join(views.usable[view].photo for view in group.views)})" for group in disputed
    )
    text = f"{names} visible in {_few(disputed)} but not in another that was fine enough"
    return [Flag(code=DISAGREE, text=text, surface=views.surface)]


def _if_decisive(views: _Views, fused: Inspection, disputed: Sequence[DefectGroup]) -> list[Reason]:
    """Return disputed defects that the other views do not confirm, where the grade depends on them."""
    unconfirmed = [group for group in disputed if evidence(group, views.detections) <= 0.0]
    names = tuple(group.name for group in unconfirmed)
    highest = {group.name: max(member.confidence for member in group.members) for group in unconfirmed}
    with_them = [
        defect.model_copy(update={"confidence": highest.get(defect.id, defect.confidence)}) for defect in fused.defects
    ]
    low, high = views.grade(with_them), views.grade([defect for defect in fused.defects if defect.id not in names])
    if low == high:
        return []
    visible_in = f"{', '.join(names)} visible in {_few(unconfirmed)} only"
    text = f"{visible_in}; counted, the grade is {low}, else {high}"
    return [Reason(rule=DISAGREE, text=text, surface=views.surface, defect_ids=names)]


def _few(groups: Sequence[DefectGroup]) -> str:
    return "one view" if all(len(group.members) == 1 for group in groups) else "some views"


def _contradicted(views: _Views, fused: Inspection) -> dict[str, DefectGroup]:
    """Return defects that count and on whose sizes the views contradict each other, by id."""
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
    text = f"{', '.join(groups)} measured differently in different views, by more than the measurement errors"
    return [Flag(code=DISAGREE, text=text, surface=views.surface)]


def _if_sizes_decisive(views: _Views, fused: Inspection) -> list[Reason]:
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
        f"the largest sizes give {grades[1]}, the smallest {grades[0]}"
    )
    return [Reason(rule=DISAGREE, text=text, surface=views.surface, defect_ids=names)]


def _only_unused(surface: Surface, fused: Inspection, unused: Sequence[Inspection], policy: Policy) -> list[Reason]:
    """Return what an unused view shows and the others do not count, where it would make the grade worse."""
    reasons: list[Reason] = []
    groups, _ = group_defects([fused.model_copy(update={"defects": counted_defects(surface, fused, policy)})])
    for view in unused:
        counted = counted_defects(surface, view, policy)
        matches, _ = match_defects(groups, [(defect, outline_mm(defect, view)) for defect in counted], view)
        alone = tuple(defect for index, defect in enumerate(counted) if index not in matches)
        whole = fused.model_copy(update={"defects": (*fused.defects, *alone)})
        before, after = grade_surface(surface, fused, policy), grade_surface(surface, whole, policy)
        if alone and before.grade != after.grade:
            names = tuple(defect.id for defect in alone)
            text = f"{', '.join(names)} visible only in {view.photo}, which is too poor to be graded"
            reasons.append(Reason(rule=DISAGREE, text=text, surface=surface, defect_ids=names))
    return reasons
