"""Finds one device's photos and functional tests in a folder."""

from dataclasses import dataclass
from pathlib import Path

from phonegrade.batch.input.device_files import sort_device_files
from phonegrade.core.errors import UsageError
from phonegrade.core.vocabulary import Surface


@dataclass(frozen=True)
class DeviceFolder:
    """The files of one device."""

    photos: dict[Surface, list[Path]]
    """Every photo of each surface, by its number; one without a number comes first."""
    functional: Path | None
    left_out: tuple[str, ...]
    """What lies beside them and may have been meant, with the reason why it is not used."""


def read_device_folder(folder: Path) -> DeviceFolder:
    """Return photos named by surface, and functional.json if there is one; other files are named.

    Raises UsageError for no folder, and what `sort_device_files` raises.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder")
    files = sort_device_files(str(folder), (file.name for file in folder.iterdir() if file.is_file()))
    return DeviceFolder(
        photos={surface: [folder / name for name in names] for surface, names in files.photos.items()},
        functional=None if files.functional is None else folder / files.functional,
        left_out=files.left_out,
    )
