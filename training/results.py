"""Keeps the log of runs: `python -m phonegrade.training.results --help` adds a line to training/RESULTS.md."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from phonegrade.evaluation.evaluate import read_json
from phonegrade.evaluation.figures import Evaluation
from phonegrade.evaluation.tables import told

LOG = Path(__file__).with_name("RESULTS.md")
COLUMNS = (
    ("rendered", "crack recall"),
    ("rendered", "scratch recall, 3 mm and longer"),
    ("rendered", "damage precision, of any kind"),
    ("rendered", "false defects per sound surface"),
    ("rendered", "length error, median"),
    ("rendered", "outline IoU of 0.97 and more"),
    ("real", "crack AUROC"),
    ("real", "crack recall at 5 % false alarms"),
    ("real", "scratch F1, best threshold"),
    ("real", "false defects per clean photo"),
    ("real", "false defects per oil photo"),
    ("real", "false defects per stain photo"),
)


def row(evaluation: Evaluation, change: str, verdict: str) -> str:
    """One line of the log: what was changed, what came out, what to think of it."""
    cells = [change, evaluation.name, _hash(evaluation.commit), _hash(evaluation.segmenter_sha256)]
    cells.append("-" if evaluation.rendered is None else _hash(evaluation.rendered.data_sha256))
    for part, name in COLUMNS:
        figures = evaluation.rendered if part == "rendered" else evaluation.real
        known = figures is not None and name in figures.key_metrics
        cells.append(told(figures.key_metrics[name], interval=False) if figures is not None and known else "-")
    return f"| {' | '.join(_cell(cell) for cell in (*cells, verdict))} |\n"


def add_row(log: Path, evaluation: Evaluation, change: str, verdict: str) -> None:
    """Put the line below the last one of the only table in the file `log`."""
    lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
    last = max(number for number, line in enumerate(lines) if line.startswith("|"))
    lines.insert(last + 1, row(evaluation, change, verdict))
    log.write_text("".join(lines), encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Adds one line."""
    parser = argparse.ArgumentParser(description="Add an evaluation to training/RESULTS.md.")
    parser.add_argument("--evaluation", type=Path, required=True, help="evaluation.json of `phonegrade evaluate`")
    parser.add_argument("--change", required=True, help="the one thing that was changed")
    parser.add_argument("--verdict", required=True, help="what to think of it")
    parser.add_argument("--log", type=Path, default=LOG)
    told = parser.parse_args(arguments)
    add_row(told.log, read_json(told.evaluation), told.change, told.verdict)


def _hash(name: str) -> str:
    return name[:8]


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "/").split())


if __name__ == "__main__":
    main()
