"""`phonegrade devices`: which phones the catalogue knows by a name or a model code."""

import json
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from phonegrade.cli.console import log_line, print_result, table_console
from phonegrade.cli.options import OwnDevices, own_devices
from phonegrade.core.devices.own_devices import size_text
from phonegrade.core.devices.search import FoundDevice, search_devices

SHOWN = 30
"""Rows of the table; --json prints all."""
SHOWN_CODES = 6


def devices(
    query: Annotated[str, typer.Argument(metavar="QUERY", help='Name or model code, such as "pixel 7" or SM-G991B.')],
    own: OwnDevices = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table, every device and code.")] = False,
) -> None:
    """Search the device catalogue: names, sizes, years and model codes; exit 2 where nothing matches."""
    matches = search_devices(query, own_devices(own))
    if as_json:
        print_result(json.dumps([device.model_dump(mode="json") for device in matches], indent=2, ensure_ascii=False))
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("device", "year", "height, width, thickness in mm", "model codes"):
        table.add_column(heading, overflow="fold")
    for device in matches[:SHOWN]:
        table.add_row(*_row(device))
    table_console().print(table)
    if len(matches) > SHOWN:
        log_line(f"{len(matches) - SHOWN} more: give more of the name, or --json for all")


def _row(device: FoundDevice) -> tuple[str, str, str, str]:
    size = size_text(device.height_mm, device.width_mm, device.depth_mm)
    codes = ", ".join(device.codes[:SHOWN_CODES])
    more = len(device.codes) - SHOWN_CODES
    return device.name, str(device.year), size, f"{codes}, {more} more" if more > 0 else codes
