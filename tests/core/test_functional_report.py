"""Functional test files: what is understood and what is refused."""

import json

import pytest

from phonegrade.core.errors import FunctionalError
from phonegrade.core.functional.report import TestResult, functional_vocabulary, load_functional


def test_json_and_yaml_say_the_same() -> None:
    content = {"device": "iPhone 13", "tests": {"touch_grid": "pass"}, "measures": {"battery_health_pct": 91}}
    as_json = load_functional(json.dumps(content, indent="\t").encode(), "tests.json")
    as_yaml = load_functional(
        b"device: iPhone 13\ntests:\n  touch_grid: pass\nmeasures: {battery_health_pct: 91}\n", "tests.yaml"
    )
    assert as_json == as_yaml
    assert as_json.measures == {"battery_health_pct": 91.0}


@pytest.mark.parametrize(
    ("message", "meant"),
    [
        ("Touch Grid", "touch_grid"),
        ("touchscreen", "touch_grid"),
        ("wi-fi", None),
        ("WLAN", "wifi"),
        ("FRP", "activation_lock"),
        ("Find My", "activation_lock"),
        ("jailbreak", "not_rooted"),
    ],
)
def test_aliases_are_understood(message: str, meant: str | None) -> None:
    data = json.dumps({"tests": {message: "PASS"}}).encode()
    if meant is None:
        with pytest.raises(FunctionalError, match="nearest valid one is 'wifi'"):
            load_functional(data, "tests.json")
    else:
        assert load_functional(data, "tests.json").tests == {meant: TestResult.PASS}


def test_a_test_that_is_absent_was_not_run() -> None:
    assert load_functional(b"{}", "tests.json").result("nfc") is TestResult.NOT_RUN


def test_two_names_of_one_test_count_as_the_worse_result() -> None:
    for tests in ({"touch": "pass", "touch_grid": "fail"}, {"touch_grid": "fail", "touch": "pass"}):
        report = load_functional(json.dumps({"tests": tests}).encode(), "tests.json")
        assert report.tests == {"touch_grid": TestResult.FAIL}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b'{"tests": {"nfcc": "pass"}}', "unknown test 'nfcc'; the nearest valid one is 'nfc'"),
        (b'{"tests": {"nfc": "failed"}}', "test 'nfc' has unknown value 'failed'; the nearest valid one is 'fail'"),
        ('{"tests": {"nfc": "pass失败"}}'.encode(), "test 'nfc' has unknown value"),
        ('{"tests": {"не nfc": "pass"}}'.encode(), "unknown test 'не nfc'"),
        (b'{"tests": {"nfc": true}}', "test 'nfc' has unknown value True"),
        (b'{"tests": {"nfc": null}}', "test 'nfc' has unknown value None"),
        (b'{"tests": ["nfc"]}', "'tests' must be a mapping"),
        (b'{"tets": {}}', "unknown key 'tets'; the nearest valid one is 'tests'"),
        (b'{"measures": {"battery_health_pct": NaN}}', "must be a number from 0 to 110 %, not nan"),
        (b'{"measures": {"battery_health_pct": 140}}', "must be a number from 0 to 110 %, not 140"),
        (b'{"measures": {"battery_health_pct": "91"}}', "must be a number"),
        (b'{"measures": {"battery": 90, "battery_health": 91}}', "given twice, as 90 and 91"),
        (b'{"measures": {"batery": 90}}', "unknown measure 'batery'; the nearest valid one is 'battery'"),
        (b'{"tests": {"nfc": "pass", "nfc": "fail"}}', "'nfc' is given twice"),
        (b"tests:\n  nfc: pass\n  nfc: fail\n", "functional.x:3: 'nfc' is given twice, first on line 2"),
        (b'{"tests": ', "functional.x:1: no valid JSON"),
        (b"tests: {nfc: pass\n", "functional.x:2:"),
        (b"a: &a 1\nb: *a\n", "functional.x:2: alias"),
        (b"", "the file is empty"),
        (b"[]", "must be a mapping"),
        (b"1: 2", "must be a mapping"),
        (b"\xff\xfe\x00", "neither JSON nor YAML text"),
        (b"{" * 5000, "functional.x"),
        (b'{"a":' * 5000, "functional.x"),
        (b"[" * 60_000, "functional.x:1: nested more than 32 deep"),
        (b"tests: !!python/object:os.system x", "could not determine a constructor"),
        (b'{"device": ["iPhone"]}', "'device' must be a text"),
        (b" " * 70_000, "at most 65536"),
    ],
)
def test_a_wrong_file_is_refused_with_its_cause(data: bytes, says: str) -> None:
    with pytest.raises(FunctionalError) as raised:
        load_functional(data, "functional.x")
    assert says in str(raised.value)
    assert str(raised.value).startswith("functional.x")


def test_no_alias_means_two_things() -> None:
    vocabulary = functional_vocabulary()
    for entries in (vocabulary.tests, vocabulary.measures):
        message = [word for name, entry in entries.items() for word in (name, *entry.aliases)]
        assert len(message) == len(set(message))


def test_the_key_functions_are_the_trades_five() -> None:
    named = functional_vocabulary().named("key")
    assert named == ("power_on", "charge_port", "display_image", "touch_grid", "cellular")
