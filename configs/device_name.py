"""Tolerant device names: what people type for a phone, matched against brand and model."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

_STORAGE = re.compile(r"\b\d+\s*(?:gb|tb)\b")
_WORD = re.compile(r"[a-z0-9]+")
_IN_BRACKETS = re.compile(r"\([^)]*\)")
_NOISE = frozenset({"5g", "4g", "lte", "dual", "sim", "unlocked", "smartphone"})
"""Words that sellers add or drop freely. They still decide where the catalogue tells two devices apart by them."""


class NamedDevice(NamedTuple):
    """What a name can match."""

    brand: str
    model: str
    year: int


def match_device_name(name: str, devices: Sequence[NamedDevice]) -> list[int]:
    """Indices of the devices that `name` can mean: none when unknown, several when ambiguous.

    Case, punctuation, spacing, storage sizes and a missing or doubled brand never matter. The strictest reading that
    fits any device wins: the model as the catalogue writes it; without network words ("5G"); without the catalogue's
    bracketed remark or with the year spelled out; without leading family words ("S21" for "Galaxy S21"). Digits and
    words are never guessed: a misspelt name is unknown, because a wrong body would give wrong millimetres.
    """
    brands = {device.brand.casefold() for device in devices}
    words = _words(_STORAGE.sub(" ", name.casefold()))
    said = {word for word in words if word in brands}
    of_brand = [i for i, device in enumerate(devices) if said <= {device.brand.casefold()}]
    asked = [word for word in words if word not in brands]
    if not asked:
        return []
    for fits in _readings(asked):
        found = [i for i in of_brand if fits(_without_brands(devices[i], brands))]
        if found:
            return found
    return []


def _readings(asked: list[str]) -> list[Callable[[NamedDevice], bool]]:
    plain = "".join(asked)
    bare_words = _without_noise(asked)
    bare = "".join(bare_words)
    if not bare:
        return [lambda d: "".join(_words(d.model)) == plain]
    return [
        lambda d: "".join(_words(d.model)) == plain,
        lambda d: "".join(_words(d.model)) == bare,
        lambda d: "".join(_without_noise(_words(d.model))) == bare,
        lambda d: "".join([*_base(d), str(d.year)]) == bare,
        lambda d: "".join(_base(d)) == bare,
        lambda d: any("".join(_base(d)[start:]) == bare for start in range(1, len(_base(d)))),
    ]


def _without_brands(device: NamedDevice, brands: set[str]) -> NamedDevice:
    if brands.isdisjoint(_words(device.model)):
        return device
    return device._replace(
        model="".join(part for part in re.split(r"\b", device.model) if part.casefold() not in brands)
    )


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold().replace("+", " plus "))


def _without_noise(words: list[str]) -> list[str]:
    return [word for word in words if word not in _NOISE]


def _base(device: NamedDevice) -> list[str]:
    return _without_noise(_words(_IN_BRACKETS.sub(" ", device.model)))
