"""`phonegrade evaluate`: the whole ONNX pipeline on rendered photos of devices that training never saw."""

import json
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from phonegrade.configs.catalogue import find_device
from phonegrade.configs.errors import UsageError
from phonegrade.configs.inspection import Inspection, Point
from phonegrade.configs.vocabulary import SEGMENTER_CLASSES, DefectKind
from phonegrade.datasets.manifest import PhotoRecord, manifest_sha256, read_manifest
from phonegrade.inference.inspector import Inspector
from phonegrade.inference.quad import transform
from phonegrade.inference.segment import segment
from phonegrade.training.figures import Figures, KindFigures, LocatorFigures, markdown
from phonegrade.training.matching import Found, Tally
from phonegrade.training.pixel_tally import PixelTally
from phonegrade.training.truth import TruthCanvas, read_truth


def evaluate(data_dir: Path, models_dir: Path, out_dir: Path) -> Figures:
    """Measure the models in `models_dir` on the test split of the rendered set `data_dir`.

    Writes `evaluation.json` and `evaluation.md` to `out_dir`. Every figure is one of the rendered set: it says nothing
    of real photos. Raises ModelFileError, or UsageError when the set has no test photos.
    """
    records = read_manifest(data_dir, "test")
    if not records:
        raise UsageError(f"{data_dir} holds no test photos: render more devices")
    inspector = Inspector.load(models_dir)
    bench = Bench(inspector)
    for record in track(records, "evaluating", console=Console(stderr=True)):
        bench.add(data_dir, record)
    figures = bench.figures(manifest_sha256(data_dir))
    out_dir.mkdir(parents=True, exist_ok=True)
    (out_dir / "evaluation.json").write_text(json.dumps(figures.model_dump(), indent=2) + "\n", encoding="utf-8")
    (out_dir / "evaluation.md").write_text(markdown(figures), encoding="utf-8")
    return figures


class Bench:
    """Adds up what the pipeline answers to photos with truth."""

    def __init__(self, inspector: Inspector) -> None:
        self.inspector = inspector
        self.marks = {kind.value: Tally() for kind in DefectKind}
        self.pixels = {name: PixelTally() for name in SEGMENTER_CLASSES}
        self.length_errors: dict[str, list[float]] = {kind.value: [] for kind in DefectKind}
        self.false_on_sound: list[int] = []
        self.right_views: list[bool] = []
        self.corner_errors: list[float] = []
        self.overlaps: list[float] = []
        self.outlines_missed = 0

    def add(self, root: Path, record: PhotoRecord) -> None:
        """Inspect one photo with nothing promised for its view, then as promised for its defects."""
        data = (root / record.photo).read_bytes()
        self.right_views.append(self.inspector.inspect(data, record.photo).view is record.view)
        truth = read_truth(root, record)
        if truth is None or record.surface is None:
            return
        device = find_device(record.device.rsplit(" #", 1)[0])
        inspection = self.inspector.inspect(data, record.photo, surface=record.surface, device=device)
        if not record.cropped:
            self._add_outline(inspection, record)
        if not any(mark.kind in self.marks for mark in record.marks):
            self.false_on_sound.append(len(inspection.defects))
        self._add_marks(inspection, truth)
        self._add_pixels(truth)

    def _add_outline(self, inspection: Inspection, record: PhotoRecord) -> None:
        if inspection.outline is None or record.corners_px is None:
            self.outlines_missed += 1
            return
        found, true = np.array(inspection.outline), np.array(record.corners_px)
        diagonal = float(np.hypot(*(true[2] - true[0])))
        turns = [np.abs(np.roll(found, turn, axis=0) - true) for turn in range(4)]
        self.corner_errors.append(min(float(np.hypot(*turn.T).mean()) for turn in turns) / diagonal)
        canvas = np.zeros((2, *record.photo_wh[::-1]), np.uint8)
        for layer, quad in zip(canvas, (found, true), strict=True):
            cv2.fillPoly(layer, [np.round(quad).astype(np.int32)], 1)
        self.overlaps.append(float((canvas[0] & canvas[1]).sum() / max((canvas[0] | canvas[1]).sum(), 1)))

    def _add_marks(self, inspection: Inspection, truth: TruthCanvas) -> None:
        for kind, tally in self.marks.items():
            defects = [defect for defect in inspection.defects if defect.kind == kind]
            found = [(defect.confidence, _on_canvas(defect.polygon, truth)) for defect in defects]
            true = [mark for mark in truth.marks if mark.record.kind == kind]
            tally.add(found, [mark.mask for mark in true], truth.classes[kind], truth.ignored, truth.px_per_mm)
            lengths = [defect.length_mm for defect in defects]
            for mark in true:
                found_mm = _length_of(mark.mask, found, lengths)
                if found_mm is not None and mark.record.length_mm > 0:
                    self.length_errors[kind].append(abs(found_mm - mark.record.length_mm) / mark.record.length_mm)

    def _add_pixels(self, truth: TruthCanvas) -> None:
        card = self.inspector.segmenter.card
        probability = segment(truth.rgb, self.inspector.segmenter)
        for plane, name in zip(probability, card.classes, strict=True):
            fine = cv2.resize(plane, truth.inside.shape[::-1], interpolation=cv2.INTER_LINEAR)
            found = np.asarray((fine >= card.mask_threshold[name]) & truth.inside)
            self.pixels[name].add(found, truth.classes[name], truth.ignored, truth.px_per_mm)

    def figures(self, data_sha256: str) -> Figures:
        """The sums as figures."""
        kinds = {
            name: KindFigures(
                true_marks=len(self.marks[name].true) if name in self.marks else None,
                recall=self.marks[name].recall(0.0) if name in self.marks else None,
                precision=self.marks[name].precision(0.0) if name in self.marks else None,
                median_length_error=_median(self.length_errors.get(name, [])),
                pixel_f1=self.pixels[name].f1(),
            )
            for name in SEGMENTER_CLASSES
        }
        locator = LocatorFigures(
            view_accuracy=float(np.mean(self.right_views)),
            median_corner_error=_median(self.corner_errors),
            median_outline_iou=_median(self.overlaps),
            outlines_missed=self.outlines_missed,
        )
        return Figures(
            data_sha256=data_sha256,
            photos=len(self.right_views),
            segmenter_sha256=self.inspector.segmenter.sha256,
            locator_sha256=self.inspector.locator.sha256,
            sound_surfaces=len(self.false_on_sound),
            false_defects_per_sound_surface=float(np.mean(self.false_on_sound)) if self.false_on_sound else None,
            kinds=kinds,
            locator=locator,
        )


def _on_canvas(polygon: tuple[Point, ...], truth: TruthCanvas) -> NDArray[np.bool_]:
    points = transform(truth.canvas_from_photo, np.array(polygon, np.float64))
    mask = np.zeros(truth.inside.shape, np.uint8)
    cv2.fillPoly(mask, [np.round(points).astype(np.int32)], 1)
    return mask > 0


def _length_of(true: NDArray[np.bool_], found: list[Found], lengths: list[float | None]) -> float | None:
    """Length of the found mark that overlaps the true one most."""
    overlaps = [int((mask & true).sum()) for _, mask in found]
    return lengths[int(np.argmax(overlaps))] if max(overlaps, default=0) > 0 else None


def _median(values: Iterable[float]) -> float | None:
    listed = list(values)
    return float(np.median(listed)) if listed else None
