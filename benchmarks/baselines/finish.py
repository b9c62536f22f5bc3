"""What every baseline ends with: thresholds from the validation split, and an ONNX file that the pipeline opens.

The thresholds are picked as those of the shipped segmenter are: masks by pixel F1, marks by instance F2.
"""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from torch import nn

import phonegrade
from phonegrade.core.vocabulary import SEGMENTER_CLASSES, DefectKind
from phonegrade.datasets.manifest import PhotoRecord, manifest_sha256, read_manifest
from phonegrade.evaluation.matching import grown
from phonegrade.evaluation.pixel_scores import PixelScores
from phonegrade.evaluation.truth import RectifiedSample, truths_of
from phonegrade.inference.card import Provenance, SegmenterCard
from phonegrade.inference.defects.segment import segment
from phonegrade.inference.inspector import SHIPPED
from phonegrade.inference.session import load_model
from phonegrade.models.export import export_segmenter
from phonegrade.models.finalise import write_card
from phonegrade.training.calibration.confidence import calibrate_confidence
from phonegrade.training.calibration.thresholds import THRESHOLD_BOUNDS

DAMAGE = tuple(kind.value for kind in DefectKind)
UNNAMED = DefectKind.CRACK.value
"""Where a method that names no kinds files everything."""
MAX_BYTES = 64_000_000
RIM_MM = 0.25
STRIDE = 2
LEAST_FACTOR = 0.1
"""Of a Platt scaling: evidence that is uninformative on rendered photos may still rank detections elsewhere."""


def finish(network: nn.Module, name: str, encoder: str, data: Path, out: Path, *, names_kinds: bool) -> None:
    """Export `network`, whose logits (N, 8, H/2, W/2) are those of `SEGMENTER_CLASSES`, and calibrate it on `data`.

    `out` becomes a folder of models: segmenter.onnx, and the shipped locator and boundary refiner beside it.
    """
    out.mkdir(parents=True, exist_ok=True)
    file = out / "segmenter.onnx"
    export_segmenter(network, first_card(name, encoder, data), file, MAX_BYTES)
    calibrate(file, data, names_kinds=names_kinds)


def first_card(name: str, encoder: str, data: Path) -> SegmenterCard:
    """Return a card whose thresholds are still to be calibrated."""
    provenance = Provenance(
        version=phonegrade.__version__,
        encoder=encoder,
        training_data_sha256=manifest_sha256(data),
        commit="unknown",
        config=name,
        metrics={},
    )
    return SegmenterCard(
        px_per_mm=8.0,
        output_stride=STRIDE,
        size_multiple=32,
        mask_threshold=dict.fromkeys(SEGMENTER_CLASSES, 0.5),
        min_confidence=dict.fromkeys(SEGMENTER_CLASSES, 0.5),
        provenance=provenance,
    )


def calibrate(file: Path, data: Path, *, names_kinds: bool) -> None:
    """Put thresholds, scales and limits from the validation split of `data` into the card of `file`."""
    records = read_manifest(data, "val")
    card = load_model(file, SegmenterCard).card
    card = card.model_copy(update={"mask_threshold": _mask_thresholds(file, data, records, names_kinds)})
    write_card(file, card)
    model = load_model(file, SegmenterCard)
    write_card(file, ranked(calibrate_confidence(model, lambda: _truths(data, records, names_kinds))))
    for name in ("locator.onnx", "boundary_refiner.onnx"):
        shutil.copyfile(SHIPPED / name, file.with_name(name))


def ranked(card: SegmenterCard) -> SegmenterCard:
    """Return the card with no factor below LEAST_FACTOR: near 0 all detections would have one confidence."""
    scales = {kind: (max(factor, LEAST_FACTOR), shift) for kind, (factor, shift) in card.platt_scaling.items()}
    return card.model_copy(update={"platt_scaling": scales})


def _mask_thresholds(file: Path, data: Path, records: list[PhotoRecord], names_kinds: bool) -> dict[str, float]:
    """Return the threshold of the best pixel F1 of each class."""
    model, scores = load_model(file, SegmenterCard), PixelScores(SEGMENTER_CLASSES)
    for truth in _truths(data, records, names_kinds):
        probability = segment(truth.rgb, model)
        valid = _half(truth.valid_mask, probability.shape[1:])
        ignored = _half(truth.ignored, probability.shape[1:])
        for index, kind in enumerate(SEGMENTER_CLASSES):
            true = _half(truth.classes[kind], probability.shape[1:])
            rim = grown(true, RIM_MM * truth.px_per_mm / STRIDE) & ~true
            scores.add(index, probability[index], true, (rim | ignored | ~valid) & ~true)
    return {kind: scores.best(index, *THRESHOLD_BOUNDS)[0] for index, kind in enumerate(SEGMENTER_CLASSES)}


def _half(plane: np.ndarray, hw: tuple[int, ...]) -> np.ndarray:
    return plane[::STRIDE, ::STRIDE][: hw[0], : hw[1]]


def _truths(data: Path, records: list[PhotoRecord], names_kinds: bool) -> Iterator[RectifiedSample]:
    for truth in truths_of(data, records)():
        yield truth if names_kinds else unnamed(truth)


def unnamed(truth: RectifiedSample) -> RectifiedSample:
    """Return the ground truth for a method that names no kinds: all damage is one."""
    anywhere = np.logical_or.reduce([truth.classes[kind] for kind in DAMAGE])
    nothing = np.zeros_like(anywhere)
    classes = {kind: anywhere if kind == UNNAMED else nothing for kind in truth.classes}
    annotations = tuple(
        replace(mark, record=mark.record.model_copy(update={"kind": UNNAMED}))
        for mark in truth.annotations
        if mark.record.kind in DAMAGE
    )
    return replace(truth, classes=classes, annotations=annotations)
