"""The model card: what the files are, how they were made, what they can do and where they fail, as one page."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from phonegrade.core.vocabulary import SEGMENTER_CLASSES
from phonegrade.evaluation.card_grades import grades_of_rendered, met_on_real_photos
from phonegrade.evaluation.compared import Compared, compared, comparison_table
from phonegrade.evaluation.evaluate import Evaluated
from phonegrade.evaluation.figures import RealFigures, RenderedFigures
from phonegrade.evaluation.hard_case_sheet import Answer
from phonegrade.evaluation.plots import ERROR_COVERAGE, PRECISION_RECALL, RELIABILITY, SIZE_ERROR
from phonegrade.evaluation.tables import (
    calibration_table,
    call_table,
    cell_table,
    changed_table,
    contrast_table,
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
"""Remarks by hand, beside the card: the card itself is written by the command alone."""


@dataclass(frozen=True)
class Page:
    """Everything that a card tells."""

    evaluated: Evaluated
    others: tuple[Compared, ...]
    """Other models on the same photos."""
    hard_cases: tuple[Answer, ...]


def card_markdown(page: Page, models: Path, has_notes: bool) -> str:
    """The page of the models in the folder `models`; its pictures stand in PICTURES beside it."""
    evaluation = page.evaluated.evaluation
    lines = ["# The shipped models", ""]
    if evaluation.real is not None:
        lines += met_on_real_photos(evaluation.real)
    lines += [*_files(models), *_origin(models)]
    if has_notes:
        lines += [f"What a person saw in the overlays: [{NOTES}]({NOTES}).", ""]
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
            "Same photos, same decision and measuring; the segmenter differs, and the side finder where the last row "
            "says so. Methods that name no kinds are filed under crack: compare them by the figures of any kind and of "
            "real photos.",
            "`benchmarks/baselines/README.md` tells how each is made.",
            "",
            *comparison_table((compared(evaluation), *page.others)),
        ]
    return "\n".join(lines).rstrip() + "\n"


def _files(models: Path) -> list[str]:
    locator, sides, segmenter = (models / f"{task}.onnx" for task in ("locator", "boundary_refiner", "segmenter"))
    edges = models / FRAME_SEGMENTER
    rows = []
    for path, what in (
        (locator, "where body, display and camera are in a letterboxed photo, and which view it is"),
        (sides, "where exactly the body ends, in strips across the sides of the locator's outline"),
        (segmenter, "five kinds of damage and three of dirt on the flattened surface, multi-label"),
        (edges, "the same on edges, which it sees finer"),
    ):
        small = path.with_suffix(".int8.onnx")
        files = [(path, what), (small, f"`{path.name}` in int8: opened instead where `phonegrade compare` proved it")]
        rows += [[f"`{f.name}`", told, f"{f.stat().st_size / 1e6:.1f} MB"] for f, told in files if f.is_file()]
    looks = {file.stem: load_model(file, SegmenterCard).card for file in (segmenter, edges) if file.is_file()}
    side = load_model(locator, LocatorCard).card.input_px
    scales = " and ".join(f"`{name}` {card.px_per_mm:g} px/mm" for name, card in looks.items())
    limits = [
        [name, *(f"{told[name]:.3g}" for card in looks.values() for told in (card.mask_threshold, card.min_confidence))]
        for name in SEGMENTER_CLASSES
    ]
    headings = (f"{what}, `{name}`" for name in looks for what in ("a pixel belongs to it from", "a mark is told from"))
    return [
        *table(("file", "what", "size"), rows),
        f"The locator sees {side} px, of the whole photo and, where the side finder bears the outline out weakly, once "
        f"more of what lies about it; {scales}. All take uint8 RGB (N, H, W, 3) of any "
        "batch size and normalise it themselves. Each carries its card (`phonegrade_card` in the ONNX metadata); a "
        "file without one is refused.",
        "",
        *table(("class", *headings), limits),
        *(line for name, card in looks.items() for line in _contexts(name, card)),
    ]


def _contexts(segmenter: str, looks: SegmenterCard) -> list[str]:
    """What the other marks on a surface say, a paragraph each."""
    told = (
        f"On a surface with other marks `{segmenter}` changes the log odds of a {name}, for each natural logarithm of "
        f"one more than their number, by {_weights(context)}, and by {context.shift:+.2f} in any case, before they are "
        "put on the scale of probability."
        for name, context in looks.rescoring.items()
    )
    return [line for paragraph in told for line in (paragraph, "")]


def _weights(context: Rescoring) -> str:
    return ", ".join(f"{weight:+.2f} ({other})" for other, weight in context.others.items())


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
            *(f"`{told}`" for told in (p.config, p.commit[:10], p.training_data_sha256[:12])),
            p.encoder if p.started_from is None else f"{p.encoder}; trained on from weights `{p.started_from[:10]}`",
            p.licence,
        ]
        for name, p in cards
    )
    return [
        "## Where they come from",
        "",
        "Trained by `phonegrade train` on pictures that this project renders. No photo of a real phone was trained on. "
        "Limits are those of rendered photos; real photos without damage could raise one and did nothing else "
        "(`training/calibration/real_veto.py`), and the limits of zones come from mistakes on them.",
        "",
        *table(("model", "configuration", "commit", "training set", "starts from", "licence"), rows),
    ]


def _rendered(figures: RenderedFigures) -> list[str]:
    return [
        "## Rendered test split (not real photos)",
        "",
        f"{figures.photos} photos of {figures.devices} devices that training never saw (manifest "
        f"`{figures.data_sha256[:12]}`), at the shipped limits. A mark is found when marks of its kind reach 30 % of "
        "it within 0.5 mm; a told mark is true when half of its rim lies within 1 mm of its kind. Marks that a photo "
        "cannot show, and what is told within 0.5 mm of them, count neither way. Intervals are bootstrapped over "
        "devices.",
        "",
        *key_metric_table(figures.key_metrics),
        "### By kind",
        "",
        "Instances are those of the whole pipeline, masks those of the segmenter alone.",
        "",
        *kind_table(figures),
        f"![Precision and recall]({PICTURES}/{PRECISION_RECALL})",
        "",
        "Lines: everything that is told at `--min-confidence 0`. Dots: the shipped limits.",
        "",
        "### By surface and size",
        "",
        *cell_table(figures),
        "### By contrast",
        "",
        "By how many grey levels the photo would be another without the mark: 80th percentile over the mark.",
        "",
        *contrast_table(figures),
        "### By route, preset and surface",
        "",
        *group_table(figures),
        "### Measured sizes",
        "",
        "Length error over the true length, of found marks that their photos show whole; records of several scratches "
        "side by side, which are told one by one, are left out. A crack is as long as it extends:",
        "",
        *error_table(figures.length_errors, "true length"),
        "Width error in mm:",
        "",
        *error_table(figures.width_errors, "scale of the photo"),
        f"![Error by size]({PICTURES}/{SIZE_ERROR})",
        "",
        "How often the truth lies within the errors told of a size; of a normal error 0.683 and 0.954 of the time. A "
        "scratch that is found in part, or together with another, is off by more than any error of measuring: marks "
        "that were told one as one stand first, every found mark below.",
        "",
        *coverage_table(figures),
        f"![Errors in standard errors]({PICTURES}/{ERROR_COVERAGE})",
        "",
        "### What marks are told as",
        "",
        "Shares of the marks in each row.",
        "",
        *call_table(figures),
        "### Confidence",
        "",
        *calibration_table(figures),
        f"![Reliability]({PICTURES}/{RELIABILITY})",
        "",
        "### Locator",
        "",
        *locator_tables(figures),
        "### The worst mistakes",
        "",
        "The surest false defects, the longest misses, the longest wrong names. Rendered photos only.",
        "",
        f"![Worst mistakes]({PICTURES}/{WORST})",
        "",
    ]


def _real(figures: RealFigures) -> list[str]:
    listed = ", ".join(f"{count} {label}" for label, count in figures.labels.items())
    found = "; ".join(f"{which} {share}" for which, share in figures.scratches_found.items())
    answered = figures.photos - figures.unanswered
    return [
        "## Real photos (no weight learnt from them)",
        "",
        f"{figures.photos} photos ({listed}), {answered} answered; manifest `{figures.manifest_sha256[:12]}`. "
        "Intervals are bootstrapped over photos: many were taken in one place, so that they are rather too narrow.",
        "",
        *key_metric_table(figures.key_metrics),
        *(
            [f"Scratches found, at the best threshold ({figures.best_threshold:.2f}) and as shipped: {found}.", ""]
            if figures.best_threshold is not None
            else []
        ),
        "What is told of photos without damage, at the shipped limits:",
        "",
        *false_table(figures),
        *(_changed(figures) if figures.changed else []),
    ]


def _changed(figures: RealFigures) -> list[str]:
    return [
        "### The same photos, changed",
        "",
        "What may happen to a photo before it is graded (`evaluation/corruptions.py`; intervals in "
        "`evaluation.json`). How far the figures move says how much of those above is the luck of so few photos.",
        "",
        *changed_table(figures),
    ]


def _hard_cases(answers: Sequence[Answer]) -> list[str]:
    rows = ([answer.name, answer.true or "nothing", answer.said or "nothing"] for answer in answers)
    return [
        "## Hard cases by name",
        "",
        "Rendered on purpose (`rendering/hard_cases.py`), with what the models say of each.",
        "",
        f"![Hard cases]({PICTURES}/{HARD_CASES})",
        "",
        *table(("case", "to be seen", "told"), rows),
    ]
