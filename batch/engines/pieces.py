"""Pieces of chunks: a run that goes on has its first answer soon, and its folder ends as if nothing had happened.

The first task of a run is a chunk of its own, since a whole one takes up to minutes. A file that holds less than its
chunk is a piece; whoever goes on does the rest of that chunk, and at the end pieces become the chunks they are of.
"""

from collections.abc import Sequence
from typing import Any

import polars as pl

from phonegrade.batch.engines.chunks import (
    KEY,
    PIECE,
    Chunk,
    Task,
    Work,
    chunked,
    done_in,
    piece_of,
    still_to_do,
    write_rows,
)


def whole_chunks(tasks: Sequence[Task], done: pl.DataFrame, size: int) -> list[Chunk[Task]]:
    """Return the chunks that are not in the folder as such: none of their tasks is done, or some are in pieces."""
    return chunked(still_to_do(tasks, done.filter(~_is_piece(pl.col("file")))), size)


def left_of(chunks: Sequence[Chunk[Task]], done: pl.DataFrame) -> list[Chunk[Task]]:
    """Return what is left of chunks, the first task of all by itself."""
    keys = set(done[KEY])
    left: list[Chunk[Task]] = []
    for chunk in chunks:
        missing = tuple(task for task in chunk.tasks if task.key not in keys)
        if not left and len(missing) > 1:
            left.append(piece_of(missing[:1]))
            missing = missing[1:]
        if missing:
            left.append(chunk if len(missing) == len(chunk.tasks) else piece_of(missing))
    return left


def join_pieces(work: Work[Task, Any], chunks: Sequence[Chunk[Task]]) -> None:
    """Make of the pieces in the work's folder the chunks that they are of. Raises OutputError.

    Of a chunk that could not be done whole, what is there. A piece of another plan stays.
    """
    done = done_in(work.folder)
    files = dict(done.filter(_is_piece(pl.col("file"))).iter_rows())
    for chunk in chunks:
        keys = [task.key for task in chunk.tasks if task.key in files]
        if keys:
            pieces = pl.read_parquet(sorted({files[key] for key in keys})).rows_by_key(KEY, named=True, unique=True)
            there = tuple(task for task in chunk.tasks if task.key in files)
            (whole,) = chunked(there, len(there))
            write_rows(work.folder / whole.name, [{KEY: key, **pieces[key]} for key in keys], work.schema)
    needed = set(done_in(work.folder)["file"]) if files else set()
    for file in work.folder.glob(f"{PIECE}*.parquet"):
        if str(file) not in needed:
            file.unlink(missing_ok=True)


def _is_piece(file: pl.Expr) -> pl.Expr:
    return file.str.contains(f"/{PIECE}", literal=True)
