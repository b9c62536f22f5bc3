"""Whether a photo allows a grade at all: doubt withholds the grade and never improves it."""

from collections.abc import Sequence

from phonegrade.configs.policy import Policy
from phonegrade.core.inspection import Defect, Inspection
from phonegrade.core.vocabulary import ScaleSource, Surface
from phonegrade.grading.decision import Reason, Status
from phonegrade.grading.detail import detail_needed
from phonegrade.grading.fixed_point import UNITS_PER_MM2, to_fixed_point

MISSING = "missing_surface"
"""Rule of a surface without a photo."""


def counted_defects(surface: Surface, inspection: Inspection, policy: Policy) -> tuple[Defect, ...]:
    """Return the distinct defects certain enough to count, in an order that does not depend on their input order."""
    counts_from = policy.cosmetic.counts_from
    distinct = {defect for defect in inspection.defects if defect.confidence >= counts_from(defect, surface)}
    if len({defect.id for defect in distinct}) == len(distinct):
        return tuple(sorted(distinct, key=lambda defect: (len(defect.id), defect.id)))
    return tuple(sorted(distinct, key=lambda defect: (len(defect.id), defect.id, repr(defect))))


def clause(sentence: str) -> str:
    """Return the sentence of a photo flag as a clause: without its capital and its full stop."""
    return f"{sentence[:1].lower()}{sentence[1:]}".removesuffix(".")


def dirt_share(inspection: Inspection, policy: Policy) -> float:
    """Return the share of the surface under contamination that counts; infinite where it cannot be measured."""
    patches = [dirt for dirt in inspection.contamination if dirt.confidence >= policy.contamination.counts_from(dirt)]
    if not patches:
        return 0.0
    areas = [dirt.area_mm2 for dirt in dict.fromkeys(patches)]
    if inspection.surface_size_mm is None or None in areas:
        return float("inf")
    width_mm, height_mm = inspection.surface_size_mm
    return sum(to_fixed_point(area) for area in areas) / UNITS_PER_MM2 / (width_mm * height_mm)


def gradability(surface: Surface, inspection: Inspection | None, policy: Policy) -> tuple[Status, tuple[Reason, ...]]:
    """Return `graded` where a surface can be graded, else the worse of `retake` and `incomplete`, with the reasons."""
    if inspection is None:
        text = f"there is no photo of the {surface}"
        return Status(policy.evidence.missing_surface), (Reason(rule=MISSING, text=text, surface=surface),)
    if not is_measured(inspection):
        return _unmeasured(surface, inspection, policy)
    incomplete = _incomplete(surface, inspection, policy)
    retake = _retake(surface, inspection, policy)
    status = Status.INCOMPLETE if incomplete else Status.RETAKE if retake else Status.GRADED
    return status, (*incomplete, *retake)


def is_measured(inspection: Inspection) -> bool:
    """Return whether outline, scale and size of the surface are known."""
    scale = inspection.scale
    known = scale.source is not ScaleSource.NONE and None not in (scale.px_per_mm, scale.resolvable_mm)
    return known and inspection.outline is not None and inspection.surface_size_mm is not None


def _unmeasured(surface: Surface, inspection: Inspection, policy: Policy) -> tuple[Status, tuple[Reason, ...]]:
    """Return the flags that matter, and nothing else: dirt, glare and scale are only judged on an outlined phone."""
    codes = (*policy.evidence.incomplete_on, *policy.evidence.retake_on)
    reasons = _flagged(surface, inspection, codes)
    if not reasons:
        text = "the outline of the phone was not found, so nothing on it can be measured; retake the photo"
        reasons = [Reason(rule="no_scale", text=text, surface=surface)]
    incomplete = any(reason.rule in policy.evidence.incomplete_on for reason in reasons)
    return Status.INCOMPLETE if incomplete else Status.RETAKE, tuple(reasons)


def _flagged(surface: Surface, inspection: Inspection, codes: Sequence[str]) -> list[Reason]:
    return [
        Reason(rule=flag.code, text=clause(flag.message), surface=surface)
        for flag in inspection.quality
        if flag.code in codes
    ]


def _incomplete(surface: Surface, inspection: Inspection, policy: Policy) -> list[Reason]:
    reasons = _flagged(surface, inspection, policy.evidence.incomplete_on)
    if policy.contamination.beyond == "incomplete":
        reasons.extend(_dirt(surface, inspection, policy))
    if inspection.scale.source is ScaleSource.ASSUMED and policy.evidence.assumed_scale == "incomplete":
        text = "sizes are based on an assumed typical phone; name the device"
        reasons.append(Reason(rule="assumed_scale", text=text, surface=surface))
    unmeasured = tuple(
        defect.id
        for defect in counted_defects(surface, inspection, policy)
        if None in (defect.length_mm, defect.area_mm2)
    )
    if unmeasured:
        text = f"{', '.join(unmeasured)} could not be measured"
        reasons.append(Reason(rule="unmeasured_defect", text=text, surface=surface, defect_ids=unmeasured))
    return reasons


def _retake(surface: Surface, inspection: Inspection, policy: Policy) -> list[Reason]:
    reasons = _flagged(surface, inspection, policy.evidence.retake_on)
    if policy.contamination.beyond == "retake":
        reasons.extend(_dirt(surface, inspection, policy))
    finest, needed = inspection.scale.resolvable_mm, coarsest_mm(policy)
    if finest is not None and not finest <= needed:
        text = f"the photo resolves {finest:.2f} mm, but {needed:.2f} mm is needed"
        text = f"{text}; {detail_needed(inspection, needed)}"
        reasons.append(Reason(rule="too_coarse", text=text, surface=surface))
    return reasons


def coarsest_mm(policy: Policy) -> float:
    """Return the coarsest detail, in mm, with which a photo can still be graded."""
    grades = policy.cosmetic.grades
    return grades[0 if policy.evidence.unresolvable == "retake" else -1].resolvable_mm


def _dirt(surface: Surface, inspection: Inspection, policy: Policy) -> list[Reason]:
    share, most = dirt_share(inspection, policy), policy.contamination.max_area_share
    if share <= most:
        return []
    amount = f"{share:.1%} of it" if share < float("inf") else "an unknown part of it"
    text = f"dirt covers {amount}, and at most {most:.1%} can be graded; clean it and retake the photo"
    return [Reason(rule="contamination", text=text, surface=surface)]
