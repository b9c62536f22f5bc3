"""The report of a lot and that of a regrading: HTML pages without scripts, of the same size for any lot."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, Template

from phonegrade import __version__
from phonegrade.batch.input.stock import Problem
from phonegrade.batch.lot.evidence import LotCloseUp
from phonegrade.batch.lot.expected import LotComparison
from phonegrade.batch.lot.moves import Moves
from phonegrade.configs.policy import Policy
from phonegrade.core.vocabulary import DefectKind, Surface
from phonegrade.grading.decision import Status

MOST_LISTED = 40
"""Devices, problems and ids of a list; the files beside the report have all."""
STATUSES = (*(status.value for status in Status), "error")


class Bar(NamedTuple):
    """One bar of a chart."""

    label: str
    devices: int
    share: float
    """Of the longest bar."""


def lot_page(
    title: str,
    frame: pl.DataFrame,
    policy: Policy,
    problems: Sequence[Problem],
    evidence: Sequence[LotCloseUp],
    comparison: LotComparison | None,
) -> str:
    """Return the report of a lot; `frame` is its devices as `results.write_results` writes them."""
    statuses = _counts(frame["status"])
    review = frame.filter(pl.col("needs_review") & (pl.col("status") != "error"))
    priced = frame.filter(pl.col("price").is_not_nan() & pl.col("value_share").is_not_null())
    return _page("lot_report.html.j2").render(
        title=title,
        version=__version__,
        policy=policy,
        devices=len(frame),
        photos=int(frame["photos"].sum()),
        statuses={status: statuses.get(status, 0) for status in STATUSES},
        grades=bars(_counts(frame["grade"].drop_nulls())),
        kinds=_kinds(frame),
        surfaces=tuple(Surface),
        retakes=_retakes(frame),
        review=list(
            review.head(MOST_LISTED).select("id", "device", "grade", "at_best", "review").iter_rows(named=True)
        ),
        reviews=len(review),
        assumed=int(frame["sizes_assumed"].fill_null(value=False).sum()),
        value=float((priced["price"] * priced["value_share"]).sum()) if len(priced) else None,
        priced=len(priced),
        problems=problems[:MOST_LISTED],
        problem_count=len(problems),
        codes=bars(dict(Counter(one.code for one in problems).most_common())),
        evidence=evidence,
        comparison=comparison,
        most=MOST_LISTED,
    )


def moves_page(title: str, moves: Moves) -> str:
    """Return the report of a regrading."""
    simulation = moves.simulation
    counts = {(one.before, one.after): one.devices for one in simulation.moves}
    stayed = {grade: moves.before.get(grade, 0) for grade in moves.before}
    for (before, _), count in counts.items():
        stayed[before] -= count
    counts |= {(grade, grade): count for grade, count in stayed.items() if count}
    return _page("moves_report.html.j2").render(
        title=title,
        version=__version__,
        s=simulation,
        moves=moves,
        counts=counts,
        most=max(counts.values(), default=1),
        grades=sorted({*moves.before, *moves.after}, key=_grade_order),
        before=bars(moves.before),
        after=bars(moves.after),
    )


def bars(counts: Mapping[str, int]) -> list[Bar]:
    """Return a bar for each count, in their order."""
    most = max(counts.values(), default=0)
    return [Bar(label, count, count / most) for label, count in counts.items()]


def _counts(values: pl.Series) -> dict[str, int]:
    return dict(sorted(values.value_counts().iter_rows(), key=lambda one: _grade_order(str(one[0]))))


def _grade_order(grade: str) -> tuple[bool, str]:
    """Order grades before statuses, which are written in small letters."""
    return grade.islower(), grade


def _kinds(frame: pl.DataFrame) -> dict[DefectKind, dict[Surface, int]]:
    """Return how many defects count, by kind and surface; kinds without any are left out."""
    counted = Counter(frame["counted"].explode(empty_as_null=False).to_list())
    table = {kind: {surface: counted[f"{surface}:{kind}"] for surface in Surface} for kind in DefectKind}
    return {kind: row for kind, row in table.items() if any(row.values())}


def _retakes(frame: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Return why surfaces have no grade, the most frequent reason first, and how often on which surface."""
    counted = Counter(frame["retake"].explode(empty_as_null=False).to_list())
    table: dict[str, dict[str, int]] = {}
    for text, count in counted.items():
        surface, _, rule = str(text).partition(":")
        table.setdefault(rule, dict.fromkeys(Surface, 0))[surface] = count
    return dict(sorted(table.items(), key=lambda one: (-sum(one[1].values()), one[0])))


def _page(template: str) -> Template:
    loader = ChoiceLoader([PackageLoader("phonegrade.batch.lot", "."), PackageLoader("phonegrade.assessment", ".")])
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["words"] = lambda text: str(text).replace("_", " ")
    environment.filters["thousands"] = lambda number: f"{number:,}".replace(",", "\u202f")
    return environment.get_template(template)
