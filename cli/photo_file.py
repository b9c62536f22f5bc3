"""Reads one file that the caller named."""

from pathlib import Path

from phonegrade.core.errors import ImageTooLargeError, UsageError

MAX_FILE_BYTES = 256 * 1024 * 1024
"""Against a file named by mistake, such as a film; the decoder's own limit is lower and its message more precise."""


def read_named_file(path: str | Path) -> bytes:
    """Return the bytes of `path`. Raises UsageError where there is no such readable file."""
    file = Path(path)
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError as error:
        raise UsageError(f"{str(path)!a}: the file's name is not valid UTF-8; rename it") from error
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            raise ImageTooLargeError(f"{path}: over {MAX_FILE_BYTES} bytes")
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror or error})") from error
