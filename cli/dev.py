"""`phonegrade dev`: the tools between training runs, for whoever makes the models."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from phonegrade.cli.accept import accept
from phonegrade.cli.console import log_to_stderr, print_result
from phonegrade.cli.photo_files import read_named_file
from phonegrade.core.extras import needs_extra
from phonegrade.core.vocabulary import SURFACE_VIEWS, View

dev = typer.Typer(name="dev", help="Tools between training runs: mining, calibration, tables.", no_args_is_help=True)
dev.command()(accept)
Sets = Annotated[list[Path], typer.Argument(help="Sets written by `phonegrade render`.", metavar="SET...")]
Segmenter = Annotated[Path, typer.Option(help="A segmenter's ONNX file.", metavar="FILE")]
Views = Annotated[list[View] | None, typer.Option(help="Surfaces of this view alone; may be repeated.")]


@dev.command()
def mine(
    tiles: Annotated[list[Path], typer.Argument(help="Folders of cached tiles.", metavar="TILES...")],
    segmenter: Segmenter,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 2,
) -> None:
    """Find the tiles on which a segmenter has false positives, for `hard_negative_weight` of a training."""
    with needs_extra("train", "dev mine"):
        from phonegrade.training.mining import mine as run
        from phonegrade.training.mining import summary
    for folder in tiles:
        print_result(summary(folder, run(folder, segmenter, workers)))


@dev.command()
def recalibrate(
    config: Annotated[Path, typer.Option(help="A training configuration, whose sets are used.", metavar="FILE")],
    segmenter: Segmenter,
    task: Annotated[
        Literal["segmenter", "frame_segmenter"], typer.Option(help="The section whose sets are used.")
    ] = "segmenter",
    real: Annotated[
        Path | None,
        typer.Option(help="Real photos as for `evaluate`: defect-free ones may raise a limit.", metavar="DIR"),
    ] = None,
    views: Views = None,
) -> None:
    """Calibrate confidences, limits and endpoint bias of a segmenter in place; no weight changes."""
    with needs_extra("train", "dev recalibrate"):
        from phonegrade.training.calibration.recalibrate import recalibrate as run
    log_to_stderr()
    run(config, segmenter, task, real, views or None)


@dev.command()
def segmenter_table(
    sets: Sets,
    segmenter: Segmenter,
    views: Views = None,
    px_per_mm: Annotated[float | None, typer.Option(help="Scale of the surfaces; without it the segmenter's.")] = None,
) -> None:
    """Measure a segmenter alone on validation surfaces rectified by their ground truth, view by view."""
    with needs_extra("train", "dev segmenter-table"):
        from phonegrade.training.calibration.segmenter_table import segmenter_tables
    print_result("\n".join(segmenter_tables(segmenter, sets, views or SURFACE_VIEWS, px_per_mm)))


@dev.command()
def outlines(
    sets: Sets,
    models: Annotated[
        Path | None, typer.Option(help="Folder of the .onnx files; without it the shipped.", metavar="DIR")
    ] = None,
) -> None:
    """Measure how often the outline of a validation photo is right, view by view."""
    with needs_extra("train", "dev outlines"):
        from phonegrade.evaluation.outlines import outline_report
        from phonegrade.inference.inspector import Inspector
    print_result("\n".join(outline_report(Inspector.load(models, threads=2), sets)))


@dev.command()
def visibility(sets: Sets) -> None:
    """Measure which share of the defects training photos show, by their light."""
    with needs_extra("train", "dev visibility"):
        from phonegrade.evaluation.visibility import visibility_report
    print_result("\n".join(visibility_report(sets)))


@dev.command()
def log_result(
    evaluation: Annotated[Path, typer.Option(help="evaluation.json of `phonegrade evaluate`.", metavar="FILE")],
    change: Annotated[str, typer.Option(help="The one thing that was changed.")],
    verdict: Annotated[str, typer.Option(help="What to conclude.")],
    log: Annotated[Path | None, typer.Option(help="The log; without it training/RESULTS.md.", metavar="FILE")] = None,
) -> None:
    """Add an evaluation to the log of runs."""
    with needs_extra("train", "dev log-result"):
        from phonegrade.evaluation.evaluate import read_json
        from phonegrade.training.results import LOG, add_row
    add_row(log or LOG, read_json(evaluation), change, verdict)


@dev.command()
def guide(
    locator: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A locator's ONNX file; without it the shipped.")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where to; without it the capture page's.")] = None,
) -> None:
    """Make the model that guides people in the capture page, from a locator."""
    with needs_extra("train", "dev guide"):
        from phonegrade.inference.inspector import SHIPPED
        from phonegrade.models.guide import export_guide
    target = out or Path(__file__).parents[1] / "web" / "models" / "guide.onnx"
    card = export_guide(locator or SHIPPED / "locator.onnx", target)
    print_result(f"{target}: {target.stat().st_size} bytes, sha256 {card.sha256}")


@dev.command()
def sign(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the .onnx files.")],
    key: Annotated[Path, typer.Option(metavar="FILE", help="Your secret key; it is made where there is none.")],
) -> None:
    """Sign models with a key of your own, and print the public key that the service is to trust."""
    from phonegrade.core.files import write_text
    from phonegrade.inference.signature import new_signing_key
    from phonegrade.inference.signature import sign as sign_folder

    if not key.exists():
        write_text(key, new_signing_key() + "\n", mode=0o600)
    print_result(sign_folder(folder, read_named_file(key).decode("ascii", "replace").strip()).key)
