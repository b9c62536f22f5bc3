"""The model card: what the files are, how they were made, their metrics and their failures, as one page."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from phonegrade.core.vocabulary import SEGMENTER_CLASSES
from phonegrade.evaluation.card_grades import grades_of_real, grades_of_rendered
from phonegrade.evaluation.compared import Compared, compared, comparison_table
from phonegrade.evaluation.evaluate import Evaluated
from phonegrade.evaluation.figures import RealFigures, RenderedFigures
from phonegrade.evaluation.hard_case_sheet import HardCaseResult
from phonegrade.evaluation.plots import ERROR_COVERAGE, PRECISION_RECALL, RELIABILITY, SIZE_ERROR
from phonegrade.evaluation.tables import (
    calibration_table,
    cell_table,
    confusion_table,
    contrast_table,
    corruption_table,
    coverage_table,
    error_table,
    false_table,
    group_table,
    key_metric_table,
    kind_table,
    locator_tables,
    table,
)
from phonegrade.inference.card import BoundaryRefinerCard, LocatorCard, SegmenterCard
from phonegrade.inference.defects.rescoring import Rescoring
from phonegrade.inference.inspector import FRAME_SEGMENTER
from phonegrade.inference.session import load_model

PICTURES = "pictures"
WORST, HARD_CASES = "worst_rendered.jpg", "hard_cases.jpg"
NOTES = "NOTES.md"
"""Remarks by hand, beside the card, which the command alone writes."""


@dataclass(frozen=True)
class Page:
    """Everything that a card shows."""

    evaluated: Evaluated
    others: tuple[Compared, ...]
    """Other models on the same photos."""
    hard_cases: tuple[HardCaseResult, ...]


def card_markdown(page: Page, models: Path, has_notes: bool) -> str:
    """Return the page of the models in the folder `models`; its pictures are in PICTURES beside it."""
    evaluation = page.evaluated.evaluation
    lines = ["# The shipped models", ""]
    if evaluation.real is not None:
        lines += grades_of_real(evaluation.real)
    lines += [*_files(models), *_origin(models)]
    if has_notes:
        lines += [f"Remarks of a person on the overlays: [{NOTES}]({NOTES}).", ""]
    if evaluation.real is not None:
        lines += _real(evaluation.real)
    if evaluation.rendered is not None:
        lines += _rendered(evaluation.rendered)
    if evaluation.grades is not None:
        lines += grades_of_rendered(evaluation.grades)
    if page.hard_cases:
        lines += _hard_cases(page.hard_cases)
    if page.others:
        lines += [
            "## Beside other methods",
            "",
            "Same photos, same grading and measuring; the segmenter differs, and the boundary refiner by the last row. "
            "Methods that name no kinds are filed under crack: compare them by the metrics of any kind and of real "
            "photos.",
            "`benchmarks/baselines/README.md` says how each is made.",
            "",
            *comparison_table((compared(evaluation), *page.others)),
        ]
    return "\n".join(lines).rstrip() + "\n"


def _files(models: Path) -> list[str]:
    locator, refiner, segmenter = (models / f"{task}.onnx" for task in ("locator", "boundary_refiner", "segmenter"))
    frame_segmenter = models / FRAME_SEGMENTER
    rows = []
    for path, what in (
        (locator, "where body, display and camera are in a letterboxed photo, and which view it is"),
        (refiner, "where exactly the body ends, in strips across the sides of the locator's outline"),
        (segmenter, "five kinds of damage and three of dirt on the rectified surface, multi-label"),
        (frame_segmenter, "the same on edges, at a finer scale"),
    ):
        small = path.with_suffix(".int8.onnx")
        files = [(path, what), (small, f"`{path.name}` in int8: used instead where `phonegrade compare` accepted it")]
        rows += [[f"`{f.name}`", text, f"{f.stat().st_size / 1e6:.1f} MB"] for f, text in files if f.is_file()]
    segmenters = (segmenter, frame_segmenter)
    cards = {file.stem: load_model(file, SegmenterCard).card for file in segmenters if file.is_file()}
    side = load_model(locator, LocatorCard).card.input_px
    scales = " and ".join(f"`{name}` {card.px_per_mm:g} px/mm" for name, card in cards.items())
    limits = [
        [name, *(f"{part[name]:.3g}" for card in cards.values() for part in (card.mask_threshold, card.min_confidence))]
        for name in SEGMENTER_CLASSES
    ]
    headings = (f"{what}, `{name}`" for name in cards for what in ("mask threshold", "least confidence"))
    return [
        *table(("file", "what", "size"), rows),
        f"The locator takes {side} px, of the whole photo and, where the outline's boundary score is low, of a second "
        f"crop about it; {scales}. All take uint8 RGB (N, H, W, 3) of any batch "
        "size and normalise it themselves. Each carries its card (`phonegrade_card` in the ONNX metadata); a "
        "file without one is refused.",
        "",
        *table(("class", *headings), limits),
        *(line for name, card in cards.items() for line in _rescorings(name, card)),
    ]


def _rescorings(segmenter: str, card: SegmenterCard) -> list[str]:
    """Return how the other detections on a surface rescore each kind, a paragraph each."""
    paragraphs = (
        f"`{segmenter}` rescores a {name} by the other detections on its surface: its log odds change by "
        f"{_weights(rescoring)} for each unit of log(1 + number), and by {rescoring.shift:+.2f} in any case, before "
        "Platt scaling."
        for name, rescoring in card.rescoring.items()
    )
    return [line for paragraph in paragraphs for line in (paragraph, "")]


def _weights(rescoring: Rescoring) -> str:
    return ", ".join(f"{weight:+.2f} ({other})" for other, weight in rescoring.others.items())


def _origin(models: Path) -> list[str]:
    cards = [
        ("locator", load_model(models / "locator.onnx", LocatorCard).card.provenance),
        ("boundary_refiner", load_model(models / "boundary_refiner.onnx", BoundaryRefinerCard).card.provenance),
        ("segmenter", load_model(models / "segmenter.onnx", SegmenterCard).card.provenance),
    ]
    if (models / FRAME_SEGMENTER).is_file():
        cards.append(("frame_segmenter", load_model(models / FRAME_SEGMENTER, SegmenterCard).card.provenance))
    rows = (
        [
            name,
            *(f"`{text}`" for text in (p.config, p.commit[:10], p.training_data_sha256[:12])),
            p.encoder
            if p.started_from is None
            else f"{p.encoder}; trained further from weights `{p.started_from[:10]}`",
            p.licence,
        ]
        for name, p in cards
    )
    return [
        "## Where they come from",
        "",
        "Trained by `phonegrade train` on pictures that this project renders. No photo of a real phone was trained on. "
        "Limits are calibrated on rendered photos; real photos without damage could raise one and did nothing else "
        "(`training/calibration/real_veto.py`), and the limits of zones come from mistakes on them.",
        "",
        *table(("model", "configuration", "commit", "training set", "starts from", "licence"), rows),
    ]


def _rendered(figures: RenderedFigures) -> list[str]:
    return [
        "## Rendered test split (not real photos)",
        "",
        f"{figures.photos} photos of {figures.devices} held-out devices (manifest `{figures.data_sha256[:12]}`), at "
        "the shipped limits. A defect is detected when detections of its kind reach 30 % of it within 0.5 mm; a "
        "detection is true when half of its rim lies within 1 mm of its kind. Defects that a photo cannot show, and "
        "detections within 0.5 mm of them, are not evaluated. Intervals are bootstrapped over devices.",
        "",
        *key_metric_table(figures.key_metrics),
        "### By kind",
        "",
        "Instances are those of the whole pipeline, masks those of the segmenter alone.",
        "",
        *kind_table(figures),
        f"![Precision and recall]({PICTURES}/{PRECISION_RECALL})",
        "",
        "Lines: all detections at `--min-confidence 0`. Dots: the shipped limits.",
        "",
        "### By surface and size",
        "",
        *cell_table(figures),
        "### By contrast",
        "",
        "By how many grey levels the defect changes the photo: 80th percentile over the defect.",
        "",
        *contrast_table(figures),
        "### By route, preset and surface",
        "",
        *group_table(figures),
        *_sizes(figures),
        "### Confusion of kinds",
        "",
        "Shares of each row.",
        "",
        *confusion_table(figures),
        "### Confidence",
        "",
        *calibration_table(figures),
        f"![Reliability]({PICTURES}/{RELIABILITY})",
        "",
        "### Locator",
        "",
        *locator_tables(figures),
        *_worst_mistakes(),
    ]


def _worst_mistakes() -> list[str]:
    return [
        "### The worst mistakes",
        "",
        "The most confident false positives, the longest misses, the longest wrong kinds. Rendered photos only.",
        "",
        f"![Worst mistakes]({PICTURES}/{WORST})",
        "",
    ]


def _sizes(figures: RenderedFigures) -> list[str]:
    return [
        "### Measured sizes",
        "",
        "Length error over the true length, of detected defects that their photos show whole; annotations of several "
        "scratches side by side, which are detected one by one, are left out. A crack's length is its extent:",
        "",
        *error_table(figures.length_errors, "true length"),
        "Width error in mm:",
        "",
        *error_table(figures.width_errors, "scale of the photo"),
        f"![Error by size]({PICTURES}/{SIZE_ERROR})",
        "",
        "How often the truth lies within the standard errors of a size; normally 0.683 and 0.954 of the time. A "
        "scratch that is detected in part, or together with another, is off by more than any measurement error: "
        "defects matched one to one stand first, all detections below.",
        "",
        *coverage_table(figures),
        f"![Errors in standard errors]({PICTURES}/{ERROR_COVERAGE})",
        "",
    ]


def _real(figures: RealFigures) -> list[str]:
    listed = ", ".join(f"{count} {label}" for label, count in figures.labels.items())
    detected = "; ".join(f"{which} {share}" for which, share in figures.scratches_detected.items())
    answered = figures.photos - figures.unanswered
    return [
        "## Real photos (no weight was trained on them)",
        "",
        f"{figures.photos} photos ({listed}), {answered} answered; manifest `{figures.manifest_sha256[:12]}`. "
        "Intervals are bootstrapped over photos: many were taken in one place, so that they are rather too narrow.",
        "",
        *key_metric_table(figures.key_metrics),
        *(
            [
                f"Scratches detected, at the best threshold ({figures.best_threshold:.2f}) and as shipped: {detected}.",
                "",
            ]
            if figures.best_threshold is not None
            else []
        ),
        "False positives on photos without damage, at the shipped limits:",
        "",
        *false_table(figures),
        *(_corrupted(figures) if figures.corrupted else []),
    ]


def _corrupted(figures: RealFigures) -> list[str]:
    return [
        "### The same photos, corrupted",
        "",
        "Under the corruptions of `evaluation/corruptions.py` (intervals in `evaluation.json`). How far the metrics "
        "move bounds how much of those above is the luck of so few photos.",
        "",
        *corruption_table(figures),
    ]


def _hard_cases(results: Sequence[HardCaseResult]) -> list[str]:
    rows = ([result.name, result.true or "nothing", result.predicted or "nothing"] for result in results)
    return [
        "## Hard cases by name",
        "",
        "Rendered on purpose (`rendering/hard_cases.py`), with the predictions on each.",
        "",
        f"![Hard cases]({PICTURES}/{HARD_CASES})",
        "",
        *table(("case", "visible", "predicted"), rows),
    ]
