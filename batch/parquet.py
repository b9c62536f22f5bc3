"""Stored devices in a Parquet file: one row per device, lists for its defects, words where the columns have indices."""

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from phonegrade.batch.batches import Batch
from phonegrade.core.arrays import Floats
from phonegrade.core.errors import StoredFileError
from phonegrade.grading.vectorised.columns import (
    KINDS,
    RESULTS,
    SURFACES,
    ZONES,
    DefectColumns,
    DeviceColumns,
    DirtColumns,
    SurfaceColumns,
    TestColumns,
    measure_names,
    test_names,
)
from phonegrade.grading.vectorised.to_columns import to_columns

_SURFACE, _KIND, _RESULT = (pl.Enum([word.value for word in words]) for words in (SURFACES, KINDS, RESULTS))
_ZONE = pl.Enum([*(zone.value for zone in ZONES), "unknown"])
_ROWS = 50_000
"""Devices in a row group, the least that can be read alone."""
_SIX = len(SURFACES)
ERROR = "error_code"
"""Column of a run's devices: why one could not be graded."""
_DEFECT_NUMBERS = ("confidence", "counts_from", "length_mm", "width_mm", "area_mm2", "depth_mm")
_DIRT_NUMBERS = ("confidence", "counts_from", "area_mm2")


def write_parquet(batches: Iterable[Batch], file: Path) -> int:
    """Write all batches to one file and return the number of devices."""
    with tempfile.TemporaryDirectory() as folder:
        parts: list[Path] = []
        count = 0
        for batch in batches:
            frame = frame_of(batch)
            parts.append(Path(folder) / f"{len(parts):06}.parquet")
            frame.write_parquet(parts[-1])
            count += len(frame)
        if not parts:
            raise StoredFileError(f"{file}: there is no device to write")
        try:
            pl.scan_parquet(parts).sink_parquet(file, row_group_size=_ROWS)
        except OSError as error:
            raise StoredFileError(f"{file}: cannot be written ({error.strerror})") from error
    return count


def read_parquet(file: Path, batch: int) -> Iterator[Batch]:
    """Yield batches of at most `batch` devices. Raises StoredFileError for a file without stored devices."""
    for start in range(0, count_rows(file), batch):
        yield read_rows(file, start, batch)


def count_rows(file: Path) -> int:
    """Return how many rows a Parquet file has. Raises StoredFileError."""
    try:
        return int(pl.scan_parquet(file).select(pl.len()).collect().item())
    except (OSError, pl.exceptions.PolarsError) as error:
        raise StoredFileError(f"{file}: no stored devices: {str(error).splitlines()[0]}") from error


def read_rows(file: Path, start: int, count: int) -> Batch:
    """Return the devices of so many rows, without those that could not be graded. Raises StoredFileError."""
    try:
        lazy = pl.scan_parquet(file).slice(start, count)
        has_errors = ERROR in lazy.collect_schema().names()
        names = [*stored_schema(), *([ERROR] if has_errors else [])]
        frame = lazy.select(names).collect()
    except (OSError, pl.exceptions.PolarsError) as error:
        raise StoredFileError(f"{file}: no stored devices: {str(error).splitlines()[0]}") from error
    return _batch(frame.filter(pl.col(ERROR).is_null()).drop(ERROR) if has_errors else frame)


@cache
def stored_schema() -> Mapping[str, pl.DataType]:
    """Return the columns that a device is regraded by, and their types."""
    nothing = Batch(
        ids=np.array([], np.str_),
        price=np.array([], np.float64),
        stored_grade=np.array([], np.str_),
        stored_value_share=np.array([], np.float64),
        columns=to_columns([]),
    )
    return frame_of(nothing).schema


def frame_of(batch: Batch) -> pl.DataFrame:
    """Return one row a device."""
    columns, count = batch.columns, len(batch.ids)
    surfaces, defects, dirt = columns.surfaces, columns.defects, columns.dirt
    names = np.array(columns.flag_names, dtype=object)
    flags = [
        [
            f"{SURFACES[position]}:{names[bit]}"
            for position in range(_SIX)
            for bit in range(len(names))
            if int(row[position]) >> bit & 1
        ]
        for row in surfaces.raised
    ]
    data: dict[str, pl.Series] = {
        "id": pl.Series(batch.ids.astype(object), dtype=pl.String),
        "price": pl.Series(batch.price),
        "stored_grade": pl.Series(batch.stored_grade.astype(object), dtype=pl.String),
        "stored_value_share": pl.Series(batch.stored_value_share),
        "flags": pl.Series(flags, dtype=pl.List(pl.String)),
        **{
            f"{SURFACES[position]}_{name}": pl.Series(values[:, position])
            for name, values in _by_surface(surfaces).items()
            for position in range(_SIX)
        },
        **_lists(count, "defect", defects.at, _defect_columns(defects)),
        **_lists(count, "dirt", dirt.at, {name: pl.Series(getattr(dirt, name)) for name in _DIRT_NUMBERS}),
        "reported": pl.Series(columns.tests.reported),
        **{name: _words(columns.tests.results[:, position], _RESULT) for position, name in enumerate(test_names())},
        **{name: pl.Series(columns.tests.measures[:, position]) for position, name in enumerate(measure_names())},
    }
    return pl.DataFrame(data)


def _by_surface(surfaces: SurfaceColumns) -> dict[str, NDArray[np.bool_] | Floats]:
    return {
        "present": surfaces.present,
        "measured": surfaces.measured,
        "assumed": surfaces.assumed,
        "resolvable_mm": surfaces.resolvable_mm,
        "size_mm2": surfaces.size_mm2,
    }


def _defect_columns(defects: DefectColumns) -> dict[str, pl.Series]:
    return {
        "kind": _words(defects.kind, _KIND),
        "zone": _words(defects.zone, _ZONE),
        **{name: pl.Series(getattr(defects, name)) for name in _DEFECT_NUMBERS},
    }


def _words(codes: NDArray[np.uint8], words: pl.Enum) -> pl.Series:
    return pl.Series(codes, dtype=pl.UInt8).cat.to(words)


def _lists(count: int, prefix: str, at: NDArray[np.int64], parts: dict[str, pl.Series]) -> dict[str, pl.Series]:
    """Return one list per device of each part; devices without defects get empty lists."""
    device = pl.Series(at // _SIX)
    surface = _words((at % _SIX).astype(np.uint8), _SURFACE)
    flat = pl.DataFrame({"device": device, "surface": surface, **parts})
    grouped = flat.group_by("device", maintain_order=True).agg(pl.all())
    whole = pl.DataFrame({"device": np.arange(count)}).join(grouped, on="device", how="left", maintain_order="left")
    return {f"{prefix}_{name}": whole[name].fill_null([]) for name in ("surface", *parts)}


def _batch(frame: pl.DataFrame) -> Batch:
    flag_names, raised = _raised(frame)

    def six(name: str) -> NDArray[np.generic]:
        return np.column_stack([frame[f"{surface}_{name}"].to_numpy() for surface in SURFACES])

    surfaces = SurfaceColumns(
        present=six("present").astype(np.bool_),
        measured=six("measured").astype(np.bool_),
        assumed=six("assumed").astype(np.bool_),
        resolvable_mm=six("resolvable_mm").astype(np.float64),
        size_mm2=six("size_mm2").astype(np.float64),
        raised=raised,
    )
    defect_at, dirt_at = _at(frame, "defect"), _at(frame, "dirt")
    numbers = {name: _flat(frame, f"defect_{name}") for name in _DEFECT_NUMBERS}
    defects = DefectColumns(
        at=defect_at, kind=_codes(frame, "defect_kind"), zone=_codes(frame, "defect_zone"), **numbers
    )
    tests = TestColumns(
        reported=frame["reported"].to_numpy(),
        results=np.column_stack([frame[name].to_physical().to_numpy() for name in test_names()]).astype(np.uint8),
        measures=np.column_stack([frame[name].to_numpy() for name in measure_names()]).astype(np.float64),
    )
    dirt = DirtColumns(at=dirt_at, **{name: _flat(frame, f"dirt_{name}") for name in _DIRT_NUMBERS})
    return Batch(
        ids=frame["id"].to_numpy().astype(np.str_),
        price=frame["price"].to_numpy(),
        stored_grade=frame["stored_grade"].to_numpy().astype(np.str_),
        stored_value_share=frame["stored_value_share"].to_numpy(),
        columns=DeviceColumns(surfaces, defects, dirt, tests, flag_names),
    )


def _at(frame: pl.DataFrame, prefix: str) -> NDArray[np.int64]:
    lengths = frame[f"{prefix}_surface"].list.len().to_numpy().astype(np.int64)
    device = np.repeat(np.arange(len(frame), dtype=np.int64), lengths)
    return device * _SIX + _codes(frame, f"{prefix}_surface")


def _flat(frame: pl.DataFrame, name: str) -> Floats:
    return frame[name].explode(empty_as_null=False).to_numpy().astype(np.float64)


def _codes(frame: pl.DataFrame, name: str) -> NDArray[np.uint8]:
    return frame[name].explode(empty_as_null=False).to_physical().to_numpy().astype(np.uint8)


def _raised(frame: pl.DataFrame) -> tuple[tuple[str, ...], NDArray[np.uint64]]:
    raised = np.zeros((len(frame), _SIX), np.uint64)
    lengths = frame["flags"].list.len().to_numpy().astype(np.int64)
    rows = np.repeat(np.arange(len(frame)), lengths)
    flags = [text.split(":", 1) for text in frame["flags"].explode(empty_as_null=False).to_list()]
    names = tuple(dict.fromkeys(name for _, name in flags))
    positions = {str(surface): position for position, surface in enumerate(SURFACES)}
    for row, (surface, name) in zip(rows, flags, strict=True):
        raised[row, positions[surface]] |= np.uint64(1 << names.index(name))
    return names, raised
