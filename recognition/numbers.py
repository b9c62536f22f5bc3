"""Check digits and forms of phones' numbers: which texts can be an IMEI, MEID, EID or GTIN at all."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, Literal

NumberKind = Literal["imei", "meid", "eid", "serial", "gtin"]
Problem = Literal["check_digit", "reporting_body"]
IMEI_DIGITS, TAC_DIGITS, EID_DIGITS = 15, 8, 32
_MEID = re.compile(r"[0-9A-F]{14}")
_RULES = Path(__file__).with_name("identifiers.json")


@cache
def rules() -> dict[str, Any]:
    """Return the table of patterns and reporting bodies that the pages share; read once."""
    table: dict[str, Any] = json.loads(_RULES.read_text(encoding="utf-8"))
    return table


def luhn_is_right(digits: str) -> bool:
    """Return whether the last digit is the check digit of those before (ISO/IEC 7812-1, annex B)."""
    doubled = (int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(digits)))
    return digits.isascii() and digits.isdigit() and sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def gtin_is_right(digits: str) -> bool:
    """Return whether digits are a GTIN-8, -12, -13 or -14 with the check digit of GS1's General Specifications."""
    if len(digits) not in (8, 12, 13, 14) or not (digits.isascii() and digits.isdigit()):
        return False
    return sum(int(digit) * (1 + 2 * (index % 2)) for index, digit in enumerate(reversed(digits))) % 10 == 0


def problem_of(kind: NumberKind, value: str) -> Problem | None:
    """Return why a text cannot be such a number, None where it can.

    An IMEI has 15 digits: of 14 no check digit is left, and 16 are an IMEISV, which has none. A serial number has
    no check digit, and nothing can be wrong with it.
    """
    match kind:
        case "imei":
            if len(value) != IMEI_DIGITS or not luhn_is_right(value):
                return "check_digit"
            return None if value[:2] in rules()["reporting_bodies"] else "reporting_body"
        case "eid":  # GSMA SGP.29: ISO 7064 modulo 97-10
            right = len(value) == EID_DIGITS and value.isascii() and value.isdigit() and int(value) % 97 == 1
            return None if right and value.startswith("89") else "check_digit"
        case "gtin":
            return None if gtin_is_right(value) else "check_digit"
        case "meid":  # hexadecimal from A0 on (3GPP2 S.R0048), or the first 14 digits of the phone's IMEI
            hexadecimal = _MEID.fullmatch(value) is not None and value[0] in "ABCDEF"
            bodies = rules()["reporting_bodies"]
            return None if hexadecimal or (value.isdigit() and value[:2] in bodies) else "reporting_body"
        case "serial":
            return None
