"""The log of runs: adds a line to training/RESULTS.md."""

from pathlib import Path

from phonegrade.evaluation import metrics
from phonegrade.evaluation.figures import Evaluation
from phonegrade.evaluation.tables import estimate_text

LOG = Path(__file__).with_name("RESULTS.md")
RENDERED = (
    metrics.CRACK_RECALL,
    metrics.SCRATCH_RECALL,
    metrics.DAMAGE_PRECISION,
    metrics.FALSE_PER_SURFACE,
    metrics.LENGTH_ERROR,
    metrics.OUTLINE_IOU,
)
REAL = (
    metrics.CRACK_AUROC,
    metrics.CRACK_RECALL_AT_5,
    metrics.SCRATCH_F1,
    metrics.false_per_photo("clean"),
    metrics.false_per_photo("oil"),
    metrics.false_per_photo("stain"),
)
"""In the order of the log's columns."""


def row(evaluation: Evaluation, change: str, verdict: str) -> str:
    """Return one line of the log: the change, the figures, the verdict."""
    cells = [change, evaluation.name, _hash(evaluation.commit), _hash(evaluation.segmenter_sha256)]
    cells.append("-" if evaluation.rendered is None else _hash(evaluation.rendered.data_sha256))
    for part, chosen in ((evaluation.rendered, RENDERED), (evaluation.real, REAL)):
        figures = {} if part is None else part.key_metrics
        cells += [
            estimate_text(figures[metric.name], interval=False) if metric.name in figures else "-" for metric in chosen
        ]
    return f"| {' | '.join(_cell(cell) for cell in (*cells, verdict))} |\n"


def add_row(log: Path, evaluation: Evaluation, change: str, verdict: str) -> None:
    """Put the line below the last one of the last table in the file `log`."""
    lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
    last = max(number for number, line in enumerate(lines) if line.startswith("|"))
    lines.insert(last + 1, row(evaluation, change, verdict))
    log.write_text("".join(lines), encoding="utf-8")


def _hash(name: str) -> str:
    return name[:8]


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "/").split())
