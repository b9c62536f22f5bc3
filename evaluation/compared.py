"""Several models on the same photos: a few metrics of each evaluation, small enough to be kept, for the card."""

from collections.abc import Sequence
from pathlib import Path

from phonegrade.core.errors import UsageError
from phonegrade.core.strict import Strict
from phonegrade.evaluation import metrics
from phonegrade.evaluation.figures import Evaluation, KeyMetrics
from phonegrade.evaluation.metrics import Metric
from phonegrade.evaluation.tables import estimate_text, table

JSON = "compared.json"
RENDERED = (
    metrics.DAMAGE_RECALL,
    metrics.DAMAGE_PRECISION,
    metrics.CRACK_RECALL,
    metrics.SCRATCH_RECALL,
    metrics.FALSE_PER_SURFACE,
)
REAL = (
    metrics.CRACK_AUROC,
    metrics.CRACK_RECALL_AT_5,
    metrics.SCRATCH_F1,
    metrics.false_per_photo("clean"),
    metrics.false_per_photo("oil"),
)


class Compared(Strict):
    """The metrics of an evaluation that are compared, and what they were measured on."""

    name: str
    """The configuration that made the segmenter."""
    locator_sha256: str
    boundary_refiner_sha256: str | None
    data_sha256: str | None
    """Of the rendered set; None where there was none."""
    manifest_sha256: str | None
    """Of the real photos; None where there were none."""
    rendered: KeyMetrics
    real: KeyMetrics
    inspect_s: float | None
    """Median seconds a rendered photo."""

    def of_same_photos(self, other: "Compared") -> bool:
        """Return whether both were measured on the same photos, as far as both were."""
        sets = ((self.data_sha256, other.data_sha256), (self.manifest_sha256, other.manifest_sha256))
        return all(None in pair or pair[0] == pair[1] for pair in sets)


def compared(evaluation: Evaluation) -> Compared:
    """Return the part of `evaluation` that is compared."""
    rendered, real = evaluation.rendered, evaluation.real
    return Compared(
        name=evaluation.name,
        locator_sha256=evaluation.locator_sha256,
        boundary_refiner_sha256=evaluation.boundary_refiner_sha256,
        data_sha256=None if rendered is None else rendered.data_sha256,
        manifest_sha256=None if real is None else real.manifest_sha256,
        rendered={} if rendered is None else _selected(RENDERED, rendered.key_metrics),
        real={} if real is None else _selected(REAL, real.key_metrics),
        inspect_s=None if rendered is None else rendered.inspect_s,
    )


def _selected(chosen: Sequence[Metric], figures: KeyMetrics) -> KeyMetrics:
    return {metric.name: figures[metric.name] for metric in chosen if metric.name in figures}


def read_compared(path: Path) -> Compared:
    """Read a `Compared` that was written before. Raises UsageError for anything else."""
    try:
        return Compared.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} is no {JSON} of `phonegrade evaluate`: {error}") from error


def _cell(figures: KeyMetrics, metric: Metric) -> str:
    return "-" if metric.name not in figures else estimate_text(figures[metric.name])


def comparison_table(models: Sequence[Compared]) -> list[str]:
    """Return the compared metrics of several models, one column each."""
    rows = [
        [f"{part}: {metric.name}", *(_cell(one, metric) for one in figures)]
        for part, chosen, figures in (
            ("rendered", RENDERED, [one.rendered for one in models]),
            ("real", REAL, [one.real for one in models]),
        )
        for metric in chosen
    ]
    seconds = ["-" if one.inspect_s is None else f"{one.inspect_s:.2f}" for one in models]
    outlines = [
        "-" if one.boundary_refiner_sha256 is None else f"`{one.boundary_refiner_sha256[:8]}`" for one in models
    ]
    return table(
        ("metric", *(one.name for one in models)),
        [*rows, ["seconds a photo", *seconds], ["boundary refiner", *outlines]],
    )
