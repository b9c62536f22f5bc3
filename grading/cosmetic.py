"""Cosmetic grading: measured defects -> a grade per surface, and the worst surface binds."""

from collections.abc import Mapping

from phonegrade.configs.cosmetic_policy import CosmeticGrade
from phonegrade.configs.policy import Policy
from phonegrade.core.inspection import Inspection
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.bounds import proven, worst_of_all, worst_place
from phonegrade.grading.decision import CosmeticOutcome, Reason, Status, SurfaceGrade
from phonegrade.grading.detail import what_it_takes
from phonegrade.grading.gradability import MISSING, counted_defects, gradability
from phonegrade.grading.limits import Marked, breaches

NOTHING_WORSE = "nothing_worse"
"""Rule of a surface that is graded though its photo is poor: what is seen has the worst grade that damage can have."""


def grade_cosmetic(
    inspections: Mapping[Surface, Inspection], policy: Policy, unusable: Mapping[Surface, Reason] | None = None
) -> CosmeticOutcome:
    """Grade every required or photographed surface; one surface without a grade leaves the phone without one.

    Unless what is seen elsewhere already has the worst grade that damage can have: then a better photo changes nothing,
    and only a surface that nobody photographed is still asked for. `unusable` says why no photo of a surface shows it.
    """
    told = unusable or {}
    asked = [s for s in Surface if s in inspections or s in told or s in policy.evidence.required_surfaces]
    surfaces = tuple(grade_surface(surface, inspections.get(surface), policy, told.get(surface)) for surface in asked)
    names = policy.cosmetic.names
    worst = max((names.index(surface.grade) for surface in surfaces if surface.grade is not None), default=None)
    statuses = {surface.status for surface in surfaces}
    if worst is not None and worst >= worst_of_all(policy):
        statuses = {s.status for s in surfaces if any(reason.rule == MISSING for reason in s.reasons)} | {Status.GRADED}
    status = next(s for s in (Status.INCOMPLETE, Status.RETAKE, Status.GRADED) if s in statuses)
    if status is Status.GRADED and worst is not None:
        return CosmeticOutcome(status=status, grade=names[worst], surfaces=surfaces)
    bounds = [names.index(bound) for s in surfaces if (bound := s.grade or s.at_best) is not None]
    at_best = names[max(bounds)] if any(bounds) else None
    return CosmeticOutcome(status=status, grade=None, surfaces=surfaces, at_best=at_best)


def grade_surface(
    surface: Surface, inspection: Inspection | None, policy: Policy, unusable: Reason | None = None
) -> SurfaceGrade:
    """The best grade whose every limit holds and that the photo is fine enough to prove.

    The reasons are the rules that keep the surface from the next better grade. Adding a defect or making one larger
    can only break more limits, so the grade never improves with damage.
    """
    if inspection is None and unusable is not None:
        return SurfaceGrade(surface=surface, status=Status.RETAKE, grade=None, counted_defects=0, reasons=(unusable,))
    status, against = gradability(surface, inspection, policy)
    if inspection is None:
        return SurfaceGrade(surface=surface, status=status, grade=None, counted_defects=0, reasons=against)
    defects = counted_defects(surface, inspection, policy)
    if status is not Status.GRADED:
        return _bounded(
            surface,
            inspection,
            policy,
            SurfaceGrade(surface=surface, status=status, grade=None, counted_defects=len(defects), reasons=against),
        )
    last_reasons: tuple[Reason, ...] = ()
    for grade in policy.cosmetic.grades:
        reasons = _against(surface, inspection, policy, grade)
        if not reasons:
            break
        last_reasons = reasons
    else:
        return _graded(surface, policy.cosmetic.last.grade, len(defects), last_reasons)
    if not last_reasons:
        text = f"{_counted(len(defects))} within every limit of {grade.grade}"
        ids = tuple(defect.id for defect in defects)
        last_reasons = (Reason(rule=f"within_{grade.grade}", text=text, surface=surface, defect_ids=ids),)
    return _graded(surface, grade.grade, len(defects), last_reasons)


def marked(surface: Surface, inspection: Inspection, policy: Policy) -> Marked:
    """What the limits of a grade are held against."""
    width_mm, height_mm = inspection.surface_size_mm or (0.0, 0.0)
    return Marked(surface, width_mm * height_mm, counted_defects(surface, inspection, policy), policy.cosmetic.acuity)


def _bounded(surface: Surface, inspection: Inspection, policy: Policy, without: SurfaceGrade) -> SurfaceGrade:
    """A surface `without` a grade, with what its damage bounds it to, or graded where nothing worse is possible."""
    bound, rules = proven(surface, inspection, policy)
    place = policy.cosmetic.names.index(bound)
    if place == 0:
        return without
    if place < worst_place(surface, policy):
        return without.model_copy(update={"at_best": bound, "bounded_by": rules})
    text = f"{bound} is the worst that damage can make it, so no better photo is needed"
    reasons = (*rules, Reason(rule=NOTHING_WORSE, text=text, surface=surface))
    return _graded(surface, bound, without.counted_defects, reasons)


def _graded(surface: Surface, grade: str, counted: int, reasons: tuple[Reason, ...]) -> SurfaceGrade:
    return SurfaceGrade(surface=surface, status=Status.GRADED, grade=grade, counted_defects=counted, reasons=reasons)


def _against(surface: Surface, inspection: Inspection, policy: Policy, grade: CosmeticGrade) -> tuple[Reason, ...]:
    found = [
        Reason(
            rule=breach.limit.rule,
            text=breach.text,
            surface=surface,
            defect_ids=tuple(defect.id for defect in breach.defects),
        )
        for breach in breaches(marked(surface, inspection, policy), grade)
    ]
    finest = inspection.scale.resolvable_mm
    if finest is None or not finest <= grade.resolvable_mm:
        shown = "an unknown size" if finest is None else f"{finest:.2f} mm"
        text = f"the photo shows nothing below {shown}, {grade.grade} needs {grade.resolvable_mm:.2f} mm"
        text = f"{text}; {what_it_takes(inspection, grade.resolvable_mm)}"
        found.append(Reason(rule=f"{grade.grade}_resolvable", text=text, surface=surface))
    return tuple(found)


def _counted(count: int) -> str:
    return "1 defect" if count == 1 else f"{count or 'no'} defects"
