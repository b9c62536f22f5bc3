"""Model codes of devices, such as A2633, SM-G991B or iPhone14,5, by the brand and model that carry them."""

import csv
from functools import cache
from pathlib import Path

_CODES = Path(__file__).with_name("device_codes.csv")
_SAMSUNG_FAMILY = len("smg991")
Named = tuple[str, str]
"""Brand and model, as the catalogue writes them."""


def named_by_code(code: str) -> tuple[Named, ...]:
    """The devices that carry a maker's model code; () for an unknown one, several where makers used it twice.

    Case, spaces and hyphens do not count. What Samsung writes behind the first four signs ("B/DS", a colour, a country)
    names a variant of one body, so an unknown variant means the devices of its family.
    """
    plain = _plain(code)
    devices = _by_code().get(plain, ())
    family = plain[:_SAMSUNG_FAMILY]
    if not devices and plain.startswith("sm") and len(family) == _SAMSUNG_FAMILY:
        of_family = (named for known, each in _by_code().items() if known.startswith(family) for named in each)
        devices = tuple(dict.fromkeys(of_family))
    return devices


@cache
def codes_of() -> dict[Named, tuple[str, ...]]:
    """The codes of every device that has any, as its maker writes them."""
    codes_of: dict[Named, list[str]] = {}
    with _CODES.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            codes_of.setdefault((row["brand"], row["model"]), []).append(row["code"])
    return {named: tuple(codes) for named, codes in codes_of.items()}


@cache
def _by_code() -> dict[str, tuple[Named, ...]]:
    by_code: dict[str, tuple[Named, ...]] = {}
    for named, codes in codes_of().items():
        for code in map(_plain, codes):
            by_code[code] = tuple(dict.fromkeys((*by_code.get(code, ()), named)))
    return by_code


def _plain(code: str) -> str:
    return code.casefold().replace(" ", "").replace("-", "")
