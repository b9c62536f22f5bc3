"""What a run is given: devices with their photos, and whatever of the input cannot be used, with the reason."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from phonegrade.core.errors import InputError
from phonegrade.core.vocabulary import Surface


class StockPhoto(NamedTuple):
    """One photo of a device."""

    surface: Surface
    location: str
    """As `places.read_file` reads it."""
    name: str
    """Of the file alone; what the answer calls the photo."""
    sha256: str | None = None
    """Where the input says it; the photo is then not read to find out."""
    size_bytes: int | None = None
    stamp: str | None = None
    """Of the file, where a listing gave them."""


class Problem(NamedTuple):
    """Something of the input, or of its results, that could not be used."""

    code: str
    message: str
    line: int | None = None
    """Of the manifest."""
    device: str | None = None
    surface: Surface | None = None


@dataclass
class StockDevice:
    """One device as the input describes it, part by part."""

    id: str
    device: str | None = None
    """Its name."""
    functional: str | None = None
    """Its tests as JSON, or where they lie."""
    price: float | None = None
    """Of this model in the best grade."""
    storage_gb: int | None = None
    photos: list[StockPhoto] = field(default_factory=list)
    error: InputError | None = None
    """Why it cannot be graded at all."""


@dataclass
class Stock:
    """The devices of a run, by id in the order of the input, and what cannot be used."""

    devices: dict[str, StockDevice] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def photos(self) -> Iterator[tuple[StockDevice, StockPhoto]]:
        """Yield every photo with its device."""
        return ((device, photo) for device in self.devices.values() for photo in device.photos)
