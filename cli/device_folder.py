"""Finds one device's photos and functional tests in a folder."""

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from phonegrade.configs.errors import DuplicatePhotoError, UsageError
from phonegrade.configs.vocabulary import Surface

PHOTO_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif"})
PHOTO_STEM = re.compile(rf"({'|'.join(Surface)})(?:-(\d+))?", re.ASCII | re.IGNORECASE)
"""Such as `front`, and `front-2` or `front-00` for one of several shots."""
FUNCTIONAL_NAMES = ("functional.json", "functional.yaml", "functional.yml")


@dataclass(frozen=True)
class DeviceFolder:
    """The files of one device."""

    photos: dict[Surface, list[Path]]
    """Every shot of each surface, by its number; without one comes first."""
    functional: Path | None


def read_device_folder(folder: Path) -> DeviceFolder:
    """Photos named by surface, and functional.json if there is one; other files are left alone.

    A photo is called front.jpg, several shots front.jpg and front-2.jpg, or front-00.jpg and front-01.jpg. Raises
    UsageError for no folder or no photo in it, and DuplicatePhotoError for two files of one shot, such as front.jpg and
    front.heic.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder")
    found: dict[Surface, dict[int, list[Path]]] = defaultdict(lambda: defaultdict(list))
    for file in sorted(folder.iterdir()):
        named = PHOTO_STEM.fullmatch(file.stem)
        if named is not None and file.suffix.casefold() in PHOTO_SUFFIXES:
            number = -1 if named[2] is None else int(named[2])
            found[Surface(named[1].casefold())][number].append(file)
    for surface, numbered in found.items():
        for files in numbered.values():
            if len(files) > 1:
                names = " and ".join(file.name for file in files)
                raise DuplicatePhotoError(
                    f"{surface}: {folder} holds {names}; keep one, or number two shots {surface}-1 and {surface}-2"
                )
    if not found:
        raise UsageError(
            f"{folder}: holds no photo named front.jpg, back.jpg, left.jpg, right.jpg, top.jpg or bottom.jpg"
        )
    tests = [folder / name for name in FUNCTIONAL_NAMES if (folder / name).is_file()]
    if len(tests) > 1:
        raise UsageError(f"{folder}: holds {' and '.join(file.name for file in tests)}; keep one")
    photos = {surface: [numbered[n][0] for n in sorted(numbered)] for surface, numbered in found.items()}
    return DeviceFolder(photos, tests[0] if tests else None)
