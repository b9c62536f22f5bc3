"""Functional tests: the vocabulary of `functional.yaml`, and the results somebody measured on one phone."""

import json
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, FiniteFloat, model_validator

from phonegrade.core.errors import FunctionalError
from phonegrade.core.marked_yaml import MarkedYamlError, parse_marked_yaml
from phonegrade.core.problems import nearest
from phonegrade.core.strict import OneOf, Strict

_FILE = Path(__file__).with_name("functional.yaml")
_MAX_BYTES = 64 * 1024
_TOP_KEYS = ("device", "imei", "tests", "measures")

Role = Literal["key", "secondary", "lock", "authenticity"]


class TestResult(StrEnum):
    """What became of one test, best first; a lock test passes when the phone is *not* locked."""

    __test__ = False

    NOT_APPLICABLE = "not_applicable"
    PASS = "pass"  # noqa: S105 - a test result, no password
    NOT_RUN = "not_run"
    FAIL = "fail"


class FunctionalState(StrEnum):
    """The trade's five states, best first, and `untested` for what is not known yet."""

    FULLY_FUNCTIONAL = "fully_functional"
    KEY_FUNCTIONS_ONLY = "key_functions_only"
    PARTIAL_FAULT = "partial_fault"
    UNTESTED = "untested"
    NON_FUNCTIONAL = "non_functional"
    NOT_ACCEPTED = "not_accepted"


class FunctionalTest(Strict):
    """One test of the vocabulary."""

    display_name: str
    """What people read, such as Wi-Fi."""
    group: str
    role: Role
    aliases: tuple[str, ...]
    pass_means: str
    fail_means: str | None = None
    """What a failure means for the phone, a whole clause; locks and authenticity tests have one."""
    names_the_fault: bool = False
    """Its name or an alias names what is bad, such as dead pixels: a mere "yes" or "no" could mean either."""


class Measure(Strict):
    """One measured number of the vocabulary and its possible range."""

    display_name: str
    group: str
    unit: str
    units: dict[str, float] = Field(default_factory=dict)
    """Other units of reports, and what one of them is in `unit`."""
    lowest: float
    highest: float
    aliases: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """It counts something: a comma in it parts thousands."""
        return self.unit == "cycles"


class Contradiction(Strict):
    """A failure that cannot be true of a phone that also passes any of some other tests."""

    fails: str
    passes: Annotated[tuple[str, ...], Field(min_length=1)]
    because: str


class FunctionalVocabulary(Strict):
    """Every test and measure that phonegrade knows, by name."""

    tests: dict[str, FunctionalTest]
    measures: dict[str, Measure]
    contradictions: tuple[Contradiction, ...]

    def named(self, role: Role) -> tuple[str, ...]:
        """Names of the tests of one role, in the vocabulary's order."""
        return tuple(name for name, test in self.tests.items() if test.role == role)

    def display_name(self, name: str) -> str:
        """What people read for a test or a measure of this name."""
        return (self.tests.get(name) or self.measures[name]).display_name

    @model_validator(mode="after")
    def _speaks_of_known_tests(self) -> Self:
        named = {name for entry in self.contradictions for name in (entry.fails, *entry.passes)}
        if unknown := sorted(named - set(self.tests)):
            raise ValueError(f"contradictions of unknown tests: {', '.join(unknown)}")
        silent = [
            name
            for name, test in self.tests.items()
            if (test.role in ("lock", "authenticity")) != bool(test.fail_means)
        ]
        if silent:
            raise ValueError(f"fail_means belongs to locks and authenticity tests, to each: {', '.join(silent)}")
        return self


@cache
def functional_vocabulary() -> FunctionalVocabulary:
    """The vocabulary of `functional.yaml`; read once, at the first call."""
    return FunctionalVocabulary.model_validate(parse_marked_yaml(_FILE.read_text(encoding="utf-8")).value)


def _known_test(name: str) -> str:
    tests = functional_vocabulary().tests
    if name not in tests:
        raise ValueError(f"unknown test {name!r}; the nearest valid one is {nearest(name, tests)[0]!r}")
    return name


def _known_measure(name: str) -> str:
    measures = functional_vocabulary().measures
    if name not in measures:
        raise ValueError(f"unknown measure {name!r}; the nearest valid one is {nearest(name, measures)[0]!r}")
    return name


TestName = Annotated[str, AfterValidator(_known_test), OneOf(lambda: functional_vocabulary().tests)]
MeasureName = Annotated[str, AfterValidator(_known_measure), OneOf(lambda: functional_vocabulary().measures)]


class FunctionalReport(Strict):
    """Results of one phone under the vocabulary's own names; a test that is absent was not run."""

    device: Annotated[str, Field(max_length=200)] | None = None
    imei: Annotated[str, Field(max_length=40)] | None = None
    tests: dict[TestName, TestResult] = Field(default_factory=dict)
    measures: dict[MeasureName, FiniteFloat] = Field(default_factory=dict)

    def result(self, test: str) -> TestResult:
        """Return the result of a test, `not_run` when the report does not hold it."""
        return self.tests.get(test, TestResult.NOT_RUN)


def load_functional(data: bytes, name: str) -> FunctionalReport:
    """Parse a functional test file, JSON or YAML; `name` is the file's name for messages.

    The file is a mapping of `tests` (name -> pass, fail, not_run, not_applicable) and optionally `measures` (name ->
    number), `device` and `imei`. Aliases are understood; two names of one test count as the worse of their results.
    Raises FunctionalError that names the unknown test or value and the nearest valid one.
    """
    document = _document(data, name)
    for key in document:
        if key not in _TOP_KEYS:
            raise FunctionalError(f"{name}: unknown key {key!r}; {_valid(key, _TOP_KEYS)}")
    return FunctionalReport(
        device=_text(document, "device", name, longest=200),
        imei=_imei(document, name),
        tests=_tests(_mapping(document, "tests", name), name),
        measures=_measures(_mapping(document, "measures", name), name),
    )


def _document(data: bytes, name: str) -> Mapping[str, object]:
    if len(data) > _MAX_BYTES:
        raise FunctionalError(f"{name}: {len(data)} bytes; a functional test file has at most {_MAX_BYTES}")
    try:
        text = data.decode("utf-8-sig")
        document = parse_json(text) if text.lstrip().startswith("{") else parse_marked_yaml(text).value
    except MarkedYamlError as error:
        raise FunctionalError(f"{name}:{error.line}: {error.problem}") from error
    except json.JSONDecodeError as error:
        raise FunctionalError(f"{name}:{error.lineno}: no valid JSON: {error.msg}") from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise FunctionalError(f"{name}: neither JSON nor YAML text") from error
    if not isinstance(document, dict) or not all(isinstance(key, str) for key in document):
        raise FunctionalError(f'{name}: must be a mapping such as {{"tests": {{"touch_grid": "pass"}}}}')
    return document


def parse_json(text: str) -> object:
    """Parse a JSON text in which no key of a mapping is given twice. Raises JSONDecodeError and RecursionError."""

    def no_key_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
        unique: dict[str, object] = {}
        for key, value in pairs:
            if key in unique:
                raise json.JSONDecodeError(f"{key!r} is given twice", text, text.rfind(f'"{key}"'))
            unique[key] = value
        return unique

    return json.loads(text, object_pairs_hook=no_key_twice)


def _mapping(document: Mapping[str, object], key: str, name: str) -> dict[str, object]:
    value = document.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise FunctionalError(f"{name}: {key!r} must be a mapping of names, not {value!r:.60}")
    return {str(inner): item for inner, item in value.items()}


def _text(document: Mapping[str, object], key: str, name: str, longest: int) -> str | None:
    value = document.get(key)
    if value is None:
        return None
    if isinstance(value, bool | float | list | dict) or len(str(value)) > longest:
        raise FunctionalError(f"{name}: {key!r} must be a text of at most {longest} characters, not {value!r:.60}")
    return str(value)


def _imei(document: Mapping[str, object], name: str) -> str | None:
    imei = _text(document, "imei", name, longest=40)
    return None if imei is None else checked_imei(imei, f"{name}: 'imei'")


def checked_imei(imei: str, where: str) -> str:
    """The digits of an IMEI as it was written. Raises FunctionalError for anything else, such as 3.5E+14."""
    digits = re.sub(r"[\s\-/.]", "", imei.strip().strip("='\"`"))
    if re.fullmatch(r"\d{14,16}", digits) is None or re.fullmatch(r"\d+\.\d+", imei.strip()) is not None:
        raise FunctionalError(f"{where}: what stands there is not an IMEI, which has fifteen digits")
    return digits


def is_share(measure: Measure, value: float) -> bool:
    """Whether a figure without a unit may be a share of one where per cent are wanted."""
    return 0 < value <= 1 and any(factor > 1 for factor in measure.units.values())


def _tests(given: Mapping[str, object], name: str) -> dict[str, TestResult]:
    names = {alias: test for test, entry in functional_vocabulary().tests.items() for alias in (test, *entry.aliases)}
    worst_last = list(TestResult)
    tests: dict[str, TestResult] = {}
    for key, value in given.items():
        test = names.get(_folded(key))
        if test is None:
            raise FunctionalError(f"{name}: unknown test {key!r}; {_valid(key, names)}")
        results = {result.value: result for result in TestResult}
        result = results.get(_folded(value)) if isinstance(value, str) else None
        if result is None:
            problem = f"test {key!r} has unknown value {value!r:.60}; {_valid(str(value), results)}"
            raise FunctionalError(f"{name}: {problem} (of {', '.join(results)})")
        tests[test] = max(tests.get(test, result), result, key=worst_last.index)
    return tests


def _measures(given: Mapping[str, object], name: str) -> dict[str, float]:
    known = functional_vocabulary().measures
    names = {alias: measure for measure, entry in known.items() for alias in (measure, *entry.aliases)}
    measures: dict[str, float] = {}
    for key, value in given.items():
        measure = names.get(_folded(key))
        if measure is None:
            raise FunctionalError(f"{name}: unknown measure {key!r}; {_valid(key, names)}")
        low, high = known[measure].lowest, known[measure].highest
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            unit = known[measure].unit
            problem = f"must be a number from {low:g} to {high:g} {unit}, not {value!r:.60}"
            raise FunctionalError(f"{name}: {key!r} {problem}")
        if is_share(known[measure], value):
            raise FunctionalError(
                f"{name}: {key!r} says {value:g} without a unit; is that {known[measure].unit}? Write {100 * value:g}"
            )
        if known[measure].whole and value != int(value):
            raise FunctionalError(f"{name}: {key!r} must be a whole number, not {value:g}")
        if measures.setdefault(measure, float(value)) != value:
            raise FunctionalError(f"{name}: {measure!r} is given twice, as {measures[measure]:g} and {value:g}")
    return measures


def _folded(word: str) -> str:
    """Return a word of any script without case, spaces and punctuation."""
    return re.sub(r"[\W_]+", "_", word.casefold()).strip("_")


def _valid(word: str, valid: Iterable[str]) -> str:
    return f"the nearest valid one is {nearest(word, valid)[0]!r}"
