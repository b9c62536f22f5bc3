"""What every verb shares of the terminal: results go to stdout, everything else to stderr."""

import codecs
import io
import logging
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rich.console import Console

T = TypeVar("T")


def escape_what_cannot_be_shown() -> None:
    """Let no file name stop an answer where output is not UTF-8, such as a pipe on Windows.

    What a terminal cannot show is written as \\uXXXX, which JSON reads as the character. A file or a pipe gets nothing
    but ASCII: other bytes would be no UTF-8, and JSON must be.
    """
    codecs.register_error(_ESCAPED, _escaped)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and not (stream.encoding or "").casefold().startswith("utf"):
            stream.reconfigure(encoding=None if stream.isatty() else "ascii", errors=_ESCAPED)


_ESCAPED = "phonegrade.escaped"


def _escaped(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2)), error.end


def print_result(line: str) -> None:
    """Write one line of result to stdout."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def log_line(line: str) -> None:
    """Write one line that is not a result to stderr."""
    sys.stderr.write(line + "\n")


def table_console() -> "Console":
    """Return the console for tables: as wide as the terminal, or 100 columns into a file."""
    from rich.console import Console

    return (
        Console(highlight=False, markup=False, emoji=False)
        if sys.stdout.isatty()
        else Console(highlight=False, markup=False, emoji=False, width=100)
    )


def watched(items: Iterable[T], count: int, what: str) -> Iterator[T]:
    """Yield the `count` items, with a progress bar on stderr where that is a terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # rich draws what goes to a redirected stdout above the bar, on stderr: results in a file or a pipe would be lost
    with Progress(*columns, console=console, transient=True, redirect_stdout=sys.stdout.isatty()) as bar:
        yield from bar.track(items, count, description=what)


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show a spinner on stderr, where that is a terminal, while the body works."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{what} ..."):
        yield


def log_to_stderr() -> None:
    """Show the progress that our own long work logs, and only the warnings of the packages that it uses."""
    logging.getLogger("phonegrade").setLevel(logging.INFO)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s", datefmt="%H:%M:%S", stream=sys.stderr)
