"""Whether a photo can carry a grade at all: every doubt withholds it, none gives a better one."""

from collections.abc import Sequence

from phonegrade.configs.policy import Policy
from phonegrade.core.inspection import Defect, Inspection
from phonegrade.core.vocabulary import ScaleSource, Surface
from phonegrade.grading.decision import Reason, Status
from phonegrade.grading.detail import what_it_takes
from phonegrade.grading.fixed_point import MICRO_PER_MM2, to_fixed_point

MISSING = "missing_surface"
"""Rule of a surface that nobody photographed."""


def counted_defects(surface: Surface, inspection: Inspection, policy: Policy) -> tuple[Defect, ...]:
    """The distinct defects that are certain enough to count, in an order that does not depend on how they came."""
    counts_from = policy.cosmetic.counts_from
    distinct = {defect for defect in inspection.defects if defect.confidence >= counts_from(defect, surface)}
    return tuple(sorted(distinct, key=lambda defect: (len(defect.id), defect.id, repr(defect))))


def dirt_share(inspection: Inspection, policy: Policy) -> float:
    """Share of the surface under contamination that counts; infinite where it has no measure."""
    patches = [dirt for dirt in inspection.contamination if dirt.confidence >= policy.contamination.counts_from(dirt)]
    if not patches:
        return 0.0
    areas = [dirt.area_mm2 for dirt in dict.fromkeys(patches)]
    if inspection.surface_size_mm is None or None in areas:
        return float("inf")
    width_mm, height_mm = inspection.surface_size_mm
    return sum(to_fixed_point(area) for area in areas) / MICRO_PER_MM2 / (width_mm * height_mm)


def gradability(surface: Surface, inspection: Inspection | None, policy: Policy) -> tuple[Status, tuple[Reason, ...]]:
    """`graded` when nothing speaks against grading a surface, else the worse of `retake` and `incomplete`, and why."""
    if inspection is None:
        text = "there is no photo of this surface"
        return Status(policy.evidence.missing_surface), (Reason(rule=MISSING, text=text, surface=surface),)
    if not is_measured(inspection):
        return _unmeasured(surface, inspection, policy)
    incomplete = _incomplete(surface, inspection, policy)
    retake = _retake(surface, inspection, policy)
    status = Status.INCOMPLETE if incomplete else Status.RETAKE if retake else Status.GRADED
    return status, (*incomplete, *retake)


def is_measured(inspection: Inspection) -> bool:
    """Whether outline, scale and size of the surface are known."""
    scale = inspection.scale
    known = scale.source is not ScaleSource.NONE and None not in (scale.px_per_mm, scale.resolvable_mm)
    return known and inspection.outline is not None and inspection.surface_size_mm is not None


def _unmeasured(surface: Surface, inspection: Inspection, policy: Policy) -> tuple[Status, tuple[Reason, ...]]:
    """Why, and nothing besides: dirt, glare and scale are judged on a body."""
    against = (*policy.evidence.incomplete_on, *policy.evidence.retake_on)
    found = _flagged(surface, inspection, against)
    if not found:
        text = "the body's outline was not found, so nothing on it can be measured; take the photo again"
        found = [Reason(rule="no_scale", text=text, surface=surface)]
    incomplete = any(reason.rule in policy.evidence.incomplete_on for reason in found)
    return Status.INCOMPLETE if incomplete else Status.RETAKE, tuple(found)


def _flagged(surface: Surface, inspection: Inspection, codes: Sequence[str]) -> list[Reason]:
    return [
        Reason(rule=flag.code, text=flag.message, surface=surface) for flag in inspection.quality if flag.code in codes
    ]


def _incomplete(surface: Surface, inspection: Inspection, policy: Policy) -> list[Reason]:
    found = _flagged(surface, inspection, policy.evidence.incomplete_on)
    if policy.contamination.beyond == "incomplete":
        found.extend(_dirt(surface, inspection, policy))
    if inspection.scale.source is ScaleSource.ASSUMED and policy.evidence.assumed_scale == "incomplete":
        text = "millimetres rest on an assumed body; name the device"
        found.append(Reason(rule="assumed_scale", text=text, surface=surface))
    unmeasured = tuple(
        defect.id
        for defect in counted_defects(surface, inspection, policy)
        if None in (defect.length_mm, defect.area_mm2)
    )
    if unmeasured:
        text = f"{', '.join(unmeasured)} could not be measured"
        found.append(Reason(rule="unmeasured_defect", text=text, surface=surface, defect_ids=unmeasured))
    return found


def _retake(surface: Surface, inspection: Inspection, policy: Policy) -> list[Reason]:
    found = _flagged(surface, inspection, policy.evidence.retake_on)
    if policy.contamination.beyond == "retake":
        found.extend(_dirt(surface, inspection, policy))
    finest, needed = inspection.scale.resolvable_mm, coarsest_mm(policy)
    if finest is not None and not finest <= needed:
        text = f"the photo shows nothing below {finest:.2f} mm, {needed:.2f} mm is needed"
        text = f"{text}; {what_it_takes(inspection, needed)}"
        found.append(Reason(rule="too_coarse", text=text, surface=surface))
    return found


def coarsest_mm(policy: Policy) -> float:
    """The coarsest detail with which a photo can still be graded."""
    grades = policy.cosmetic.grades
    return grades[0 if policy.evidence.unresolvable == "retake" else -1].resolvable_mm


def _dirt(surface: Surface, inspection: Inspection, policy: Policy) -> list[Reason]:
    share, most = dirt_share(inspection, policy), policy.contamination.max_area_share
    if share <= most:
        return []
    amount = f"{share:.1%} of it" if share < float("inf") else "an unmeasured part of it"
    text = f"dirt covers {amount}, at most {most:.1%} can be graded; clean and retake"
    return [Reason(rule="contamination", text=text, surface=surface)]
