"""The differences between two policies, value by value."""

from typing import NamedTuple

from phonegrade.configs.policy import Policy
from phonegrade.grading.explain.policy_words import allowed_by, when_of, where_of

_STRICTER_WHEN_SMALLER = {
    "max_count",
    "max_per_dm2",
    "longest_mm",
    "widest_mm",
    "deepest_mm",
    "total_area_mm2",
    "total_area_share",
    "max_area_share",
    "resolvable_mm",
    "max_expected_cost",
    "min_confidence",
}
_STRICTER_WHEN_LARGER = {"at_least", "below", "share", "coverage"}
_NAMED_BY = ("rule", "grade", "measure")
_TEXTS = {"source", "description", "resolvable_source", "confidence_source"}
ABSENT = "absent"


class PolicyChange(NamedTuple):
    """One value that differs between two policies."""

    key: str
    before: str
    after: str
    effect: str
    """`stricter`, `looser` or empty."""


def diff(before: Policy, after: Policy, *, with_words: bool) -> list[PolicyChange]:
    """Return every value that differs, and in one line every rule or grade that only one of them has.

    Rules are matched by name, wherever they stand. Sources and descriptions only `with_words`.
    """
    old, new = _entries(before), _entries(after)
    leaves = [_flat(policy.model_dump(mode="json", exclude={"sha256"})) for policy in (before, after)]
    lone = {key for key in {*old, *new} if (key in old) is not (key in new)}
    changes = [
        PolicyChange(key, old.get(key, ABSENT), new.get(key, ABSENT), "")
        for key in [*old, *(key for key in new if key not in old)]
        if key in lone and not any(key.startswith(f"{other}.") for other in lone)
    ]
    keys = [*leaves[0], *(key for key in leaves[1] if key not in leaves[0])]
    for key in keys:
        one, other = leaves[0].get(key), leaves[1].get(key)
        is_text = key.rsplit(".", 1)[-1] in _TEXTS and not with_words
        if one != other and not is_text and not any(key.startswith(f"{entry}.") for entry in lone):
            changes.append(PolicyChange(key, _shown(one), _shown(other), _effect(key, one, other)))
    return changes


def _entries(policy: Policy) -> dict[str, str]:
    """Return everything in a policy that has a name of its own, in words."""
    entries: dict[str, str] = {}
    for grade in policy.cosmetic.grades:
        entries[f"cosmetic.grades.{grade.grade}"] = f"a grade with {len(grade.limits)} limits"
        for limit in grade.limits:
            entries[f"cosmetic.grades.{grade.grade}.limits.{limit.rule}"] = f"{where_of(limit)}: {allowed_by(limit)}"
    for gate in policy.functional.gates:
        entries[f"functional.gates.{gate.rule}"] = f"{when_of(gate)}: capped at {gate.grade}"
    for rule in policy.functional.deductions:
        entries[f"functional.deductions.{rule.rule}"] = f"{when_of(rule)}: {rule.share:.0%} off"
    for measure in policy.functional.measures:
        entries[f"functional.measures.{measure.measure}"] = f"at least {measure.at_least:g}"
    for index, row in enumerate(policy.crosswalk):
        origin = f"{row.policy} {' '.join(row.cosmetic_grades)} with {' '.join(row.functional_grades)}"
        entries[f"crosswalk.{index}"] = f"{origin}: {policy.write(row.cosmetic_grade, row.functional_grade)}"
    return entries


def _flat(value: object, key: str = "") -> dict[str, object]:
    """Return the leaves by dotted key; entries of a list of mappings go by their name, other lists are one leaf."""
    if isinstance(value, dict):
        parts = [_flat(inner, f"{key}.{name}" if key else str(name)) for name, inner in value.items()]
        return {name: leaf for part in parts for name, leaf in part.items() if leaf is not None}
    if isinstance(value, list) and value and all(isinstance(entry, dict) for entry in value):
        leaves: dict[str, object] = {}
        for index, entry in enumerate(value):
            name = next((str(entry[key_name]) for key_name in _NAMED_BY if key_name in entry), str(index))
            leaves |= _flat(entry, f"{key}.{name}")
        return leaves
    return {key: tuple(value) if isinstance(value, list) else value}


def _effect(key: str, before: object, after: object) -> str:
    name = key.rsplit(".", 1)[-1]
    if "min_confidence." in key:
        name = "min_confidence"
    smaller, larger = name in _STRICTER_WHEN_SMALLER, name in _STRICTER_WHEN_LARGER
    numbers = [value for value in (before, after) if isinstance(value, int | float)]
    if not (smaller or larger) or not numbers:
        return ""
    if len(numbers) < 2:
        return "stricter" if before is None else "looser"
    return "stricter" if (numbers[1] < numbers[0]) is smaller else "looser"


def _shown(value: object) -> str:
    if value is None:
        return ABSENT
    if isinstance(value, tuple):
        return ", ".join(str(entry) for entry in value) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
