"""The device catalogue: body and screen sizes of phones, found by a tolerant name or by a model code."""

import csv
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

from pydantic import PositiveFloat, PositiveInt

from phonegrade.core.devices.model_codes import codes_of, named_by_code
from phonegrade.core.devices.names import NamedDevice, match_device_name
from phonegrade.core.errors import AmbiguousDeviceError, DeviceNameError
from phonegrade.core.problems import nearest
from phonegrade.core.strict import Strict
from phonegrade.core.vocabulary import Surface

_RENDERED = Path(__file__).with_name("devices.csv")
_ADDED = Path(__file__).with_name("devices_added.csv")
_LISTED = 5
_LONGEST_NAME = 200
_MM_PER_INCH = 25.4


class Device(Strict):
    """One phone: its body in millimetres and its screen; screen pixels are None where the source has none."""

    brand: str
    model: str
    year: PositiveInt
    height_mm: PositiveFloat
    width_mm: PositiveFloat
    depth_mm: PositiveFloat
    screen_in: PositiveFloat | None = None
    """Diagonal in inches."""
    screen_height_px: PositiveInt | None = None
    screen_width_px: PositiveInt | None = None

    @property
    def name(self) -> str:
        """Brand and model, as the catalogue writes them."""
        return f"{self.brand} {self.model}"


ASSUMED_DEVICE = Device(
    brand="assumed",
    model="typical phone",
    year=2021,
    height_mm=161.85,
    width_mm=75.7,
    depth_mm=8.6,
    screen_in=6.5,
    screen_height_px=2340,
    screen_width_px=1080,
)
"""The body taken for an unknown phone: each size is the median of `devices.csv` from 2018 on, what is traded in today.
Nine in ten of those bodies are within 10 % of its height. Whoever uses it marks the scale `assumed`."""


@cache
def rendered_devices() -> tuple[Device, ...]:
    """The devices that rendered sets draw from, in the order of `devices.csv`; read once, at the first call.

    A set draws its phones by their place in this file, so a row more or less would change every set that was rendered
    and its recorded hash. New devices go to `devices_added.csv`.
    """
    return tuple(Device.model_validate(row) for row in _rows(_RENDERED))


@cache
def catalogue() -> tuple[Device, ...]:
    """Every known device: those of `devices.csv`, then those of `devices_added.csv`; read once, at the first call.

    `devices_sources.md` lists the source of each fact of the second.
    """
    added = ({key: value for key, value in row.items() if key != "source"} for row in _rows(_ADDED))
    return rendered_devices() + tuple(Device.model_validate(row) for row in added)


def _rows(file: Path) -> Iterable[dict[str, str | None]]:
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield {key: None if value == "NULL" else value for key, value in row.items()}


def by_model_code(code: str) -> tuple[Device, ...]:
    """The devices that carry a maker's model code, such as A2633, SM-G991B or iPhone14,5; () for an unknown one."""
    wanted = named_by_code(code)
    return tuple(device for device in catalogue() if (device.brand, device.model) in wanted)


def model_codes(device: Device) -> tuple[str, ...]:
    """The model codes of a device as its maker writes them; () where none is known."""
    return codes_of().get((device.brand, device.model), ())


@cache
def _named(devices: tuple[Device, ...]) -> tuple[NamedDevice, ...]:
    return tuple(NamedDevice(device.brand, device.model, device.year) for device in devices)


@lru_cache(maxsize=1000)
def devices_named(name: str, own: tuple[Device, ...] = ()) -> tuple[Device, ...]:
    """Every device that `name` can mean: none for an unknown one, several for an ambiguous one."""
    known = catalogue() + own
    devices = tuple(known[index] for index in match_device_name(name, _named(catalogue()) + _named(own)))
    # A model may hold another maker's name, such as "BLU Vivo 5R": written out in full it still means its device.
    return devices or tuple(device for device in known if device.name.casefold() == name.strip().casefold())


def find_device(name: str, own: tuple[Device, ...] = ()) -> Device:
    """The one device that `name` means, of the catalogue and of an operator's `own`.

    Case, punctuation, brand, "5G" and storage sizes are tolerated. Raises DeviceNameError when no device fits and
    AmbiguousDeviceError when several do; both list the nearest five.
    """
    if len(name) > _LONGEST_NAME:
        raise DeviceNameError(f"a device name has at most {_LONGEST_NAME} characters, this one has {len(name)}")
    known = catalogue() + own
    devices = devices_named(name, own)
    match devices:
        case (device,):
            return device
        case ():
            listed = "; ".join(nearest_names(name, known))
            raise DeviceNameError(f"unknown device {name!r}; nearest: {listed}. Leave it out if it is not listed.")
        case _:
            listed = "; ".join(nearest(name, (_unmistakable(device) for device in devices), _LISTED))
            raise AmbiguousDeviceError(f"{name!r} fits {len(devices)} devices; name one of: {listed}")


def catalogue_device(name: str) -> Device:
    """The device whose name in the catalogue is exactly `name`, as our own records store it. Raises DeviceNameError."""
    for device in catalogue():
        if device.name == name:
            return device
    raise DeviceNameError(f"the catalogue has no device {name!r}")


def _unmistakable(device: Device) -> str:
    """Its name, with the year where another device has the same name and a year."""
    twins = [
        other for other in catalogue() if other.name.startswith(f"{device.name} (") and str(other.year) in other.name
    ]
    return f"{device.name} ({device.year})" if twins else device.name


def nearest_names(name: str, known: tuple[Device, ...]) -> list[str]:
    """The names of the five devices whose names are nearest to `name`, best first."""
    by_name = {device.name: device for device in known}
    by_model = {device.model: device for device in known}
    has_brand = any(device.brand.casefold() in name.casefold() for device in known)
    pool = by_name if has_brand else by_model
    return [pool[key].name for key in nearest(name, pool, _LISTED)]


def surface_size_mm(device: Device, surface: Surface) -> tuple[float, float]:
    """(width, height) in mm of a surface's rectified canvas; edges lie flat, so their width is the longer side."""
    match surface:
        case Surface.FRONT | Surface.BACK:
            return device.width_mm, device.height_mm
        case Surface.LEFT | Surface.RIGHT:
            return device.height_mm, device.depth_mm
        case Surface.TOP | Surface.BOTTOM:
            return device.width_mm, device.depth_mm


def screen_size_mm(device: Device) -> tuple[float, float] | None:
    """(width, height) in mm of the upright screen, from its diagonal and square pixels.

    None where the catalogue lacks the screen or contradicts itself (a screen larger than the body).
    """
    if device.screen_in is None or device.screen_height_px is None or device.screen_width_px is None:
        return None
    short_px, long_px = sorted((device.screen_height_px, device.screen_width_px))
    mm_per_px = device.screen_in * _MM_PER_INCH / (short_px**2 + long_px**2) ** 0.5
    width_mm, height_mm = short_px * mm_per_px, long_px * mm_per_px
    if width_mm > device.width_mm or height_mm > device.height_mm:
        return None
    return width_mm, height_mm
