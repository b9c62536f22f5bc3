"""Tests and measures in sentences, by their display names."""

from collections.abc import Iterable, Mapping, Sequence

from phonegrade.core.functional.report import FunctionalReport, functional_vocabulary

_MOST_NAMED = 3


def display_names(names: Iterable[str]) -> list[str]:
    """Return the display name of each distinct test or measure, in order."""
    return [functional_vocabulary().display_name(name) for name in dict.fromkeys(names)]


def listed(names: Iterable[str]) -> str:
    """Return tests and measures as an enumeration: "NFC, GPS and battery health"."""
    return joined(display_names(names))


def joined(words: Sequence[str]) -> str:
    """Return an enumeration: "a, b and c". Raises IndexError for no words."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def few(words: Sequence[str]) -> list[str]:
    """Return the first three words, and how many more there are."""
    left = len(words) - _MOST_NAMED
    return list(words) if left <= 0 else [*words[:_MOST_NAMED], f"{left} more"]


def amount(measure: str, value: float) -> str:
    """Return a measured number with its unit: "83%", "412 cycles"."""
    unit = functional_vocabulary().measures[measure].unit
    return f"{value:g}%" if unit == "%" else f"{value:g} {unit}"


def failed(names: Sequence[str], report: FunctionalReport, least: Mapping[str, float]) -> str:
    """Return clauses about tests that failed and measures below their bound in `least`.

    "the NFC and GPS tests failed; battery health is 75%, below 80%"; for locks and parts what a failure means.
    """
    vocabulary = functional_vocabulary()
    tests = [name for name in names if name in vocabulary.tests]
    meaning = {name: vocabulary.tests[name].fail_means for name in tests}
    plain = [name for name in tests if meaning[name] is None]
    clauses = [f"the {listed(plain)} {_tests(plain)} failed"] if plain else []
    clauses.extend(text for text in meaning.values() if text is not None)
    clauses.extend(
        f"{vocabulary.display_name(name)} is {amount(name, report.measures[name])}, below {amount(name, least[name])}"
        for name in names
        if name in report.measures
    )
    return "; ".join(clauses)


def not_tested(names: Sequence[str]) -> str:
    """Return a clause about tests and measures without a result: "NFC and GPS were not tested"."""
    return f"{listed(names)} {'was' if len(names) == 1 else 'were'} not tested"


def passed(names: Sequence[str], least: Mapping[str, float]) -> str:
    """Return a condition, to follow "if": "the NFC and GPS tests passed and battery health was at least 80%".

    `least` holds the bound of each measure that has one.
    """
    vocabulary = functional_vocabulary()
    tests = [name for name in names if name in vocabulary.tests]
    ways = [f"the {listed(tests)} {_tests(tests)} passed"] if tests else []
    ways.extend(
        f"{vocabulary.display_name(name)} was at least {amount(name, least[name])}"
        if name in least
        else f"{vocabulary.display_name(name)} was measured"
        for name in names
        if name in vocabulary.measures
    )
    return joined(ways)


def _tests(names: Sequence[str]) -> str:
    return "test" if len(names) == 1 else "tests"
