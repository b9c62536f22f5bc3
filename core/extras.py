"""Optional installs: what to install where more is needed than grading is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from phonegrade.core.errors import SetupError

Extra = Literal["train", "batch", "ray", "render", "otel", "platform", "postgres", "ocr", "openvino"]


@contextmanager
def needs_extra(extra: Extra, what: str, otherwise: str = "") -> Iterator[None]:
    """Stand around the imports of `what`. Raises SetupError, with the remedy, for a package that is not installed.

    `otherwise` says how to do without.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("phonegrade"):
            raise
        raise SetupError(
            f"phonegrade {what} needs {error.name}, which grading does not: "
            f"pip install 'phonegrade[{extra}]' (in a clone: pip install -e '.[{extra}]'){otherwise}"
        ) from error
