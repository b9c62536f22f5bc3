"""Cosmetic grading: measured defects -> a grade per surface; the worst surface sets the grade of the phone."""

from collections.abc import Mapping

from phonegrade.configs.cosmetic_policy import CosmeticGrade
from phonegrade.configs.policy import Policy
from phonegrade.core.inspection import Inspection
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.bounds import bound_by_damage, worst_rank, worst_rank_of_phone
from phonegrade.grading.decision import CosmeticOutcome, Reason, Status, SurfaceGrade
from phonegrade.grading.detail import detail_needed
from phonegrade.grading.gradability import MISSING, counted_defects, gradability
from phonegrade.grading.limits import SurfaceDefects, breaches

NOTHING_WORSE = "nothing_worse"
"""Rule of a surface graded despite a poor photo: it already has the worst grade that damage can give."""


def grade_cosmetic(
    inspections: Mapping[Surface, Inspection], policy: Policy, unusable: Mapping[Surface, Reason] | None = None
) -> CosmeticOutcome:
    """Grade every required or photographed surface; one surface without a grade leaves the phone without one.

    The exception: another surface already has the worst grade that damage can give. Then a better photo changes
    nothing, and only a missing one is still required. `unusable` says why none of the photos of a surface can be used.
    """
    unusable_reasons = unusable or {}
    required = [
        s for s in Surface if s in inspections or s in unusable_reasons or s in policy.evidence.required_surfaces
    ]
    surfaces = tuple(
        grade_surface(surface, inspections.get(surface), policy, unusable_reasons.get(surface)) for surface in required
    )
    names = policy.cosmetic.names
    worst = max((names.index(surface.grade) for surface in surfaces if surface.grade is not None), default=None)
    statuses = {surface.status for surface in surfaces}
    if worst is not None and worst >= worst_rank_of_phone(policy):
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
    """Return the best grade whose every limit holds and that the photo resolves well enough to prove.

    The reasons are the rules that keep the surface from the next better grade. Adding or enlarging a defect can only
    break more limits, so damage never improves the grade.
    """
    if inspection is None and unusable is not None:
        return SurfaceGrade(surface=surface, status=Status.RETAKE, grade=None, counted_defects=0, reasons=(unusable,))
    status, problems = gradability(surface, inspection, policy)
    if inspection is None:
        return SurfaceGrade(surface=surface, status=status, grade=None, counted_defects=0, reasons=problems)
    defects = counted_defects(surface, inspection, policy)
    if status is not Status.GRADED:
        return _bounded(
            surface,
            inspection,
            policy,
            SurfaceGrade(surface=surface, status=status, grade=None, counted_defects=len(defects), reasons=problems),
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
        text = f"{_within_limits(len(defects), grade.grade)}"
        ids = tuple(defect.id for defect in defects)
        last_reasons = (Reason(rule=f"within_{grade.grade}", text=text, surface=surface, defect_ids=ids),)
    return _graded(surface, grade.grade, len(defects), last_reasons)


def surface_defects(surface: Surface, inspection: Inspection, policy: Policy) -> SurfaceDefects:
    """Return the counted defects of a surface with its area, as the limits of a grade need them."""
    width_mm, height_mm = inspection.surface_size_mm or (0.0, 0.0)
    return SurfaceDefects(
        surface, width_mm * height_mm, counted_defects(surface, inspection, policy), policy.cosmetic.acuity
    )


def _bounded(surface: Surface, inspection: Inspection, policy: Policy, ungraded: SurfaceGrade) -> SurfaceGrade:
    """Return `ungraded` with the grade that its damage bounds it to, or graded where nothing worse is possible."""
    bound, rules = bound_by_damage(surface, inspection, policy)
    rank = policy.cosmetic.names.index(bound)
    if rank == 0:
        return ungraded
    if rank < worst_rank(surface, policy):
        return ungraded.model_copy(update={"at_best": bound, "bounded_by": rules})
    text = f"{bound} is already the worst grade that damage can give, so no better photo is needed"
    reasons = (*rules, Reason(rule=NOTHING_WORSE, text=text, surface=surface))
    return _graded(surface, bound, ungraded.counted_defects, reasons)


def _graded(surface: Surface, grade: str, counted: int, reasons: tuple[Reason, ...]) -> SurfaceGrade:
    return SurfaceGrade(surface=surface, status=Status.GRADED, grade=grade, counted_defects=counted, reasons=reasons)


def _against(surface: Surface, inspection: Inspection, policy: Policy, grade: CosmeticGrade) -> tuple[Reason, ...]:
    reasons = [
        Reason(
            rule=breach.limit.rule,
            text=breach.text,
            surface=surface,
            defect_ids=tuple(defect.id for defect in breach.defects),
        )
        for breach in breaches(surface_defects(surface, inspection, policy), grade)
    ]
    finest = inspection.scale.resolvable_mm
    if finest is None or not finest <= grade.resolvable_mm:
        resolved = "an unknown size" if finest is None else f"{finest:.2f} mm"
        text = f"the photo resolves {resolved}, but {grade.grade} needs {grade.resolvable_mm:.2f} mm"
        text = f"{text}; {detail_needed(inspection, grade.resolvable_mm)}"
        reasons.append(Reason(rule=f"{grade.grade}_resolvable", text=text, surface=surface))
    return tuple(reasons)


def _within_limits(count: int, grade: str) -> str:
    if not count:
        return "no defects"
    return f"1 defect, within the limits of {grade}" if count == 1 else f"{count} defects, within the limits of {grade}"
