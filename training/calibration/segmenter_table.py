"""What a segmenter alone detects on validation surfaces rectified by their ground truth, view by view.

`phonegrade evaluate` measures the whole pipeline on the test split; this table, which no outline error can affect, is
what choices are made by.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path

import numpy as np

from phonegrade.core.vocabulary import DefectKind, View
from phonegrade.datasets.manifest import read_manifest
from phonegrade.evaluation.bootstrap import average_precision
from phonegrade.evaluation.matching import MatchTally
from phonegrade.evaluation.tables import table
from phonegrade.evaluation.truth import Truths, truths_of
from phonegrade.inference.card import SegmenterCard
from phonegrade.inference.session import load_model
from phonegrade.training.calibration.confidence import ClassEvidence, collect_evidence


def segmenter_tables(
    segmenter: Path, roots: Sequence[Path], views: Sequence[View], px_per_mm: float | None = None
) -> list[str]:
    """Return the lines of a table for each view, of the sets under `roots` at `px_per_mm` (None: the segmenter's)."""
    model = load_model(segmenter, SegmenterCard, 2)
    scale = px_per_mm or model.card.px_per_mm
    lines = []
    for view in views:
        evidence = collect_evidence(model, _truths(roots, view, scale))
        lines += view_table(view, evidence, model.card.min_confidence)
    return lines


def view_table(view: View, evidence: Mapping[str, ClassEvidence], limits: Mapping[str, float]) -> list[str]:
    """Return, by kind of defect, ground-truth count, average precision, and recall and precision at its limit."""
    defect_free = len(next(iter(evidence.values())).surest)
    head = (
        f"{view}: kind",
        "ground-truth defects",
        "average precision",
        "recall at the limit",
        "precision",
        f"false positives on {defect_free} defect-free surfaces",
    )
    rows = []
    for kind in DefectKind:
        one, limit = evidence[kind], limits[kind]
        values = (_average_precision(one.tally), one.tally.recall(limit), one.tally.precision(limit))
        figures = ["-" if value is None else f"{value:.3f}" for value in values]
        false_positives = sum(confidence >= limit for confidence in one.surest)
        rows.append([kind, str(len(one.tally.ground_truth)), *figures, str(false_positives)])
    return table(head, rows)


def _truths(roots: Sequence[Path], view: View, px_per_mm: float) -> Truths:
    records = {root: [one for one in read_manifest(root, "val") if one.view is view] for root in roots}
    parts = [truths_of(root, chosen, px_per_mm) for root, chosen in records.items()]
    return lambda: chain.from_iterable(part() for part in parts)


def _average_precision(tally: MatchTally) -> float | None:
    confidences = [confidence for confidence, _ in tally.detections]
    are_true = [is_true for _, is_true in tally.detections]
    statistic = average_precision(confidences, are_true, tally.ground_truth)
    return statistic(np.ones(len(confidences)), np.ones(len(tally.ground_truth)))
