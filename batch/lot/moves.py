"""Regrades stored devices without their photos, in processes, and says who moves from which grade to which.

By the limits, tests and gates alone, before and after: what moves, moves because of the policy. Two runs, such as of
two sets of models, are compared by the grades that they gave.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from phonegrade.batch.lot.values import PriceTable
from phonegrade.batch.parquet import ERROR, count_rows, read_rows
from phonegrade.batch.worker_tasks import in_order
from phonegrade.configs.policy import Policy
from phonegrade.core.arrays import Floats
from phonegrade.core.errors import SetupError, StoredFileError
from phonegrade.grading.decision import PolicyRef
from phonegrade.grading.vectorised.regrade import Verdicts, regrade
from phonegrade.grading.vectorised.simulation import Graded, Simulation, Tally

SLICE = 50_000
_NOTHING = "none"
_DEVICE, _STORAGE = "device", "storage_gb"


class Moves(NamedTuple):
    """What became of a stock."""

    simulation: Simulation
    parquet: bytes
    """One row a device: id, device, before, after, moved, value_before, value_after, change."""
    before: dict[str, int]
    """Devices by grade, or status where there is none."""
    after: dict[str, int]
    currency: str | None
    left_out: int
    """Devices that could not be graded at all."""


@dataclass(frozen=True)
class MoveSettings:
    """How a stock is regraded; passes through pickle."""

    file: Path
    new: Policy | None
    """None: the grades after are the stored ones, as where two runs are compared."""
    old: Policy | None
    """None: the grades before are the stored ones."""
    named_before: PolicyRef | None
    """What the grades before are called; None: as they were stored."""
    named_after: PolicyRef
    before: Path | None = None
    """Another run's devices, whose stored grades are those before."""
    prices: PriceTable | None = None
    typical_price: float = 1.0
    """Where neither a price book nor the stock has a price."""


@dataclass(frozen=True)
class _Slice:
    ids: NDArray[np.str_]
    price: Floats
    before: Graded
    after: Graded
    frame: pl.DataFrame
    left_out: int


def moves_of(settings: MoveSettings, workers: int) -> Moves:
    """Return who moves, and the value at stake. Raises StoredFileError."""
    starts = list(range(0, count_rows(settings.file), SLICE))
    tally, frames, left_out = Tally(), list[pl.DataFrame](), 0
    for part in _slices(settings, starts, workers):
        typical = 0.0 if settings.prices is not None else settings.typical_price
        tally.add(part.ids, part.price, part.before, part.after, typical)
        frames.append(part.frame)
        left_out += part.left_out
    if not frames:
        raise StoredFileError(f"{settings.file}: holds no device")
    frame = pl.concat(frames)
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return Moves(
        simulation=tally.result(settings.named_before, settings.named_after),
        parquet=buffer.getvalue(),
        before=_counts(frame["before"]),
        after=_counts(frame["after"]),
        currency=None if settings.prices is None else settings.prices.currency,
        left_out=left_out,
    )


def policy_ref(policy: Policy) -> PolicyRef:
    """Return what names a policy."""
    return PolicyRef(name=policy.name, version=policy.version, sha256=policy.sha256)


def _counts(grades: pl.Series) -> dict[str, int]:
    return dict(sorted(grades.value_counts().iter_rows()))


def _slices(settings: MoveSettings, starts: Sequence[int], workers: int) -> Iterable[_Slice]:
    work = partial(_slice, settings)
    return map(work, starts) if workers < 2 or len(starts) < 2 else in_order(work, starts, workers, _died)


def _died(start: int) -> _Slice:
    raise SetupError(f"the process that regraded devices {start} and on ended, perhaps for lack of memory")


def _slice(settings: MoveSettings, start: int) -> _Slice:
    batch = read_rows(settings.file, start, SLICE)
    about = _about(settings.file, start)
    stored = Graded(batch.stored_grade, batch.stored_value_share), _cosmetic(about)
    after, cosmetic_after = (
        stored if settings.new is None else _graded(regrade(batch.columns, settings.new), settings.new)
    )
    before, cosmetic_before = (
        stored if settings.old is None else _graded(regrade(batch.columns, settings.old), settings.old)
    )
    if settings.before is not None:
        before, cosmetic_before = _earlier(settings.before, batch.ids)
    price = batch.price
    if settings.prices is not None:
        before, priced = _valued(settings.prices, about, before, cosmetic_before)
        after, priced_after = _valued(settings.prices, about, after, cosmetic_after)
        price = np.where(priced & priced_after, 1.0, np.nan)
    return _Slice(
        batch.ids, price, before, after, _frame(settings, batch.ids, about, price, before, after), about.left_out
    )


class _About(NamedTuple):
    device: pl.Series
    storage_gb: pl.Series
    cosmetic: pl.Series
    left_out: int


def _about(file: Path, start: int) -> _About:
    """Return what a run's devices hold beside that by which they are regraded; nulls where the file holds it not."""
    lazy = pl.scan_parquet(file).slice(start, SLICE)
    names = lazy.collect_schema().names()
    wanted = {_DEVICE: pl.String, _STORAGE: pl.Int64, "cosmetic_grade": pl.String, ERROR: pl.String}
    columns = [pl.col(n) if n in names else pl.lit(None, dtype=t).alias(n) for n, t in wanted.items()]
    frame = lazy.select(pl.col("id"), *columns).collect()
    kept = frame.filter(pl.col(ERROR).is_null())
    return _About(kept[_DEVICE], kept[_STORAGE], kept["cosmetic_grade"], len(frame) - len(kept))


def _cosmetic(about: _About) -> NDArray[np.str_]:
    return about.cosmetic.fill_null(_NOTHING).to_numpy().astype(np.str_)


def _graded(verdicts: Verdicts, policy: Policy) -> tuple[Graded, NDArray[np.str_]]:
    names = np.array([*policy.cosmetic.names, _NOTHING])
    return Graded(verdicts.grades(policy), verdicts.value_share), names[verdicts.cosmetic_grade]


def _earlier(file: Path, ids: NDArray[np.str_]) -> tuple[Graded, NDArray[np.str_]]:
    """Return the stored grades of another run for these ids; "not there" for one that it has not."""
    columns = ["id", "stored_grade", "stored_value_share", "cosmetic_grade"]
    try:
        known = pl.read_parquet(file, columns=columns).with_columns(pl.col("stored_value_share").fill_nan(None))
    except (OSError, pl.exceptions.PolarsError) as error:
        raise StoredFileError(f"{file}: no devices of a run: {str(error).splitlines()[0]}") from error
    asked = pl.DataFrame({"id": pl.Series(ids.astype(object), dtype=pl.String)})
    joined = asked.join(known, on="id", how="left", maintain_order="left")
    return (
        Graded(
            joined["stored_grade"].fill_null("not there").to_numpy().astype(np.str_),
            joined["stored_value_share"].fill_null(np.nan).to_numpy(),
        ),
        joined["cosmetic_grade"].fill_null(_NOTHING).to_numpy().astype(np.str_),
    )


def _valued(
    prices: PriceTable, about: _About, graded: Graded, cosmetic: NDArray[np.str_]
) -> tuple[Graded, NDArray[np.bool_]]:
    """Return the grades with their amounts for shares, and which devices have a price or no grade to have one."""
    amounts = prices.amounts(about.device, about.storage_gb, (graded.grade, cosmetic))
    has_grade = ~np.isnan(graded.value_share)
    shares = np.where(has_grade, np.nan_to_num(amounts), np.nan)
    return Graded(graded.grade, shares), ~np.isnan(amounts) | ~has_grade


def _frame(
    settings: MoveSettings, ids: NDArray[np.str_], about: _About, price: Floats, before: Graded, after: Graded
) -> pl.DataFrame:
    unpriced = np.nan if settings.prices is not None else settings.typical_price
    paid = np.where(np.isnan(price), unpriced, price)
    values = [paid * one.value_share for one in (before, after)]
    frame = pl.DataFrame(
        {
            "id": pl.Series(ids.astype(object), dtype=pl.String),
            "device": about.device,
            "before": pl.Series(before.grade.astype(object), dtype=pl.String),
            "after": pl.Series(after.grade.astype(object), dtype=pl.String),
            "moved": before.grade != after.grade,
            "value_before": values[0],
            "value_after": values[1],
            "change": values[1] - values[0],
        }
    )
    return frame.with_columns(pl.col("value_before", "value_after", "change").fill_nan(None))
