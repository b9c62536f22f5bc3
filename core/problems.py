"""Turns what pydantic reports into the text of an error: where each problem is, and what it is."""

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
