"""Makes a finished segmenter see luminance alone; confidences are to be told anew after it (`training.recalibrate`).

python -m phonegrade.models.luminance models/edges.onnx runs/grey/edges.onnx
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from phonegrade.inference.card import SegmenterCard
from phonegrade.inference.session import load_model
from phonegrade.models.export import export_segmenter
from phonegrade.models.restore import restore
from phonegrade.models.segmenter import Segmenter


def write_grey(file: Path, out: Path) -> None:
    """Write `out`, the segmenter of `file` with luminance folded into its stem (`Lite0.see_luminance`).

    Raises ModelFileError where `file` holds no such segmenter, ExportError where the new file answers otherwise.
    """
    model = load_model(file, SegmenterCard)
    network = Segmenter().eval()
    restore(network, file)
    network.trunk.see_luminance()
    provenance = model.card.provenance.model_copy(update={"started_from": model.sha256})
    export_segmenter(network, model.card.model_copy(update={"provenance": provenance}), out)


def main(arguments: Sequence[str] | None = None) -> None:
    """Writes one file."""
    parser = argparse.ArgumentParser(description="Makes a finished segmenter see luminance alone.")
    parser.add_argument("file", type=Path, help="the segmenter's ONNX file")
    parser.add_argument("out", type=Path, help="the file to write")
    told = parser.parse_args(arguments)
    write_grey(told.file, told.out)


if __name__ == "__main__":
    main()
