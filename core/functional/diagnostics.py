"""Reports of other people's diagnostics, CSV or JSON of common shapes, into functional test results."""

import codecs
import re
from collections.abc import Iterable

from pydantic import Field

from phonegrade.core.errors import FunctionalError
from phonegrade.core.functional.csv_entries import csv_entries
from phonegrade.core.functional.json_entries import json_entries
from phonegrade.core.functional.report import FunctionalReport, TestResult, checked_imei, functional_vocabulary
from phonegrade.core.functional.report_words import (
    BRAND,
    IDENTITY,
    LISTS,
    MODEL,
    Entry,
    folded,
    lock_meant,
    meant,
    number_of,
    result_of,
    why_not_testable,
)
from phonegrade.core.problems import nearest
from phonegrade.core.strict import Strict

_MAX_BYTES = 1024 * 1024
_LISTED = 5
_LONGEST_DEVICE = 200


class Imported(Strict):
    """A report in our vocabulary."""

    report: FunctionalReport
    not_understood: tuple[str, ...]
    """Entries that name no test or measure known here; none of them counts as a pass."""
    odd: tuple[str, ...] = ()
    """Values of known measures that are not figures, each with its place; they count as not measured."""
    why_not: dict[str, str] = Field(default_factory=dict)
    """By test without a result: why it could not be run, where the report says so."""


def import_diagnostics(data: bytes, name: str) -> Imported:
    """Read a report; `name` is the file's name for messages.

    CSV has one test a row (a column for its name and one for its result, by a header or by what stands in them), or one
    row of results under a header of test names. JSON has a list of such records, or names and results, nested as they
    like; lists of failed and of passed tests; locks that are "locked". Raises FunctionalError for what is neither, for
    a result that is neither clearly good nor bad, for a second phone, and where no test or measure was understood.
    """
    if len(data) > _MAX_BYTES:
        raise FunctionalError(f"{name}: {len(data)} bytes; a diagnostics report has at most {_MAX_BYTES}")
    text = _text(data, name)
    return _imported(json_entries(text, name) if text.lstrip()[:1] in ("{", "[") else csv_entries(text, name), name)


def _text(data: bytes, name: str) -> str:
    """UTF-8, UTF-16 as spreadsheets write it, or the old Western code page."""
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    half = "utf-16-le" if data[1:400:2].count(0) > data[:400:2].count(0) else "utf-16-be"
    codings = ["utf-16"] if wide else [half] if b"\0" in data[:400] else ["utf-8-sig", "cp1252"]
    for coding in codings:
        try:
            text = data.decode(coding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise FunctionalError(f"{name}: neither CSV nor JSON text (UTF-8, UTF-16 and Windows-1252 were tried)")


class _Gathered:
    """What the entries of one report add up to."""

    def __init__(self) -> None:
        self.tests: dict[str, TestResult] = {}
        self.measures: dict[str, float] = {}
        self.identity: dict[str, str] = {}
        self.models: dict[str, str] = {}
        self.lost: list[str] = []
        self.odd: list[str] = []
        self.why_not: dict[str, str] = {}
        self._places: dict[str, str] = {}

    def add(self, entry: Entry) -> None:
        """Take one entry in. Raises FunctionalError for what is not understood, and for a second phone."""
        key = folded(entry.name)
        what = meant(entry.name) or lock_meant(entry.name, entry.raw)
        if key in (*IDENTITY, *MODEL, *BRAND) and (key not in _CHECKED or _tells_who(entry)):
            self._take_identity(key, entry)
        elif key in LISTS and entry.raw and not entry.raw.strip().isdecimal():
            self._take_list(entry, LISTS[key])
        elif what in functional_vocabulary().tests:
            self._refuse_second_phone(entry)
            reason = why_not_testable(entry.raw)
            self._take_result(what, TestResult.NOT_RUN if reason is not None else result_of(_spoken(entry), what))
            if reason:
                self.why_not.setdefault(what, reason)
        elif what is not None:
            self._refuse_second_phone(entry)
            self._take_number(what, entry)
        else:
            self.lost.append(entry.name)

    def _take_identity(self, key: str, entry: Entry) -> None:
        if not entry.raw:
            return
        kind = IDENTITY.get(key)
        if kind is None:
            if self.models.setdefault(key, entry.raw) != entry.raw:
                self._refuse_second_phone(entry)
            else:
                self._places.setdefault(entry.pattern, entry.where)
            return
        raw = checked_imei(entry.raw, entry.where) if kind == "imei" else entry.raw
        # A serial number may be a battery's, where it stands elsewhere.
        first = self.identity.setdefault(kind if kind == "imei" else f"{key} {entry.pattern}", raw)
        if folded(first) != folded(raw):
            raise FunctionalError(f"{entry.where}: another {entry.name} than before: {_TWO}")

    def _refuse_second_phone(self, entry: Entry) -> None:
        """The same key in the same place of another element of a list is another phone's."""
        if entry.pattern and self._places.setdefault(entry.pattern, entry.where) != entry.where:
            raise FunctionalError(f"{entry.where}: {entry.name!r} was given at {self._places[entry.pattern]}: {_TWO}")

    def _take_result(self, test: str, result: TestResult) -> None:
        self.tests[test] = max(self.tests.get(test, result), result, key=list(TestResult).index)

    def _take_list(self, entry: Entry, result: TestResult) -> None:
        for word in re.split(r"[,;|\n]", entry.raw or ""):
            test = meant(word)
            if test in functional_vocabulary().tests:
                self._take_result(test, result)
            elif word.strip() and folded(word) not in ("none", "na", ""):
                self.lost.append(f"{entry.name}: {word.strip()}")

    def _take_number(self, measure: str, entry: Entry) -> None:
        value = number_of(entry, measure)
        if isinstance(value, str):
            self.odd += [value] if value else []
        elif self.measures.setdefault(measure, value) != value:
            raise FunctionalError(f"{entry.where}: {measure} is given twice, with different values")


_TWO = "2 devices; give a report of one"
_CHECKED = ("imei", "imei1", "esn")
"""Names of an identity that a check of it may have too."""


def _imported(entries: Iterable[Entry], name: str) -> Imported:
    gathered = _Gathered()
    for entry in entries:
        gathered.add(entry)
    lost = tuple(dict.fromkeys(gathered.lost))
    if not gathered.tests and not gathered.measures:
        listed = "; ".join((*gathered.odd, *(repr(word) for word in lost[:_LISTED]))) or "nothing in it"
        raise FunctionalError(
            f"{name}: not a CSV of tests and results, or JSON of them: no test was understood ({listed})"
        )
    report = FunctionalReport(
        device=_device(gathered.models),
        imei=gathered.identity.get("imei"),
        tests=gathered.tests,
        measures=gathered.measures,
    )
    why_not = {test: why for test, why in gathered.why_not.items() if report.result(test) is TestResult.NOT_RUN}
    return Imported(report=report, not_understood=lost, odd=tuple(gathered.odd), why_not=why_not)


def _device(raw: dict[str, str]) -> str | None:
    model = next((raw[key] for key in MODEL if key in raw), None)
    brand = next((raw[key] for key in BRAND if key in raw), None)
    if model is None or brand is None or folded(brand) in folded(model):
        return model if model is None else model[:_LONGEST_DEVICE]
    return f"{brand} {model}"[:_LONGEST_DEVICE]


def _spoken(entry: Entry) -> Entry:
    """ "iCloud locked: true" as "iCloud: locked"."""
    if meant(entry.name) is None:
        return entry._replace(raw="locked" if entry.raw in ("true", "yes") else "unlocked")
    return entry


def _tells_who(entry: Entry) -> bool:
    """An IMEI itself, under the name that a check of it may have too."""
    return re.search(r"\d{4}|\d[eE]\+?\d", entry.raw or "") is not None


def nearest_tests(words: tuple[str, ...]) -> dict[str, str]:
    """For words that were not understood, the tests or measures that come closest, for a person to decide."""
    names = [*functional_vocabulary().tests, *functional_vocabulary().measures]
    return {word: nearest(word, names)[0] for word in words}
