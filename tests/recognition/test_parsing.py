"""Texts to numbers and codes: the shared table, and that glue, spaces and case change nothing."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phonegrade.recognition.models import meant_by
from phonegrade.recognition.numbers import gtin_is_right, luhn_is_right, problem_of
from phonegrade.recognition.parsing import parse
from phonegrade.tests.recognition.drawn_labels import check_digit, imei

CASES: list[dict[str, Any]] = json.loads(Path(__file__).with_name("parsing_cases.json").read_text(encoding="utf-8"))
KINDS = ("imei", "meid", "eid", "serial", "gtin")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"] or "nothing")
def test_a_text_holds_what_the_shared_table_says(case: dict[str, Any]) -> None:
    parsed = [
        {**one._asdict(), "problem": problem_of(one.kind, one.value) if one.kind in KINDS else None}  # type: ignore[arg-type]
        for one in parse(case["text"], case["symbology"])
    ]
    assert parsed == case["parsed"]


@given(
    st.integers(0, 2**32),
    st.sampled_from(["IMEI", "IMEI:", "imei ", "IMEI/MEID", "IMEI 1 ", "IMEI2", "IMEI2:", "IMEI (SIM 1) "]),
    st.booleans(),
)
def test_an_imei_is_found_however_its_label_is_glued_to_it(seed: int, label: str, grouped: bool) -> None:
    number = imei(np.random.default_rng(seed))
    shown = f"{number[:2]} {number[2:8]} {number[8:14]} {number[14]}" if grouped else number
    assert number in [one.value for one in parse(label + shown) if one.kind == "imei"]


@given(st.text("0123456789", min_size=14, max_size=14), st.integers(0, 14), st.integers(1, 9))
def test_one_wrong_digit_is_always_seen(body: str, place: int, more: int) -> None:
    number = body + check_digit(body)
    assert luhn_is_right(number)
    wrong = number[:place] + str((int(number[place]) + more) % 10) + number[place + 1 :]
    assert not luhn_is_right(wrong)


@pytest.mark.parametrize("value", ["35237081708008", "3523708170800891", "022938318620700", "00000000000000x"])
def test_what_has_not_fifteen_digits_of_a_known_body_is_no_imei(value: str) -> None:
    assert problem_of("imei", value) is not None


@pytest.mark.parametrize(("digits", "right"), [("4006381333931", True), ("4006381333932", False), ("12345", False)])
def test_a_gtin_has_its_check_digit(digits: str, right: bool) -> None:
    assert gtin_is_right(digits) is right


@pytest.mark.parametrize(
    ("kind", "code", "devices", "storage_gb", "colour"),
    [
        ("a_number", "A2633", ("Apple iPhone 13",), None, None),
        ("samsung", "SM-G991B", ("Samsung Galaxy S21 5G",), None, None),
        ("apple_identifier", "IPHONE14,5", ("Apple iPhone 13",), None, None),
        ("order_number", "MLPF3LL/A", ("Apple iPhone 13",), 128, "Midnight"),
        ("order_number", "FLPF3ZD/A", ("Apple iPhone 13",), 128, "Midnight"),
        ("order_number", "MLN23LL/A", (), None, None),
        ("model_name", "IPHONE SE (3RD GENERATION)", ("Apple iPhone SE (2022)",), None, None),
        ("model_name", "NO SUCH PHONE", (), None, None),
        ("a_number", "A0000", (), None, None),
    ],
)
def test_a_code_means_its_device(
    kind: Any,  # noqa: ANN401
    code: str,
    devices: tuple[str, ...],
    storage_gb: int | None,
    colour: str | None,
) -> None:
    assert meant_by(kind, code) == (devices, storage_gb, colour)
