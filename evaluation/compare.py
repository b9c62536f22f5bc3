"""`phonegrade compare`: what int8 files lose against float32, and what they save; the cards get the proof."""

import json
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from phonegrade.core.errors import UsageError
from phonegrade.core.strict import Strict
from phonegrade.datasets.manifest import read_manifest
from phonegrade.evaluation.evaluate import evaluate, write_json
from phonegrade.evaluation.figures import Headlines
from phonegrade.evaluation.key_metrics import points_lost
from phonegrade.evaluation.truth import read_truth
from phonegrade.inference.card import LocatorCard, SegmenterCard
from phonegrade.inference.defects.segment import padded
from phonegrade.inference.inspector import FRAME_SEGMENTER
from phonegrade.inference.locating.locate import letterbox
from phonegrade.inference.photo.decode import decode
from phonegrade.inference.session import MAX_LOSS_POINTS, load_model, open_session
from phonegrade.models.finalise import write_card

TASKS = ("segmenter", "locator")
PARITY_PHOTOS = 24
TIMED_RUNS = 9
Pictures = list[NDArray[np.uint8]]


class Twins(Strict):
    """One task's int8 file against its float32 file."""

    loss_points: dict[str, float]
    """By figure, points of a hundred lost with this int8 file; negative where it gains."""
    accepted: bool
    mean_difference: float
    """Of the probabilities, over `PARITY_PHOTOS` test photos."""
    greatest_difference: float
    time_share: float
    """Time of the int8 file over that of float32: medians of interleaved runs on one thread."""
    bytes_share: float


def compare(
    data_dir: Path, models_dir: Path, out_dir: Path, workers: int = 1, real_dir: Path | None = None
) -> dict[str, Twins]:
    """Measure each `*.int8.onnx` of `models_dir` against the file beside it on the test split of `data_dir`.

    And on the real photos of `real_dir`, as `phonegrade evaluate` has them: they can refuse an int8 file, and choose
    nothing else.

    First the int8 segmenter with the float32 locator, then the int8 locator with whichever segmenter won, each against
    float32 alone. Every int8 file's card gets its losses, `out_dir` a record. Raises UsageError without an int8 file.
    """
    tasks = [task for task in TASKS if (models_dir / f"{task}.int8.onnx").is_file()]
    if not tasks:
        raise UsageError(f"{models_dir} holds no *.int8.onnx file: make one with `phonegrade export --int8`")
    plain = {task: models_dir / f"{task}.onnx" for task in (*TASKS, "boundary_refiner")}
    if (models_dir / FRAME_SEGMENTER).is_file():
        plain["frame_segmenter"] = models_dir / FRAME_SEGMENTER
    reference = _evaluated(data_dir, real_dir, plain, out_dir / "float32", workers)
    best, found = dict(plain), dict[str, Twins]()
    for task in tasks:
        small = models_dir / f"{task}.int8.onnx"
        other = _evaluated(data_dir, real_dir, best | {task: small}, out_dir / f"{task}-int8", workers)
        lost = points_lost(reference, other)
        found[task] = _twins(lost, plain[task], small, _inputs(data_dir, plain[task], task))
        _prove(small, task, lost)
        if found[task].accepted:
            best[task] = small
    record = {task: twins.model_dump() for task, twins in found.items()}
    (out_dir / "precision.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    (out_dir / "precision.md").write_text(markdown(found), encoding="utf-8")
    return found


def markdown(found: dict[str, Twins]) -> str:
    """The record as a page."""
    lines = [
        "# int8 against float32",
        "",
        "| task | taken | worst loss, points | of | time | bytes | mean difference |",
        "|---|---|---|---|---|---|---|",
    ]
    for task, twins in found.items():
        worst = max(twins.loss_points, key=twins.loss_points.__getitem__)
        lines.append(
            f"| {task} | {'int8' if twins.accepted else 'float32'} | {twins.loss_points[worst]:.2f} | {worst} "
            f"| {twins.time_share:.2f} | {twins.bytes_share:.2f} | {twins.mean_difference:.5f} |"
        )
    for task, twins in found.items():
        lines += ["", f"## {task}", "", "| figure | points lost |", "|---|---|"]
        lines += [f"| {name} | {points:.2f} |" for name, points in twins.loss_points.items()]
    return "\n".join(lines) + "\n"


def _evaluated(data_dir: Path, real_dir: Path | None, files: dict[str, Path], out_dir: Path, workers: int) -> Headlines:
    """The figures of exactly these files, each under the name that is always opened; all of them go to `out_dir`."""
    with tempfile.TemporaryDirectory() as folder:
        for task, file in files.items():
            shutil.copy(file, Path(folder) / f"{task}.onnx")
        evaluation = evaluate(Path(folder), data_dir, real_dir, workers).evaluation
    write_json(evaluation, out_dir)
    parts = (evaluation.rendered, evaluation.real)
    return {name: figure for part in parts if part is not None for name, figure in part.key_metrics.items()}


def _inputs(data_dir: Path, file: Path, task: str) -> Pictures:
    """What the model of `task` is fed for the first test photos."""
    records = [record for record in read_manifest(data_dir, "test") if record.label is not None][:PARITY_PHOTOS]
    if task == "locator":
        side = load_model(file, LocatorCard).card.input_px
        return [letterbox(decode((data_dir / record.photo).read_bytes()).rgb, side)[0] for record in records]
    multiple = load_model(file, SegmenterCard).card.size_multiple
    truths = [read_truth(data_dir, record) for record in records]
    return [padded(truth.rgb, multiple) for truth in truths if truth is not None]


def _twins(lost: dict[str, float], plain: Path, small: Path, pictures: Pictures) -> Twins:
    sessions = [open_session(file) for file in (plain, small)]
    means, greatest = [], 0.0
    for picture in pictures:
        ours, theirs = (session.run(None, {"image": picture[None]})[0] for session in sessions)
        means.append(float(np.abs(ours - theirs).mean()))
        greatest = max(greatest, float(np.abs(ours - theirs).max()))
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(TIMED_RUNS):
        for session, spent in zip(sessions, seconds, strict=True):
            start = time.perf_counter()
            session.run(None, {"image": pictures[0][None]})
            spent.append(time.perf_counter() - start)
    return Twins(
        loss_points=lost,
        accepted=max(lost.values()) <= MAX_LOSS_POINTS,
        mean_difference=float(np.mean(means)),
        greatest_difference=greatest,
        time_share=statistics.median(seconds[1]) / statistics.median(seconds[0]),
        bytes_share=small.stat().st_size / plain.stat().st_size,
    )


def _prove(small: Path, task: str, lost: dict[str, float]) -> None:
    """Write the losses into the int8 file's card."""
    card = load_model(small, LocatorCard).card if task == "locator" else load_model(small, SegmenterCard).card
    if card.quantisation is None:
        raise UsageError(f"{small} is no int8 file: make it with `phonegrade export --int8`")
    proven = card.quantisation.model_copy(update={"loss_points": lost})
    write_card(small, card.model_copy(update={"quantisation": proven}))
