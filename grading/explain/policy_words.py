"""A policy's rules in words."""

from collections.abc import Sequence
from enum import StrEnum

from phonegrade.configs.functional_policy import Codes, Condition, Required
from phonegrade.configs.limit import Limit
from phonegrade.core.vocabulary import DefectKind, Surface, Zone
from phonegrade.grading.explain.functional_words import amount, display_names


def where_of(limit: Limit) -> str:
    """What a limit speaks of: kinds, zones, surfaces."""
    parts = [_listed(limit.kinds, tuple(DefectKind), "every kind")]
    if set(limit.zones) != set(Zone):
        parts.append(f"in {_but(limit.zones, tuple(Zone))}")
    if set(limit.surfaces) != set(Surface):
        parts.append(f"on {_but(limit.surfaces, tuple(Surface))}")
    return " ".join(parts)


def allowed_by(limit: Limit) -> str:
    """What a limit allows on one surface."""
    if limit.max_count == 0:
        return "none"
    parts = []
    if limit.max_count is not None:
        parts.append(f"at most {limit.max_count}")
    if limit.max_per_dm2 is not None:
        parts.append(f"at most {limit.max_per_dm2:g} on each dm²")
    sizes = ((limit.longest_mm, "long"), (limit.widest_mm, "wide"), (limit.deepest_mm, "deep"))
    each = [f"{mm:g} mm {word}" for mm, word in sizes if mm is not None]
    if each:
        parts.append(f"each up to {', '.join(each)}")
    together = [
        *([f"{limit.total_area_mm2:g} mm²"] if limit.total_area_mm2 is not None else []),
        *([f"{limit.total_area_share:.1%} of the surface"] if limit.total_area_share is not None else []),
    ]
    if together:
        parts.append(f"together up to {' and '.join(together)}")
    parts.extend(f"{tier.max_count or 'none'} {tier.description}" for tier in limit.size_bins)
    return "; ".join(parts) or "any"


def when_of(condition: Condition) -> str:
    """When a gate or a deduction applies."""
    if condition.state is not None:
        return f"{condition.state.replace('_', ' ')} or worse"
    if condition.measure is not None:
        missing = " or unknown" if condition.when_untested else ""
        least = amount(condition.measure, condition.below or 0.0)
        return f"{display_names([condition.measure])[0]} below {least}{missing}"
    missing = " or not run" if condition.when_untested else ""
    return f"any failed{missing}: {', '.join(display_names(condition.tests))}"


def required_of(required: Required) -> str:
    """What a policy asks to have been run besides key tests and required locks."""
    every = [f"every {role} test" for role in required.roles]
    return ", ".join([*every, *display_names((*required.tests, *required.measures))])


def codes_in_words(codes: Codes) -> tuple[tuple[str, str], ...]:
    """Each functional code once, best first, with the states that it stands for."""
    meanings = (
        (codes.genuine, "fully functional, parts genuine"),
        (codes.fully_functional, "fully functional"),
        (codes.key_functions_only, "a secondary test was not run"),
        (codes.partial_fault, "a secondary test fails"),
        (codes.non_functional, "a key function fails"),
    )
    return tuple((code, " or ".join(meaning for name, meaning in meanings if name == code)) for code in codes.ordered)


def _listed(given: Sequence[StrEnum], every: Sequence[StrEnum], all_of_them: str) -> str:
    return all_of_them if set(given) == set(every) else ", ".join(given)


def _but(given: Sequence[StrEnum], every: Sequence[StrEnum]) -> str:
    left_out = [word for word in every if word not in given]
    return f"all but {', '.join(left_out)}" if len(left_out) < len(given) else ", ".join(given)
