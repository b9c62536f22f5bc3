"""Tolerant device names: what people type for a phone, matched against brand, model and model code."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from phonegrade.core.devices.model_codes import named_by_code

_STORAGE = re.compile(r"\b(?:\d+\s*[/+-]\s*)?\d+\s*(?:gb|tb|go|to|gib)\b|\b\d{1,2}\s*[/+]\s*(?:32|64|128|256|512)\b")
_SIZES = frozenset({"16", "32", "64", "128", "256", "512", "1024"})
"""Storage sizes whose unit was left out."""
_WORD = re.compile(r"[^\W_]+")
_IN_BRACKETS = re.compile(r"\([^)]*\)")
_YEAR_IN_BRACKETS = re.compile(r"\([^)]*\b(?:19|20)\d\d\b[^)]*\)")
_GENERATION = re.compile(r"\b([1-9])\s*(?:st|nd|rd|th)?\s*(?:gen|generation)\b|(?<=\bse)\s*([1-3])$")
_NOISE = frozenset({"5g", "4g", "lte", "dual", "sim", "unlocked", "smartphone"})
"""Words that sellers add or drop freely. They still decide where the catalogue distinguishes two devices by them."""
_SHADES = "space|rose|natural|desert|sierra|alpine|pacific|phantom|mystic|aura|prism|cosmic|cloud|awesome|jet|matte"
_SHADES += "|deep|sky|light|dark|ice|ocean|product|polar|midnight|pearl|icy"
_COLOURS = (
    "black white blue red green gold golden silver grey gray graphite midnight starlight purple pink yellow orange "
    "coral rose titanium violet burgundy navy cream lavender mint teal ultramarine bronze copper onyx obsidian hazel "
    "snow porcelain lilac beige"
)
_COLOUR = re.compile(rf"\b(?:(?:{_SHADES})\s*[-()]?\s*)?(?:{'|'.join(_COLOURS.split())})\b\)?")
_SELLERS = re.compile(
    r"\b(?:at\s*&\s*t|att|t-?\s?mobile|verizon|sprint|vodafone|o2|ee|telekom|tracfone|cricket|boost|xfinity|docomo"
    r"|softbank|sim[\s-]?(?:free|lock(?:ed)?)|(?:un)?locked|factory|refurbished|renewed|used|global|international"
    r"|version|edition|phone|mobile|handset|cellphone|smartphone|cell)\b"
)
_TEN = re.compile(r"\biphone\s*10(?=\s*(?:s|r)?\b)")
_CODE = re.compile(r"\biphone\s?\d{1,2},\d\b|\ba[123]\d{3}\b|\bsm-?[a-z]\d{3}[a-z0-9]*(?:/ds)?", re.IGNORECASE)
_PART_NUMBER = re.compile(r"\b[fmnp][a-z0-9]{4}[a-z]{1,2}/a\b")


class NamedDevice(NamedTuple):
    """What a name can match."""

    brand: str
    model: str
    year: int


def match_device_name(name: str, devices: Sequence[NamedDevice]) -> list[int]:
    """Indices of the devices that `name` can mean: none when unknown, several when ambiguous.

    Case, punctuation, spacing, storage sizes, colours, carriers and a missing or doubled brand never matter. A model
    code such as SM-G998B or iPhone14,5 means its device; beside a name it must mean the same one. The strictest reading
    that fits any device wins: the model as the catalogue writes it; without network words ("5G"); without the
    catalogue's bracketed remark or with the year spelled out; without leading family words ("S21" for "Galaxy S21").
    Where no brand was given, devices of other brands that any reading fits are meant as well, and so are those of
    one name that only their years distinguish. Digits and words are never guessed, letters of other scripts never
    dropped: a misspelt name is unknown, because a wrong body would give wrong millimetres.
    """
    text = unicodedata.normalize("NFKC", name).casefold().strip()
    codes = _CODE.findall(text)
    by_code = sorted({index for code in codes for index in _of_code(code, devices)})
    rest = _PART_NUMBER.sub(" ", _CODE.sub(" ", text)) if by_code else text
    for attempt in _attempts(rest):
        matched = _matched(attempt, devices)
        if matched:
            fits_code = not by_code or set(matched) <= set(by_code)
            return matched if fits_code else sorted({*by_code, *matched})
    if by_code and not _left(rest, devices):
        return by_code
    return _of_code(text, devices)


def _left(rest: str, devices: Sequence[NamedDevice]) -> list[str]:
    """Return the words beside a model code that are something else than brand, storage or colour."""
    *_, last = _attempts(rest)
    brands = {device.brand.casefold() for device in devices}
    return [word for word in _without_noise(_words(last)) if word not in brands]


def _attempts(text: str) -> Iterator[str]:
    """Yield the name with less and less of what is not part of a model's name, until one matches."""
    text = _TEN.sub("iphone x", _STORAGE.sub(" ", text))
    yield text
    plain = " ".join(_words(text))
    without_codes = _PART_NUMBER.sub(" ", _CODE.sub(" ", text)) if not _CODE.fullmatch(text.strip()) else text
    for less in (_SELLERS.sub(" ", without_codes), _COLOUR.sub(" ", _SELLERS.sub(" ", without_codes))):
        if " ".join(_words(less)) != plain:
            yield less
        yield " ".join(word for word in _words(less) if word not in _SIZES)


def _matched(text: str, devices: Sequence[NamedDevice]) -> list[int]:
    brands = frozenset(device.brand.casefold() for device in devices)
    words = _words(text)
    brands_given = {word for word in words if word in brands}
    of_brand = [i for i, device in enumerate(devices) if brands_given <= {device.brand.casefold()}]
    model_words = [word for word in words if word not in brands]
    if not model_words:
        return []
    named = {i: _without_brands(devices[i], brands) for i in of_brand}
    fitting = [[i for i in of_brand if fits(named[i])] for fits in _readings(model_words)]
    matched = next((indices for indices in fitting if indices), [])
    if not matched:
        return _of_generation(text, devices)
    if not brands_given:
        taken = {devices[i].brand for i in matched}
        matched = sorted({*matched, *(i for indices in fitting for i in indices if devices[i].brand not in taken)})
    return sorted({*matched, *_of_other_years(matched, model_words, devices)})


def _of_other_years(matched: list[int], model_words: list[str], devices: Sequence[NamedDevice]) -> list[int]:
    """Return devices that differ from those found by a year in brackets alone, where no year was given."""
    if any(re.fullmatch(r"(?:19|20)\d\d", word) for word in model_words):
        return []
    bare = {(devices[i].brand, devices[i].model.casefold()) for i in matched}
    return [
        i
        for i, device in enumerate(devices)
        if _YEAR_IN_BRACKETS.search(device.model)
        and (device.brand, _YEAR_IN_BRACKETS.sub("", device.model).strip().casefold()) in bare
    ]


def _of_generation(text: str, devices: Sequence[NamedDevice]) -> list[int]:
    """ "iPhone SE 2" or "2nd generation": the second by year of the devices that share the name."""
    generation = _GENERATION.search(text)
    if generation is None:
        return []
    shared = _matched(_GENERATION.sub(" ", text), devices)
    number = int(generation[1] or generation[2])
    same = {(devices[i].brand, _spellings(devices[i]).base) for i in shared}
    if len(same) != 1 or number > len(shared):
        return []
    return [sorted(shared, key=lambda i: devices[i].year)[number - 1]]


def _of_code(code: str, devices: Sequence[NamedDevice]) -> list[int]:
    wanted = named_by_code(code)
    return [i for i, device in enumerate(devices) if (device.brand, device.model) in wanted]


def _readings(model_words: list[str]) -> list[Callable[[NamedDevice], bool]]:
    plain = "".join(model_words)
    bare_words = _without_noise(model_words)
    bare = "".join(bare_words)
    if not bare:
        return [lambda d: _spellings(d).model == plain]
    return [
        lambda d: _spellings(d).model == plain,
        lambda d: _spellings(d).model == bare,
        lambda d: _spellings(d).without_noise == bare,
        lambda d: f"{_spellings(d).base}{d.year}" == bare,
        lambda d: _spellings(d).base == bare,
        lambda d: bare in _spellings(d).tails,
    ]


@cache
def _without_brands(device: NamedDevice, brands: frozenset[str]) -> NamedDevice:
    if brands.isdisjoint(_words(device.model)):
        return device
    return device._replace(
        model="".join(part for part in re.split(r"\b", device.model) if part.casefold() not in brands)
    )


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold().replace("+", " plus "))


def _without_noise(words: list[str]) -> list[str]:
    return [word for word in words if word not in _NOISE]


class _Spellings(NamedTuple):
    """A model's name without spaces, in the ways that people write it."""

    model: str
    without_noise: str
    base: str
    tails: frozenset[str]


@cache
def _spellings(device: NamedDevice) -> _Spellings:
    base = _without_noise(_words(_IN_BRACKETS.sub(" ", device.model)))
    tails = frozenset("".join(base[start:]) for start in range(1, len(base)))
    words = _words(device.model)
    return _Spellings("".join(words), "".join(_without_noise(words)), "".join(base), tails)
