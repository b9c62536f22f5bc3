"""Other people's diagnostics reports: understood where they are clear, refused where they are not."""

import json

import pytest

from phonegrade.core.errors import FunctionalError
from phonegrade.core.functional.diagnostics import import_diagnostics
from phonegrade.core.functional.report import TestResult, functional_vocabulary

PASS, FAIL, NOT_RUN, NONE = TestResult.PASS, TestResult.FAIL, TestResult.NOT_RUN, TestResult.NOT_APPLICABLE
WANTED = {"touch_grid": PASS, "wifi": FAIL, "nfc": NOT_RUN, "button_home": NONE, "activation_lock": PASS}
CSV = """Test Name;Result;Value;Unit
Touch Screen;Passed;;
Wi-Fi;FAIL;;
NFC;skipped;;
Home Button;N/A;;
Find My;OFF;;
Battery Health;;91;%
Cycle Count;Pass;412;
IMEI;356938035643809;;
Fan Speed;Pass;;
"""
LIST = {
    "device": {"model": "Apple iPhone 13", "imei": "356938035643809"},
    "results": [
        {"name": "Touch Screen", "status": "OK"},
        {"name": "Wi-Fi", "status": "failed"},
        {"name": "NFC", "status": None},
        {"name": "Home Button", "status": "not supported"},
        {"name": "Find My", "status": "unlocked"},
        {"name": "Battery Health", "value": 0.91, "unit": "ratio", "status": "pass"},
        {"name": "Cycle Count", "value": 412},
        {"name": "Fan Speed", "status": "pass"},
    ],
}
NESTED = {
    "display": {"touch": True, "fan speed": "pass"},
    "radios": {"wifi": {"result": "Fail"}, "nfc": "untested"},
    "buttons": {"home": "n/a"},
    "locks": {"find my": "Disabled"},
    "battery": {"battery health": "91 %", "cycle count": "412 cycles"},
    "imei": "356938035643809",
}
WIDE = "imei,touch,wifi,nfc,home,fmi,battery health,cycles,fan speed\n356938035643809,ok,ng,,na,clean,91%,412,pass\n"


@pytest.mark.parametrize(
    "data",
    [CSV, CSV.replace(";", ","), CSV.replace(";", "\t"), json.dumps(LIST), json.dumps(NESTED), WIDE],
    ids=["semicolons", "commas", "tabs", "list", "nested", "one row"],
)
def test_common_shapes_say_the_same(data: str) -> None:
    imported = import_diagnostics(data.encode(), "report")
    assert imported.report.tests == WANTED
    assert imported.report.measures == {"battery_health_pct": pytest.approx(91.0), "battery_cycles": 412.0}
    assert imported.report.imei == "356938035643809"
    assert [word.casefold() for word in imported.not_understood] == ["fan speed"]


def test_two_columns_need_no_header() -> None:
    imported = import_diagnostics(b"touch,pass\nwifi,fail\n", "report.csv")
    assert imported.report.tests == {"touch_grid": PASS, "wifi": FAIL}


def test_two_names_of_one_test_count_as_the_worse_result() -> None:
    assert import_diagnostics(b"touch,fail\ntouchscreen,pass\n", "r").report.tests == {"touch_grid": FAIL}


def test_what_is_not_understood_is_never_a_pass() -> None:
    imported = import_diagnostics(b'{"touch grid test 2": "pass", "all": "pass", "wifi": "fail"}', "r")
    assert imported.report.tests == {"wifi": FAIL}
    assert imported.not_understood == ("touch grid test 2", "all")


@pytest.mark.parametrize("word", ["yes", "no", "true", "false", "1", "0"])
@pytest.mark.parametrize("test", ["blacklist", "dead_pixels", "Jailbroken", "burn-in", "liquid damage"])
def test_a_bare_yes_under_a_name_that_names_the_fault_is_refused(test: str, word: str) -> None:
    with pytest.raises(FunctionalError, match="pass means"):
        import_diagnostics(f"test,result\n{test},{word}\n".encode(), "r.csv")


def test_every_test_that_names_a_fault_says_so() -> None:
    marked = {name for name, test in functional_vocabulary().tests.items() if test.names_the_fault}
    assert marked >= {*functional_vocabulary().named("lock"), "dead_pixels", "burn_in", "liquid_indicator"}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("test,result\ntouch,perhaps\n", "r.csv:2: 'touch' says 'perhaps'"),
        ("test,value\nbattery health,0.91\n", "says 0.91 without a unit"),
        ("test,value\nbattery health,4100 mAh\n", "say a number of: %"),
        ("test,value\nbattery health,140\n", "must be from 0 to 110 %"),
        ("touch,wifi\nok,ok\nok,ng\n", "2 devices; give a report of one"),
        ("touch", "not a CSV of tests and results"),
        ("", "not a CSV of tests and results"),
        ('{"a": ', "no valid JSON"),
        ("[" * 5000, "no valid JSON"),
        ('{"a": ' * 40 + "1" + "}" * 40, "nested more than 32 deep"),
        ('{"battery health": 90, "battery": 91}', "given twice"),
    ],
)
def test_what_is_ambiguous_is_refused_with_its_place(data: str, says: str) -> None:
    with pytest.raises(FunctionalError) as raised:
        import_diagnostics(data.encode(), "r.csv")
    assert says in str(raised.value)
    assert str(raised.value).startswith("r.csv")


def test_what_could_not_be_tested_is_not_run_and_says_why() -> None:
    text = "Test;Result\nNFC;not_testable(no API in this browser)\nWi-Fi;Not testable: no network\nTouch Screen;pass\n"
    imported = import_diagnostics(text.encode(), "r.csv")
    assert imported.report.tests == {"nfc": NOT_RUN, "wifi": NOT_RUN, "touch_grid": PASS}
    assert imported.why_not == {"nfc": "no API in this browser", "wifi": "no network"}
    both = import_diagnostics((text + "NFC test;fail\n").encode(), "r.csv")
    assert (both.report.tests["nfc"], "nfc" in both.why_not) == (FAIL, False)
