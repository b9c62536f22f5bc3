"""Outlines of defects from a COCO file, as annotation tools write it.

Polygons and run-length masks, plain or packed, are read; names are matched as Label Studio writes them, too, which puts
a folder and eight hexadecimal digits before each; annotations of other categories are left out.
"""

import re
from collections import defaultdict
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError

from phonegrade.core.errors import UsageError
from phonegrade.core.problems import first_problem

Polygon = tuple[tuple[float, float], ...]
_UPLOAD_PREFIX = re.compile(r"^[0-9a-f]{8}-")
_FEWEST_NUMBERS = 6
"""Of a polygon: three corners."""


class OutlinedPhoto(NamedTuple):
    """One photo and the defects that somebody outlined on it."""

    outlines: tuple[tuple[Polygon, ...], ...]
    """Polygons of each, in photo pixels."""
    hw: tuple[int, int]


class _Lenient(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Image(_Lenient):
    id: int | str
    file_name: str
    height: PositiveInt
    width: PositiveInt


class _Category(_Lenient):
    id: int | str
    name: str


class _RunLengths(_Lenient):
    size: tuple[int, int]
    counts: str | list[Annotated[int, Field(ge=0)]]


class _Annotation(_Lenient):
    id: int | str | None = None
    image_id: int | str
    category_id: int | str | None = None
    segmentation: list[list[float]] | _RunLengths | None = None


class _Coco(_Lenient):
    images: tuple[_Image, ...]
    annotations: tuple[_Annotation, ...]
    categories: tuple[_Category, ...] = ()


def read_outlines(path: Path, category: str, files: Collection[str]) -> dict[str, OutlinedPhoto]:
    """Return the outlines of `category` on each of `files` that the COCO file lists; by the name in `files`.

    Raises UsageError, which names file and annotation, for what is no COCO, for an annotation without an outline, and
    where no photo of `files` is listed or no category has that name.
    """
    coco = _parsed(path)
    wanted = _category_ids(coco, category, path)
    outlines: defaultdict[int | str, list[tuple[Polygon, ...]]] = defaultdict(list)
    sizes = {image.id: (image.height, image.width) for image in coco.images}
    for number, annotation in enumerate(coco.annotations):
        where = f"{path}: annotation {number if annotation.id is None else annotation.id}"
        if annotation.image_id not in sizes:
            raise UsageError(f"{where}: there is no image {annotation.image_id!r}")
        if wanted is None or annotation.category_id in wanted:
            outlines[annotation.image_id].append(_polygons(annotation, sizes[annotation.image_id], where))
    names = _matched([image.file_name for image in coco.images], files, path)
    return {
        names[image.file_name]: OutlinedPhoto(tuple(outlines[image.id]), (image.height, image.width))
        for image in coco.images
        if image.file_name in names
    }


def _parsed(path: Path) -> _Coco:
    try:
        return _Coco.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise UsageError(f"{path}: no COCO annotations: {first_problem(error, 'file')}") from error


def _category_ids(coco: _Coco, category: str, path: Path) -> set[int | str] | None:
    """None for a file that has no categories: all of its annotations are meant."""
    if not coco.categories:
        return None
    wanted = {
        one.id for one in coco.categories if one.name.strip().casefold() in (category, f"{category}es", f"{category}s")
    }
    if not wanted:
        listed = ", ".join(one.name for one in coco.categories)
        raise UsageError(f"{path}: no category is called {category!r} (of {listed})")
    return wanted


def _matched(names: list[str], files: Collection[str], path: Path) -> dict[str, str]:
    """The file that each name of the annotations means; raises UsageError where none does, or one means two."""
    matched: dict[str, str] = {}
    for name in names:
        for spelling in (name, _bare(name)):
            fits = [file for file in files if spelling == file] or [file for file in files if spelling == _bare(file)]
            if len(fits) > 1:
                raise UsageError(f"{path}: {name!r} may be {' or '.join(fits)}; write its whole path")
            if fits:
                matched[name] = fits[0]
                break
    if names and not matched:
        raise UsageError(f"{path}: no photo of the manifest is annotated: it lists {', '.join(sorted(names)[:3])}, ...")
    twice = [name for name in matched if list(matched.values()).count(matched[name]) > 1]
    if twice:
        raise UsageError(f"{path}: {' and '.join(twice)} are one photo of the manifest")
    return matched


def _bare(name: str) -> str:
    return _UPLOAD_PREFIX.sub("", re.split(r"[/\\]", name)[-1])


def _polygons(annotation: _Annotation, hw: tuple[int, int], where: str) -> tuple[Polygon, ...]:
    match annotation.segmentation:
        case list(rings) if rings:
            for ring in rings:
                if len(ring) < _FEWEST_NUMBERS or len(ring) % 2:
                    raise UsageError(
                        f"{where}: a polygon of {len(ring)} numbers; it needs x, y of three corners or more"
                    )
            return tuple(_paired(np.asarray(ring, np.float64).reshape(-1, 2)) for ring in rings)
        case _RunLengths() as runs:
            if runs.size != hw:
                raise UsageError(f"{where}: its mask is {runs.size[0]} x {runs.size[1]}, its image {hw[0]} x {hw[1]}")
            return _outlines(_mask(runs, where))
        case _:
            raise UsageError(f"{where}: has no outline (segmentation); a box alone is none")


def _mask(runs: _RunLengths, where: str) -> NDArray[np.uint8]:
    """(H, W) of 0 and 1; run lengths go down the columns, from background on (COCO's data format)."""
    counts = _unpacked(runs.counts) if isinstance(runs.counts, str) else runs.counts
    height, width = runs.size
    if sum(counts) != height * width or min(counts, default=0) < 0:
        raise UsageError(f"{where}: its run lengths do not fill {height} x {width} pixels")
    pixels = np.repeat(np.arange(len(counts), dtype=np.uint8) % 2, counts)
    return np.ascontiguousarray(pixels.reshape(width, height).T)


def _unpacked(text: str) -> list[int]:
    """COCO's packed run lengths: five bits a character, from 48 on, each third run on as a difference to two before."""
    counts: list[int] = []
    at = 0
    while at < len(text):
        value, shift, more = 0, 0, True
        while more and at < len(text):
            bits = ord(text[at]) - 48
            value |= (bits & 31) << shift
            more = bool(bits & 32)
            at, shift = at + 1, shift + 5
            if not more and bits & 16:
                value |= -1 << shift
        counts.append(value + counts[-2] if len(counts) > 2 else value)
    return counts


def _outlines(mask: NDArray[np.uint8]) -> tuple[Polygon, ...]:
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return tuple(_paired(np.asarray(contour, np.float64).reshape(-1, 2)) for contour in contours)


def _paired(points: NDArray[np.float64]) -> Polygon:
    return tuple((float(x), float(y)) for x, y in points)
