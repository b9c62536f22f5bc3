"""Which valid word somebody may have meant."""

from collections.abc import Iterable

from rapidfuzz import fuzz, process


def nearest(word: str, valid: Iterable[str], count: int = 1) -> list[str]:
    """The `count` valid words closest to `word` by edit similarity, best first; ties keep the order of `valid`."""
    found = process.extract(word.casefold(), list(valid), scorer=fuzz.ratio, processor=str.casefold, limit=count)
    return [choice for choice, _, _ in found]
