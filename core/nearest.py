"""The valid word that a misspelt one may stand for."""

from collections.abc import Iterable

from rapidfuzz import fuzz, process


def nearest(word: str, valid: Iterable[str], count: int = 1) -> list[str]:
    """Return the `count` valid words closest to `word` by edit similarity, best first; ties as in `valid`."""
    choices = process.extract(word.casefold(), list(valid), scorer=fuzz.ratio, processor=str.casefold, limit=count)
    return [choice for choice, _, _ in choices]
