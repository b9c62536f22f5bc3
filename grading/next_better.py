"""What the next better grade would have needed."""

from collections.abc import Mapping

from phonegrade.configs.cosmetic_policy import CosmeticGrade
from phonegrade.configs.functional import FunctionalReport, TestResult
from phonegrade.configs.inspection import Inspection
from phonegrade.configs.policy import Policy
from phonegrade.configs.vocabulary import Surface
from phonegrade.grading.decision import NextBetter, Reason
from phonegrade.grading.evidence import counted_defects
from phonegrade.grading.functional import next_functional
from phonegrade.grading.limits import fewest_removals


def next_better(
    letter: str,
    digit: int,
    inspections: Mapping[Surface, Inspection],
    functional: FunctionalReport,
    policy: Policy,
) -> tuple[NextBetter, ...]:
    """For a graded phone, the smallest set of changes per axis; an axis at its best has none."""
    found: list[NextBetter] = []
    rank = policy.cosmetic.names.index(letter)
    if rank > 0:
        target = rank - 1
        changes = [
            change
            for surface in Surface
            for change in _surface_changes(surface, inspections.get(surface), target, policy)
        ]
        changes.extend(_panel_changes(functional, target, policy))
        grade = f"{policy.cosmetic.names[target]}{digit}"
        found.append(NextBetter(axis="cosmetic", grade=grade, changes=tuple(changes)))
    better = next_functional(functional, policy.functional)
    if better is not None:
        found.append(NextBetter(axis="functional", grade=f"{letter}{better[0]}", changes=(better[1],)))
    return tuple(found)


def _surface_changes(
    surface: Surface, inspection: Inspection | None, target: int, policy: Policy
) -> tuple[Reason, ...]:
    """Fewest changes with which a surface reaches grade `target` or a better one, whichever takes fewer."""
    if inspection is None:
        return ()
    ways = [_changes(surface, inspection, grade, policy) for grade in policy.cosmetic.grades[: target + 1]]
    return min(reversed(ways), key=lambda way: sum(max(1, len(change.defect_ids)) for change in way))


def _changes(surface: Surface, inspection: Inspection, grade: CosmeticGrade, policy: Policy) -> tuple[Reason, ...]:
    found = [
        Reason(
            rule=breach.limit.rule,
            text=f"{surface}: without {breach.text}",
            surface=surface,
            defect_ids=tuple(defect.id for defect in breach.defects),
        )
        for breach in fewest_removals(surface, counted_defects(inspection, policy), grade)
    ]
    finest = inspection.scale.resolvable_mm
    if finest is not None and not finest <= grade.resolvable_mm:
        text = f"{surface}: with a photo that shows {grade.resolvable_mm:.2f} mm (this one shows {finest:.2f} mm)"
        found.append(Reason(rule=f"{grade.grade}-resolvable", text=text, surface=surface))
    return tuple(found)


def _panel_changes(functional: FunctionalReport, target: int, policy: Policy) -> tuple[Reason, ...]:
    panel = policy.functional.panel_fault
    failed = tuple(test for test in panel.tests if functional.result(test) is TestResult.FAIL)
    if not failed or policy.cosmetic.names.index(panel.grade) <= target:
        return ()
    return (Reason(rule="panel-fault", text=f"with a display panel that passes {', '.join(failed)}", tests=failed),)
