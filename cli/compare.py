"""`phonegrade compare`: int8 and float32 files in, the comparison that decides between them out."""

from pathlib import Path
from typing import Annotated

import typer

from phonegrade.cli.console import log_to_stderr, print_result
from phonegrade.core.extras import needs_extra


def compare(
    data: Annotated[Path, typer.Option(help="A set written by `phonegrade render`.", metavar="DIR")],
    models: Annotated[Path, typer.Option(help="Folder of *.onnx and *.int8.onnx.", metavar="DIR")],
    out: Annotated[Path, typer.Option(help="Where the record goes.", metavar="DIR")] = Path("reports/precision"),
    workers: Annotated[int, typer.Option(min=1, help="Processes that share the photos.")] = 1,
    real: Annotated[
        Path | None,
        typer.Option(help="Real photos, as for `evaluate`; without them int8 is not accepted.", metavar="DIR"),
    ] = None,
) -> None:
    """Measure int8 files on a rendered set's test split; those that lose nothing in paired tests are used.

    No int8 file is shipped: `phonegrade export --int8` makes one of your own models.
    """
    with needs_extra("train", "compare"):
        from phonegrade.evaluation.compare import compare as run
    log_to_stderr()
    for task, comparison in run(data, models, out, workers, real).items():
        chosen = "int8" if comparison.acceptance.taken else "float32"
        print_result(f"{task}: {chosen}, in {comparison.time_share:.2f} of float32's time")
    print_result(f"Record: {(out / 'precision.md').resolve()}")
