"""What the words and figures of other people's diagnostics reports mean."""

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pydantic import RootModel

from phonegrade.core.errors import FunctionalError
from phonegrade.core.functional.report import TestResult, functional_vocabulary, is_share
from phonegrade.core.marked_yaml import parse_marked_yaml

_NAMES_FILE = Path(__file__).with_name("report_names.yaml")
NAME = (
    *("test", "testname", "name", "testitem", "item", "check", "function", "component", "feature"),
    *("description", "testdescription", "title", "label", "diagnostic"),
)
RESULT = ("result", "testresult", "status", "teststatus", "outcome", "state", "verdict", "passfail")
VALUE = ("value", "measurement", "reading", "measured")
UNIT = ("unit", "units")
IDENTITY = {
    **dict.fromkeys(("imei", "imei1", "imeinumber", "primaryimei"), "imei"),
    **dict.fromkeys(("serial", "serialnumber", "serialno", "sn"), "serial"),
    **dict.fromkeys(("udid", "ecid", "meid", "esnnumber", "deviceid"), "other identity"),
}
"""Whose report it is: a second value of one of these is a second phone."""
MODEL = ("devicename", "marketname", "marketingname", "modelname", "productname", "device", "model", "phone")
"""Keys of the model's name, clearest first."""
BRAND = ("make", "brand", "manufacturer", "oem")
LISTS = {
    **dict.fromkeys(
        ("failed", "fail", "failedtests", "failedcomponents", "faileditems", "failures", "fails"), TestResult.FAIL
    ),
    **dict.fromkeys(("passed", "pass", "passedtests", "passedcomponents", "passeditems", "passes"), TestResult.PASS),
    **dict.fromkeys(
        ("pending", "pendingtests", "pendingcomponents", "untested", "nottested", "skippedtests"), TestResult.NOT_RUN
    ),
}
"""Keys of lists of tests that share a result."""
VERDICTS = {
    **dict.fromkeys(("passed", "pass", "ok", "success", "successful"), True),
    **dict.fromkeys(("failed", "fail"), False),
}
"""Keys of a yes or no in a record, and which of them is good."""
LOCKED = ("locked", "islocked", "enabled", "isenabled", "on", "active")
_WORDS = {
    TestResult.PASS: "pass passed passes p ok okay success successful good works working fine",
    TestResult.FAIL: "fail failed fails failure f ng nok notok ko bad broken defect defective faulty error "
    "notworking unsuccessful notpassed",
    TestResult.NOT_RUN: "notrun nottested notperformed notdone notcompleted untested skip skipped pending aborted "
    "cancelled canceled unknown null nt",
    TestResult.NOT_APPLICABLE: "notapplicable na notsupported unsupported notavailable notpresent",
}
_PLAIN = {TestResult.PASS: "true yes y 1", TestResult.FAIL: "false no n 0", TestResult.NOT_RUN: "none"}
"""For tests that name a virtue alone: "camera: yes" is clear, "blacklist: yes" and "dead pixels: no" are not."""
_OF_FAULTS = {
    TestResult.PASS: "unlocked clean clear off notlisted notfound notdetected disabled none",
    TestResult.FAIL: "locked on listed reported blacklisted lost stolen enabled found detected",
}
_SIGNS = {**dict.fromkeys("✓✔✅☑🗸", TestResult.PASS), **dict.fromkeys("✗✘❌✖☒❎🗙", TestResult.FAIL)}
_NOTHING = frozenset({"", "-", "--", "\N{EN DASH}", "\N{EM DASH}", "/"})
_NOT_TESTABLE = re.compile(r"(?i)not[\s_-]*testable\s*[:(,;-]?\s*(.*?)\)?", re.DOTALL)
_LONGEST_REASON = 200
_SUFFIXES = ("functionality", "functional", "function", "status", "result", "state", "check", "test")
_NUMBER = re.compile(r"([-+]?\d+(?:[.,]\d+)?)\s*([^\d\s.,'].*?)?")
_WHOLE_NUMBER = re.compile(r"([-+]?(?:\d{1,3}(?:[,' ]\d{3})+|\d+(?:\.0+)?))\s*([^\d\s.,'].*?)?")


class Entry(NamedTuple):
    """One line of a report: a name and its value."""

    where: str
    """File, and the line or the keys in it."""
    name: str
    raw: str | None
    unit: str | None = None
    pattern: str = ""
    """`where` without places in lists: equal for the same key of two phones."""


def folded(word: str) -> str:
    """A name without case, spaces and punctuation; letters of every script stay."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", word).casefold())


class _ReportNames(RootModel[dict[str, tuple[str, ...]]]):
    """The contents of `report_names.yaml`."""


@cache
def names_of_reports() -> dict[str, tuple[str, ...]]:
    """By test or measure: what other tools call it, beside the vocabulary's own words; read once."""
    return _ReportNames.model_validate(parse_marked_yaml(_NAMES_FILE.read_text(encoding="utf-8")).value).root


@cache
def known_names() -> dict[str, str]:
    """Tests and measures by every folded name that they have."""
    vocabulary = functional_vocabulary()
    aliases = {name: test.aliases for name, test in vocabulary.tests.items()}
    aliases |= {name: measure.aliases for name, measure in vocabulary.measures.items()}
    known = {folded(alias): name for name, others in aliases.items() for alias in (name, *others)}
    return {folded(alias): name for name, others in names_of_reports().items() for alias in others} | known


def meant(name: str) -> str | None:
    """Return the test or measure that `name` means, also where it goes on with a word such as "test" or "status"."""
    word, known = folded(name), known_names()
    if word in known:
        return known[word]
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and word.removesuffix(suffix) in known:
            return known[word.removesuffix(suffix)]
    return None


def lock_meant(name: str, raw: str | None) -> str | None:
    """The lock test of a name such as "iCloud locked" with a yes or no."""
    if raw not in ("true", "false", "yes", "no"):
        return None
    test = meant(re.sub(r"(?i)^is[\W_]+|[\W_]*locked$", "", name.strip()))
    return test if test in functional_vocabulary().named("lock") and folded(name).endswith("locked") else None


def result_of(entry: Entry, test: str) -> TestResult:
    """Return the result that a report's word or sign stands for.

    Raises FunctionalError, with the place, for one that is there and not understood.
    """
    result = result_from(entry.raw, of_fault=functional_vocabulary().tests[test].names_the_fault)
    if result is not None:
        return result
    means = functional_vocabulary().tests[test].pass_means
    raise FunctionalError(
        f"{entry.where}: {entry.name!r} says {entry.raw!r:.60}; say pass, fail, not_run or not_applicable "
        f"(pass means: {means})"
    )


def result_from(raw: str | None, *, of_fault: bool | None) -> TestResult | None:
    """Return a cell's result, None where it is not understood; `of_fault` None: clear words alone count."""
    text = unicodedata.normalize("NFKC", raw or "").replace("\ufe0f", "").strip()
    if text in _NOTHING:
        return TestResult.NOT_RUN
    signs = {_SIGNS[sign] for sign in text if sign in _SIGNS}
    rest = "".join(character for character in text if character not in _SIGNS).strip()
    words = {_worded(rest, of_fault)} if rest else set()
    results = signs | words
    return results.pop() if len(results) == 1 else None


def why_not_testable(raw: str | None) -> str | None:
    """Return the reason in a cell such as "not_testable(no SIM card)", "" where it gives none; None for other cells."""
    match = _NOT_TESTABLE.fullmatch((raw or "").strip())
    return None if match is None else match[1].strip()[:_LONGEST_REASON]


def worst_or_first(cells: list[str], name: str) -> str | None:
    """Return, of several cells about the test or measure `name`, the worst that is understood, else the first."""
    test = functional_vocabulary().tests.get(meant(name) or "")
    if test is not None:
        worst_last = list(TestResult)
        understood = [(result_from(raw, of_fault=test.names_the_fault), raw) for raw in cells]
        ranked = [(worst_last.index(result), raw) for result, raw in understood if result is not None]
        if ranked:
            return max(ranked, key=lambda one: one[0])[1]
    return next(iter(cells), None)


def _worded(text: str, of_fault: bool | None) -> TestResult | None:
    bare = re.sub(r"^[(\[]|[)\].!]+$", "", text)
    if re.fullmatch(r"\w+(?:[\s_\-/.]\s*\w+)*", bare) is None:  # a sign before it, such as -1, is no part of a word
        return None
    word = folded(bare)
    more: dict[TestResult, str] = {} if of_fault is None else _OF_FAULTS if of_fault else _PLAIN
    for words in (_WORDS, more):
        for result, listed in words.items():
            if word in listed.split():
                return result
    return None


def number_of(entry: Entry, measure: str) -> float | str:
    """Return the figure of a measure in its own unit, or why there is none: no figure, or one of another unit.

    Raises FunctionalError for an impossible one: a share without its unit, or out of range.
    """
    raw, known = (entry.raw or "").strip(), functional_vocabulary().measures[measure]
    if result_from(raw, of_fault=None) in (TestResult.NOT_RUN, TestResult.NOT_APPLICABLE):
        return ""
    match = (_WHOLE_NUMBER if known.whole else _NUMBER).fullmatch(raw)
    factors = {_unit(unit): factor for unit, factor in {known.unit: 1.0, **known.units}.items()}
    unit = (match[2] if match else None) or entry.unit
    if match is None or (unit is not None and _unit(unit) not in factors):
        listed = ", ".join({known.unit: 1.0, **known.units})
        return f"{entry.where}: {entry.name!r} says {raw!r:.60}; say a number of: {listed}"
    digits = re.sub(r"[,' ]", "", match[1]) if known.whole else match[1].replace(",", ".")
    value = float(digits)
    if unit is None and is_share(known, value):
        raise FunctionalError(f"{entry.where}: {entry.name!r} says {value:g} without a unit; is that {known.unit}?")
    value *= 1.0 if unit is None else factors[_unit(unit)]
    if not known.lowest <= value <= known.highest:
        bounds = f"from {known.lowest:g} to {known.highest:g} {known.unit}"
        raise FunctionalError(f"{entry.where}: {entry.name!r} must be {bounds}, not {value:g}")
    return value


def _unit(text: str) -> str:
    return text.strip().casefold()
