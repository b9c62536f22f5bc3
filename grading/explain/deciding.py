"""Which marks a decision hangs on."""

from collections.abc import Iterable, Mapping

from phonegrade.core.inspection import Defect, Inspection
from phonegrade.core.strict import Strict
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.decision import Decision, Reason


class DecidingMark(Strict):
    """A defect without which the grade, or what is known of it, might be better."""

    surface: Surface
    defect: Defect
    reasons: tuple[Reason, ...]
    """The rules that it trips."""


def deciding_marks(decision: Decision, inspections: Mapping[Surface, Inspection]) -> tuple[DecidingMark, ...]:
    """The defects behind the rules that bind a grade or, without a grade, that bound it ("at best D").

    One of each rule first, the largest of each before smaller ones: whoever shows only some shows every rule.
    """
    found: dict[tuple[Surface, str], DecidingMark] = {}
    places: dict[tuple[Surface, str], int] = {}
    for reason in _deciding_reasons(decision):
        marks = sorted(_marks(reason, inspections), key=lambda one: -(one[1].area_mm2 or 0.0))
        for place, (surface, defect) in enumerate(marks):
            key = (surface, defect.id)
            known = found.get(key, DecidingMark(surface=surface, defect=defect, reasons=()))
            found[key] = known.model_copy(update={"reasons": (*known.reasons, reason)})
            places[key] = min(place, places.get(key, place))
    return tuple(found[key] for key in sorted(found, key=lambda key: places[key]))


def _deciding_reasons(decision: Decision) -> Iterable[Reason]:
    if decision.grade is not None:
        bound = {rule for rule in decision.binding if not rule.startswith("within_")}
        return [reason for reason in decision.reasons if reason.rule in bound]
    if decision.cosmetic_at_best is None:
        return []
    worst = [s for s in decision.cosmetic.surfaces if decision.cosmetic_at_best in (s.grade, s.at_best)]
    return [reason for s in worst for reason in (s.reasons if s.grade else s.bounded_by)]


def _marks(reason: Reason, inspections: Mapping[Surface, Inspection]) -> list[tuple[Surface, Defect]]:
    """A reason about the whole phone names marks of any surface."""
    surfaces = list(inspections) if reason.surface is None else [reason.surface]
    return [
        (surface, defect)
        for surface in surfaces
        if surface in inspections
        for defect in dict.fromkeys(inspections[surface].defects)
        if defect.id in reason.defect_ids
    ]
