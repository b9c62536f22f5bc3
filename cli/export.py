"""`phonegrade export`: a checkpoint in, an ONNX file with its card out, and on request its int8 variant."""

from pathlib import Path
from typing import Annotated

import typer

from phonegrade.cli.console import log_to_stderr, print_result
from phonegrade.core.extras import needs_extra
from phonegrade.inference.card import CalibrationName


def export(
    checkpoint: Annotated[
        Path, typer.Argument(help="A checkpoint written by `phonegrade train`.", metavar="CHECKPOINT")
    ],
    out: Annotated[Path, typer.Option(help="The ONNX file to write.", metavar="FILE")],
    int8: Annotated[
        Path | None,
        typer.Option(help="Also write FILE with .int8.onnx, calibrated on this rendered set.", metavar="SET"),
    ] = None,
    calibration: Annotated[CalibrationName, typer.Option(help="How int8 ranges are chosen.")] = "minmax",
) -> None:
    """Export a checkpoint to ONNX; refuses where PyTorch and ONNX Runtime differ.

    The int8 file is used once `phonegrade compare` has accepted it.
    """
    with needs_extra("train", "export"):
        from phonegrade.datasets.manifest import manifest_sha256
        from phonegrade.models.checkpoint import load_checkpoint
        from phonegrade.models.export import export_checkpoint
        from phonegrade.models.quantise import quantise
        from phonegrade.training.calibration.pictures import calibration_pictures
    log_to_stderr()
    pictures = None if int8 is None else calibration_pictures(load_checkpoint(checkpoint)[1].card, int8)
    export_checkpoint(checkpoint, out)
    print_result(f"float32: {out.resolve()}")
    if int8 is None or pictures is None:
        return
    int8_file = out.with_suffix(".int8.onnx")
    difference = quantise(out, int8_file, pictures, manifest_sha256(int8), calibration)
    print_result(f"int8: {int8_file.resolve()}, mean difference in probability {difference:.5f}")
