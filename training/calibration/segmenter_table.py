"""What a segmenter alone tells of validation surfaces that are laid flat by their truth, view by view.

`phonegrade evaluate` measures the whole pipeline on the test split; this, whose answer no outline can spoil, is what
choices are made by. `python -m phonegrade.training.calibration.segmenter_table --help`
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path

import numpy as np

from phonegrade.core.vocabulary import SURFACE_VIEWS, DefectKind, View
from phonegrade.datasets.manifest import read_manifest
from phonegrade.evaluation.bootstrap import average_precision
from phonegrade.evaluation.matching import MatchTally
from phonegrade.evaluation.tables import table
from phonegrade.evaluation.truth import truths_of
from phonegrade.inference.card import SegmenterCard
from phonegrade.inference.session import load_model
from phonegrade.training.calibration.confidence import Known, learn


def view_table(view: View, known: Mapping[str, Known], limits: Mapping[str, float]) -> list[str]:
    """By kind of defect how many there are, average precision, and what is told from its limit on."""
    sound = len(next(iter(known.values())).surest)
    head = (
        f"{view}: kind",
        "marks",
        "average precision",
        "recall at the limit",
        "precision",
        f"of {sound} sound accused",
    )
    rows = []
    for kind in DefectKind:
        one, limit = known[kind], limits[kind]
        shown = (_average_precision(one.tally), one.tally.recall(limit), one.tally.precision(limit))
        figures = ["-" if figure is None else f"{figure:.3f}" for figure in shown]
        rows.append([kind, str(len(one.tally.true)), *figures, str(sum(told >= limit for told in one.surest))])
    return table(head, rows)


def _average_precision(tally: MatchTally) -> float | None:
    told, right = [confidence for confidence, _ in tally.found], [is_true for _, is_true in tally.found]
    return average_precision(told, right, tally.true)(np.ones(len(told)), np.ones(len(tally.true)))


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints a table of each view."""
    parser = argparse.ArgumentParser(description="What a segmenter tells of validation surfaces laid flat by truth.")
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="sets of `phonegrade render`")
    parser.add_argument("--segmenter", type=Path, required=True, help="the ONNX file")
    parser.add_argument("--views", type=View, nargs="+", choices=SURFACE_VIEWS, default=list(SURFACE_VIEWS))
    parser.add_argument("--px-per-mm", type=float, help="scale of the surfaces; without it the segmenter's own")
    told = parser.parse_args(arguments)
    model = load_model(told.segmenter, SegmenterCard, 2)
    scale = told.px_per_mm or model.card.px_per_mm
    for view in told.views:
        records = {root: [one for one in read_manifest(root, "val") if one.view is view] for root in told.data}
        parts = [truths_of(root, shown, scale) for root, shown in records.items()]
        known = learn(model, lambda parts=parts: chain.from_iterable(part() for part in parts))  # type: ignore[misc]
        sys.stdout.write("\n".join(view_table(view, known, model.card.min_confidence)) + "\n")


if __name__ == "__main__":
    main()
