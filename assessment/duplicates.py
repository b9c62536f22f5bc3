"""Finds one photo sent twice."""

from collections.abc import Sequence
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.errors import DuplicatePhotoError
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.decision import Flag

NEAR_BITS = 4
"""Of 64. Two plain edges may well be this near, so nearness is flagged and never refused."""
NEAR_LEVELS = 8.0
"""Of 255: re-encoding and resizing stay below, a hand that moved does not."""
_CELLS = 32


def find_duplicates(photos: Sequence[tuple[Surface, str, NDArray[np.uint8]]]) -> tuple[Flag, ...]:
    """A flag for every pair of photos, surface, file's name and RGB (H, W, 3), of two surfaces that look alike.

    Raises DuplicatePhotoError for two photos with identical pixels, be they of one surface. Nearness is the Hamming
    distance of the 64-bit difference hash (N. Krawetz, "Kind of Like That", 2013), and that no coarse cell differs
    much in brightness: the hash alone takes one plain edge for another. Shots of one surface may look alike.
    """
    flags = []
    greys = [_grey(pixels) for _, _, pixels in photos]
    for (n, (one, one_file, one_pixels)), (m, (other, other_file, other_pixels)) in combinations(enumerate(photos), 2):
        if np.array_equal(one_pixels, other_pixels):
            wanted = "send it once" if one is other else "send one photo of each surface"
            raise DuplicatePhotoError(f"{one} ({one_file}) and {other} ({other_file}) are the same photo; {wanted}")
        if one is other:
            continue
        bits = (_difference_hash(greys[n]) ^ _difference_hash(greys[m])).bit_count()
        levels = float(np.abs(np.subtract(_cells(greys[n]), _cells(greys[m]))).max())
        if bits <= NEAR_BITS and levels <= NEAR_LEVELS:
            text = f"{one} ({one_file}) and {other} ({other_file}) look nearly alike; check that they are two photos"
            flags.append(Flag(code="near_duplicate", text=text, surface=other))
    return tuple(flags)


def _grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)


def _difference_hash(grey: NDArray[np.uint8]) -> int:
    """64 bits: whether each of 8x9 mean brightnesses is darker than its right neighbour."""
    small = np.asarray(cv2.resize(grey, (9, 8), interpolation=cv2.INTER_AREA))
    return int.from_bytes(np.packbits(np.less(small[:, :-1], small[:, 1:])).tobytes(), "big")


def _cells(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(grey, (_CELLS, _CELLS), interpolation=cv2.INTER_AREA), np.float32)
