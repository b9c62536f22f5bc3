"""Tells confidences, limits and tips of a finished segmenter anew: after a change of rules, or for sets of your own.

python -m phonegrade.training.calibration.recalibrate --config FILE.yaml --views front back --segmenter FILE.onnx
"""

import argparse
import logging
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

import torch

from phonegrade.configs.train_config import SegmenterConfig, load_train_config
from phonegrade.core.errors import UsageError
from phonegrade.core.vocabulary import SURFACE_VIEWS, View
from phonegrade.datasets.manifest import Split, read_manifest
from phonegrade.evaluation.truth import Truths, truths_of
from phonegrade.inference.card import SegmenterCard
from phonegrade.inference.inspector import Inspector
from phonegrade.inference.session import load_model
from phonegrade.models.finalise import write_card
from phonegrade.training.calibration.confidence import MASK_THRESHOLDS, calibrate_confidence, without_mirrored_dirt
from phonegrade.training.calibration.endpoint_bias import endpoint_bias_of
from phonegrade.training.calibration.real_veto import negatives_of, raise_limits, spread
from phonegrade.training.rendered_set import rendered_set

log = logging.getLogger(__name__)


def calibrated(file: Path, settings: SegmenterConfig, threads: int, root: Path, out_dir: Path) -> SegmenterCard:
    """The card of the segmenter in `file` with confidences, limits and tips by the set under `root` and its likes."""
    model = load_model(file, SegmenterCard, threads)
    thresholds = {**model.card.mask_threshold, **MASK_THRESHOLDS}
    model = replace(model, card=model.card.model_copy(update={"mask_threshold": thresholds}))
    traps = None
    if settings.traps is not None:
        traps = _truths([rendered_set(settings.traps, out_dir / "rendered-traps")], "val", settings)
    known = [root] if settings.known is None else [root, rendered_set(settings.known, out_dir / "rendered-known")]
    held_out = _truths(known, "val", settings)
    card = calibrate_confidence(model, held_out, traps, _truths([root], "train", settings))
    card = without_mirrored_dirt(card) if settings.views == (View.EDGE,) else card
    return card.model_copy(update={"endpoint_bias": endpoint_bias_of(model, held_out)})


def recalibrate(
    config_path: Path,
    file: Path,
    task: str = "segmenter",
    real: Path | None = None,
    views: Sequence[View] | None = None,
) -> None:
    """Calibrate a finished segmenter's `file` anew by the sets of a configuration's section `task`; no weight moves.

    By surfaces of `views`, where these are not all that it learnt from, as another segmenter sees the others. Photos
    without damage in the folder `real` may raise a limit, looked at by the models beside `file`. Raises
    TrainConfigError, UsageError, or ModelFileError where `file` holds no segmenter.
    """
    config = load_train_config(config_path)
    settings = config.segmenter if task == "segmenter" else config.frame_segmenter
    if settings is None:
        raise UsageError(f"{config_path} has no section `{task}` to calibrate by")
    if views is not None:
        settings = settings.model_copy(update={"views": tuple(views)})
    torch.set_num_threads(config.threads)
    root = rendered_set(config.data, file.parent / "rendered")
    card = calibrated(file, settings, config.threads, root, file.parent)
    write_card(file, card)
    if real is not None:
        negatives = negatives_of(real, Inspector.load(file.parent, config.threads), settings.views)
        for name, (low, high) in spread(card, negatives).items():
            log.info("limit of %s with each group of real photos left out once: %.3f to %.3f", name, low, high)
        write_card(file, raise_limits(card, negatives))


def _truths(roots: Sequence[Path], split: Split, settings: SegmenterConfig) -> Truths:
    shown = {root: [one for one in read_manifest(root, split) if one.view in settings.views] for root in roots}
    parts = [truths_of(root, records, settings.px_per_mm) for root, records in shown.items()]
    return lambda: chain.from_iterable(part() for part in parts)


def main(arguments: Sequence[str] | None = None) -> None:
    """Calibrates one file in place."""
    parser = argparse.ArgumentParser(description="Calibrates a finished segmenter anew; no weight moves.")
    parser.add_argument("--config", type=Path, required=True, help="a training configuration: its sets are used")
    parser.add_argument("--segmenter", type=Path, required=True, help="the ONNX file, which gets the new card")
    parser.add_argument(
        "--task", choices=("segmenter", "frame_segmenter"), default="segmenter", help="whose sets are used"
    )
    parser.add_argument("--real", type=Path, help="real photos with a manifest, whose clean ones may raise a limit")
    parser.add_argument("--views", type=View, nargs="+", choices=SURFACE_VIEWS, help="what it is asked about in use")
    told = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    recalibrate(told.config, told.segmenter, told.task, told.real, told.views)


if __name__ == "__main__":
    main()
