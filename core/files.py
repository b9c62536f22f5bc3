"""Files that are whole or not there."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Yield a path beside `path` that takes its place when the body succeeds, and is gone when it does not."""
    part = path.with_name(f"{path.name}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_text(path: Path, text: str, mode: int | None = None) -> None:
    """Write `text` as UTF-8, with permissions `mode` where given; a killed run leaves no half-written file."""
    with atomic_write(path) as part:
        if mode is not None:
            part.touch(mode)
        part.write_text(text, encoding="utf-8")
