"""Measures two sets of models on the same photos, and judges whether the second may take the place of the first."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from phonegrade.core.errors import UsageError
from phonegrade.core.vocabulary import ONNX_RUNTIME, Runtime
from phonegrade.datasets.manifest import manifest_sha256
from phonegrade.evaluation.acceptance import Acceptance, Bounds, Observed, judge
from phonegrade.evaluation.evaluate import corrupted_predictions, real_predictions, rendered_outcomes
from phonegrade.evaluation.real_photos import read_real, real_sha256
from phonegrade.inference.card import RuntimeProof, SegmenterCard
from phonegrade.inference.inspector import FRAME_SEGMENTER, SHIPPED, Inspector
from phonegrade.inference.openvino_session import best_precision, openvino_version
from phonegrade.inference.session import load_model
from phonegrade.models.finalise import write_card

TASKS = ("locator", "boundary_refiner", "segmenter", "frame_segmenter")


class Contender(NamedTuple):
    """A set of models, and what runs it."""

    models: Path | None
    """Folder of the .onnx files; None: the shipped ones."""
    runtime: Runtime = ONNX_RUNTIME


class Photos(NamedTuple):
    """What both are measured on."""

    rendered: tuple[Path, ...]
    """Rendered sets, of which the test splits are used."""
    real: Path | None
    corruptions: bool


def accept(before: Contender, after: Contender, photos: Photos, bounds: Bounds, workers: int = 1) -> Acceptance:
    """Measure both and return the verdict. Raises UsageError for sets without photos, ModelFileError, SetupError."""
    return judge(observe(before, photos, workers), observe(after, photos, workers), bounds)


def observe(contender: Contender, photos: Photos, workers: int) -> Observed:
    """Return what one set of models answers; photos and devices of each rendered set are named with its number."""
    load = partial(Inspector.load, contender.models, runtime=contender.runtime)
    outcomes = [
        replace(one, photo=f"{number}/{one.photo}", device_id=f"{number}/{one.device_id}")
        for number, root in enumerate(photos.rendered)
        for one in rendered_outcomes(load, root, workers)
    ]
    if photos.real is None:
        return Observed(tuple(outcomes))
    listed = read_real(photos.real)
    predictions = real_predictions(load, photos.real, listed, workers)
    corrupted = corrupted_predictions(load, photos.real, listed, workers) if photos.corruptions else []
    return Observed(tuple(outcomes), tuple(predictions), {name: tuple(part) for name, part in corrupted})


@contextmanager
def replaced(folder: Path, file: Path) -> Iterator[Path]:
    """Yield a folder with the models of `folder`, of which `file` replaces the one that it is called after.

    segmenter.onnx and segmenter.ema.onnx replace segmenter.onnx. Raises UsageError for another name.
    """
    task = file.name.split(".")[0]
    if task not in TASKS or not file.is_file():
        raise UsageError(f"{file}: is no folder of models, and no file called after one of {', '.join(TASKS)}")
    with tempfile.TemporaryDirectory() as name:
        whole = Path(name)
        for one in TASKS:
            source = file if one == task else folder / f"{one}.onnx"
            if source.is_file():
                shutil.copy(source, whole / f"{one}.onnx")
        yield whole


def record_proof(folder: Path | None, acceptance: Acceptance, photos: Photos) -> list[Path]:
    """Write the verdict on OpenVINO, in this processor's precision, into the cards of the segmenters; return the files.

    The files change, and are to be signed again. Raises UsageError without real photos.
    """
    if photos.real is None:
        raise UsageError("a card records what real photos show too: give their folder by --real")
    proof = RuntimeProof(
        accepted=acceptance.taken,
        reasons=acceptance.reasons,
        runtime=f"openvino {openvino_version()}",
        rendered_sha256=tuple(manifest_sha256(root) for root in photos.rendered),
        real_sha256=real_sha256(photos.real),
    )
    return [_written(file, proof) for file in _segmenters(folder or SHIPPED)]


def _segmenters(folder: Path) -> Sequence[Path]:
    return [file for name in ("segmenter.onnx", FRAME_SEGMENTER) if (file := folder / name).is_file()]


def _written(file: Path, proof: RuntimeProof) -> Path:
    card = load_model(file, SegmenterCard).card
    write_card(file, card.model_copy(update={"openvino": {**card.openvino, best_precision(): proof}}))
    return file
