"""What a card shows of several models on the same photos: a few figures of each evaluation, small enough to be kept."""

from collections.abc import Sequence
from pathlib import Path

from phonegrade.core.errors import UsageError
from phonegrade.core.strict import Strict
from phonegrade.evaluation.figures import Evaluation, Headlines
from phonegrade.evaluation.tables import table, told

JSON = "compared.json"
RENDERED = (
    "damage recall, of any kind",
    "damage precision, of any kind",
    "crack recall",
    "scratch recall, 3 mm and longer",
    "false defects per sound surface",
)
REAL = (
    "crack AUROC",
    "crack recall at 5 % false alarms",
    "scratch F1, best threshold",
    "false defects per clean photo",
    "false defects per oil photo",
)


class Compared(Strict):
    """An evaluation's figures that are compared, and what they were measured on."""

    name: str
    """The configuration that made the segmenter."""
    locator_sha256: str
    boundary_refiner_sha256: str | None
    data_sha256: str | None
    """Of the rendered set; None where there was none."""
    manifest_sha256: str | None
    """Of the real photos; None where there were none."""
    rendered: Headlines
    real: Headlines
    inspect_s: float | None
    """Median seconds a rendered photo."""

    def of_same_photos(self, other: "Compared") -> bool:
        """True where both were measured on the same photos, as far as both were."""
        sets = ((self.data_sha256, other.data_sha256), (self.manifest_sha256, other.manifest_sha256))
        return all(None in pair or pair[0] == pair[1] for pair in sets)


def compared(evaluation: Evaluation) -> Compared:
    """What of `evaluation` is compared."""
    rendered, real = evaluation.rendered, evaluation.real
    return Compared(
        name=evaluation.name,
        locator_sha256=evaluation.locator_sha256,
        boundary_refiner_sha256=evaluation.boundary_refiner_sha256,
        data_sha256=None if rendered is None else rendered.data_sha256,
        manifest_sha256=None if real is None else real.manifest_sha256,
        rendered={} if rendered is None else _named(RENDERED, rendered.key_metrics),
        real={} if real is None else _named(REAL, real.key_metrics),
        inspect_s=None if rendered is None else rendered.inspect_s,
    )


def _named(names: Sequence[str], figures: Headlines) -> Headlines:
    return {name: figures[name] for name in names if name in figures}


def read_compared(path: Path) -> Compared:
    """What was written before. Raises UsageError for anything else."""
    try:
        return Compared.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} is no {JSON} of `phonegrade evaluate`: {error}") from error


def comparison_table(models: Sequence[Compared]) -> list[str]:
    """The compared figures of several models, one column each."""
    rows = [
        [f"{part}: {name}", *("-" if name not in one else told(one[name]) for one in figures)]
        for part, names, figures in (
            ("rendered", RENDERED, [one.rendered for one in models]),
            ("real", REAL, [one.real for one in models]),
        )
        for name in names
    ]
    seconds = ["-" if one.inspect_s is None else f"{one.inspect_s:.2f}" for one in models]
    outlines = [
        "-" if one.boundary_refiner_sha256 is None else f"`{one.boundary_refiner_sha256[:8]}`" for one in models
    ]
    return table(
        ("figure", *(one.name for one in models)),
        [*rows, ["seconds a photo", *seconds], ["outlines by the side finder", *outlines]],
    )
