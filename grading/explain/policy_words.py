"""The rules of a policy in words."""

from collections.abc import Sequence
from enum import StrEnum

from phonegrade.configs.functional_policy import Codes, Condition, Required
from phonegrade.configs.limit import Limit, SizeBin
from phonegrade.core.vocabulary import DefectKind, Surface, Zone
from phonegrade.grading.explain.functional_words import amount, display_names


def where_of(limit: Limit) -> str:
    """Return the kinds, zones and surfaces that a limit applies to."""
    parts = [_listed(limit.kinds, tuple(DefectKind), "every kind")]
    if set(limit.zones) != set(Zone):
        parts.append(f"in {_all_but(limit.zones, tuple(Zone))}")
    if set(limit.surfaces) != set(Surface):
        parts.append(f"on {_all_but(limit.surfaces, tuple(Surface))}")
    return " ".join(parts)


def allowed_by(limit: Limit) -> str:
    """Return what a limit allows on one surface."""
    if limit.max_count == 0:
        return "none"
    parts = []
    if limit.max_count is not None:
        parts.append(f"at most {limit.max_count}")
    if limit.max_per_dm2 is not None:
        parts.append(f"at most {limit.max_per_dm2:g} per dm²")
    sizes = ((limit.longest_mm, "long"), (limit.widest_mm, "wide"), (limit.deepest_mm, "deep"))
    each = [f"{mm:g} mm {word}" for mm, word in sizes if mm is not None]
    if each:
        parts.append(f"each up to {', '.join(each)}")
    total = [
        *([f"{limit.total_area_mm2:g} mm²"] if limit.total_area_mm2 is not None else []),
        *([f"{limit.total_area_share:.1%} of the surface"] if limit.total_area_share is not None else []),
    ]
    if total:
        parts.append(f"up to {' and '.join(total)} in total")
    parts.extend(_at_most(size_bin) for size_bin in limit.size_bins)
    return "; ".join(parts) or "any"


def _at_most(size_bin: SizeBin) -> str:
    count = f"at most {size_bin.max_count}" if size_bin.max_count else "none"
    return f"{count} {size_bin.description}"


def when_of(condition: Condition) -> str:
    """Return when a gate or a deduction applies."""
    if condition.state is not None:
        return f"{condition.state.replace('_', ' ')} or worse"
    if condition.measure is not None:
        missing = " or unknown" if condition.when_untested else ""
        least = amount(condition.measure, condition.below or 0.0)
        return f"{display_names([condition.measure])[0]} below {least}{missing}"
    missing = " or was not run" if condition.when_untested else ""
    return f"any of these failed{missing}: {', '.join(display_names(condition.tests))}"


def required_of(required: Required) -> str:
    """Return the tests and measures that a policy requires besides key tests and required locks."""
    every = [f"every {role} test" for role in required.roles]
    return ", ".join([*every, *display_names((*required.tests, *required.measures))])


def codes_in_words(codes: Codes) -> tuple[tuple[str, str], ...]:
    """Return each functional code once, best first, with the states that it stands for."""
    meanings = (
        (codes.genuine, "fully functional, with original parts"),
        (codes.fully_functional, "fully functional"),
        (codes.key_functions_only, "a secondary test was not run"),
        (codes.partial_fault, "a secondary test failed"),
        (codes.non_functional, "a key function failed"),
    )
    return tuple((code, " or ".join(meaning for name, meaning in meanings if name == code)) for code in codes.ordered)


def _listed(given: Sequence[StrEnum], every: Sequence[StrEnum], all_of_them: str) -> str:
    return all_of_them if set(given) == set(every) else ", ".join(given)


def _all_but(given: Sequence[StrEnum], every: Sequence[StrEnum]) -> str:
    left_out = [word for word in every if word not in given]
    return f"all except {', '.join(left_out)}" if len(left_out) < len(given) else ", ".join(given)
