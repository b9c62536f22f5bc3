"""Takes colour from what a finished segmenter sees; confidences are to be told anew after it (`training.recalibrate`).

python -m phonegrade.models.saturation models/edges.onnx runs/grey/edges.onnx --saturation 0
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from phonegrade.inference.card import SegmenterCard
from phonegrade.inference.session import load_model
from phonegrade.models.export import export_segmenter
from phonegrade.models.restore import restore
from phonegrade.models.segmenter import Segmenter


def write_desaturated(file: Path, out: Path, saturation: float) -> None:
    """Write `out`, the segmenter of `file` that sees this share of what colour it saw (`Lite0.desaturate`).

    Raises ModelFileError where `file` holds no such segmenter, ExportError where the new file answers otherwise.
    """
    model = load_model(file, SegmenterCard)
    network = Segmenter().eval()
    restore(network, file)
    network.trunk.desaturate(saturation)
    provenance = model.card.provenance.model_copy(update={"started_from": model.sha256})
    export_segmenter(network, model.card.model_copy(update={"provenance": provenance}), out)


def main(arguments: Sequence[str] | None = None) -> None:
    """Writes one file."""
    parser = argparse.ArgumentParser(description="Takes colour from what a finished segmenter sees.")
    parser.add_argument("file", type=Path, help="the segmenter's ONNX file")
    parser.add_argument("out", type=Path, help="the file to write")
    parser.add_argument("--saturation", type=float, required=True, help="share of the colour that is left, 0..1")
    told = parser.parse_args(arguments)
    write_desaturated(told.file, told.out, told.saturation)


if __name__ == "__main__":
    main()
