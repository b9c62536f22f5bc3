"""Finds one device's photos and functional tests in a folder."""

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from phonegrade.core.errors import DuplicatePhotoError, UsageError
from phonegrade.core.vocabulary import Surface

PHOTO_SUFFIXES = frozenset({".jpg", ".jpeg", ".jfif", ".jpe", ".png", ".webp", ".heic", ".heif", ".hif"})
PHOTO_STEM = re.compile(rf"({'|'.join(Surface)})(?:\s*[-_ ]?\s*\(?(\d+)\)?)?", re.ASCII | re.IGNORECASE)
"""Such as `front`, and `front-2`, `front_2`, `front (2)`, `front2` or `front-00` for one of several photos."""
FUNCTIONAL_NAMES = ("functional.json", "functional.yaml", "functional.yml")
_OTHER_PICTURES = frozenset({".bmp", ".tif", ".tiff", ".gif", ".avif", ".dng", ".raw", ".jp2", ".mov", ".mp4"})
OVERLAY_STEM = re.compile(r".*-overlay(-\d+)?")


@dataclass(frozen=True)
class DeviceFolder:
    """The files of one device."""

    photos: dict[Surface, list[Path]]
    """Every photo of each surface, by its number; one without a number comes first."""
    functional: Path | None
    left_out: tuple[str, ...]
    """What lies beside them and may have been meant, with the reason why it is not used."""


def read_device_folder(folder: Path) -> DeviceFolder:
    """Return photos named by surface, and functional.json if there is one, in any case; other files are named.

    A photo is called front.jpg, several are front.jpg and front-2.jpg, or front-00.jpg and front-01.jpg. Raises
    UsageError for no folder or no photo in it, and DuplicatePhotoError for two files of one photo, as front.jpg and
    front.heic.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder")
    by_surface: dict[Surface, dict[int, list[Path]]] = defaultdict(lambda: defaultdict(list))
    tests, left_out = list[Path](), list[str]()
    for file in sorted(folder.iterdir()):
        named = PHOTO_STEM.fullmatch(file.stem)
        if named is not None and file.suffix.casefold() in PHOTO_SUFFIXES:
            number = -1 if named[2] is None else int(named[2])
            by_surface[Surface(named[1].casefold())][number].append(file)
        elif file.name.casefold() in FUNCTIONAL_NAMES and file.is_file():
            tests.append(file)
        elif _may_be_meant(file):
            left_out.append(f"{file.name} was left out: {_why_not(file)}")
    for surface, numbered in by_surface.items():
        for files in numbered.values():
            if len(files) > 1:
                names = " and ".join(file.name for file in files)
                raise DuplicatePhotoError(
                    f"{surface}: {folder} holds {names}; keep one, or number two photos {surface}-1 and {surface}-2"
                )
    if not by_surface:
        raise UsageError(
            f"{folder}: holds no photo named front.jpg, back.jpg, left.jpg, right.jpg, top.jpg or bottom.jpg"
        )
    if len(tests) > 1:
        raise UsageError(f"{folder}: holds {' and '.join(file.name for file in tests)}; keep one")
    photos = {surface: [numbered[n][0] for n in sorted(numbered)] for surface, numbered in by_surface.items()}
    return DeviceFolder(photos, tests[0] if tests else None, tuple(left_out))


def _may_be_meant(file: Path) -> bool:
    """A picture or a file of test results; the overlays that we drew ourselves, pages and hidden files are not."""
    if not file.is_file() or file.name.startswith(".") or OVERLAY_STEM.fullmatch(file.stem):
        return False
    named = PHOTO_STEM.fullmatch(file.stem) or file.stem.casefold().startswith(("functional", *Surface))
    picture = file.suffix.casefold() in PHOTO_SUFFIXES | _OTHER_PICTURES
    return picture or bool(named) or file.suffix.casefold() in (".csv", ".json", ".yaml", ".yml")


def _why_not(file: Path) -> str:
    if PHOTO_STEM.fullmatch(file.stem) is not None:
        return f"photos end in {', '.join(sorted(PHOTO_SUFFIXES))}"
    if file.suffix.casefold() in PHOTO_SUFFIXES | _OTHER_PICTURES:
        return "photos are named by their surface, such as front.jpg and front-2.jpg"
    return "test results are called functional.json; other tools' reports are read by `phonegrade functional`"
