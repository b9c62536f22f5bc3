"""`phonegrade train`: a configuration in, trained and exported models out."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from phonegrade.cli.console import log_to_stderr
from phonegrade.core.extras import needs_extra


def train(
    config: Annotated[
        Path, typer.Option(help="What to train and on what, such as configs/training/tiny.yaml.", metavar="FILE")
    ],
    out: Annotated[Path, typer.Option(help="Where set, checkpoints, logs and ONNX files go.", metavar="DIR")] = Path(
        "runs"
    ),
    only: Annotated[
        Literal["locator", "boundary_refiner", "segmenter", "frame_segmenter"] | None,
        typer.Option(help="Train one of them."),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Delete earlier checkpoints in --out; without it a stopped run is resumed.")
    ] = False,
) -> None:
    """Train locator, boundary refiner and segmenters, and export them to ONNX; a stopped run is resumed."""
    with needs_extra("train", "train"):
        from phonegrade.training.run import train as run
    log_to_stderr()
    run(config, out, not fresh, only)
