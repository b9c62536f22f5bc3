"""`phonegrade export`: a checkpoint in, an ONNX file with its card out."""

from pathlib import Path
from typing import Annotated

import typer

from phonegrade.cli.console import log_to_stderr
from phonegrade.cli.train_extra import needs_train_extra


def export(
    checkpoint: Annotated[
        Path, typer.Argument(help="A checkpoint written by `phonegrade train`.", metavar="CHECKPOINT")
    ],
    out: Annotated[Path, typer.Option(help="The ONNX file to write.", metavar="FILE")],
) -> None:
    """Export a checkpoint to ONNX; refuses where PyTorch and ONNX Runtime differ."""
    with needs_train_extra("export"):
        from phonegrade.models.export import export_checkpoint as run
    log_to_stderr()
    run(checkpoint, out)
