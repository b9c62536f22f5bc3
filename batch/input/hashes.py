"""The content of every photo by its SHA-256: from the input where it says so, else read once and remembered."""

import io
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import polars as pl

from phonegrade.batch.input.places import PlacedFile, find_file, hash_file
from phonegrade.batch.input.stock import StockPhoto
from phonegrade.core.batch_errors import OutputError
from phonegrade.core.errors import ImageTooLargeError, InputError
from phonegrade.core.files import write_durably
from phonegrade.inference.photo.decode import Limits

HASH_THREADS = 8
"""Files that are read at once to be hashed: disks and stores answer several at a time."""
MAX_BYTES = Limits().max_bytes
_SCHEMA = {"location": pl.String, "size_bytes": pl.Int64, "stamp": pl.String, "sha256": pl.String}


class HashedFile(NamedTuple):
    """A file as it was when it was hashed."""

    file: PlacedFile
    sha256: str


def hash_photos(photos: Iterable[StockPhoto], memory: Path, threads: int) -> dict[str, str | InputError]:
    """Return the SHA-256 of every photo by its location, or why it has none.

    `memory` is the file where hashes are kept: what has not changed since, by size and stamp, is not read again.
    Raises OutputError where it cannot be written.
    """
    wanted = {photo.location: photo for photo in photos}
    known = remembered(memory)

    def hashed(photo: StockPhoto) -> HashedFile | InputError:
        try:
            file = file_of(photo)
            before = known.get(file.location)
            if before is not None and before.file == file:
                return before
            if file.size_bytes > MAX_BYTES:
                return ImageTooLargeError(f"over {MAX_BYTES} bytes; send a smaller file")
            return HashedFile(file, hash_file(file.location, MAX_BYTES))
        except InputError as error:
            return error

    unknown = [photo for photo in wanted.values() if photo.sha256 is None]
    with ThreadPoolExecutor(threads, thread_name_prefix="hash") as pool:
        answers = dict(zip((photo.location for photo in unknown), pool.map(hashed, unknown), strict=True))
    files = {name: one for name, one in answers.items() if isinstance(one, HashedFile)}
    if any(known.get(name) != one for name, one in files.items()):
        _remember(memory, {**known, **files})
    stated: dict[str, str | InputError] = {name: one.sha256 for name, one in wanted.items() if one.sha256 is not None}
    return stated | {name: one.sha256 if isinstance(one, HashedFile) else one for name, one in answers.items()}


def file_of(photo: StockPhoto) -> PlacedFile:
    """Return the file of a photo as it is now. Raises PhotoMissingError and PhotoUnreadableError."""
    if photo.size_bytes is not None and photo.stamp is not None:
        return PlacedFile(photo.location, photo.size_bytes, photo.stamp)
    return find_file(photo.location)


def remembered(memory: Path) -> dict[str, HashedFile]:
    """Return the hashes that an earlier run kept, by location."""
    try:
        frame = pl.read_parquet(memory, columns=list(_SCHEMA))
    except (OSError, pl.exceptions.PolarsError):
        return {}  # none, or a damaged one: they are found out again
    return {row[0]: HashedFile(PlacedFile(row[0], row[1], row[2]), row[3]) for row in frame.iter_rows()}


def _remember(memory: Path, files: dict[str, HashedFile]) -> None:
    rows = [(*one.file, one.sha256) for one in files.values()]
    buffer = io.BytesIO()
    pl.DataFrame(rows, schema=_SCHEMA, orient="row").write_parquet(buffer)
    try:
        write_durably(memory, buffer.getvalue())
    except OSError as error:
        raise OutputError(f"{memory}: cannot be written ({error.strerror}); make room and run again") from error
