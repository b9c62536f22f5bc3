"""Devices that the catalogue does not hold: an operator's own file of them, and one of which only the size is known."""

import csv
import io
import re
from collections.abc import Iterator

from pydantic import ValidationError

from phonegrade.core.devices.catalogue import ASSUMED_DEVICE, Device, catalogue
from phonegrade.core.errors import DevicesFileError, UsageError
from phonegrade.core.problems import first_problem

HEIGHT_MM, WIDTH_MM, DEPTH_MM = (100.0, 190.0), (50.0, 95.0), (4.0, 20.0)
"""What a phone measures, from the smallest to the largest; anything else is a slip such as inches or a swapped side."""
_NEEDED = ("brand", "model", "year", "height_mm", "width_mm", "depth_mm")
_KNOWN = tuple(Device.model_fields)
_TIMES = "\N{MULTIPLICATION SIGN}"
_SIZE = re.compile(rf"\s*([\d.]+)\s*[x{_TIMES}*]\s*([\d.]+)\s*[x{_TIMES}*]\s*([\d.]+)\s*(?:mm)?\s*", re.IGNORECASE)


def read_own_devices(data: bytes, file: str) -> tuple[Device, ...]:
    """An operator's devices, a CSV with the columns brand, model, year, height_mm, width_mm and depth_mm.

    screen_in, screen_height_px and screen_width_px may follow. Raises DevicesFileError, which names file and line, for
    anything else, for a size that no phone has, and for a device that the catalogue or an earlier line names already:
    two bodies under one name would make the answers of two stations differ, so a corrected size has a name of its own.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DevicesFileError(f"{file}: is not UTF-8 text (byte {error.start})") from error
    lines = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    devices: dict[str, Device] = {}
    taken = {device.name.casefold(): "the catalogue has it already" for device in catalogue()}
    for line, row in _rows(lines, file):
        device = _device(row, f"{file}, line {line}")
        name = device.name.casefold()
        if name in taken:
            raise DevicesFileError(f"{file}, line {line}: {device.name!r}: {taken[name]}; give it a name of its own")
        taken[name] = f"line {line} has it already"
        devices[name] = device
    if not devices:
        raise DevicesFileError(f"{file}: holds no device")
    return tuple(devices.values())


def _rows(lines: "csv.DictReader[str]", file: str) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        columns = [name.strip() for name in lines.fieldnames or ()]
        lines.fieldnames = columns
        missing = [name for name in _NEEDED if name not in columns]
        unknown = [name for name in columns if name not in _KNOWN]
        if missing or unknown or len(set(columns)) < len(columns):
            raise DevicesFileError(
                f"{file}, line 1: needs the columns {', '.join(_NEEDED)} and may have {', '.join(_KNOWN[6:])}, "
                f"each once; it has {', '.join(columns) or 'none'}"
            )
        for row in lines:
            if None in row or None in row.values():
                raise DevicesFileError(f"{file}, line {lines.line_num}: has not the {len(columns)} cells of line 1")
            yield lines.line_num, {key: value.strip() for key, value in row.items() if value.strip()}
    except csv.Error as error:
        raise DevicesFileError(f"{file}, line {lines.line_num}: {error}") from error


def _device(row: dict[str, str], where: str) -> Device:
    try:
        device = Device.model_validate(row)
    except ValidationError as error:
        column = str(next(iter(error.errors(include_url=False)[0]["loc"]), ""))
        raise DevicesFileError(f"{where}: {first_problem(error, 'row')} (it is {row.get(column, '')!r})") from error
    wrong = wrong_size(device)
    if wrong:
        raise DevicesFileError(f"{where}: {wrong}")
    return device


def wrong_size(device: Device) -> str | None:
    """Why a body cannot be a phone's, None where it can: each side in range, and the taller side is the height."""
    for side, mm, (least, most) in (
        ("height", device.height_mm, HEIGHT_MM),
        ("width", device.width_mm, WIDTH_MM),
        ("thickness", device.depth_mm, DEPTH_MM),
    ):
        if not least <= mm <= most:
            return f"{side} must be from {least:g} to {most:g} mm, got {mm:g}"
    if device.height_mm <= device.width_mm:
        return f"the height, {device.height_mm:g} mm, must be the longer side: the width is {device.width_mm:g} mm"
    return None


def size_text(height_mm: float, width_mm: float, depth_mm: float) -> str:
    """A size as a person reads it, the unit left to the caller."""
    return f" {_TIMES} ".join(f"{side:g}" for side in (height_mm, width_mm, depth_mm))


def device_of_size(size: str) -> Device:
    """A device of which only the size is known, "HEIGHTxWIDTHxTHICKNESS" in mm, such as "152.8x72x8.5".

    Raises UsageError for another text or a size that no phone has.
    """
    match = _SIZE.fullmatch(size)
    try:
        height_mm, width_mm, depth_mm = map(float, match.groups() if match else ())
    except ValueError:
        raise UsageError(f"a size is HEIGHTxWIDTHxTHICKNESS in mm, such as 152.8x72x8.5; got {size!r:.60}") from None
    device = Device(
        # Brand and model make the name under which the answer gives the size.
        brand=f"{size_text(height_mm, width_mm, depth_mm)} mm",
        model="as given",
        year=ASSUMED_DEVICE.year,
        height_mm=height_mm,
        width_mm=width_mm,
        depth_mm=depth_mm,
    )
    wrong = wrong_size(device)
    if wrong:
        raise UsageError(f"size {size!r:.60}: {wrong}")
    return device
