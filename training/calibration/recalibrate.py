"""Calibrates confidences, limits and endpoint bias of a finished segmenter: after training, or for sets of your own."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

import torch

from phonegrade.configs.train_config import SegmenterConfig, load_train_config
from phonegrade.core.errors import UsageError
from phonegrade.core.vocabulary import View
from phonegrade.datasets.manifest import Split, read_manifest
from phonegrade.evaluation.truth import Truths, truths_of
from phonegrade.inference.card import SegmenterCard
from phonegrade.inference.inspector import Inspector
from phonegrade.inference.session import load_model
from phonegrade.models.finalise import write_card
from phonegrade.training.calibration.confidence import MASK_THRESHOLDS, calibrate_confidence, without_mirrored_dirt
from phonegrade.training.calibration.endpoint_bias import endpoint_bias_of
from phonegrade.training.calibration.real_veto import negatives_of, raise_limits, spread
from phonegrade.training.data import rendered_set

log = logging.getLogger(__name__)


def calibrated(file: Path, settings: SegmenterConfig, threads: int, root: Path, out_dir: Path) -> SegmenterCard:
    """Return the card of the segmenter in `file`, calibrated on the set under `root` and those of `settings`."""
    model = load_model(file, SegmenterCard, threads)
    thresholds = {**model.card.mask_threshold, **MASK_THRESHOLDS}
    model = replace(model, card=model.card.model_copy(update={"mask_threshold": thresholds}))
    hard_negatives = None
    if settings.hard_negatives is not None:
        hard_negative_root = rendered_set(settings.hard_negatives, out_dir / "rendered-hard-negatives")
        hard_negatives = _truths([hard_negative_root], "val", settings)
    roots = [root]
    if settings.calibration_set is not None:
        roots.append(rendered_set(settings.calibration_set, out_dir / "rendered-calibration"))
    held_out = _truths(roots, "val", settings)
    card = calibrate_confidence(model, held_out, hard_negatives, _truths([root], "train", settings))
    card = without_mirrored_dirt(card) if settings.views == (View.EDGE,) else card
    return card.model_copy(update={"endpoint_bias": endpoint_bias_of(model, held_out)})


def recalibrate(
    config_path: Path,
    file: Path,
    task: str = "segmenter",
    real: Path | None = None,
    views: Sequence[View] | None = None,
) -> None:
    """Calibrate a finished segmenter's `file` in place by the sets of a configuration's section `task`.

    No weight changes. `views` restricts the surfaces, where another segmenter takes the others. Defect-free photos in
    the folder `real`, inspected by the models beside `file`, may raise a limit. Raises TrainConfigError, UsageError,
    or ModelFileError where `file` holds no segmenter.
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
    records = {root: [one for one in read_manifest(root, split) if one.view in settings.views] for root in roots}
    parts = [truths_of(root, chosen, settings.px_per_mm) for root, chosen in records.items()]
    return lambda: chain.from_iterable(part() for part in parts)
