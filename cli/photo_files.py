"""Which photos a caller means who names files and folders."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from phonegrade.batch.input.device_files import OVERLAY_STEM, PHOTO_SUFFIXES
from phonegrade.cli.console import log_line
from phonegrade.core.errors import ImageTooLargeError, UsageError


def photo_files(given: Sequence[str]) -> list[str]:
    """Return files as they were named, and for a folder the photos in it and in its sub-folders, sorted by path.

    Other files of a folder, and pictures that `phonegrade inspect --overlay` drew, are named on stderr; hidden ones
    are not. Raises UsageError for a folder without a photo.
    """
    return [photo for one in given for photo in (_photos_in(Path(one)) if Path(one).is_dir() else [one])]


def _photos_in(folder: Path) -> list[str]:
    photos = []
    for file in _files_in(folder):
        if file.suffix.casefold() not in PHOTO_SUFFIXES:
            log_line(f"warning: {file} was left out: photos end in {', '.join(sorted(PHOTO_SUFFIXES))}")
        elif OVERLAY_STEM.fullmatch(file.stem):
            log_line(f"warning: {file} was left out: its name is that of a drawn overlay")
        else:
            photos.append(str(file))
    if not photos:
        raise UsageError(f"{folder}: holds no photo; photos end in {', '.join(sorted(PHOTO_SUFFIXES))}")
    return photos


def _files_in(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not any(part.startswith(".") for part in file.relative_to(folder).parts):
            yield file


MAX_FILE_BYTES = 256 * 1024 * 1024
"""Against a file named by mistake, such as a film; the decoder's own limit is lower and its message more precise."""


def read_named_file(path: str | Path) -> bytes:
    """Return the bytes of `path`. Raises UsageError where there is no such readable file."""
    file = Path(path)
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError as error:
        raise UsageError(f"{str(path)!a}: the file's name is not valid UTF-8; rename it") from error
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            raise ImageTooLargeError(f"{path}: over {MAX_FILE_BYTES} bytes")
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror or error})") from error
