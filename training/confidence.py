"""From which confidence on an instance is worth reporting, by class."""

from collections.abc import Sequence
from pathlib import Path

from phonegrade.configs.vocabulary import SEGMENTER_CLASSES
from phonegrade.datasets.manifest import PhotoRecord
from phonegrade.inference.card import SegmenterCard
from phonegrade.inference.instances import Instance, find_instances
from phonegrade.inference.segment import segment
from phonegrade.inference.session import OnnxModel
from phonegrade.training.matching import Found, Patch, Tally
from phonegrade.training.truth import TruthCanvas, read_truth

CANDIDATES = tuple(round(0.3 + 0.025 * step, 3) for step in range(23))
LEAST_TRUE = 5
"""Fewer true marks of a class decide nothing."""
DEFAULT = 0.5


def calibrate_confidence(
    model: OnnxModel[SegmenterCard], root: Path, records: Sequence[PhotoRecord]
) -> dict[str, float]:
    """Confidence of the best instance F1 of each class, on surfaces laid flat by their truth."""
    tallies = {name: Tally() for name in SEGMENTER_CLASSES}
    for record in records:
        truth = read_truth(root, record)
        if truth is not None:
            tally_canvas(model, truth, tallies)
    return {name: best_confidence(tally) for name, tally in tallies.items()}


def tally_canvas(model: OnnxModel[SegmenterCard], truth: TruthCanvas, tallies: dict[str, Tally]) -> None:
    """Segment one canvas and count what was found on it, whatever its confidence."""
    stride = model.card.output_stride
    probability = segment(truth.rgb, model)
    inside = truth.inside[::stride, ::stride][: probability.shape[1], : probability.shape[2]]
    # Not 0, which would also give marks without a seed: they are never reported by confidence.
    instances = find_instances(probability, inside, model.card, truth.px_per_mm, min_confidence=1e-6)
    for name, tally in tallies.items():
        found = [_on_canvas(one, truth) for one in instances if one.kind.value == name]
        true = [mark.patch for mark in truth.marks if mark.record.kind == name]
        tally.add(found, true, truth.classes[name], truth.ignored, truth.px_per_mm)


def _on_canvas(instance: Instance, truth: TruthCanvas) -> Found:
    height, width = truth.inside.shape
    return Found(instance.confidence, Patch(instance.mask, instance.origin).cut((height, width)))


def best_confidence(tally: Tally) -> float:
    """The confidence of the best instance F1; DEFAULT where there are too few marks to tell."""
    if len(tally.true) < LEAST_TRUE:
        return DEFAULT
    return max(CANDIDATES, key=tally.f1)
