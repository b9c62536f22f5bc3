"""The smallest changes that would have given the next better grade."""

from collections.abc import Mapping
from typing import Literal

from phonegrade.configs.cosmetic_policy import CosmeticGrade
from phonegrade.configs.policy import Policy
from phonegrade.core.functional.report import FunctionalReport
from phonegrade.core.inspection import Inspection
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.cosmetic import surface_defects
from phonegrade.grading.crosswalk import combined_grade
from phonegrade.grading.decision import FunctionalOutcome, NextBetter, Reason
from phonegrade.grading.explain.functional_words import passed
from phonegrade.grading.explain.with_passed_tests import least_of, next_functional, opened_by, with_passed_tests
from phonegrade.grading.functional import fires, grade_functional
from phonegrade.grading.limits import fewest_removals


def next_better(
    cosmetic: str,
    tested: FunctionalOutcome,
    inspections: Mapping[Surface, Inspection],
    functional: FunctionalReport,
    policy: Policy,
) -> tuple[NextBetter, ...]:
    """Return the smallest changes per axis for a phone of cosmetic grade `cosmetic`; none for an axis at its best."""
    now = combined_grade(cosmetic, tested.grade_cap, policy.cosmetic.names)
    cosmetic_step = _better_cosmetic(cosmetic, tested, inspections, functional, policy)
    functional_step = _better_functional(cosmetic, functional, policy)
    if (
        cosmetic_step
        and functional_step
        and cosmetic_step.grade == functional_step.grade
        and all(change.tests for change in cosmetic_step.changes)
    ):
        functional_step = None
    if functional_step is not None and functional_step.grade == policy.write(now, tested.code or ""):
        functional_step = None  # a policy whose grades name the cosmetic grade alone
    return tuple(step for step in (cosmetic_step, functional_step) if step is not None)


def _better_cosmetic(
    cosmetic: str,
    tested: FunctionalOutcome,
    inspections: Mapping[Surface, Inspection],
    functional: FunctionalReport,
    policy: Policy,
) -> NextBetter | None:
    names = policy.cosmetic.names
    target = names.index(combined_grade(cosmetic, tested.grade_cap, names)) - 1
    if target < 0:
        return None
    changes: list[Reason] = []
    for surface in Surface:
        if surface in inspections and names.index(cosmetic) > target:
            changes.extend(_surface_changes(surface, inspections[surface], target, policy))
    capping = [
        gate
        for gate in policy.functional.gates
        if names.index(gate.grade) > target and fires(gate, functional, tested.state)
    ]
    opened = [opened_by(gate, functional, policy.functional) for gate in capping]
    changes.extend(
        Reason(rule=gate.rule, text=f"if {passed(tests, least_of(tests, policy.functional))}", tests=tests)
        for at, (gate, tests) in enumerate(zip(capping, opened, strict=True))
        if not _needs_no_more(tests, opened[:at], opened[at + 1 :])
    )
    cleared = tuple(dict.fromkeys(name for tests in opened for name in tests))
    return _step("cosmetic", names[min(target, names.index(cosmetic))], functional, cleared, policy, tuple(changes))


def _needs_no_more(tests: tuple[str, ...], before: list[tuple[str, ...]], after: list[tuple[str, ...]]) -> bool:
    """Return whether another gate needs all of these tests too; of gates that need the same, the first is named."""
    return any(set(tests) <= set(others) for others in before) or any(set(tests) < set(others) for others in after)


def _better_functional(cosmetic: str, functional: FunctionalReport, policy: Policy) -> NextBetter | None:
    better = next_functional(functional, policy.functional)
    if better is None:
        return None
    _, change = better
    return _step("functional", cosmetic, functional, change.tests, policy, (change,))


def _step(
    axis: Literal["cosmetic", "functional"],
    cosmetic: str,
    functional: FunctionalReport,
    tests: tuple[str, ...],
    policy: Policy,
    changes: tuple[Reason, ...],
) -> NextBetter:
    """Return where the changes lead: the combined grade of that cosmetic grade with those tests passed."""
    names = policy.cosmetic.names
    after = grade_functional(with_passed_tests(functional, tests, policy.functional), policy.functional, names)
    cosmetic_grade = combined_grade(cosmetic, after.grade_cap, names)
    return NextBetter(
        axis=axis, grade=policy.write(cosmetic_grade, after.code or ""), cosmetic_grade=cosmetic_grade, changes=changes
    )


def _surface_changes(surface: Surface, inspection: Inspection, target: int, policy: Policy) -> tuple[Reason, ...]:
    """Return the fewest changes with which a surface reaches the grade of rank `target` or better."""
    ways = [_changes(surface, inspection, grade, policy) for grade in policy.cosmetic.grades[: target + 1]]
    return min(reversed(ways), key=lambda way: sum(max(1, len(change.defect_ids)) for change in way))


def _changes(surface: Surface, inspection: Inspection, grade: CosmeticGrade, policy: Policy) -> tuple[Reason, ...]:
    changes = [
        Reason(
            rule=breach.limit.rule,
            text=f"without {breach.text}",
            surface=surface,
            defect_ids=tuple(defect.id for defect in breach.defects),
        )
        for breach in fewest_removals(surface_defects(surface, inspection, policy), grade)
    ]
    finest = inspection.scale.resolvable_mm
    if finest is not None and not finest <= grade.resolvable_mm:
        text = f"with a photo that resolves {grade.resolvable_mm:.2f} mm (this one resolves {finest:.2f} mm)"
        changes.append(Reason(rule=f"{grade.grade}_resolvable", text=text, surface=surface))
    return tuple(changes)
