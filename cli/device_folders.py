"""Which folders a caller means who names several, and what each holds."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from phonegrade.assessment.request import MAX_PHOTOS, refuse_too_many
from phonegrade.batch.input.device_files import is_photo_name
from phonegrade.cli.device_folder import read_device_folder
from phonegrade.cli.photo_files import read_named_file
from phonegrade.core.errors import UsageError
from phonegrade.core.functional.report import FunctionalReport, load_functional
from phonegrade.core.photo_file import PhotoFile

if TYPE_CHECKING:
    from phonegrade.batch.grade_folders import DeviceInput


def device_folders(given: Sequence[Path], reports: Path | None) -> list[Path]:
    """Return the folder of every device, in the order given: a folder without photos of its own stands for its
    sub-folders, by name; hidden ones and `reports` are none of them.

    Raises UsageError for no such folder, for one that is named twice, and where no folder is left.
    """
    folders = [folder for one in given for folder in _expanded(one, reports)]
    known: dict[Path, Path] = {}
    for folder in folders:
        same = known.setdefault(folder.resolve(), folder)
        if same is not folder:
            raise UsageError(f"{folder} was given twice, also as {same}")
    return folders


def holds_device_folders(folder: Path) -> bool:
    """Return whether a folder has sub-folders and no photo of its own that is named after a surface."""
    return folder.is_dir() and not _has_photos(folder) and next(_sub_folders(folder, None), None) is not None


def read_device(folder: Path, tests: FunctionalReport | None = None) -> "DeviceInput":
    """Return the photos and tests of one device's folder, or other `tests` instead of those in it.

    Raises InputError for a folder or file that cannot be used.
    """
    from phonegrade.batch.grade_folders import DeviceInput

    files = read_device_folder(folder)
    refuse_too_many({surface: len(views) for surface, views in files.photos.items()}, MAX_PHOTOS)
    photos = {
        surface: [PhotoFile(file.name, read_named_file(file), surface) for file in views]
        for surface, views in files.photos.items()
    }
    if tests is None and files.functional is not None:
        tests = load_functional(read_named_file(files.functional), str(files.functional))
    return DeviceInput(photos, tests, files.left_out)


def _expanded(folder: Path, reports: Path | None) -> Iterator[Path]:
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder")
    return _sub_folders(folder, reports) if holds_device_folders(folder) else iter([folder])


def _sub_folders(folder: Path, reports: Path | None) -> Iterator[Path]:
    own = None if reports is None else reports.resolve()
    return (
        one
        for one in sorted(folder.iterdir())
        if one.is_dir() and not one.name.startswith(".") and one.resolve() != own
    )


def _has_photos(folder: Path) -> bool:
    return any(is_photo_name(file.name) for file in folder.iterdir())
