"""Says what to install where a verb needs the columns of a warehouse."""

from collections.abc import Iterator
from contextlib import contextmanager

from phonegrade.configs.errors import SetupError


@contextmanager
def needs_batch_extra(what: str) -> Iterator[None]:
    """Around the imports of `what`. Raises SetupError, with the remedy, for a package that is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("phonegrade"):
            raise
        raise SetupError(
            f"phonegrade {what} needs {error.name}, which grading does not: "
            f"pip install 'phonegrade[batch]' (in a clone: pip install -e '.[batch]'), or use a .jsonl file"
        ) from error
