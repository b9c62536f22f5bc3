"""Whether a photo can carry a grade at all: every doubt withholds it, none gives a better one."""

from phonegrade.configs.inspection import Defect, Inspection
from phonegrade.configs.policy import Policy
from phonegrade.configs.vocabulary import DefectKind, ScaleSource, Surface
from phonegrade.grading.decision import Reason, Status
from phonegrade.grading.micro import MICRO_PER_MM2, micro


def counted_defects(surface: Surface, inspection: Inspection, policy: Policy) -> tuple[Defect, ...]:
    """The distinct defects that are certain enough to count, in an order that does not depend on how they came."""
    least = {kind: policy.cosmetic.counts_from(kind, surface) for kind in DefectKind}
    distinct = {defect for defect in inspection.defects if defect.confidence >= least[defect.kind]}
    return tuple(sorted(distinct, key=lambda defect: (len(defect.id), defect.id, repr(defect))))


def dirt_share(inspection: Inspection, policy: Policy) -> float:
    """Share of the surface under contamination that counts; infinite where it has no measure."""
    patches = [dirt for dirt in inspection.contamination if dirt.confidence >= policy.contamination.min_confidence]
    if not patches:
        return 0.0
    areas = [dirt.area_mm2 for dirt in dict.fromkeys(patches)]
    if inspection.surface_size_mm is None or None in areas:
        return float("inf")
    width_mm, height_mm = inspection.surface_size_mm
    return sum(micro(area) for area in areas) / MICRO_PER_MM2 / (width_mm * height_mm)


def doubts(surface: Surface, inspection: Inspection | None, policy: Policy) -> tuple[Status, tuple[Reason, ...]]:
    """`graded` when nothing speaks against grading a surface, else the worse of `retake` and `incomplete`, and why."""
    if inspection is None:
        text = f"there is no photo of the {surface} surface"
        return Status(policy.evidence.missing_surface), (Reason(rule="missing-surface", text=text, surface=surface),)
    incomplete = _incomplete(surface, inspection, policy)
    retake = _retake(surface, inspection, policy)
    status = Status.INCOMPLETE if incomplete else Status.RETAKE if retake else Status.GRADED
    return status, (*incomplete, *retake)


def _incomplete(surface: Surface, inspection: Inspection, policy: Policy) -> list[Reason]:
    found = [
        Reason(rule=flag.code, text=f"{surface}: {flag.message}", surface=surface)
        for flag in inspection.quality
        if flag.code in policy.evidence.incomplete_on
    ]
    if policy.contamination.beyond == "incomplete":
        found.extend(_dirt(surface, inspection, policy))
    scale = inspection.scale
    measured = (
        scale.px_per_mm is not None and scale.resolvable_mm is not None and inspection.surface_size_mm is not None
    )
    if inspection.outline is None or scale.source is ScaleSource.NONE or not measured:
        text = f"{surface}: the body's outline was not found, so nothing on it can be measured"
        found.append(Reason(rule="no-scale", text=text, surface=surface))
        return found
    if scale.source is ScaleSource.ASSUMED and policy.evidence.assumed_scale == "incomplete":
        text = f"{surface}: millimetres rest on an assumed body; name the device"
        found.append(Reason(rule="assumed-scale", text=text, surface=surface))
    unmeasured = tuple(
        defect.id
        for defect in counted_defects(surface, inspection, policy)
        if None in (defect.length_mm, defect.area_mm2)
    )
    if unmeasured:
        text = f"{surface}: {', '.join(unmeasured)} could not be measured"
        found.append(Reason(rule="unmeasured-defect", text=text, surface=surface, defect_ids=unmeasured))
    return found


def _retake(surface: Surface, inspection: Inspection, policy: Policy) -> list[Reason]:
    found = [
        Reason(rule=flag.code, text=f"{surface}: {flag.message}; take the photo again", surface=surface)
        for flag in inspection.quality
        if flag.code in policy.evidence.retake_on
    ]
    if policy.contamination.beyond == "retake":
        found.extend(_dirt(surface, inspection, policy))
    finest, needed = inspection.scale.resolvable_mm, coarsest_mm(policy)
    if finest is not None and not finest <= needed:
        text = f"{surface}: the photo shows nothing below {finest:.2f} mm, {needed:.2f} mm is needed; come nearer"
        found.append(Reason(rule="too-coarse", text=text, surface=surface))
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
    text = f"{surface}: dirt covers {amount}, at most {most:.1%} can be graded; clean and retake"
    return [Reason(rule="contamination", text=text, surface=surface)]
