"""Searching the catalogue: every device that some words or a model code may mean."""

import re

from pydantic import NonNegativeInt

from phonegrade.core.devices.catalogue import Device, by_model_code, catalogue, model_codes, nearest_names
from phonegrade.core.errors import DeviceNameError
from phonegrade.core.strict import Strict

_WORD = re.compile(r"[^\W_]+")


class FoundDevice(Strict):
    """One device of the catalogue as a search answers it; sizes in mm."""

    name: str
    year: NonNegativeInt
    height_mm: float
    width_mm: float
    depth_mm: float
    codes: tuple[str, ...]
    """Model codes as the maker writes them; () where none is known."""

    @classmethod
    def of(cls, device: Device) -> "FoundDevice":
        """Return the device as a search answers it."""
        return cls(
            name=device.name,
            year=device.year,
            height_mm=device.height_mm,
            width_mm=device.width_mm,
            depth_mm=device.depth_mm,
            codes=model_codes(device),
        )


def search_devices(query: str, own: tuple[Device, ...] = ()) -> tuple[FoundDevice, ...]:
    """The devices whose name has every word of `query`, or that carry it as a model code; the newest first.

    "galaxy s2" finds every name with a word that starts so; a device whose model is the query comes first of all.
    Raises DeviceNameError, which lists the nearest names, where there is none.
    """
    words = _words(query)
    known = catalogue() + own
    named = [device for device in known if words and _has(_words(device.name), words)]
    named.sort(key=lambda device: (_words(device.name)[-len(words) :] != words, -device.year, device.name))
    devices = dict.fromkeys((*by_model_code(query), *named))
    if not devices:
        near = "; ".join(nearest_names(query, known))
        raise DeviceNameError(f"no device is named like {query!r:.80}, nor is it a known model code; nearest: {near}")
    return tuple(map(FoundDevice.of, devices))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold().replace("+", " plus "))


def _has(name: list[str], words: list[str]) -> bool:
    return all(any(part.startswith(word) for part in name) for word in words)
