"""The best grade that the detected damage still allows, however poor the photo: a better photo could only find more."""

from collections.abc import Iterable

from phonegrade.configs.cosmetic_policy import CosmeticGrade
from phonegrade.configs.limit import Limit
from phonegrade.configs.policy import Policy
from phonegrade.core.inspection import Defect, Inspection
from phonegrade.core.vocabulary import Surface, View, Zone
from phonegrade.grading.decision import Reason
from phonegrade.grading.gradability import counted_defects
from phonegrade.grading.limits import Breach, SurfaceDefects, breaches

SHOWS_ANOTHER = frozenset({"no_device", "view_mismatch"})
"""Flags of a photo that may show something else: its detections prove nothing about the surface."""
MISSHAPEN = frozenset({"no_outline", "cut_off", "tilted", "wrong_proportions"})
"""Flags of an outline too unreliable for sizes and zones."""
ZONES_OF = {
    View.FRONT: (Zone.DISPLAY, Zone.BEZEL, Zone.CORNER),
    View.BACK: (Zone.CAMERA, Zone.BACK, Zone.CORNER),
    View.EDGE: (Zone.FRAME, Zone.CORNER),
}
"""The zones in which a defect of unknown zone may lie, by view."""


def bound_by_damage(surface: Surface, inspection: Inspection, policy: Policy) -> tuple[str, tuple[Reason, ...]]:
    """Return the best grade that the counted defects of a surface still allow, and the rules against the next better.

    Only what is certain of each defect counts: an unmeasured size is taken as zero, and a defect of unknown zone as one
    in the most lenient zone. No reasons where the best grade is still possible.
    """
    names = policy.cosmetic.names
    codes = {flag.code for flag in inspection.quality}
    if codes & SHOWS_ANOTHER:
        return names[0], ()
    defects = counted_defects(surface, inspection, policy)
    if codes & MISSHAPEN or inspection.outline is None:
        defects = tuple(_without_measures(defect) for defect in defects)
    reasons: tuple[Reason, ...] = ()
    for grade in policy.cosmetic.grades:
        broken = [_reason(surface, breach) for breach in _certain_breaches(surface, defects, grade, policy)]
        if not broken:
            return grade.grade, reasons
        reasons = tuple(broken)
    return names[-1], reasons


def worst_rank(surface: Surface, policy: Policy) -> int:
    """Return the rank, 0 is best, of the worst cosmetic grade that any damage of `surface` can have."""
    for rank, grade in enumerate(policy.cosmetic.grades):
        if all(_is_unbounded(limit) for limit in grade.limits if surface in limit.surfaces):
            return rank
    return len(policy.cosmetic.grades)


def worst_rank_of_phone(policy: Policy) -> int:
    """Return the rank of the worst cosmetic grade that any damage of a phone can have."""
    return max(worst_rank(surface, policy) for surface in Surface)


def _is_unbounded(limit: Limit) -> bool:
    bounds = (
        limit.max_count,
        limit.max_per_dm2,
        limit.longest_mm,
        limit.widest_mm,
        limit.deepest_mm,
        limit.total_area_mm2,
        limit.total_area_share,
    )
    return not limit.size_bins and all(bound is None for bound in bounds)


def _without_measures(defect: Defect) -> Defect:
    return defect.model_copy(update={"zone": None, **dict.fromkeys(("length_mm", "width_mm", "area_mm2"))})


def smallest(defect: Defect) -> Defect:
    """Return the defect at its smallest: every unknown size as zero."""
    sizes = {size: getattr(defect, size) or 0.0 for size in ("length_mm", "width_mm", "area_mm2")}
    return defect.model_copy(update=sizes)


def _certain_breaches(
    surface: Surface, defects: Iterable[Defect], grade: CosmeticGrade, policy: Policy
) -> Iterable[Breach]:
    small = [smallest(defect) for defect in defects]
    placed = tuple(defect for defect in small if defect.zone is not None)
    # the surface is taken as infinite, so that no density and no share of its area bounds anything
    yield from breaches(SurfaceDefects(surface, float("inf"), placed, policy.cosmetic.acuity), grade)
    for defect in small:
        if defect.zone is None:
            alone = [_alone(surface, defect, zone, grade, policy) for zone in ZONES_OF[surface.view]]
            if all(alone):
                yield alone[0][0]


def _alone(surface: Surface, defect: Defect, zone: Zone, grade: CosmeticGrade, policy: Policy) -> tuple[Breach, ...]:
    """Return what a defect breaks in a zone on its own."""
    placed = defect.model_copy(update={"zone": zone})
    return breaches(SurfaceDefects(surface, float("inf"), (placed,), policy.cosmetic.acuity), grade)


def _reason(surface: Surface, breach: Breach) -> Reason:
    ids = tuple(defect.id for defect in breach.defects)
    return Reason(rule=breach.limit.rule, text=breach.text, surface=surface, defect_ids=ids)
