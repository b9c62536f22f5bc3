"""Diagnostics reports in CSV, as other people's tools and spreadsheets write it, as entries."""

import csv
import io
import re
from collections.abc import Iterator
from typing import NamedTuple

from phonegrade.core.errors import FunctionalError
from phonegrade.core.functional.report import functional_vocabulary
from phonegrade.core.functional.report_words import (
    BRAND,
    IDENTITY,
    MODEL,
    NAME,
    RESULT,
    UNIT,
    VALUE,
    Entry,
    folded,
    meant,
    result_from,
    worst_or_first,
)

_DELIMITERS = (",", ";", "\t", "|")
_HEADER_WITHIN = 40
"""Rows above the header that may hold a title, a date and the like."""
_ABOUT = frozenset((*IDENTITY, *MODEL, *BRAND))


class Row(NamedTuple):
    """One row that holds anything, and its line."""

    line: int
    cells: list[str]


class _Columns(NamedTuple):
    name: int
    results: list[int]
    values: list[int]
    unit: int | None


def csv_entries(text: str, name: str) -> Iterator[Entry]:
    """Every test, measure and identity of a table; `name` is the file's name for messages. Raises FunctionalError."""
    rows = _rows(text, name)
    for at, row in enumerate(rows[:_HEADER_WITHIN]):
        columns = _header(row.cells)
        if columns is not None:
            yield from _titles(rows[:at], name)
            yield from _long(rows[at], rows[at + 1 :], _with_names(columns, rows[at + 1 :]), name)
            return
        if sum(meant(cell) is not None or folded(cell) in _ABOUT for cell in row.cells) > 1:
            yield from _titles(rows[:at], name)
            yield from _wide(rows[at], rows[at + 1 :], name)
            return
    yield from _long(Row(0, []), rows, _guessed(rows), name)


def _rows(text: str, name: str) -> list[Row]:
    """Rows by the delimiter that gives the most names that are known, then the most rows of several cells."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    first = re.match(r"sep=(.)\n", text, re.IGNORECASE)
    best: list[Row] = []
    best_score = (0, 0)
    problem = ""
    for delimiter in (first[1],) if first else _DELIMITERS:
        try:
            rows = _parsed(text, delimiter)
        except csv.Error as error:
            problem = f": {error}"
            continue
        rows = rows[1:] if first else rows
        several = [row for row in rows if sum(bool(cell) for cell in row.cells) > 1]
        words = (*NAME, *RESULT, *_ABOUT)
        known = sum(meant(cell) is not None or folded(cell) in words for row in several for cell in row.cells)
        if (known, len(several)) > best_score:
            best, best_score = rows, (known, len(several))
    if not best:
        raise FunctionalError(f"{name}: not a CSV of tests and results{problem}")
    return best


def _parsed(text: str, delimiter: str) -> list[Row]:
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True, skipinitialspace=True)
    rows, line = [], 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            rows.append(Row(line, [cell.strip() for cell in cells]))
        line = reader.line_num + 1
    return rows


def _header(cells: list[str]) -> _Columns | None:
    """Columns by their titles, where one is of names and one of results or figures."""
    head = [folded(cell) for cell in cells]
    names = [head.index(title) for title in NAME if title in head]
    results = [place for place, title in enumerate(head) if title in RESULT]
    values = [place for place, title in enumerate(head) if title in VALUE]
    if not names or not (results or values):
        return None
    return _Columns(names[0], results, values, next((head.index(title) for title in UNIT if title in head), None))


def _with_names(columns: _Columns, body: list[Row]) -> _Columns:
    """The column of names is that of most known names: a column Item may as well number the rows."""
    taken = {*columns.results, *columns.values, columns.unit}
    width = max((len(row.cells) for row in body), default=0)
    counts = {place: _known_in(body, place) for place in range(width) if place not in taken}
    best = max(counts, key=lambda place: (counts[place], place == columns.name, -place), default=columns.name)
    return columns._replace(name=best)


def _guessed(rows: list[Row]) -> _Columns:
    """Columns of a table without a header, by what stands in them."""
    width = max(len(row.cells) for row in rows)
    name = max(range(width), key=lambda place: (_known_in(rows, place), -place))
    others = [place for place in range(width) if place != name]
    result = max(others, key=lambda place: (_results_in(rows, place), place > name, -place), default=None)
    return _Columns(name, [] if result is None else [result], [], None)


def _known_in(rows: list[Row], place: int) -> int:
    return sum(meant(_cell(row, place) or "") is not None for row in rows)


def _results_in(rows: list[Row], place: int) -> int:
    raw = (_cell(row, place) for row in rows)
    return sum(cell is not None and result_from(cell, of_fault=None) is not None for cell in raw)


def _long(head: Row, body: list[Row], columns: _Columns, name: str) -> Iterator[Entry]:
    """Yield one test a row; columns that identify the phone do so in every row."""
    about = [(place, title) for place, title in enumerate(head.cells) if folded(title) in _ABOUT]
    about = [(place, title) for place, title in about if place != columns.name]
    for row in body:
        where = f"{name}:{row.line}"
        for place, title in about:
            if raw := _cell(row, place):
                yield Entry(where, title, raw, None, folded(title))
        named = _cell(row, columns.name)
        if named is None:
            if any(
                result_from(_cell(row, place) or "", of_fault=None) for place in columns.results if _cell(row, place)
            ):
                raise FunctionalError(f"{where}: a result without the name of its test")
            continue
        results, values = (
            [cell for at in part if (cell := _cell(row, at))] for part in (columns.results, columns.values)
        )
        if meant(named) in functional_vocabulary().measures:
            results, values = values, results
        unit = None if columns.unit is None else _cell(row, columns.unit)
        yield Entry(where, named, worst_or_first(results or values, named), unit)


def _wide(head: Row, body: list[Row], name: str) -> Iterator[Entry]:
    """One phone a row, one test a column."""
    if len(body) != 1:
        raise FunctionalError(f"{name}: {len(body)} devices; give a report of one")
    for place, title in enumerate(head.cells):
        if title or _cell(body[0], place):
            yield Entry(f"{name}:{body[0].line}", title, _cell(body[0], place))
    for place in range(len(head.cells), len(body[0].cells)):
        if _cell(body[0], place):
            raise FunctionalError(f"{name}:{body[0].line}: {body[0].cells[place]!r:.60} stands under no title")


def _titles(rows: list[Row], name: str) -> Iterator[Entry]:
    """Yield what stands above a table: it identifies the phone and holds no tests."""
    for row in rows:
        if len(row.cells) > 1 and folded(row.cells[0]) in _ABOUT:
            yield Entry(f"{name}:{row.line}", row.cells[0], _cell(row, 1))


def _cell(row: Row, column: int) -> str | None:
    return row.cells[column] if column < len(row.cells) and row.cells[column] else None
