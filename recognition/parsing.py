"""Texts to numbers and model codes: what a barcode or a line of print says, however its label is glued to it.

`tests/recognition/parsing_cases.json` holds texts and what they parse to; the pages' parser answers the same table.
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from phonegrade.recognition.numbers import EID_DIGITS, IMEI_DIGITS, NumberKind, problem_of, rules

CodeKind = Literal["a_number", "samsung", "apple_identifier", "order_number", "model", "model_name"]
RETAIL = ("EAN13", "EAN8", "UPCA", "UPCE", "ITF14")
"""Barcode formats, by zxing's names, that hold a GTIN."""
_SLOTS = {"imei": re.compile(r"[12](?=[)]?[ .:#]*$)")}


class Parsed(NamedTuple):
    """One number or code in a text."""

    kind: NumberKind | CodeKind
    value: str
    slot: int | None = None
    """1 or 2, of an IMEI whose label says which."""
    labelled: bool = True
    """Whether the text says what it is; where it does not, an IMEI or EID shows by its form and check digit."""


def parse(text: str, symbology: str | None = None) -> tuple[Parsed, ...]:
    """Return what a text holds, each once; `symbology` is the format of the barcode that it came from, None for print.

    Numbers with wrong check digits are returned too: `numbers.problem_of` says what is wrong with them.
    """
    plain = " ".join(text.upper().split())
    if symbology is not None:
        return tuple(dict.fromkeys(_of_barcode(plain, symbology)))
    return tuple(dict.fromkeys((*_imeis_and_eids(plain), *_labelled(plain), *_codes(plain))))


def _of_barcode(text: str, symbology: str) -> Iterator[Parsed]:
    if symbology in RETAIL:
        yield Parsed("gtin", text)
        return
    yield from _imeis_and_eids(text)
    yield from _labelled(text)
    yield from _codes(text)
    # MH10.8.2 data identifiers: S is a serial number; many makers leave it out, so that both readings are possible
    for pattern in ("bare_serial", "serial_barcode"):
        match = re.fullmatch(rules()[pattern], text)
        value = "" if match is None else match[match.re.groups]
        if re.search("[0-9]", value) and re.search("[A-Z]", value):
            yield Parsed("serial", value, labelled=False)
    if re.fullmatch("[0-9A-F]{14}", text) and problem_of("meid", text) is None:
        yield Parsed("meid", text, labelled=False)


def _imeis_and_eids(text: str) -> Iterator[Parsed]:
    for run in re.finditer(rules()["digit_run"], text):
        before = text[: run.start()]
        if re.search(rules()["before_software_version"], before):
            continue
        label = re.search(rules()["before_imei"], before)
        words = [word.replace("-", "") for word in run[0].split(" ")]
        whole = "".join(words)
        if len(whole) == EID_DIGITS and whole.startswith("89"):
            yield Parsed("eid", whole, labelled="EID" in before)
            continue
        slot = _slot(label)
        for index, word in enumerate(words):
            if len(word) == IMEI_DIGITS:
                first = index == 0 or words[:index] in (["1"], ["2"])
                alone = words[0] if words[:index] in (["1"], ["2"]) and label else None
                yield Parsed("imei", word, int(alone) if alone else slot if first else None, label is not None)
        if IMEI_DIGITS in map(len, words):
            continue
        if len(whole) == IMEI_DIGITS:
            yield Parsed("imei", whole, slot, label is not None)
        elif len(whole) == IMEI_DIGITS + 1 and label and slot is None and whole[0] in "12":
            yield Parsed("imei", whole[1:], int(whole[0]))


def _slot(label: re.Match[str] | None) -> int | None:
    numbered = None if label is None else _SLOTS["imei"].search(label[0])
    return None if numbered is None else int(numbered[0])


def _labelled(text: str) -> Iterator[Parsed]:
    kinds: tuple[NumberKind, ...] = ("meid", "serial")
    for kind in kinds:
        for match in re.finditer(rules()[kind], text):
            if re.search("[0-9]", match[1]):
                yield Parsed(kind, match[1])


def _codes(text: str) -> Iterator[Parsed]:
    values: set[str] = set()
    for kind, pattern in rules()["codes"]:
        for match in re.finditer(pattern, text):
            if match[1] not in values:
                yield Parsed(kind, match[1])
            values.add(match[1])
    name = re.search(rules()["model_name"], text)
    if name is not None:
        yield Parsed("model_name", name[1])
