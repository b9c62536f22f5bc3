"""`phonegrade evaluate`: models and a set in, figures out."""

from pathlib import Path
from typing import Annotated

import typer

from phonegrade.cli.console import log_to_stderr, say
from phonegrade.cli.train_extra import needs_train_extra


def evaluate(
    data: Annotated[Path, typer.Option(help="A set written by `phonegrade render`.", metavar="DIR")],
    models: Annotated[Path, typer.Option(help="Folder of locator.onnx and segmenter.onnx.", metavar="DIR")],
    out: Annotated[Path, typer.Option(help="Where the figures go.", metavar="DIR")] = Path("reports"),
) -> None:
    """Measure models on a rendered set's test split."""
    with needs_train_extra("evaluate"):
        from phonegrade.training.evaluate import evaluate as run
    log_to_stderr()
    run(data, models, out)
    say(f"Figures: {(out / 'evaluation.md').resolve()}")
