"""`phonegrade evaluate`: the whole ONNX pipeline on rendered photos of unseen devices and on real photos."""

import json
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from phonegrade.configs.policy import shipped_policy
from phonegrade.core.devices.catalogue import Device
from phonegrade.core.errors import UsageError
from phonegrade.core.vocabulary import ONNX_RUNTIME, Runtime
from phonegrade.datasets.manifest import PhotoRecord, manifest_sha256, read_manifest
from phonegrade.evaluation.acceptance import Observed
from phonegrade.evaluation.compared import JSON as COMPARED_JSON
from phonegrade.evaluation.compared import compared
from phonegrade.evaluation.corruptions import CORRUPTIONS
from phonegrade.evaluation.figures import Evaluation, GradedPhones
from phonegrade.evaluation.outcome import PhotoOutcome
from phonegrade.evaluation.photo_outcome import Bench
from phonegrade.evaluation.real_figures import summarise_real
from phonegrade.evaluation.real_grades import (
    POLICY,
    Grade,
    Graded,
    RealPhone,
    count_outcomes,
    count_usable,
    curve_of,
    grade_phone,
    phone_outcome,
    read_phones,
    why_unusable,
)
from phonegrade.evaluation.real_photos import RealPhoto, RealPrediction, inspect_real, read_real, real_sha256
from phonegrade.evaluation.summary import summarise
from phonegrade.evaluation.workers import Load, measured
from phonegrade.grading.uncertainty.agreement import Agreement
from phonegrade.inference.inspector import Inspector

JSON = "evaluation.json"


@dataclass(frozen=True)
class Evaluated:
    """The evaluation, and the outcome of each photo, which pictures and curves are made of."""

    evaluation: Evaluation
    outcomes: tuple[PhotoOutcome, ...]
    predictions: tuple[RealPrediction, ...]

    @property
    def observed(self) -> Observed:
        """Return what a comparison with other models rests on."""
        return Observed(self.outcomes, self.predictions)

    def with_grades(self, labelled_sha256: str, agreement: Agreement) -> "Evaluated":
        """Return the same with how grades of whole rendered phones agree with the truth, and the hash of their file."""
        grades = GradedPhones(labelled_sha256=labelled_sha256, agreement=agreement)
        return replace(self, evaluation=self.evaluation.model_copy(update={"grades": grades}))


def evaluate(
    models: Path | None,
    data: Path | None,
    real: Path | None,
    workers: int = 1,
    corruptions: bool = False,
    grade: Grade | None = None,
    runtime: Runtime = ONNX_RUNTIME,
) -> Evaluated:
    """Measure `models` (the shipped ones by default) on the test split of the rendered set `data` and on `real` photos.

    With `grade`, whole phones of `real` are graded by it. With `corruptions`, real photos are inspected once more
    under each of CORRUPTIONS. The same photos and models give the same figures, however many workers share them.
    Raises ModelFileError, or UsageError where there is nothing to measure on.
    """
    load = partial(Inspector.load, models, runtime=runtime)
    if data is None and real is None:
        raise UsageError("nothing to measure on: give --data for a rendered set, --real for real photos, or both")
    if corruptions and real is None:
        raise UsageError(
            "there is no photo to corrupt: --corruptions inspects real photos again, give their folder by --real"
        )
    inspector = load()
    photos = [] if real is None else read_real(real)
    outcomes = [] if data is None else rendered_outcomes(load, data, workers)
    predictions: list[RealPrediction] = []
    real_figures = None
    if real is not None:
        predictions = real_predictions(load, real, photos, workers)
        real_figures = summarise_real(predictions, real_sha256(real))
        update = _graded(load, real, photos, workers, grade)
        if corruptions:
            update["corrupted"] = {
                name: summarise_real(part, real_figures.manifest_sha256).key_metrics
                for name, part in corrupted_predictions(load, real, photos, workers)
            }
        real_figures = real_figures.model_copy(update=update)
    card = inspector.segmenter.card.provenance
    evaluation = Evaluation(
        name=card.config,
        commit=card.commit,
        segmenter_sha256=inspector.segmenter.sha256,
        frame_segmenter_sha256=None if inspector.frame_segmenter is None else inspector.frame_segmenter.sha256,
        locator_sha256=inspector.locator.sha256,
        boundary_refiner_sha256=inspector.boundary_refiner.sha256,
        runtime=inspector.runtime,
        rendered=None if data is None else summarise(outcomes, manifest_sha256(data)),
        real=real_figures,
    )
    return Evaluated(evaluation, tuple(outcomes), tuple(predictions))


def rendered_outcomes(load: Load, root: Path, workers: int) -> list[PhotoOutcome]:
    """Return the outcome of every test photo of the set under `root`. Raises UsageError where it has none."""
    records = read_manifest(root, "test")
    if not records:
        raise UsageError(f"{root} holds no test photos: render more devices")
    return measured(load, partial(_measure, root), records, workers, "rendered photos")


def _graded(load: Load, root: Path, photos: list[RealPhoto], workers: int, grade: Grade | None) -> dict[str, object]:
    """Return which photos could be graded alone, and the grades of whole phones."""
    policy = shipped_policy(POLICY)
    phones = read_phones(root, policy)
    devices = {file: phone.device for phone in phones for _, file in phone.photos if phone.device is not None}
    tasks = [(photo, devices.get(photo.file)) for photo in photos]
    reasons = measured(load, partial(_why_unusable, root), tasks, workers, "real photos as surfaces")
    usable = count_usable(photos, reasons)
    if grade is None:
        return {"usable": usable}
    decisions = measured(load, partial(_grade, root, grade), phones, workers, "real phones")
    outcome = partial(phone_outcome, policy=policy)
    return {
        "usable": usable,
        "phones": count_outcomes(phones, decisions, outcome),
        "curve": curve_of(phones, decisions, outcome),
    }


def _why_unusable(root: Path, inspector: Inspector, task: tuple[RealPhoto, Device | None]) -> str:
    return why_unusable(task[0], root, task[1], inspector)


def _grade(root: Path, grade: Grade, inspector: Inspector, phone: RealPhone) -> Graded:
    return grade_phone(phone, root, inspector, shipped_policy(POLICY), grade)


def write_json(evaluation: Evaluation, out: Path) -> Path:
    """Write evaluation.json into the folder `out`, and beside it what a card of other models shows of it."""
    out.mkdir(parents=True, exist_ok=True)
    path = out / JSON
    for record, file in ((evaluation, path), (compared(evaluation), out / COMPARED_JSON)):
        file.write_text(json.dumps(record.model_dump(mode="json"), indent=2) + "\n", encoding="utf-8")
    return path


def read_json(path: Path) -> Evaluation:
    """Read an evaluation that was written before. Raises UsageError for anything else."""
    try:
        return Evaluation.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} is no evaluation.json of `phonegrade evaluate`: {error}") from error


def _measure(root: Path, inspector: Inspector, record: PhotoRecord) -> PhotoOutcome:
    return Bench(inspector).measure(root, record)


def _inspect(root: Path, inspector: Inspector, photo: RealPhoto) -> RealPrediction:
    return inspect_real(inspector, photo, (root / photo.file).read_bytes())


def real_predictions(load: Load, root: Path, photos: list[RealPhoto], workers: int) -> list[RealPrediction]:
    """Return the predictions on the photos of the folder `root`, in their order."""
    return measured(load, partial(_inspect, root), photos, workers, "real photos")


def corrupted_predictions(
    load: Load, root: Path, photos: list[RealPhoto], workers: int
) -> list[tuple[str, list[RealPrediction]]]:
    """Return the same under each of CORRUPTIONS, by name."""
    tasks = [(name, photo) for name in CORRUPTIONS for photo in photos]
    predictions = measured(load, partial(_inspect_corrupted, root), tasks, workers, "real photos, corrupted")
    return [(name, predictions[number * len(photos) :][: len(photos)]) for number, name in enumerate(CORRUPTIONS)]


def _inspect_corrupted(root: Path, inspector: Inspector, task: tuple[str, RealPhoto]) -> RealPrediction:
    name, photo = task
    return inspect_real(inspector, *CORRUPTIONS[name].of(photo, (root / photo.file).read_bytes()))
