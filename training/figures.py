"""What an evaluation says, as a record and as a page."""

from phonegrade.configs.strict import Strict


class KindFigures(Strict):
    """Of one class. Instances and lengths are those of the whole pipeline, pixels those of the segmenter alone."""

    true_marks: int | None
    """Visible true marks; None for contamination, which is not counted by instance."""
    recall: float | None
    precision: float | None
    median_length_error: float | None
    """Relative to the true length, over the marks that were found."""
    pixel_f1: float | None


class LocatorFigures(Strict):
    """Corner error relative to the outline's diagonal; outlines of photos that show the whole device."""

    view_accuracy: float
    median_corner_error: float | None
    median_outline_iou: float | None
    outlines_missed: int


class Figures(Strict):
    """An evaluation on one rendered test split."""

    kind_of_photos: str = "rendered, not real"
    data_sha256: str
    photos: int
    segmenter_sha256: str
    locator_sha256: str
    sound_surfaces: int
    false_defects_per_sound_surface: float | None
    kinds: dict[str, KindFigures]
    locator: LocatorFigures


def markdown(figures: Figures) -> str:
    """The figures as a page with two tables."""
    lines = [
        "# Rendered test split (not real photos)",
        "",
        f"{figures.photos} photos of devices that training never saw; data `{figures.data_sha256[:12]}`, "
        f"segmenter `{figures.segmenter_sha256[:12]}`, locator `{figures.locator_sha256[:12]}`.",
        "",
        "| class | true marks | recall | precision | median length error | pixel F1 |",
        "|---|---|---|---|---|---|",
    ]
    for name, kind in figures.kinds.items():
        cells = (kind.recall, kind.precision, kind.median_length_error, kind.pixel_f1)
        count = "-" if kind.true_marks is None else str(kind.true_marks)
        lines.append(f"| {name} | {count} | {' | '.join(map(_cell, cells))} |")
    locator = figures.locator
    lines += [
        "",
        "| figure | value |",
        "|---|---|",
        f"| sound surfaces | {figures.sound_surfaces} |",
        f"| false defects per sound surface | {_cell(figures.false_defects_per_sound_surface)} |",
        f"| view accuracy, nothing promised | {_cell(locator.view_accuracy)} |",
        f"| median corner error / diagonal | {_cell(locator.median_corner_error)} |",
        f"| median outline IoU | {_cell(locator.median_outline_iou)} |",
        f"| outlines missed | {locator.outlines_missed} |",
    ]
    return "\n".join(lines) + "\n"


def _cell(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
