"""Finds one device's photos and functional tests in a folder."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from phonegrade.configs.errors import DuplicatePhotoError, UsageError
from phonegrade.configs.vocabulary import Surface

PHOTO_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif"})
FUNCTIONAL_NAMES = ("functional.json", "functional.yaml", "functional.yml")


@dataclass(frozen=True)
class DeviceFolder:
    """The files of one device."""

    photos: dict[Surface, Path]
    functional: Path | None


def read_device_folder(folder: Path) -> DeviceFolder:
    """Photos named by surface, such as front.jpg, and functional.json if there is one; other files are left alone.

    Raises UsageError for no folder or no photo in it, and DuplicatePhotoError for two photos of one surface.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder")
    found: dict[Surface, list[Path]] = defaultdict(list)
    by_word = {surface.value: surface for surface in Surface}
    for file in sorted(folder.iterdir()):
        surface = by_word.get(file.stem.casefold())
        if surface is not None and file.suffix.casefold() in PHOTO_SUFFIXES:
            found[surface].append(file)
    for surface, files in found.items():
        if len(files) > 1:
            names = " and ".join(file.name for file in files)
            raise DuplicatePhotoError(f"{surface}: {folder} holds {names}; keep one photo of each surface")
    if not found:
        raise UsageError(
            f"{folder}: holds no photo named front.jpg, back.jpg, left.jpg, right.jpg, top.jpg or bottom.jpg"
        )
    tests = [folder / name for name in FUNCTIONAL_NAMES if (folder / name).is_file()]
    if len(tests) > 1:
        raise UsageError(f"{folder}: holds {' and '.join(file.name for file in tests)}; keep one")
    return DeviceFolder({surface: files[0] for surface, files in found.items()}, tests[0] if tests else None)
