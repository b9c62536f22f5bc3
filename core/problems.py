"""What is wrong, and what was meant: problems that pydantic reports as text, and the nearest valid word."""

from collections.abc import Iterable

from pydantic import ValidationError
from pydantic_core import ErrorDetails


def message(problem: ErrorDetails) -> str:
    """Return what is wrong, without the prefix that pydantic gives to the texts of validators."""
    return problem["msg"].removeprefix("Value error, ")


def located(problem: ErrorDetails, root: str) -> str:
    """Return where a problem is, dotted, and what it is: "decision.status: Field required".

    `root` names the whole, for a problem of no key in particular.
    """
    return f"{'.'.join(str(part) for part in problem['loc']) or root}: {message(problem)}"


def first_problem(error: ValidationError, root: str) -> str:
    """Return the first problem, located."""
    return located(error.errors(include_url=False)[0], root)


def every_problem(error: ValidationError, root: str) -> str:
    """Return all problems, located, as one line."""
    return "; ".join(located(problem, root) for problem in error.errors(include_url=False))


def nearest(word: str, valid: Iterable[str], count: int = 1) -> list[str]:
    """Return the `count` valid words closest to `word` by edit similarity, best first; ties as in `valid`."""
    from rapidfuzz import fuzz, process  # only where something is wrong, and slow to import

    choices = process.extract(word.casefold(), list(valid), scorer=fuzz.ratio, processor=str.casefold, limit=count)
    return [choice for choice, _, _ in choices]
