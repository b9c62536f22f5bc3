"""`phonegrade compare`: the loss and the speed of int8 files against float32, which their cards record."""

import json
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from phonegrade.core.errors import UsageError
from phonegrade.core.strict import Strict
from phonegrade.datasets.manifest import read_manifest
from phonegrade.evaluation.acceptance import Acceptance, Bounds, judge
from phonegrade.evaluation.acceptance import markdown as markdown_of
from phonegrade.evaluation.evaluate import Evaluated, evaluate, write_json
from phonegrade.evaluation.figures import KeyMetrics
from phonegrade.evaluation.metrics import points_lost
from phonegrade.evaluation.truth import read_truth
from phonegrade.inference.card import LocatorCard, SegmenterCard
from phonegrade.inference.defects.segment import padded
from phonegrade.inference.inspector import FRAME_SEGMENTER
from phonegrade.inference.locating.locate import letterbox
from phonegrade.inference.photo.decode import decode
from phonegrade.inference.session import load_model, open_session
from phonegrade.models.finalise import write_card

TASKS = ("segmenter", "locator")
PARITY_PHOTOS = 24
TIMED_RUNS = 9
Pictures = list[NDArray[np.uint8]]


class QuantisedComparison(Strict):
    """One task's int8 file against its float32 file."""

    loss_points: dict[str, float]
    """Percentage points lost with this int8 file, by metric; negative where it gains."""
    acceptance: Acceptance
    """Whether it may take the place of float32: paired tests over the same photos."""
    mean_difference: float
    """Of the probabilities, over `PARITY_PHOTOS` test photos."""
    greatest_difference: float
    time_share: float
    """Time of the int8 file over that of float32: medians of interleaved runs on one thread."""
    bytes_share: float


def compare(
    data_dir: Path,
    models_dir: Path,
    out_dir: Path,
    workers: int = 1,
    real_dir: Path | None = None,
    bounds: Bounds | None = None,
) -> dict[str, QuantisedComparison]:
    """Measure each `*.int8.onnx` of `models_dir` against the file beside it on the test split of `data_dir`.

    Also on the real photos of `real_dir`, as in `phonegrade evaluate`; without them none is accepted, unless `bounds`
    ask for none.

    First the int8 segmenter with the float32 locator, then the int8 locator with the accepted segmenter, each against
    float32 alone. Every int8 file's card records its losses, `out_dir` a summary. Raises UsageError without an int8
    file.
    """
    tasks = [task for task in TASKS if (models_dir / f"{task}.int8.onnx").is_file()]
    if not tasks:
        raise UsageError(f"{models_dir} holds no *.int8.onnx file: make one with `phonegrade export --int8`")
    float32 = {task: models_dir / f"{task}.onnx" for task in (*TASKS, "boundary_refiner")}
    if (models_dir / FRAME_SEGMENTER).is_file():
        float32["frame_segmenter"] = models_dir / FRAME_SEGMENTER
    reference = _evaluated(data_dir, real_dir, float32, out_dir / "float32", workers)
    best, comparisons = dict(float32), dict[str, QuantisedComparison]()
    for task in tasks:
        int8 = models_dir / f"{task}.int8.onnx"
        other = _evaluated(data_dir, real_dir, best | {task: int8}, out_dir / f"{task}-int8", workers)
        comparison = _compared(float32[task], int8, _inputs(data_dir, float32[task], task))
        comparisons[task] = QuantisedComparison(
            loss_points=points_lost(_key_metrics(reference), _key_metrics(other)),
            acceptance=judge(reference.observed, other.observed, bounds),
            **comparison,
        )
        _record_losses(int8, task, comparisons[task])
        if comparisons[task].acceptance.taken:
            best[task] = int8
    record = {task: one.model_dump() for task, one in comparisons.items()}
    (out_dir / "precision.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    (out_dir / "precision.md").write_text(markdown(comparisons), encoding="utf-8")
    return comparisons


def markdown(comparisons: dict[str, QuantisedComparison]) -> str:
    """Return the record as a page."""
    lines = [
        "# int8 against float32",
        "",
        "| task | taken | worst loss, points | of | time | bytes | mean difference |",
        "|---|---|---|---|---|---|---|",
    ]
    for task, one in comparisons.items():
        worst = max(one.loss_points, key=one.loss_points.__getitem__)
        lines.append(
            f"| {task} | {'int8' if one.acceptance.taken else 'float32'} | {one.loss_points[worst]:.2f} | {worst} "
            f"| {one.time_share:.2f} | {one.bytes_share:.2f} | {one.mean_difference:.5f} |"
        )
    for task, one in comparisons.items():
        lines += ["", markdown_of(one.acceptance, task)]
        lines += ["", f"## {task}", "", "| metric | points lost |", "|---|---|"]
        lines += [f"| {name} | {points:.2f} |" for name, points in one.loss_points.items()]
    return "\n".join(lines) + "\n"


def _evaluated(data_dir: Path, real_dir: Path | None, files: dict[str, Path], out_dir: Path, workers: int) -> Evaluated:
    """Return the evaluation of exactly these files, copied under the names that are opened; write all to `out_dir`."""
    with tempfile.TemporaryDirectory() as folder:
        for task, file in files.items():
            shutil.copy(file, Path(folder) / f"{task}.onnx")
        evaluated = evaluate(Path(folder), data_dir, real_dir, workers)
    write_json(evaluated.evaluation, out_dir)
    return evaluated


def _key_metrics(evaluated: Evaluated) -> KeyMetrics:
    parts = (evaluated.evaluation.rendered, evaluated.evaluation.real)
    return {name: figure for part in parts if part is not None for name, figure in part.key_metrics.items()}


def _inputs(data_dir: Path, file: Path, task: str) -> Pictures:
    """Return the inputs of the model of `task` for the first test photos."""
    records = [record for record in read_manifest(data_dir, "test") if record.label is not None][:PARITY_PHOTOS]
    if task == "locator":
        side = load_model(file, LocatorCard).card.input_px
        return [letterbox(decode((data_dir / record.photo).read_bytes()).rgb, side)[0] for record in records]
    multiple = load_model(file, SegmenterCard).card.size_multiple
    truths = [read_truth(data_dir, record) for record in records]
    return [padded(truth.rgb, multiple) for truth in truths if truth is not None]


class _Measured(TypedDict):
    """What two sessions answer and take."""

    mean_difference: float
    greatest_difference: float
    time_share: float
    bytes_share: float


def _compared(float32: Path, int8: Path, pictures: Pictures) -> _Measured:
    sessions = [open_session(file) for file in (float32, int8)]
    means, greatest = [], 0.0
    for picture in pictures:
        reference, quantised = (session.run(None, {"image": picture[None]})[0] for session in sessions)
        means.append(float(np.abs(reference - quantised).mean()))
        greatest = max(greatest, float(np.abs(reference - quantised).max()))
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(TIMED_RUNS):
        for session, spent in zip(sessions, seconds, strict=True):
            start = time.perf_counter()
            session.run(None, {"image": pictures[0][None]})
            spent.append(time.perf_counter() - start)
    return _Measured(
        mean_difference=float(np.mean(means)),
        greatest_difference=greatest,
        time_share=statistics.median(seconds[1]) / statistics.median(seconds[0]),
        bytes_share=int8.stat().st_size / float32.stat().st_size,
    )


def _record_losses(int8: Path, task: str, comparison: QuantisedComparison) -> None:
    """Write the losses and the verdict into the card of the int8 file."""
    card = load_model(int8, LocatorCard).card if task == "locator" else load_model(int8, SegmenterCard).card
    if card.quantisation is None:
        raise UsageError(f"{int8} is no int8 file: make it with `phonegrade export --int8`")
    quantisation = card.quantisation.model_copy(
        update={"loss_points": comparison.loss_points, "accepted": comparison.acceptance.taken}
    )
    write_card(int8, card.model_copy(update={"quantisation": quantisation}))
