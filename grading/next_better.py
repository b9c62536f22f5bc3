"""What the next better grade would have needed."""

from collections.abc import Mapping

from phonegrade.configs.cosmetic_policy import CosmeticGrade
from phonegrade.configs.functional import FunctionalReport, TestResult, functional_vocabulary
from phonegrade.configs.inspection import Inspection
from phonegrade.configs.policy import Policy
from phonegrade.configs.vocabulary import Surface
from phonegrade.grading.decision import FunctionalOutcome, NextBetter, Reason
from phonegrade.grading.evidence import counted_defects
from phonegrade.grading.functional import grade_functional, next_functional
from phonegrade.grading.letter import combined_letter
from phonegrade.grading.limits import fewest_removals


def next_better(
    cosmetic: str,
    tested: FunctionalOutcome,
    inspections: Mapping[Surface, Inspection],
    functional: FunctionalReport,
    policy: Policy,
) -> tuple[NextBetter, ...]:
    """For a phone that looks `cosmetic` and works as `tested`, the smallest changes per axis; none at its best."""
    letter = _better_letter(cosmetic, tested, inspections, functional, policy)
    digit = _better_digit(cosmetic, functional, policy)
    if letter and digit and letter.grade == digit.grade and all(change.tests for change in letter.changes):
        digit = None
    return tuple(step for step in (letter, digit) if step is not None)


def _better_letter(
    cosmetic: str,
    tested: FunctionalOutcome,
    inspections: Mapping[Surface, Inspection],
    functional: FunctionalReport,
    policy: Policy,
) -> NextBetter | None:
    names = policy.cosmetic.names
    target = names.index(combined_letter(cosmetic, tested.letter_at_best, names)) - 1
    if target < 0:
        return None
    changes: list[Reason] = []
    for surface in Surface:
        if surface in inspections and names.index(cosmetic) > target:
            changes.extend(_surface_changes(surface, inspections[surface], target, policy))
    if tested.letter_at_best is not None and names.index(tested.letter_at_best) > target:
        panel = policy.functional.panel_fault.tests
        faults = tuple(test for test in panel if functional.result(test) is TestResult.FAIL)
        text = f"with a display panel that passes {', '.join(faults)}"
        changes.append(Reason(rule="panel-fault", text=text, tests=faults))
        tested = grade_functional(_mended(functional, faults), policy.functional)
    letter = names[min(target, names.index(cosmetic))]
    return NextBetter(axis="cosmetic", grade=f"{letter}{tested.digit}", changes=tuple(changes))


def _better_digit(cosmetic: str, functional: FunctionalReport, policy: Policy) -> NextBetter | None:
    better = next_functional(functional, policy.functional)
    if better is None:
        return None
    digit, change = better
    mended = grade_functional(_mended(functional, change.tests), policy.functional)
    letter = combined_letter(cosmetic, mended.letter_at_best, policy.cosmetic.names)
    return NextBetter(axis="functional", grade=f"{letter}{digit}", changes=(change,))


def _surface_changes(surface: Surface, inspection: Inspection, target: int, policy: Policy) -> tuple[Reason, ...]:
    """Fewest changes with which a surface reaches grade `target` or a better one, whichever takes fewer."""
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


def _mended(functional: FunctionalReport, tests: tuple[str, ...]) -> FunctionalReport:
    """The report as if `tests` had passed; measures are left as they are."""
    passed = {test: TestResult.PASS for test in tests if test in functional_vocabulary().tests}
    return functional.model_copy(update={"tests": {**functional.tests, **passed}})
