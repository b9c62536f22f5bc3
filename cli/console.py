"""What every verb shares of the terminal: results go to stdout, everything else to stderr."""

import logging
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import track

T = TypeVar("T")


def say(line: str) -> None:
    """One line of result."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def complain(line: str) -> None:
    """One line that is no result."""
    sys.stderr.write(line + "\n")


def table_console() -> Console:
    """Where tables are printed; as wide as the terminal, or 100 columns into a file."""
    return (
        Console(highlight=False, markup=False, emoji=False)
        if sys.stdout.isatty()
        else Console(highlight=False, markup=False, emoji=False, width=100)
    )


def watched(items: Sequence[T], what: str) -> Iterable[T]:
    """`items` one by one, with a progress bar on stderr where that is a terminal."""
    console = Console(stderr=True)
    return track(items, what, console=console, transient=True, disable=not console.is_terminal)


@contextmanager
def working(what: str) -> Iterator[None]:
    """A spinner on stderr, where that is a terminal, while the body works."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    with console.status(f"{what} ..."):
        yield


def log_to_stderr() -> None:
    """Shows what our long work logs of its progress, and only warnings of the packages that it stands on."""
    logging.getLogger("phonegrade").setLevel(logging.INFO)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s", datefmt="%H:%M:%S", stream=sys.stderr)
