"""`phonegrade render`: numbers in, pictures with their truth out."""

from pathlib import Path
from typing import Annotated

import typer

from phonegrade.cli.train_extra import needs_train_extra
from phonegrade.configs.catalogue import find_device
from phonegrade.configs.errors import UsageError


def render(
    out: Annotated[Path, typer.Option(help="Folder of the set; finished devices in it are kept.", metavar="DIR")],
    devices: Annotated[int, typer.Option(min=1, help="How many phones.")] = 20,
    shots: Annotated[int, typer.Option(min=1, help="How many photos of each.")] = 6,
    preset: Annotated[str, typer.Option(help="Named settings in configs/presets/.")] = "mixed",
    seed: Annotated[int, typer.Option(min=0, help="Same seed and settings, same set.")] = 0,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    device: Annotated[
        str | None,
        typer.Option(help="Instead of a set, this one phone: --shots photos of each surface, as front-00.jpg ..."),
    ] = None,
) -> None:
    """Render photos of worn phones with pixel and millimetre truth."""
    with needs_train_extra("render"):
        from phonegrade.datasets.one_device import render_device
        from phonegrade.datasets.photo import Route
        from phonegrade.datasets.render import render_set
    try:
        if device is None:
            render_set(out, devices, shots, preset, Route.FLAT, seed, workers)
        else:
            render_device(out, find_device(device), preset, seed, shots)
    except FileNotFoundError as error:
        raise UsageError(f"preset {preset!r}: {error}") from error
