"""Which photos a caller means who names files and folders."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from phonegrade.cli.console import log_line
from phonegrade.cli.device_folder import OVERLAY_STEM, PHOTO_SUFFIXES
from phonegrade.core.errors import UsageError


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
