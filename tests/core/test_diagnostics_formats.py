"""Diagnostics reports as the trade exports them: read where they are clear, never better than what they say."""

import json

import pytest

from phonegrade.core.errors import FunctionalError
from phonegrade.core.functional.diagnostics import Imported, import_diagnostics
from phonegrade.core.functional.report import TestResult, functional_vocabulary, load_functional
from phonegrade.core.functional.report_words import folded, names_of_reports

PASS, FAIL, NOT_RUN, NONE = TestResult.PASS, TestResult.FAIL, TestResult.NOT_RUN, TestResult.NOT_APPLICABLE
IMEI, OTHER = "350000000000006", "350000000000014"


def read(report: object) -> Imported:
    data = report if isinstance(report, bytes) else report if isinstance(report, str) else json.dumps(report)
    return import_diagnostics(data if isinstance(data, bytes) else data.encode(), "r")


@pytest.mark.parametrize(
    "report",
    [
        [{"imei": IMEI, "tests": {"touch": "pass"}}, {"imei": OTHER, "tests": {"wifi": "fail"}}],
        {"a": {"imei": IMEI, "touch": "pass"}, "b": {"IMEI 1": OTHER, "wifi": "pass"}},
        {"phones": {IMEI: {"touch": "pass"}, OTHER: {"wifi": "pass"}}},
        [{"serial": "F1", "tests": {"touch": "pass"}}, {"serial": "F2", "tests": {"wifi": "pass"}}],
        [{"model": "iPhone 13", "touch": "pass"}, {"model": "iPhone 12", "wifi": "pass"}],
        [{"tests": {"touch": "pass"}}, {"tests": {"touch": "fail"}}],
        f"IMEI,Test,Result\n{IMEI},Touch,Pass\n{OTHER},WiFi,Pass\n",
        f"Test,Result\nIMEI,{IMEI}\nTouch,Pass\nIMEI,{OTHER}\nWiFi,Pass\n",
        f"IMEI,{IMEI}\nTest,Result\nTouch,Pass\nIMEI,{OTHER}\n",
    ],
)
def test_a_second_phone_anywhere_is_refused(report: object) -> None:
    with pytest.raises(FunctionalError, match="2 devices; give a report of one"):
        read(report)


def test_the_same_phone_said_twice_is_one_phone() -> None:
    report = {"imei": IMEI, "imei2": OTHER, "device": {"imei1": f"{IMEI[:2]} {IMEI[2:]}"}, "touch": "pass"}
    assert read(report).report.imei == IMEI
    parts = {"serial": "F1", "touch": "pass", "battery": {"serial": "B7", "cycles": 3}}
    assert read(parts).report.tests == {"touch_grid": PASS}


@pytest.mark.parametrize(
    "message", ["失败", "不合格", "خطأ", "сбой", "-1", "+", "?", "pass?", "✓ fail", "≠ pass", "0 of 3", "90 %"]
)
def test_a_result_that_is_there_and_not_understood_refuses_its_row(message: str) -> None:
    with pytest.raises(FunctionalError, match=r"^r:3: 'Front Camera' says"):
        read(f"Test,Result\nTouch,Pass\nFront Camera,{message}\n")


@pytest.mark.parametrize(
    ("message", "meant"),
    [
        *(
            ("❌", FAIL),
            ("✗", FAIL),
            ("✅", PASS),
            ("✔️", PASS),
            ("✓ Pass", PASS),
            ("\N{FULLWIDTH LATIN CAPITAL LETTER F}ail", FAIL),
            ("F", FAIL),
        ),
        *(("P", PASS), ("not performed", NOT_RUN), ("Not-Tested", NOT_RUN), ("N/A", NONE), ("n.a.", NONE)),
        *(("-", NOT_RUN), ("—", NOT_RUN), ("", NOT_RUN), ("NOT OK", FAIL), ("Not working", FAIL), ("Failed.", FAIL)),
    ],
)
def test_words_and_signs_of_the_trade_are_understood(message: str, meant: TestResult) -> None:
    assert read(f"Test,Result\nTouch,Pass\nFront Camera,{message}\n").report.tests["camera_front"] is meant


@pytest.mark.parametrize(
    "report",
    [
        '{"touch": "fail", "touch": "pass"}',
        '{"tests": [{"name": "touch", "status": "fail", "status": "pass"}]}',
    ],
)
def test_a_key_given_twice_is_refused(report: str) -> None:
    with pytest.raises(FunctionalError, match="is given twice"):
        read(report)


def test_of_two_results_of_one_record_the_worse_counts() -> None:
    assert read({"tests": [{"name": "touch", "status": "pass", "verdict": "fail"}]}).report.tests == {
        "touch_grid": FAIL
    }
    assert read("Test,Status,Result\nTouch,Pass,Fail\n").report.tests == {"touch_grid": FAIL}
    assert read([{"name": "touch", "value": "fail"}]).report.tests == {"touch_grid": FAIL}
    nested = {"name": "Touch", "status": "pass", "parts": [{"name": "multi touch", "status": "fail"}]}
    assert read(nested).report.tests == {"touch_grid": PASS, "multi_touch": FAIL}


@pytest.mark.parametrize(
    "report",
    [
        {"name": "iPhone 13", "status": "Completed", "imei": IMEI},
        {"imei": IMEI, "all": "pass"},
        "Make,Model,IMEI\nApple,iPhone 13,350000000000006\n",
        "No.,Thing,Status\n1,Fan Speed,Passed\n",
        {},
        [],
        "Test,Result\n",
    ],
)
def test_a_report_of_which_no_test_was_understood_is_an_error(report: object) -> None:
    with pytest.raises(FunctionalError, match="no test was understood"):
        read(report)


def test_a_wide_export_tells_device_battery_and_its_list_of_failures() -> None:
    imported = read(
        "Make,Model,Memory,IMEI,Battery Health Percentage,Battery Cycle,Notes,Failed\n"
        f'Apple,iPhone 13,128GB,{IMEI},88%,412,,"Front Camera, Earpiece, Hinge"\n'
    )
    assert imported.report.device == "Apple iPhone 13"
    assert imported.report.imei == IMEI
    assert imported.report.tests == {"camera_front": FAIL, "earpiece": FAIL}
    assert imported.report.measures == {"battery_health_pct": 88.0, "battery_cycles": 412.0}
    assert "Failed: Hinge" in imported.not_understood


@pytest.mark.parametrize(
    "report",
    [
        {"name": "iPhone 13", "status": "Completed", "results": [["touch", "fail"], ["wifi", "pass"]]},
        {
            "name": "iPhone 13",
            "status": "Done",
            "r": [{"name": "Touch Screen", "status": "failed"}, {"wi-fi": "passed"}],
        },
        {"failed_components": "touch", "passed_components": ["wifi"]},
        "No.,Description,Status\n1,Touch Screen Test,Failed\n2,Wi-Fi,Passed\n",
        "Item,What,Status\n1,Touch Screen,Failed\n2,Wi-Fi,Passed\n",
        "1,Touch Screen,Failed\n2,Wi-Fi,Passed\n",
        "Diagnostics Report,,\nDate,2026-11-02,\n,,\nCategory,Test,Result\nDisplay,Touch,Fail\nRadio,Wi-Fi,Pass\n",
    ],
)
def test_named_status_tables_and_lists_are_read(report: object) -> None:
    assert read(report).report.tests == {"touch_grid": FAIL, "wifi": PASS}


@pytest.mark.parametrize(
    ("report", "meant"),
    [
        ({"icloud": {"locked": True}}, {"activation_lock": FAIL}),
        ({"iCloud": {"locked": False, "account": None}}, {"activation_lock": PASS}),
        ({"icloud_locked": True}, {"activation_lock": FAIL}),
        ({"sim lock": {"status": "locked", "carrier": "X"}}, {"sim_lock": FAIL}),
        ("Test,Result\nFind My iPhone,ON\nFRP Lock,off\n", {"activation_lock": FAIL}),
        (
            "Test,Result\nActivation Lock Status,OFF\nBlacklist Status,Clean\n",
            {"activation_lock": PASS, "blacklist": PASS},
        ),
    ],
)
def test_locks_are_read_under_the_names_of_the_trade(report: object, meant: dict[str, TestResult]) -> None:
    assert read(report).report.tests == meant


@pytest.mark.parametrize(
    "report",
    [
        {"touch": {"passed": False}, "wifi": {"ok": True}},
        [{"test": "touch", "passed": False}, {"test": "wifi", "failed": False}],
        {"pass": ["wifi"], "fail": ["touch"]},
        {"touch": ["pass", "fail"], "wifi": ["pass"]},
        {"touch": {"status": "pass", "failed": True}, "wifi": True},
    ],
)
def test_a_yes_or_no_and_a_test_tried_again_never_lose_a_fail(report: object) -> None:
    assert read(report).report.tests == {"touch_grid": FAIL, "wifi": PASS}


TABLE = 'Test,Result,Note\nTouch Screen,Passed,"a, b"\nWi-Fi,Failed,"a; b; c"\nBluetooth,Passed,\n'


@pytest.mark.parametrize(
    "data",
    [
        TABLE.encode(),
        TABLE.replace("\n", "\r\n").encode(),
        TABLE.replace("\n", "\r").encode(),
        TABLE.encode("utf-16"),
        TABLE.encode("utf-16-le"),
        ("\ufeff" + TABLE).encode(),
        TABLE.replace("a, b", "für").encode("cp1252"),
        ("sep=,\n" + TABLE).encode(),
        b"sep=;\r\nTest;Result;Value\r\nTouch Screen;Passed;1,5\r\nWi-Fi;Failed;2,5\r\nBT;Passed;3,5\r\n",
        b"Test|Result\nTouch Screen|Passed\nWi-Fi|Failed\nBT|Passed\n",
        b"Test\tResult\r\nTouch Screen\tPassed\r\nWi-Fi\tFailed\r\nBT\tPassed",
    ],
)
def test_every_dialect_that_spreadsheets_write_says_the_same(data: bytes) -> None:
    assert read(data).report.tests == {"touch_grid": PASS, "wifi": FAIL, "bluetooth": PASS}


def test_a_quote_that_is_never_closed_is_refused_and_swallows_no_row() -> None:
    with pytest.raises(FunctionalError, match="not a CSV of tests and results"):
        read('Test,Result\nTouch,"Pass\nWiFi,Fail\n')


@pytest.mark.parametrize("message", ["N/A", "not performed", "Good", "2815 mAh", ""])
def test_a_battery_without_a_figure_refuses_nothing_else(message: str) -> None:
    imported = read(f"Test,Result\nTouch,Pass\nBattery Health,{message}\n")
    assert imported.report.tests == {"touch_grid": PASS}
    assert imported.report.measures == {}
    assert len(imported.odd) == (message in ("Good", "2815 mAh"))


@pytest.mark.parametrize(
    ("message", "meant"), [('"1,024"', 1024.0), ("1'024", 1024.0), ("1 024 cycles", 1024.0), ("412", 412.0), ("1", 1.0)]
)
def test_thousands_are_no_fractions(message: str, meant: float) -> None:
    assert read(f"Test,Result\nCycle Count,{message}\n").report.measures == {"battery_cycles": meant}


def test_a_count_that_is_no_whole_number_is_no_figure() -> None:
    imported = read("Test;Result\nTouch;Pass\nCycle Count;1.024\n")
    assert imported.report.measures == {}
    assert len(imported.odd) == 1


@pytest.mark.parametrize(
    "message", ["3.50000E+14", "3.5e14", "35000000000000", "350000000000006.0", "3500000000000060000"]
)
def test_what_a_spreadsheet_made_of_an_imei_is_refused(message: str) -> None:
    if len(message) == 14:
        assert read(f"Test,Result\nIMEI,{message}\nTouch,Pass\n").report.imei == message
        return
    with pytest.raises(FunctionalError, match="is not an IMEI"):
        read(f"Test,Result\nIMEI,{message}\nTouch,Pass\n")


@pytest.mark.parametrize(
    "data", [b"imei: 012345670123456\ntests: {nfc: pass}\n", b'{"imei": "3.5E+14"}', b"imei: 1:30\n"]
)
def test_an_imei_that_yaml_counts_in_another_base_is_refused(data: bytes) -> None:
    with pytest.raises(FunctionalError):
        load_functional(data, "f.yaml")


@pytest.mark.parametrize("name", ["battery", "battery_health_pct"])
def test_a_share_where_per_cent_are_wanted_is_refused_in_a_test_file_too(name: str) -> None:
    with pytest.raises(FunctionalError, match=r"0\.88 without a unit; is that %"):
        load_functional(json.dumps({"measures": {name: 0.88}}).encode(), "f.json")


def test_what_lies_deep_elsewhere_refuses_no_test() -> None:
    deep: object = {"value": "x"}
    for _ in range(12):
        deep = {"log": [deep]}
    assert read({"history": deep, "tests": [{"touch_screen": "successful"}]}).report.tests == {"touch_grid": PASS}


def test_every_name_of_other_reports_means_one_test_or_measure_that_exists() -> None:
    vocabulary = functional_vocabulary()
    own = {folded(alias) for part in (vocabulary.tests, vocabulary.measures) for name in part for alias in (name,)}
    meanings = [(folded(alias), name) for name, others in names_of_reports().items() for alias in others]
    assert {name for _, name in meanings} <= {*vocabulary.tests, *vocabulary.measures}
    assert len({alias for alias, _ in meanings}) == len(meanings)
    assert own.isdisjoint(alias for alias, _ in meanings)
