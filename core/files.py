"""Files that are whole or not there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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


def write_durably(path: Path, data: bytes) -> None:
    """Write `data` so that the file is whole or not there, also after a kill or a power cut. Raises OSError.

    Several processes may write one file: the last one's stays.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    opened = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def write_text(path: Path, text: str, mode: int | None = None, owner: os.stat_result | None = None) -> None:
    """Write `text` as UTF-8, with permissions `mode` and, where this user may, the `owner` of another file.

    A killed run leaves no half-written file.
    """
    with atomic_write(path) as part:
        if mode is not None:
            part.touch(0o600)
        if owner is not None:
            with suppress(PermissionError):
                os.chown(part, owner.st_uid, owner.st_gid)
        if mode is not None:
            part.chmod(mode)
        part.write_text(text, encoding="utf-8")
