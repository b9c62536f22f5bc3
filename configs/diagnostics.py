"""Reports of other people's diagnostics, CSV or JSON of common shapes, into functional test results."""

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from phonegrade.configs.errors import FunctionalError
from phonegrade.configs.functional import FunctionalReport, TestResult, functional_vocabulary
from phonegrade.configs.nearest import nearest
from phonegrade.configs.strict import Strict

_MAX_BYTES = 1024 * 1024
_DEEPEST = 8
_NAME = ("test", "testname", "name", "item", "check", "function", "component", "feature")
_RESULT = ("result", "status", "outcome", "state", "verdict", "passfail")
_VALUE = ("value", "measurement", "reading", "measured")
_UNIT = ("unit", "units")
_ABOUT = {"device": "device", "devicename": "device", "model": "device", "imei": "imei", "imei1": "imei"}
_WORDS = {
    TestResult.PASS: "pass passed ok okay success successful good works working fine",
    TestResult.FAIL: "fail failed ng nok bad broken defect defective faulty error",
    TestResult.NOT_RUN: "notrun nottested untested skipped skip pending aborted unknown null nt",
    TestResult.NOT_APPLICABLE: "notapplicable na notsupported unsupported notavailable notpresent",
}
_PLAIN = {TestResult.PASS: "true yes y 1", TestResult.FAIL: "false no n 0", TestResult.NOT_RUN: "none"}
"""For tests that name a virtue alone: "camera: yes" is clear, "blacklist: yes" and "dead pixels: no" are not."""
_OF_FAULTS = {
    TestResult.PASS: "unlocked clean clear off notlisted notfound notdetected disabled none",
    TestResult.FAIL: "locked on listed reported blacklisted lost stolen enabled found detected",
}


class Imported(Strict):
    """What a report said in our words."""

    report: FunctionalReport
    not_understood: tuple[str, ...]
    """Entries that name no test or measure known here; none of them counts as a pass."""


class _Entry(NamedTuple):
    where: str
    name: str
    said: str | None
    unit: str | None


def import_diagnostics(data: bytes, name: str) -> Imported:
    """Read a report; `name` is the file's name for messages.

    CSV has one test a row (a column for its name and one for its result, by a header or the first two), or one row of
    results under a header of test names. JSON has a list of such records, or names and results, nested as they like.
    Raises FunctionalError for what is neither, and for a result that cannot be told for good or bad.
    """
    if len(data) > _MAX_BYTES:
        raise FunctionalError(f"{name}: {len(data)} bytes; a diagnostics report has at most {_MAX_BYTES}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FunctionalError(f"{name}: neither CSV nor JSON text") from error
    entries = list(_from_json(text, name) if text.lstrip()[:1] in ("{", "[") else _from_csv(text, name))
    return _imported(entries)


def _imported(entries: list[_Entry]) -> Imported:
    tests, measures, about = _names(of_tests=True), _names(of_tests=False), dict[str, str]()
    results: dict[str, TestResult] = {}
    numbers: dict[str, float] = {}
    lost: list[str] = []
    worst_last = list(TestResult)
    for entry in entries:
        key = _folded(entry.name)
        if key in tests and not _tells_who(entry):
            result = _result(entry, tests[key])
            results[tests[key]] = max(results.get(tests[key], result), result, key=worst_last.index)
        elif key in measures:
            value = _number(entry, measures[key])
            if value is not None and numbers.setdefault(measures[key], value) != value:
                raise FunctionalError(f"{entry.where}: {measures[key]} is given twice, with different values")
        elif key in _ABOUT and entry.said:
            about.setdefault(_ABOUT[key], entry.said)
        else:
            lost.append(entry.name)
    report = FunctionalReport.model_validate({**about, "tests": results, "measures": numbers})
    return Imported(report=report, not_understood=tuple(dict.fromkeys(lost)))


def _tells_who(entry: _Entry) -> bool:
    """An IMEI itself, under the name that a check of it may have too."""
    return _folded(entry.name) in _ABOUT and re.search(r"\d{5}", entry.said or "") is not None


def _names(*, of_tests: bool) -> dict[str, str]:
    vocabulary = functional_vocabulary()
    known = vocabulary.tests if of_tests else vocabulary.measures
    return {_folded(alias): name for name, entry in known.items() for alias in (name, *entry.aliases)}


def _result(entry: _Entry, test: str) -> TestResult:
    said = _folded(entry.said or "")
    if not said:
        return TestResult.NOT_RUN
    more = _OF_FAULTS if functional_vocabulary().tests[test].names_the_fault else _PLAIN
    for words in (_WORDS, more):
        for result, listed in words.items():
            if said in listed.split():
                return result
    means = functional_vocabulary().tests[test].pass_means
    raise FunctionalError(
        f"{entry.where}: {entry.name!r} says {entry.said!r:.60}; say pass, fail, not_run or not_applicable "
        f"(pass means: {means})"
    )


def _number(entry: _Entry, measure: str) -> float | None:
    if entry.said is None or not entry.said.strip():
        return None
    known = functional_vocabulary().measures[measure]
    match = re.fullmatch(r"\s*([-+]?\d+(?:[.,]\d+)?)\s*([^\d\s].*?)?\s*", entry.said)
    factors = {_unit(unit): factor for unit, factor in {known.unit: 1.0, **known.units}.items()}
    unit = (match[2] if match else None) or entry.unit
    if match is None or (unit is not None and _unit(unit) not in factors):
        listed = ", ".join({known.unit: 1.0, **known.units})
        raise FunctionalError(f"{entry.where}: {entry.name!r} says {entry.said!r:.60}; say a number of: {listed}")
    value = float(match[1].replace(",", "."))
    if unit is None and known.units and 0 < value <= 1:
        raise FunctionalError(f"{entry.where}: {entry.name!r} says {value:g} without a unit; is that {known.unit}?")
    value *= 1.0 if unit is None else factors[_unit(unit)]
    if not known.lowest <= value <= known.highest:
        bounds = f"from {known.lowest:g} to {known.highest:g} {known.unit}"
        raise FunctionalError(f"{entry.where}: {entry.name!r} must be {bounds}, not {value:g}")
    return value


def _from_csv(text: str, name: str) -> Iterator[_Entry]:
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(text[:4096], delimiters=",;\t|")
        rows = [(number, row) for number, row in enumerate(csv.reader(io.StringIO(text), dialect, strict=True), 1)]
    except csv.Error as error:
        raise FunctionalError(f"{name}: no CSV of tests and results: {error}") from error
    rows = [(number, [cell.strip() for cell in row]) for number, row in rows if any(cell.strip() for cell in row)]
    if not rows or len(rows[0][1]) < 2:
        raise FunctionalError(f"{name}: no CSV of tests and results")
    head = [_folded(cell) for cell in rows[0][1]]
    named, told = _column(head, _NAME), _column(head, _RESULT)
    known = {**_names(of_tests=True), **_names(of_tests=False)}
    if named is None and sum(cell in known for cell in head) > 1:
        yield from _from_one_row(rows, name)
        return
    if named is None or (told is None and _column(head, _VALUE) is None):
        named, told, value, unit, body = 0, 1, None, None, rows
    else:
        value, unit, body = _column(head, _VALUE), _column(head, _UNIT), rows[1:]
    for number, row in body:
        said = _cell(row, value) or _cell(row, told) if _folded(row[named]) in _names(of_tests=False) else None
        yield _Entry(f"{name}:{number}", row[named], said or _cell(row, told), _cell(row, unit))


def _from_one_row(rows: list[tuple[int, list[str]]], name: str) -> Iterator[_Entry]:
    if len(rows) != 2:
        raise FunctionalError(f"{name}: {len(rows) - 1} devices; give a report of one")
    number, row = rows[1]
    for column, title in enumerate(rows[0][1]):
        yield _Entry(f"{name}:{number}", title, _cell(row, column), None)


def _from_json(text: str, name: str) -> Iterator[_Entry]:
    try:
        document = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        raise FunctionalError(f"{name}:{line}: no valid JSON") from error
    yield from _walked(document, "", name, _DEEPEST)


def _walked(value: object, path: str, name: str, deeper: int) -> Iterator[_Entry]:
    if deeper == 0:
        raise FunctionalError(f"{name}: {path}: nested more than {_DEEPEST} deep")
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _walked(inner, f"{path}[{index}]", name, deeper - 1)
        return
    if not isinstance(value, dict):
        return
    folded = {_folded(str(key)): inner for key, inner in value.items()}
    titled = next((folded[key] for key in _NAME if isinstance(folded.get(key), str)), None)
    if isinstance(titled, str) and any(key in folded for key in (*_RESULT, *_VALUE)):
        yield _record(folded, titled, f"{name}: {path}")
        return
    known = {**_names(of_tests=True), **_names(of_tests=False)}
    for key, inner in value.items():
        where = f"{path}.{key}".lstrip(".")
        if isinstance(inner, dict) and _folded(str(key)) in known and _is_record(inner):
            yield _record({_folded(str(k)): v for k, v in inner.items()}, str(key), f"{name}: {where}")
        elif isinstance(inner, dict | list):
            yield from _walked(inner, where, name, deeper - 1)
        else:
            yield _Entry(f"{name}: {where}", str(key), _said(inner), None)


def _is_record(value: dict[object, object]) -> bool:
    return any(_folded(str(key)) in (*_RESULT, *_VALUE) for key in value)


def _record(folded: dict[str, object], title: str, where: str) -> _Entry:
    order = (*_VALUE, *_RESULT) if _folded(title) in _names(of_tests=False) else _RESULT
    said = next((folded[key] for key in order if folded.get(key) is not None), None)
    unit = next((folded[key] for key in _UNIT if folded.get(key) is not None), None)
    return _Entry(where, title, _said(said), _said(unit))


def _said(value: object) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _column(head: list[str], titles: tuple[str, ...]) -> int | None:
    return next((head.index(title) for title in titles if title in head), None)


def _cell(row: list[str], column: int | None) -> str | None:
    return row[column] if column is not None and column < len(row) and row[column] else None


def _unit(text: str) -> str:
    return text.strip().casefold()


def _folded(word: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", word.casefold())


def nearest_tests(words: tuple[str, ...]) -> dict[str, str]:
    """For words that were not understood, the tests or measures that come closest, for a person to decide."""
    names = [*functional_vocabulary().tests, *functional_vocabulary().measures]
    return {word: nearest(word, names)[0] for word in words}
