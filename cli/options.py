"""The options that several verbs share."""

from pathlib import Path
from typing import Annotated

import typer

DeviceName = Annotated[
    str | None,
    typer.Option("--device", metavar="NAME", help='Model name, such as "iphone 13 pro"; else sizes are assumed.'),
]
MinConfidence = Annotated[
    float | None,
    typer.Option(min=0.0, max=1.0, help="Report defects from this confidence on; without it the model's own limits."),
]
ModelsDir = Annotated[
    Path | None,
    typer.Option("--models", metavar="DIR", help="Folder of the .onnx files; without it the shipped."),
]
Threads = Annotated[int, typer.Option(min=1, help="Threads for one photo.")]
DEFAULT_THREADS = 2
"""Two keep one kiosk responsive; the host's core count says nothing about what a container may use."""
