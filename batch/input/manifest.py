"""A manifest: one row a photo, as CSV, Parquet or JSON lines; a row that cannot be used stops no other."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from pydantic import Field, FiniteFloat, NonNegativeFloat, PositiveInt, ValidationError, field_validator

from phonegrade.batch.input.places import is_url, read_file
from phonegrade.batch.input.stock import Problem, Stock, StockDevice, StockPhoto
from phonegrade.core.batch_errors import ManifestError
from phonegrade.core.errors import FunctionalError, InputError
from phonegrade.core.extras import needs_extra
from phonegrade.core.functional.report import checked_imei
from phonegrade.core.problems import every_problem, nearest
from phonegrade.core.strict import Strict
from phonegrade.core.vocabulary import Surface

SUFFIXES = (".csv", ".jsonl", ".ndjson", ".parquet")
MAX_BYTES = 4 << 30
Row = tuple[int, dict[str, Any] | str]
"""The line, from 1, and its values, or why there are none."""


class ManifestRow(Strict):
    """One photo of one device; what is said of the device may stand in any of its rows."""

    id: Annotated[str, Field(min_length=1, max_length=200)]
    surface: Surface | None = None
    photo: Annotated[str, Field(min_length=1, max_length=2000)] | None = None
    """A path, from the manifest's folder on, or a URL; none: the row only says something of the device."""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    functional: str | None = None
    """Test results as JSON, or the path or URL of a file with them."""
    device: Annotated[str, Field(max_length=200)] | None = None
    """Brand and model, or a model code."""
    imei: str | None = None
    """Checked and not kept: no table leads from it to a model."""
    storage_gb: PositiveInt | None = None
    price: Annotated[FiniteFloat, NonNegativeFloat] | None = None
    """Of this model in the best grade."""

    @field_validator("*", mode="before")
    @classmethod
    def _empty_is_none(cls, given: object) -> object:
        return None if isinstance(given, str) and not given.strip() else given

    @field_validator("functional", mode="before")
    @classmethod
    def _as_text(cls, given: object) -> object:
        return json.dumps(given) if isinstance(given, dict) else given

    @field_validator("id", "device", "imei", mode="before")
    @classmethod
    def _number_is_text(cls, given: object) -> object:
        return str(given) if isinstance(given, int) else given


COLUMNS = tuple(ManifestRow.model_fields)


def is_manifest(source: str) -> bool:
    """Return whether a source is named as a manifest."""
    return source.casefold().endswith(SUFFIXES)


def stock_of_manifest(source: str) -> Stock:
    """Return the devices of a manifest, a path or URL, and a problem for every row that cannot be used.

    Raises ManifestError for what is no manifest at all, such as one with an unknown column, and what `read_file` does.
    """
    data = read_file(source, MAX_BYTES)
    suffix = PurePosixPath(source).suffix.casefold()
    match suffix:
        case ".csv":
            rows = _csv_rows(source, data)
        case ".parquet":
            rows = _parquet_rows(source, data)
        case _:
            rows = _json_rows(data)
    stock = stock_of_rows(rows, source)
    if not stock.devices and not stock.problems:
        raise ManifestError(f"{source}: holds no row")
    return stock


def stock_of_rows(rows: Iterable[Row], source: str) -> Stock:
    """Return the devices of numbered rows; relative paths start where `source` lies."""
    base = source.rpartition("/")[0] if is_url(source) else str(Path(source).absolute().parent)
    stock = Stock()
    lines: dict[tuple[str, str], int] = {}
    for line, values in rows:
        try:
            if isinstance(values, str):
                raise ManifestError(values)
            _add(stock, _parsed(values), base, line, lines)
        except InputError as error:
            name = values.get("id") if isinstance(values, dict) else None
            device = str(name) if name else None
            if device is not None:
                stock.devices.setdefault(device, StockDevice(device))
            stock.problems.append(Problem(ManifestError.code, str(error), line=line, device=device))
    return stock


def _parsed(values: dict[str, Any]) -> ManifestRow:
    try:
        row = ManifestRow.model_validate(values, strict=False)
    except ValidationError as error:
        raise ManifestError(every_problem(error, "row")) from error
    if (row.photo is None) != (row.surface is None):
        raise ManifestError("photo and surface go together: one of the two is missing")
    if row.imei is not None:
        try:
            checked_imei(row.imei, "imei")
        except FunctionalError as error:
            raise ManifestError("imei: not an IMEI, which has fifteen digits") from error
    return row


def _add(stock: Stock, row: ManifestRow, base: str, line: int, lines: dict[tuple[str, str], int]) -> None:
    device = stock.devices.setdefault(row.id, StockDevice(row.id))
    functional = row.functional
    if functional is not None and not functional.lstrip().startswith("{"):
        functional = _from(base, functional)
    stated = {"device": row.device, "functional": functional, "storage_gb": row.storage_gb, "price": row.price}
    for name, value in stated.items():
        known = getattr(device, name)
        if value is not None and known is not None and value != known:
            raise ManifestError(f"{name}: another value than in line {lines[row.id, name]}; the photo is left out")
    for name, value in stated.items():
        if value is not None:
            lines.setdefault((row.id, name), line)
            setattr(device, name, value)
    if row.imei is not None and row.device is None and not any(one.device == row.id for one in stock.problems):
        text = "an IMEI alone names no model: without a device its sizes are assumed"
        stock.problems.append(Problem("imei_not_used", text, line=line, device=row.id))
    if row.photo is not None and row.surface is not None:
        location = _from(base, row.photo)
        name = PurePosixPath(location).name
        device.photos.append(StockPhoto(row.surface, location, name, row.sha256))


def _from(base: str, path: str) -> str:
    if is_url(path) or path.startswith("/"):
        return path
    return f"{base}/{path}" if is_url(base) else str(Path(base, path))


def _csv_rows(source: str, data: bytes) -> Iterator[Row]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ManifestError(f"{source}: not UTF-8 text") from error
    reader = csv.reader(io.StringIO(text, newline=""))
    heading = [cell.strip() for cell in next(reader, [])]
    _check_heading(source, heading)
    return _csv_values(reader, heading)


def _csv_values(reader: Any, heading: list[str]) -> Iterator[Row]:  # noqa: ANN401  csv's own type has no name
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield reader.line_num, f"not a CSV row: {error}"
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(heading):
            yield reader.line_num, f"{len(cells)} cells, but the heading has {len(heading)}"
        else:
            yield reader.line_num, {name: cell.strip() for name, cell in zip(heading, cells, strict=True)}


def _check_heading(source: str, heading: list[str]) -> None:
    for column in heading:
        if column not in COLUMNS:
            near = nearest(column, COLUMNS)[0]
            raise ManifestError(f"{source}:1: unknown column {column!r}; the nearest valid one is {near!r}")
    twice = {column for column in heading if heading.count(column) > 1}
    if twice or "id" not in heading:
        why = f"{sorted(twice)[0]} stands there twice" if twice else "id is missing"
        raise ManifestError(f"{source}:1: the heading must be some of {', '.join(COLUMNS)}: {why}")


def _json_rows(data: bytes) -> Iterator[Row]:
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except (ValueError, RecursionError):
            yield number, "no valid JSON"
            continue
        yield number, values if isinstance(values, dict) else 'must be a mapping such as {"id": "1", "photo": ...}'


def _parquet_rows(source: str, data: bytes) -> Iterator[Row]:
    with needs_extra("batch", "batch of a .parquet file", ", or use a .csv file"):
        import polars as pl
    try:
        frame = pl.read_parquet(data)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise ManifestError(f"{source}: no Parquet file: {str(error).splitlines()[0]:.200}") from error
    _check_heading(source, frame.columns)
    return (
        (number, {k: v for k, v in row.items() if v is not None})
        for number, row in enumerate(frame.iter_rows(named=True), 1)
    )
