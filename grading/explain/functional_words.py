"""Tests and measures in sentences, by the names that people read."""

from collections.abc import Iterable, Mapping, Sequence

from phonegrade.core.functional.report import FunctionalReport, functional_vocabulary

_MOST_NAMED = 3


def display_names(names: Iterable[str]) -> list[str]:
    """What people read for each distinct test or measure, in order."""
    return [functional_vocabulary().display_name(name) for name in dict.fromkeys(names)]


def listed(names: Iterable[str]) -> str:
    """Tests and measures in a sentence: "NFC, GPS and battery health"."""
    return joined(display_names(names))


def joined(words: Sequence[str]) -> str:
    """Words in a sentence: "a, b and c". Raises IndexError for none."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def few(words: Sequence[str]) -> list[str]:
    """The first words, and how many more there are."""
    left = len(words) - _MOST_NAMED
    return list(words) if left <= 0 else [*words[:_MOST_NAMED], f"{left} more"]


def amount(measure: str, value: float) -> str:
    """A measured number with its unit: "83 %"."""
    return f"{value:g} {functional_vocabulary().measures[measure].unit}"


def failed(names: Sequence[str], report: FunctionalReport, least: Mapping[str, float]) -> str:
    """Clauses about tests that failed and measures below their bound in `least`.

    "the tests of NFC and GPS failed; battery health is 75 %, below 80 %", and for locks and parts what failing means.
    """
    vocabulary = functional_vocabulary()
    tests = [name for name in names if name in vocabulary.tests]
    meaning = {name: vocabulary.tests[name].fail_means for name in tests}
    plain = [name for name in tests if meaning[name] is None]
    clauses = [f"the {_tests(plain)} of {listed(plain)} failed"] if plain else []
    clauses.extend(text for text in meaning.values() if text is not None)
    clauses.extend(
        f"{vocabulary.display_name(name)} is {amount(name, report.measures[name])}, below {amount(name, least[name])}"
        for name in names
        if name in report.measures
    )
    return "; ".join(clauses)


def not_tested(names: Sequence[str]) -> str:
    """A clause about what has no result: "NFC and GPS were not tested"."""
    return f"{listed(names)} {'was' if len(names) == 1 else 'were'} not tested"


def passed(names: Sequence[str], least: Mapping[str, float]) -> str:
    """What would have to be, after "with": "the tests of NFC and GPS passed and battery health of at least 80 %".

    `least` has the bound of each measure that has one.
    """
    vocabulary = functional_vocabulary()
    tests = [name for name in names if name in vocabulary.tests]
    ways = [f"the {_tests(tests)} of {listed(tests)} passed"] if tests else []
    ways.extend(
        f"{vocabulary.display_name(name)} of at least {amount(name, least[name])}"
        if name in least
        else f"{vocabulary.display_name(name)} measured"
        for name in names
        if name in vocabulary.measures
    )
    return joined(ways)


def _tests(names: Sequence[str]) -> str:
    return "test" if len(names) == 1 else "tests"
