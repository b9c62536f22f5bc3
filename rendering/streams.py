"""Independent random streams: one for each purpose, so that nothing that is drawn for one leaks into another."""

from enum import IntEnum

import numpy as np


class Stream(IntEnum):
    """What is drawn; its number leads the seed, because NumPy fills short seeds with zeros: (3, 4) is (3, 4, 0)."""

    DEVICE = 1
    """Which model, and what is photographed of it."""
    PHONE = 2
    """The phone's design and wear."""
    SURFACE = 3
    """The looks of one surface, alike in all its photos."""
    SHOT = 4
    """Everything that belongs to one photo."""
    SET = 5
    """Where a set begins in the sequences that spread its devices over scenarios and routes."""
    PAINT = 9
    """The paint of one annotation, alike in all photos that show it."""
    STUDIO = 6
    """One surface in the tile studio."""
    TILE = 7
    """One tile of it."""
    ROOM = 8
    """The room that some of its tiles are lit by."""


def stream(of: Stream, *key: int) -> np.random.Generator:
    """Return the generator for one purpose and `key`; the keys of one purpose must be equally long."""
    return np.random.default_rng((int(of), *key))
