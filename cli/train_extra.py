"""Says what to install where a verb needs more than grading does."""

from collections.abc import Iterator
from contextlib import contextmanager

from phonegrade.configs.errors import SetupError


@contextmanager
def needs_train_extra(verb: str) -> Iterator[None]:
    """Around the imports of `verb`. Raises SetupError, with the remedy, for a package that is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("phonegrade"):
            raise
        raise SetupError(
            f"phonegrade {verb} needs {error.name}, which grading does not: "
            f"pip install 'phonegrade[train]' (in a clone: pip install -e '.[train]')"
        ) from error
