"""Writes an evaluation's page and pictures, and on request the model card."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from phonegrade.core.errors import UsageError
from phonegrade.evaluation.card import HARD_CASES, NOTES, PICTURES, WORST, Page, card_markdown
from phonegrade.evaluation.compared import Compared, compared
from phonegrade.evaluation.evaluate import Evaluated
from phonegrade.evaluation.hard_case_sheet import CasePhoto, inspect_hard_cases, write_hard_cases
from phonegrade.evaluation.mistakes import real_mistakes, rendered_mistakes, write_sheet
from phonegrade.evaluation.plots import write_plots
from phonegrade.inference.inspector import SHIPPED, Inspector

PAGE = "evaluation.md"
REAL = "real"
WORST_REAL = "worst_real.jpg"


def write_report(
    evaluated: Evaluated,
    data: Path | None,
    real: Path | None,
    models: Path | None,
    out: Path,
    card: Path | None,
    others: tuple[Compared, ...],
    hard_cases: Iterable[CasePhoto] = (),
) -> Path:
    """Write evaluation.md with its pictures into `out`, and the same as `card`; pictures of real photos in `out`/real.

    Raises UsageError for `others` that were measured on other photos.
    """
    own = compared(evaluated.evaluation)
    for other in others:
        if not own.of_same_photos(other):
            raise UsageError(f"{other.name} was evaluated on other photos: evaluate it again on these")
    folder = models or SHIPPED
    pictures = out / PICTURES
    if data is not None and evaluated.evaluation.rendered is not None:
        write_plots(pictures, evaluated.outcomes, evaluated.evaluation.rendered)
        write_sheet(data, rendered_mistakes(evaluated.outcomes), pictures / WORST)
    if real is not None:
        write_sheet(real, real_mistakes(evaluated.predictions), out / REAL / WORST_REAL)
    results = inspect_hard_cases(Inspector.load(folder), hard_cases)
    if results:
        write_hard_cases(results, pictures / HARD_CASES)
    page = Page(evaluated, others, results)
    (out / PAGE).write_text(card_markdown(page, folder, has_notes=False), encoding="utf-8")
    if card is not None:
        shown = card.parent / PICTURES
        shown.mkdir(parents=True, exist_ok=True)
        for picture in sorted(pictures.iterdir()) if shown.resolve() != pictures.resolve() else ():
            shutil.copyfile(picture, shown / picture.name)
        has_notes = (card.parent / NOTES).is_file()
        card.write_text(card_markdown(page, folder, has_notes), encoding="utf-8")
    return out / PAGE
