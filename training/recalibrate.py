"""Tells confidences, limits and tips of a finished segmenter anew: after a change of rules, or for sets of your own.

python -m phonegrade.training.recalibrate --config configs/shipped.yaml --segmenter models/segmenter.onnx
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from phonegrade.training.run import recalibrate


def main(arguments: Sequence[str] | None = None) -> None:
    """Calibrates one file in place."""
    parser = argparse.ArgumentParser(description="Calibrates a finished segmenter anew; no weight moves.")
    parser.add_argument("--config", type=Path, required=True, help="a training configuration: its sets are used")
    parser.add_argument("--segmenter", type=Path, required=True, help="the ONNX file, which gets the new card")
    parser.add_argument("--task", choices=("segmenter", "edges"), default="segmenter", help="whose sets are used")
    told = parser.parse_args(arguments)
    recalibrate(told.config, told.segmenter, told.task)


if __name__ == "__main__":
    main()
