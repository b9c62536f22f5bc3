"""What a finished run leaves: one row a device, what could not be used, and the report of the lot."""

import csv
import io
from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from phonegrade.batch.device_work import ASSESSMENT, DeviceTask
from phonegrade.batch.engines.chunks import CODE, KEY, done_in
from phonegrade.batch.input.stock import Problem
from phonegrade.batch.lot.evidence import contact_sheet
from phonegrade.batch.lot.expected import compare_lot
from phonegrade.batch.lot.report import lot_page
from phonegrade.batch.plan import Plan
from phonegrade.batch.run_folder import RunFolder
from phonegrade.configs.policy import Policy
from phonegrade.core.batch_errors import OutputError

ROW_GROUP = 50_000
CANDIDATES = 200
"""Devices that are tried for the contact sheet, which not all have something for."""
CSV_COLUMNS = (
    "id",
    "device",
    "status",
    "grade",
    "cosmetic_grade",
    "functional_grade",
    "at_best",
    "value_share",
    "price",
    "needs_review",
    "review",
    "retake",
    "reasons",
    CODE,
    "error_message",
)


class Written(NamedTuple):
    """What could not be used, as it was written."""

    errors: int
    """Devices that could not be graded."""
    problems: tuple[Problem, ...]


def write_results(
    folder: RunFolder,
    policy: Policy,
    plan: Plan,
    tasks: Sequence[DeviceTask],
    expected: tuple[str, ...] | None,
) -> Written:
    """Write devices, problems and the report. Raises OutputError.

    Every id of the input is in the devices once, in the order of the input, or nothing is written.
    """
    frame = _devices(folder, tasks)
    given = [device.id for device in plan.devices]
    if frame["id"].to_list() != given:
        raise OutputError(f"{folder.root}: {len(given)} devices went in and {len(frame)} came out; run again")
    folder.write(folder.devices, _parquet(frame))
    folder.write(folder.devices.with_suffix(".csv"), _csv(frame))
    problems = [*plan.problems, *_unusable(folder, plan)]
    folder.write(folder.problems, problems_csv(problems))
    comparison = None if expected is None else compare_lot(expected, given)
    evidence = contact_sheet(tasks, dict(done_in(folder.decisions).iter_rows()), _first_to_see(frame))
    page = lot_page(folder.root.resolve().name, frame, policy, problems, evidence, comparison)
    folder.write(folder.report, page.encode())
    folder.write(folder.policy, policy.model_dump_json(exclude_unset=True).encode())
    return Written(int(frame[CODE].is_not_null().sum()), tuple(problems))


def _devices(folder: RunFolder, tasks: Sequence[DeviceTask]) -> pl.DataFrame:
    """Return the row of every task, in their order."""
    wanted = pl.LazyFrame(
        {KEY: [task.key for task in tasks], "at": range(len(tasks))}, schema_overrides={"at": pl.Int64}
    )
    placed = wanted.join(done_in(folder.decisions).lazy(), on=KEY, how="inner").collect()
    if placed.is_empty():
        raise OutputError(f"{folder.decisions}: holds no device of this run; run again")
    rows = pl.scan_parquet(sorted(set(placed["file"])), include_file_paths="file").drop(ASSESSMENT)
    return rows.join(placed.lazy(), on=[KEY, "file"], how="inner").sort("at").drop("at", "file", KEY).collect()


def _first_to_see(frame: pl.DataFrame) -> list[int]:
    """Return rows of devices, those for manual review and those of the worst cosmetic grades first."""
    order = frame.with_row_index("at").filter(pl.col(CODE).is_null())
    return (
        order.sort("needs_review", "cosmetic_grade", descending=True, nulls_last=True)["at"].head(CANDIDATES).to_list()
    )


def _unusable(folder: RunFolder, plan: Plan) -> list[Problem]:
    """Return a problem for every photo of every device that was read and cannot be used."""
    files = sorted(folder.photos.glob("*.parquet"))
    if not files:
        return []
    rows = pl.scan_parquet(files).filter(pl.col(CODE).is_not_null()).select(KEY, CODE, "error_message").collect()
    errors = {key: (code, message) for key, code, message in rows.iter_rows()}
    return [
        Problem(*errors[photo.key], device=device.id, surface=photo.surface)
        for device in plan.devices
        for photo in device.photos
        if photo.key in errors
    ]


def problems_csv(problems: Sequence[Problem]) -> bytes:
    """Return problems as a CSV file: line, device, surface, code, message."""
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("line", "device", "surface", "code", "message"))
    rows.writerows((one.line, one.device, one.surface, one.code, one.message) for one in problems)
    return text.getvalue().encode()


def _parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer, row_group_size=ROW_GROUP)
    return buffer.getvalue()


def _csv(frame: pl.DataFrame) -> bytes:
    lists = [name for name in CSV_COLUMNS if isinstance(frame.schema[name], pl.List)]
    short = frame.select(CSV_COLUMNS).with_columns(pl.col(name).list.join("; ") for name in lists)
    return short.with_columns(pl.col(pl.Float64).fill_nan(None)).write_csv().encode()
