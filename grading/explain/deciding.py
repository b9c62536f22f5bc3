"""Which defects decide a grade."""

from collections.abc import Iterable, Mapping

from phonegrade.core.inspection import Defect, Inspection
from phonegrade.core.strict import Strict
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.decision import Decision, Reason


class DecidingDefect(Strict):
    """A defect without which the grade, or what is known of it, might be better."""

    surface: Surface
    defect: Defect
    reasons: tuple[Reason, ...]
    """The rules that it breaks."""


def deciding_defects(decision: Decision, inspections: Mapping[Surface, Inspection]) -> tuple[DecidingDefect, ...]:
    """Return the defects behind the rules that set a grade or, without a grade, that bound it ("at best D").

    The largest of each rule first, then the smaller ones, so that a caller who shows only a few covers every rule.
    """
    deciding: dict[tuple[Surface, str], DecidingDefect] = {}
    ranks: dict[tuple[Surface, str], int] = {}
    for reason in _deciding_reasons(decision):
        defects = sorted(_defects(reason, inspections), key=lambda one: -(one[1].area_mm2 or 0.0))
        for rank, (surface, defect) in enumerate(defects):
            key = (surface, defect.id)
            known = deciding.get(key, DecidingDefect(surface=surface, defect=defect, reasons=()))
            deciding[key] = known.model_copy(update={"reasons": (*known.reasons, reason)})
            ranks[key] = min(rank, ranks.get(key, rank))
    return tuple(deciding[key] for key in sorted(deciding, key=lambda key: ranks[key]))


def _deciding_reasons(decision: Decision) -> Iterable[Reason]:
    if decision.grade is not None:
        bound = {rule for rule in decision.binding if not rule.startswith("within_")}
        return [reason for reason in decision.reasons if reason.rule in bound]
    if decision.cosmetic_at_best is None:
        return []
    worst = [s for s in decision.cosmetic.surfaces if decision.cosmetic_at_best in (s.grade, s.at_best)]
    return [reason for s in worst for reason in (s.reasons if s.grade else s.bounded_by)]


def _defects(reason: Reason, inspections: Mapping[Surface, Inspection]) -> list[tuple[Surface, Defect]]:
    """Return the defects of a reason; one about the whole phone names defects of any surface."""
    surfaces = list(inspections) if reason.surface is None else [reason.surface]
    return [
        (surface, defect)
        for surface in surfaces
        if surface in inspections
        for defect in dict.fromkeys(inspections[surface].defects)
        if defect.id in reason.defect_ids
    ]
