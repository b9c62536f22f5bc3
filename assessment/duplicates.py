"""Finds one photo sent twice."""

from collections.abc import Sequence
from hashlib import sha256
from itertools import combinations
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import RGB
from phonegrade.core.errors import DuplicatePhotoError
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.decision import Flag

NEAR_BITS = 4
"""Of 64. Two plain edges may well be this near, so nearness is flagged and never refused."""
NEAR_LEVELS = 8.0
"""Of 255: re-encoding and resizing stay below, a hand that moved does not."""
_CELLS = 32


class Likeness(NamedTuple):
    """What two photos are compared by; a kilobyte, so that it can be kept beside what a photo shows."""

    pixels_sha256: str
    """Of all pixels and their shape."""
    difference_hash: int
    """64 bits: whether each of 8x9 mean brightnesses is darker than its right neighbour."""
    cells: bytes
    """Mean brightness of each of 32x32 coarse cells, row by row."""


def likeness_of(pixels: RGB) -> Likeness:
    """Return what a photo, RGB (H, W, 3), is compared by."""
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    small = np.asarray(cv2.resize(grey, (9, 8), interpolation=cv2.INTER_AREA))
    bits = int.from_bytes(np.packbits(np.less(small[:, :-1], small[:, 1:])).tobytes(), "big")
    cells = np.asarray(cv2.resize(grey, (_CELLS, _CELLS), interpolation=cv2.INTER_AREA), np.uint8)
    digest = sha256(repr(pixels.shape).encode() + np.ascontiguousarray(pixels).tobytes()).hexdigest()
    return Likeness(digest, bits, cells.tobytes())


def find_duplicates(photos: Sequence[tuple[Surface, str, Likeness]]) -> tuple[Flag, ...]:
    """A flag for every pair of photos, surface, file's name and likeness, of two surfaces that look alike.

    Raises DuplicatePhotoError for two photos with identical pixels, be they of one surface. Nearness is the Hamming
    distance of the 64-bit difference hash (N. Krawetz, "Kind of Like That", 2013), and that no coarse cell differs
    much in brightness: the hash alone takes one plain edge for another. Shots of one surface may look alike.
    """
    flags = []
    for (one, one_file, alike), (other, other_file, to) in combinations(photos, 2):
        if alike.pixels_sha256 == to.pixels_sha256:
            wanted = "send it once" if one is other else "send one photo of each surface"
            raise DuplicatePhotoError(f"{one} ({one_file}) and {other} ({other_file}) are the same photo; {wanted}")
        if one is other:
            continue
        bits = (alike.difference_hash ^ to.difference_hash).bit_count()
        levels = float(np.abs(np.subtract(_levels(alike), _levels(to))).max())
        if bits <= NEAR_BITS and levels <= NEAR_LEVELS:
            text = f"{one} ({one_file}) and {other} ({other_file}) look nearly alike; check that they are two photos"
            flags.append(Flag(code="near_duplicate", text=text, surface=other))
    return tuple(flags)


def _levels(photo: Likeness) -> NDArray[np.float32]:
    return np.frombuffer(photo.cells, np.uint8).astype(np.float32)
