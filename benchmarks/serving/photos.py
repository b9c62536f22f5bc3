"""The photos that the benchmarks send: those of `samples/` as a phone's camera of 12 megapixels would write them."""

from functools import cache
from pathlib import Path

from phonegrade.benchmarks.inspection import twelve_megapixels
from phonegrade.core.vocabulary import Surface

SAMPLES = Path(__file__).parents[2] / "samples"


@cache
def large_photo(surface: Surface) -> bytes:
    """Return one surface of the sample device as a JPEG of 12 MP; the same bytes every time."""
    return twelve_megapixels(SAMPLES / f"{surface}.jpg")


def device_photos() -> dict[Surface, bytes]:
    """Return all six."""
    return {surface: large_photo(surface) for surface in Surface}
