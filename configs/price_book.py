"""Price books: one CSV a tenant, from device, storage and grade to an amount, each row for a span of days."""

import csv
import hashlib
import io
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import Field, PositiveInt, ValidationError, field_validator, model_validator

from phonegrade.core.journey_errors import PriceBookError
from phonegrade.core.problems import every_problem, nearest
from phonegrade.core.strict import Strict

PRICE_COLUMNS = ("device", "storage_gb", "grade", "amount", "currency", "valid_from", "valid_until")
_MAX_BYTES = 16 * 1024 * 1024
_Key = tuple[str, int | None, str]


class PriceRow(Strict):
    """One price; an empty storage stands for any, an empty `valid_until` for no end."""

    line: PositiveInt
    device: Annotated[str, Field(min_length=1, max_length=200)]
    storage_gb: PositiveInt | None
    grade: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,32}$")]
    """A combined grade such as `B1`, or a cosmetic grade such as `B`."""
    amount: Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    valid_from: date
    valid_until: date | None
    """The last day."""

    @field_validator("storage_gb", "valid_until", mode="before")
    @classmethod
    def _empty_is_none(cls, given: object) -> object:
        return None if given == "" else given

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> "PriceRow":
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise ValueError(f"valid_until {self.valid_until} is before valid_from {self.valid_from}")
        return self

    @property
    def key(self) -> _Key:
        """What the price is for."""
        return self.device.casefold(), self.storage_gb, self.grade

    def holds_on(self, day: date) -> bool:
        """Return whether the price holds on a day."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


class PriceBook(Strict):
    """The rows of one file, none of which contradicts another, and the SHA-256 of its bytes."""

    name: str
    rows: tuple[PriceRow, ...]
    sha256: str

    @property
    def currency(self) -> str:
        """The one currency of the book."""
        return self.rows[0].currency

    def price(self, device: str, storage_gb: int | None, grades: Iterable[str], day: date) -> PriceRow | None:
        """Return the price of a phone on a day: of the first of `grades` that has one, for its storage before any."""
        on_day = {row.key: row for row in self.rows if row.holds_on(day)}
        storages = (storage_gb, None) if storage_gb is not None else (None,)
        keys = ((device.casefold(), storage, grade) for grade in grades for storage in storages)
        return next((on_day[key] for key in keys if key in on_day), None)


def load_price_book(path: Path, devices: Collection[str] | None = None) -> PriceBook:
    """Return the price book in a file. Raises PriceBookError; see `parse_price_book`."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise PriceBookError(f"{path}: cannot be read: {error.strerror}") from error
    return parse_price_book(data, str(path), devices)


def parse_price_book(data: bytes, name: str, devices: Collection[str] | None = None) -> PriceBook:
    """Return the price book in the bytes of a CSV file with a heading; `name` stands for the file in messages.

    `devices`, where given, are the names that a row may use. Raises PriceBookError that names file and line: for an
    unknown column, value or device with the nearest, and for two rows that hold for one phone on one day with both.
    """
    if len(data) > _MAX_BYTES:
        raise PriceBookError(f"{name}: a price book has at most {_MAX_BYTES} bytes")
    try:
        rows = tuple(_rows(_numbered(data.decode("utf-8-sig")), name))
    except UnicodeDecodeError as error:
        raise PriceBookError(f"{name}: not UTF-8 text") from error
    except csv.Error as error:
        raise PriceBookError(f"{name}: not a CSV file: {error}") from error
    if not rows:
        raise PriceBookError(f"{name}: holds no price")
    _refuse_unknown_devices(rows, name, devices)
    _refuse_two_currencies(rows, name)
    _refuse_overlaps(rows, name)
    return PriceBook(name=name, rows=rows, sha256=hashlib.sha256(data).hexdigest())


def _numbered(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with cells in it, and the line that it ends on."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, [cell.strip() for cell in cells]


def _rows(lines: Iterator[tuple[int, list[str]]], name: str) -> Iterable[PriceRow]:
    _, heading = next(lines, (1, []))
    for column in heading:
        if column not in PRICE_COLUMNS:
            near = nearest(column, PRICE_COLUMNS)[0]
            raise PriceBookError(f"{name}:1: unknown column {column!r}; the nearest valid one is {near!r}")
    absent = [column for column in PRICE_COLUMNS if column not in heading]
    if absent or len(heading) != len(PRICE_COLUMNS):
        problem = f"missing {', '.join(absent)}" if absent else "a column is given twice"
        raise PriceBookError(f"{name}:1: the heading must be {','.join(PRICE_COLUMNS)}; {problem}")
    for line, cells in lines:
        if len(cells) != len(heading):
            raise PriceBookError(f"{name}:{line}: {len(cells)} cells, but the heading has {len(heading)}")
        try:
            yield PriceRow.model_validate({**dict(zip(heading, cells, strict=True)), "line": line})
        except ValidationError as error:
            raise PriceBookError(f"{name}:{line}: {every_problem(error, 'row')}") from error


def _refuse_unknown_devices(rows: Iterable[PriceRow], name: str, devices: Collection[str] | None) -> None:
    if devices is None:
        return
    known = {device.casefold() for device in devices}
    for row in rows:
        if row.device.casefold() not in known:
            near = nearest(row.device, devices)[0]
            raise PriceBookError(f"{name}:{row.line}: device: unknown {row.device!r}; the nearest is {near!r}")


def _refuse_two_currencies(rows: tuple[PriceRow, ...], name: str) -> None:
    first = rows[0]
    for row in rows:
        if row.currency != first.currency:
            raise PriceBookError(
                f"{name}:{row.line}: currency: {row.currency}, but line {first.line} has {first.currency}; "
                "a price book has one currency"
            )


def _refuse_overlaps(rows: tuple[PriceRow, ...], name: str) -> None:
    """Raise PriceBookError for two rows of one phone and grade that hold on one day, equal in amount or not."""
    last: dict[_Key, PriceRow] = {}
    for row in sorted(rows, key=lambda one: (one.valid_from, one.line)):
        before = last.get(row.key)
        if before is not None and before.holds_on(row.valid_from):
            what = f"{row.device}, {'any storage' if row.storage_gb is None else f'{row.storage_gb} GB'}, {row.grade}"
            how = "is given twice" if before.amount == row.amount else f"costs {before.amount} and {row.amount}"
            raise PriceBookError(
                f"{name}:{max(row.line, before.line)}: {what} {how} on {row.valid_from}; "
                f"the other is line {min(row.line, before.line)}: end one before the next begins"
            )
        last[row.key] = row
