"""The device catalogue: body and screen sizes of phones, found by a tolerant name."""

import csv
from functools import cache
from pathlib import Path

from pydantic import PositiveFloat, PositiveInt

from phonegrade.configs.device_name import NamedDevice, match_device_name
from phonegrade.configs.errors import AmbiguousDeviceError, DeviceNameError
from phonegrade.configs.nearest import nearest
from phonegrade.configs.strict import Strict
from phonegrade.configs.vocabulary import Surface

_FILE = Path(__file__).with_name("devices.csv")
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
    screen_in: PositiveFloat
    """Diagonal in inches."""
    screen_height_px: PositiveInt | None
    screen_width_px: PositiveInt | None

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
"""The body taken for an unknown phone: each size is the catalogue's median from 2018 on, what is traded in today.
Nine in ten of those bodies are within 10 % of its height. Whoever uses it marks the scale `assumed`."""


@cache
def catalogue() -> tuple[Device, ...]:
    """Every known device, in the order of `devices.csv`; read once, at the first call."""
    with _FILE.open(encoding="utf-8", newline="") as lines:
        rows = [
            {key: None if value == "NULL" else value for key, value in row.items()} for row in csv.DictReader(lines)
        ]
    return tuple(Device.model_validate(row) for row in rows)


@cache
def _named() -> tuple[NamedDevice, ...]:
    return tuple(NamedDevice(device.brand, device.model, device.year) for device in catalogue())


def find_device(name: str) -> Device:
    """The one device that `name` means; case, punctuation, brand, "5G" and storage sizes are tolerated.

    Raises DeviceNameError when no device fits and AmbiguousDeviceError when several do; both list the nearest five.
    """
    if len(name) > _LONGEST_NAME:
        raise DeviceNameError(f"a device name has at most {_LONGEST_NAME} characters, this one has {len(name)}")
    found = [catalogue()[index] for index in match_device_name(name, _named())]
    match found:
        case [device]:
            return device
        case []:
            listed = "; ".join(_nearest_names(name))
            raise DeviceNameError(f"unknown device {name!r}; nearest: {listed}. Leave it out if it is not listed.")
        case _:
            listed = "; ".join(nearest(name, (_unmistakable(device) for device in found), _LISTED))
            raise AmbiguousDeviceError(f"{name!r} fits {len(found)} devices; name one of: {listed}")


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


def _nearest_names(name: str) -> list[str]:
    by_name = {device.name: device for device in catalogue()}
    by_model = {device.model: device for device in catalogue()}
    has_brand = any(device.brand.casefold() in name.casefold() for device in catalogue())
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

    None where the catalogue lacks the pixels or contradicts itself (a screen larger than the body).
    """
    if device.screen_height_px is None or device.screen_width_px is None:
        return None
    short_px, long_px = sorted((device.screen_height_px, device.screen_width_px))
    mm_per_px = device.screen_in * _MM_PER_INCH / (short_px**2 + long_px**2) ** 0.5
    width_mm, height_mm = short_px * mm_per_px, long_px * mm_per_px
    if width_mm > device.width_mm or height_mm > device.height_mm:
        return None
    return width_mm, height_mm
