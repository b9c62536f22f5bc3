"""The mean of the weights of two segmenters, one of which learnt on from the other.

What the later one learnt of rendered phones, it partly pays with what the earlier knew of real ones; a mean of both
keeps more of either than one of them has (Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022).

    python -m phonegrade.models.average --earlier models/segmenter.onnx --later runs/screens/segmenter.onnx --out FILE
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from phonegrade.configs.errors import ExportError
from phonegrade.inference.card import SegmenterCard
from phonegrade.inference.session import load_model
from phonegrade.models.seal import draft, save_with_card

SHARE = 0.3
"""Of the later one: the smaller of two that were tried."""


def average(earlier: Path, later: Path, out: Path, share: float = SHARE) -> SegmenterCard:
    """Write the mean of two segmenters' weights to `out`, `share` of it the later one's.

    Its confidences are to be fitted anew (`training.recalibrate`). The card is the later one's with mask thresholds
    that are means too. Raises ExportError where the networks differ, or ModelFileError.
    """
    first, second = load_model(earlier, SegmenterCard), load_model(later, SegmenterCard)
    model = onnx.load(later)
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in onnx.load(earlier).graph.initializer}
    for tensor in model.graph.initializer:
        new, old = numpy_helper.to_array(tensor), weights.get(tensor.name)
        if old is None or (old.shape, old.dtype) != (new.shape, new.dtype):
            raise ExportError(f"{earlier} and {later} are not of one network: {tensor.name} differs")
        if new.dtype == np.float32:
            mean = np.asarray(old + np.float32(share) * (new - old), np.float32)
            tensor.CopyFrom(numpy_helper.from_array(mean, tensor.name))
    thresholds = {
        name: round((1 - share) * first.card.mask_threshold[name] + share * told, 4)
        for name, told in second.card.mask_threshold.items()
    }
    mean_of = {first.sha256: 1 - share, second.sha256: share}
    provenance = second.card.provenance.model_copy(update={"mean_of": mean_of, "metrics": {}})
    card = second.card.model_copy(update={"mask_threshold": thresholds, "provenance": provenance})
    out.parent.mkdir(parents=True, exist_ok=True)
    with draft(out) as part:
        save_with_card(model, card, part)
    return card


def main(arguments: Sequence[str] | None = None) -> None:
    """Averages two files."""
    parser = argparse.ArgumentParser(description="The mean of two segmenters' weights.")
    parser.add_argument("--earlier", type=Path, required=True, help="the ONNX file that the later one started from")
    parser.add_argument("--later", type=Path, required=True, help="the ONNX file that learnt on")
    parser.add_argument("--share", type=float, default=SHARE, help="of the later one, 0 to 1")
    parser.add_argument("--out", type=Path, required=True, help="the ONNX file to write")
    told = parser.parse_args(arguments)
    average(told.earlier, told.later, told.out, told.share)


if __name__ == "__main__":
    main()
