"""Finds one device's photos and functional tests among the names of files that lie together."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from phonegrade.core.errors import DuplicatePhotoError, UsageError
from phonegrade.core.vocabulary import Surface

PHOTO_SUFFIXES = frozenset({".jpg", ".jpeg", ".jfif", ".jpe", ".png", ".webp", ".heic", ".heif", ".hif"})
PHOTO_STEM = re.compile(rf"({'|'.join(Surface)})(?:\s*[-_ ]?\s*\(?(\d+)\)?)?", re.ASCII | re.IGNORECASE)
"""Such as `front`, and `front-2`, `front_2`, `front (2)`, `front2` or `front-00` for one of several photos."""
FUNCTIONAL_NAMES = ("functional.json", "functional.yaml", "functional.yml")
OVERLAY_STEM = re.compile(r".*-overlay(-\d+)?")
_OTHER_PICTURES = frozenset({".bmp", ".tif", ".tiff", ".gif", ".avif", ".dng", ".raw", ".jp2", ".mov", ".mp4"})


@dataclass(frozen=True)
class DeviceFiles:
    """The files of one device, by name."""

    photos: dict[Surface, list[str]]
    """Every photo of each surface, by its number; one without a number comes first."""
    functional: str | None
    left_out: tuple[str, ...]
    """What lies beside them and may have been meant, with the reason why it is not used."""


def sort_device_files(folder: str, names: Iterable[str]) -> DeviceFiles:
    """Return photos named by surface, and functional.json if there is one, in any case, of the files in `folder`.

    A photo is called front.jpg, several are front.jpg and front-2.jpg, or front-00.jpg and front-01.jpg. Raises
    UsageError where there is no photo, and DuplicatePhotoError for two files of one photo, as front.jpg and front.heic.
    """
    by_surface: dict[Surface, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    tests, left_out = list[str](), list[str]()
    for name in sorted(names):
        file = PurePosixPath(name)
        named = PHOTO_STEM.fullmatch(file.stem)
        if named is not None and file.suffix.casefold() in PHOTO_SUFFIXES:
            number = -1 if named[2] is None else int(named[2])
            by_surface[Surface(named[1].casefold())][number].append(name)
        elif name.casefold() in FUNCTIONAL_NAMES:
            tests.append(name)
        elif _may_be_meant(file):
            left_out.append(f"{name} was left out: {_why_not(file)}")
    for surface, numbered in by_surface.items():
        for files in numbered.values():
            if len(files) > 1:
                raise DuplicatePhotoError(
                    f"{surface}: {folder} holds {' and '.join(files)}; keep one, or number two photos {surface}-1 and "
                    f"{surface}-2"
                )
    if not by_surface:
        raise UsageError(
            f"{folder}: holds no photo named front.jpg, back.jpg, left.jpg, right.jpg, top.jpg or bottom.jpg"
        )
    if len(tests) > 1:
        raise UsageError(f"{folder}: holds {' and '.join(tests)}; keep one")
    photos = {surface: [numbered[n][0] for n in sorted(numbered)] for surface, numbered in by_surface.items()}
    return DeviceFiles(photos, tests[0] if tests else None, tuple(left_out))


def is_photo_name(name: str) -> bool:
    """Return whether a file is named as a photo of a surface."""
    file = PurePosixPath(name)
    return PHOTO_STEM.fullmatch(file.stem) is not None and file.suffix.casefold() in PHOTO_SUFFIXES


def _may_be_meant(file: PurePosixPath) -> bool:
    """A picture or a file of test results; the overlays that we drew ourselves, pages and hidden files are not."""
    if file.name.startswith(".") or OVERLAY_STEM.fullmatch(file.stem):
        return False
    named = PHOTO_STEM.fullmatch(file.stem) or file.stem.casefold().startswith(("functional", *Surface))
    picture = file.suffix.casefold() in PHOTO_SUFFIXES | _OTHER_PICTURES
    return picture or bool(named) or file.suffix.casefold() in (".csv", ".json", ".yaml", ".yml")


def _why_not(file: PurePosixPath) -> str:
    if PHOTO_STEM.fullmatch(file.stem) is not None:
        return f"photos end in {', '.join(sorted(PHOTO_SUFFIXES))}"
    if file.suffix.casefold() in PHOTO_SUFFIXES | _OTHER_PICTURES:
        return "photos are named by their surface, such as front.jpg and front-2.jpg"
    return "test results are called functional.json; other tools' reports are read by `phonegrade functional`"
