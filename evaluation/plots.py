"""The plots of the model card: small PNGs, drawn without a screen."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from phonegrade.evaluation.bootstrap import curve
from phonegrade.evaluation.figures import CalibrationFigures, RenderedFigures
from phonegrade.evaluation.key_metrics import DAMAGE, LINEAR, MEASURED, coverage_pairs, visible
from phonegrade.evaluation.outcome import PhotoOutcome

DPI = 110
COLOURS = {"crack": "#c1272d", "scratch": "#e08a00", "scuff": "#9b3fb5", "chip": "#b8a000", "dent": "#2a6fdb"}
DIRT_COLOURS = {"smudge": "#1f9e9e", "oil": "#5f7a3a", "dust": "#8a6d5a"}
PRECISION_RECALL, RELIABILITY, SIZE_ERROR = "precision_recall.png", "reliability.png", "size_error.png"
ERROR_COVERAGE = "error_coverage.png"
MOST_ERRORS = 4.0
"""How many standard errors the plot of their coverage reaches."""


def write_plots(folder: Path, outcomes: Sequence[PhotoOutcome], figures: RenderedFigures) -> None:
    """Write the four plots of a rendered evaluation into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    _precision_recall(folder / PRECISION_RECALL, outcomes, figures)
    _reliability(folder / RELIABILITY, figures.calibration)
    _size_error(folder / SIZE_ERROR, outcomes)
    _error_coverage(folder / ERROR_COVERAGE, outcomes)


def _precision_recall(path: Path, outcomes: Sequence[PhotoOutcome], figures: RenderedFigures) -> None:
    figure, (left, right) = _panels(2)
    for axes, colours, title in ((left, COLOURS, "damage"), (right, DIRT_COLOURS, "dirt")):
        for kind, colour in colours.items():
            detections = [one for o in outcomes for one in o.all_detections if one.kind == kind]
            defects = [one for one, _ in visible(outcomes) if one.kind == kind]
            if not defects:
                continue
            _, precision, recall = curve(
                np.array([one.confidence for one in detections], np.float64),
                np.array([one.is_true for one in detections], np.float64),
                np.array([one.detected_from for one in defects], np.float64),
                np.ones(len(detections)),
                np.ones(len(defects)),
            )
            summary = figures.kinds[kind]
            best = np.maximum.accumulate(precision[::-1])[::-1]
            if len(recall):
                axes.step(np.concatenate([[0], recall]), np.append(best, best[-1:]), where="post", color=colour)
            label = f"{kind} ({len(defects)}), AP {summary.average_precision.value or 0:.2f}"
            axes.plot([summary.recall.value or 0], [summary.precision.value or 0], "o", color=colour, label=label)
        _square(axes, "recall", "precision", title)
        _legend(axes, below=True)
    _save(figure, path)


def _reliability(path: Path, calibration: CalibrationFigures) -> None:
    figure, (left, right) = _panels(2)
    filled = [one for one in calibration.bins if one.confidence is not None and one.share_true is not None]
    left.plot([0, 1], [0, 1], color="#999999", linewidth=1, linestyle="--")
    left.plot([b.confidence or 0 for b in filled], [b.share_true or 0 for b in filled], "o-", color="#2a6fdb")
    _square(left, "confidence", "share that is true", f"defects, ECE {calibration.error.value or 0:.3f}")
    middles = [(one.low + one.high) / 2 for one in calibration.bins]
    right.bar(middles, [one.count for one in calibration.bins], width=0.09, color="#7c93b8")
    right.set_xlim(0, 1)
    right.set_xlabel("confidence")
    right.set_ylabel("detected defects")
    right.set_title("how many", fontsize=10)
    _save(figure, path)


def _size_error(path: Path, outcomes: Sequence[PhotoOutcome]) -> None:
    figure, (left, right) = _panels(2)
    measured = [(mark, o) for mark, o in visible(outcomes) if mark.has_length and mark.length_error is not None]
    for kind in DAMAGE:
        here = [(m.length_mm, 100 * (m.length_error or 0)) for m, _ in measured if m.kind == kind]
        if here:
            left.plot(*np.array(here).T, "o", color=COLOURS[kind], markersize=4, alpha=0.7, label=kind)
    left.axhline(0, color="#999999", linewidth=1)
    left.set(xscale="log", xlabel="true length, mm", ylabel="length error, %", ylim=(-105, 205))
    for kind in LINEAR:
        wide = [
            (o.px_per_mm, m.width_error_mm)
            for m, o in visible(outcomes)
            if m.kind == kind and m.width_error_mm is not None and o.px_per_mm is not None
        ]
        if wide:
            right.plot(*np.array(wide).T, "o", color=COLOURS[kind], markersize=4, alpha=0.7, label=kind)
    right.axhline(0, color="#999999", linewidth=1)
    right.set(xlabel="scale of the photo, px/mm", ylabel="width error, mm", ylim=(-0.5, 1.0))
    for axes, title in ((left, "length"), (right, "width")):
        axes.set_title(title, fontsize=10)
        axes.grid(color="#dddddd", linewidth=0.6)
        _legend(axes, below=False)
    _save(figure, path)


def _error_coverage(path: Path, outcomes: Sequence[PhotoOutcome]) -> None:
    """Plot the share of true sizes within so many standard errors, beside that of normal errors."""
    figure, panels = _panels(2)
    errors = np.linspace(0.0, MOST_ERRORS, 81)
    for axes, (size, kinds) in zip(panels, MEASURED.items(), strict=True):
        axes.plot(errors, [math.erf(z / math.sqrt(2)) for z in errors], "--", color="#999999", label="normal")
        for alone, colour, label in ((True, "#2a6fdb", "matched one to one"), (False, "#e08a00", "every detection")):
            shares = [
                [within for within, _ in coverage_pairs(outcomes, size, float(z), kinds, alone=alone)] for z in errors
            ]
            if shares[0]:
                axes.plot(
                    errors, [float(np.mean(one)) for one in shares], color=colour, label=f"{label} ({len(shares[0])})"
                )
        axes.set(xlim=(0, MOST_ERRORS), ylim=(0, 1.02), xlabel="standard errors", ylabel="share within")
        axes.set_title(size, fontsize=10)
        axes.grid(color="#dddddd", linewidth=0.6)
        axes.legend(fontsize=8, loc="lower right")
    _save(figure, path)


def _panels(count: int) -> tuple[Figure, list[Axes]]:
    figure = Figure(figsize=(4.6 * count, 4.4), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, [figure.add_subplot(1, count, 1 + number) for number in range(count)]


def _legend(axes: Axes, *, below: bool) -> None:
    if not axes.get_legend_handles_labels()[0]:
        return
    if below:
        axes.legend(fontsize=8, ncol=2, loc="upper center", bbox_to_anchor=(0.5, -0.13))
    else:
        axes.legend(fontsize=8, loc="upper right")


def _square(axes: Axes, x: str, y: str, title: str) -> None:
    axes.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel=x, ylabel=y)
    axes.set_title(title, fontsize=10)
    axes.grid(color="#dddddd", linewidth=0.6)


def _save(figure: Figure, path: Path) -> None:
    """Write the figure without the time and version that would make two equal plots differ."""
    figure.savefig(path, dpi=DPI, metadata={"Software": None})
