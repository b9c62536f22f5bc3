"""The options that several verbs share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from phonegrade.cli.photo_files import read_named_file
from phonegrade.core.devices.catalogue import Device
from phonegrade.core.devices.own_devices import read_own_devices
from phonegrade.core.vocabulary import Runtime

if TYPE_CHECKING:
    from phonegrade.inference.inspector import Inspector

DeviceName = Annotated[
    str | None,
    typer.Option("--device", metavar="NAME", help='Model name, such as "iphone 13 pro"; else sizes are assumed.'),
]
DeviceSize = Annotated[
    str | None,
    typer.Option(
        "--size", metavar="HxWxT", help="Size in mm, such as 152.8x72x8.5, if the catalogue lacks the device."
    ),
]
OwnDevices = Annotated[
    Path | None,
    typer.Option("--devices", metavar="FILE", help="Devices of your own, a CSV: brand, model, year, height_mm ..."),
]
MinConfidence = Annotated[
    float | None,
    typer.Option(min=0.0, max=1.0, help="Report defects from this confidence on; without it, the model's own limits."),
]
ModelsDir = Annotated[
    Path | None,
    typer.Option("--models", metavar="DIR", help="Folder of the .onnx files; without it, the shipped ones."),
]
RuntimeName = Annotated[
    Runtime,
    typer.Option(
        "--runtime",
        help="What runs the segmenters; auto: OpenVINO (extra openvino) where the models' cards prove that it loses "
        "nothing.",
    ),
]
DEFAULT_THREADS = 2
"""Two keep one kiosk responsive; a host's core count is not what a container may use."""


def own_devices(file: Path | None) -> tuple[Device, ...]:
    """Return the devices of an operator's file, () without one. Raises DevicesFileError or UsageError."""
    return () if file is None else read_own_devices(read_named_file(file), str(file))


def load_inspector(models: Path | None, threads: int, runtime: Runtime) -> "Inspector":
    """Return the models of a folder, None for the shipped ones, on that many threads, as OpenCV is from then on."""
    import cv2

    from phonegrade.inference.inspector import Inspector

    cv2.setNumThreads(threads)
    return Inspector.load(models, threads, runtime=runtime)
