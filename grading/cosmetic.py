"""Cosmetic grading: measured defects -> a grade per surface, and the worst surface binds."""

from collections.abc import Mapping

from phonegrade.configs.cosmetic_policy import CosmeticGrade
from phonegrade.configs.inspection import Inspection
from phonegrade.configs.policy import Policy
from phonegrade.configs.vocabulary import Surface
from phonegrade.grading.decision import CosmeticOutcome, Reason, Status, SurfaceGrade
from phonegrade.grading.detail import what_it_takes
from phonegrade.grading.evidence import counted_defects, doubts
from phonegrade.grading.limits import Marked, breaches


def grade_cosmetic(inspections: Mapping[Surface, Inspection], policy: Policy) -> CosmeticOutcome:
    """Grade every required or photographed surface; one surface without a grade leaves the phone without one."""
    asked = [surface for surface in Surface if surface in inspections or surface in policy.evidence.required_surfaces]
    surfaces = tuple(grade_surface(surface, inspections.get(surface), policy) for surface in asked)
    statuses = {surface.status for surface in surfaces}
    status = next(s for s in (Status.INCOMPLETE, Status.RETAKE, Status.GRADED) if s in statuses)
    names = policy.cosmetic.names
    worst = max((names.index(surface.grade) for surface in surfaces if surface.grade is not None), default=None)
    grade = names[worst] if status is Status.GRADED and worst is not None else None
    return CosmeticOutcome(status=status, grade=grade, surfaces=surfaces)


def grade_surface(surface: Surface, inspection: Inspection | None, policy: Policy) -> SurfaceGrade:
    """The best grade whose every limit holds and that the photo is fine enough to prove.

    The reasons are the rules that keep the surface from the next better grade. Adding a defect or making one larger
    can only break more limits, so the grade never improves with damage.
    """
    status, against = doubts(surface, inspection, policy)
    if inspection is None or status is not Status.GRADED:
        counted = 0 if inspection is None else len(counted_defects(surface, inspection, policy))
        return SurfaceGrade(surface=surface, status=status, grade=None, counted_defects=counted, reasons=against)
    defects = counted_defects(surface, inspection, policy)
    last_reasons: tuple[Reason, ...] = ()
    for grade in policy.cosmetic.grades:
        reasons = _against(surface, inspection, policy, grade)
        if not reasons:
            break
        last_reasons = reasons
    else:
        return _graded(surface, policy.cosmetic.last.grade, len(defects), last_reasons)
    if not last_reasons:
        text = f"{surface}: {_counted(len(defects))} within every limit of {grade.grade}"
        ids = tuple(defect.id for defect in defects)
        last_reasons = (Reason(rule=f"within-{grade.grade}", text=text, surface=surface, defect_ids=ids),)
    return _graded(surface, grade.grade, len(defects), last_reasons)


def marked(surface: Surface, inspection: Inspection, policy: Policy) -> Marked:
    """What the limits of a grade are held against."""
    width_mm, height_mm = inspection.surface_size_mm or (0.0, 0.0)
    return Marked(surface, width_mm * height_mm, counted_defects(surface, inspection, policy), policy.cosmetic.acuity)


def _graded(surface: Surface, grade: str, counted: int, reasons: tuple[Reason, ...]) -> SurfaceGrade:
    return SurfaceGrade(surface=surface, status=Status.GRADED, grade=grade, counted_defects=counted, reasons=reasons)


def _against(surface: Surface, inspection: Inspection, policy: Policy, grade: CosmeticGrade) -> tuple[Reason, ...]:
    found = [
        Reason(
            rule=breach.limit.rule,
            text=f"{surface}: {breach.text}",
            surface=surface,
            defect_ids=tuple(defect.id for defect in breach.defects),
        )
        for breach in breaches(marked(surface, inspection, policy), grade)
    ]
    finest = inspection.scale.resolvable_mm
    if finest is None or not finest <= grade.resolvable_mm:
        shown = "an unknown size" if finest is None else f"{finest:.2f} mm"
        text = f"{surface}: the photo shows nothing below {shown}, {grade.grade} needs {grade.resolvable_mm:.2f} mm"
        text = f"{text}; {what_it_takes(inspection, grade.resolvable_mm)}"
        found.append(Reason(rule=f"{grade.grade}-resolvable", text=text, surface=surface))
    return tuple(found)


def _counted(count: int) -> str:
    return "1 defect" if count == 1 else f"{count or 'no'} defects"
