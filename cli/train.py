"""`phonegrade train`: a configuration in, a trained and exported model out."""

from pathlib import Path
from typing import Annotated

import typer

from phonegrade.cli.train_extra import needs_train_extra


def train(
    config: Annotated[Path, typer.Option(help="What to train and on what, such as configs/tiny.yaml.", metavar="FILE")],
    out: Annotated[Path, typer.Option(help="Where checkpoints, logs and ONNX files go.", metavar="DIR")] = Path("runs"),
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the last checkpoint in --out.")] = False,
) -> None:
    """Train a model and export it to ONNX."""
    with needs_train_extra("train"):
        from phonegrade.training.run import train as run
    run(config, out, resume)
