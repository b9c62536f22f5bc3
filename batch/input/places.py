"""Where photos lie: files of this machine, members of a .zip file, objects of a store such as s3://BUCKET/KEY."""

import hashlib
import os
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from phonegrade.core.batch_errors import PhotoMissingError, PhotoUnreadableError
from phonegrade.core.errors import UsageError
from phonegrade.core.extras import needs_extra

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import ObjectStore

SCHEMES = ("s3", "gs", "az")
_MEMBER = re.compile(r"(.+\.zip)!/(.+)", re.IGNORECASE)
"""The path of an archive and the name of a file in it, as one location."""


class PlacedFile(NamedTuple):
    """One file of a place."""

    location: str
    size_bytes: int
    stamp: str
    """Changes when the file does."""


def is_url(text: str) -> bool:
    """Return whether a text names an object store."""
    return text.partition("://")[0] in SCHEMES and "://" in text


def find_files(source: str) -> Iterator[tuple[str, PlacedFile]]:
    """Yield every file below a folder, a .zip file or a URL, by its path from there with `/`; hidden ones are not.

    Raises UsageError where there is no such place, and PhotoUnreadableError where it does not answer.
    """
    if is_url(source):
        files = _objects(source)
    elif source.casefold().endswith(".zip"):
        files = _members(Path(source))
    else:
        files = _files(Path(source))
    return ((name, file) for name, file in files if not any(part.startswith(".") for part in name.split("/")))


def find_file(location: str) -> PlacedFile:
    """Return one file. Raises PhotoMissingError and PhotoUnreadableError."""
    if is_url(location):
        with _answering(location) as (store, key):
            meta = store.head(key)
            return PlacedFile(location, meta["size"], _object_stamp(meta))
    try:
        if member := _split(location):
            return _member(member[0], _opened(member[0], _stamp(member[0])).getinfo(member[1]))
        return PlacedFile(location, Path(location).stat().st_size, _stamp(location))
    except (KeyError, FileNotFoundError, NotADirectoryError) as error:
        raise PhotoMissingError(f"{location}: no such file") from error
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise PhotoUnreadableError(f"{location}: cannot be read ({_why(error)})") from error


def read_file(location: str, at_most: int) -> bytes:
    """Return at most so many bytes of a file. Raises PhotoMissingError and PhotoUnreadableError."""
    if is_url(location):
        with _answering(location) as (store, key):
            return bytes(store.get(key).bytes())[:at_most]
    try:
        if member := _split(location):
            with _opened(member[0], _stamp(member[0])).open(member[1]) as file:
                return file.read(at_most)
        with Path(location).open("rb") as file:
            return file.read(at_most)
    except (KeyError, FileNotFoundError, NotADirectoryError) as error:
        raise PhotoMissingError(f"{location}: no such file") from error
    except (OSError, ValueError, zipfile.BadZipFile, RuntimeError) as error:
        raise PhotoUnreadableError(f"{location}: cannot be read ({_why(error)})") from error


def hash_file(location: str, at_most: int) -> str:
    """Return the SHA-256 of a file of at most so many bytes. Raises PhotoMissingError and PhotoUnreadableError."""
    return hashlib.sha256(read_file(location, at_most)).hexdigest()


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or type(error).__name__


def _files(root: Path) -> Iterator[tuple[str, PlacedFile]]:
    if not root.is_dir():
        raise UsageError(f"{root}: no such folder, .zip file or manifest (.csv, .parquet, .jsonl)")
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        for name in sorted(names):
            file = Path(folder, name)
            status = file.stat()
            stamp = f"{status.st_mtime_ns}-{status.st_ino}"
            yield file.relative_to(root).as_posix(), PlacedFile(str(file.absolute()), status.st_size, stamp)


def _stamp(path: str) -> str:
    status = Path(path).stat()
    return f"{status.st_mtime_ns}-{status.st_ino}"


@cache
def _opened(archive: str, stamp: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(archive)


def _split(location: str) -> tuple[str, str] | None:
    """Return the archive and the member that a location names; None for another kind of location."""
    named = _MEMBER.fullmatch(location)
    return None if named is None else (named[1], named[2])


def _members(archive: Path) -> Iterator[tuple[str, PlacedFile]]:
    path = str(archive.absolute())
    try:
        members = _opened(path, _stamp(path)).infolist()
    except FileNotFoundError as error:
        raise UsageError(f"{archive}: no such file") from error
    except (OSError, zipfile.BadZipFile) as error:
        raise UsageError(f"{archive}: no readable .zip file ({_why(error)})") from error
    return ((one.filename, _member(path, one)) for one in members if not one.is_dir())


def _member(archive: str, member: zipfile.ZipInfo) -> PlacedFile:
    return PlacedFile(f"{archive}!/{member.filename}", member.file_size, f"{member.CRC}-{member.date_time}")


def _key(url: str) -> tuple[str, str]:
    """Return the root of an object store and the name of an object in it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}", unquote(parts.path).lstrip("/")


@cache
def _bucket(root: str) -> "ObjectStore":
    with needs_extra("platform", "batch with a URL"):
        from obstore.exceptions import BaseError
        from obstore.store import from_url
    try:
        # not `client_options`, which would make it forget those in the environment; it waits 5 s to connect, 30 in all
        return from_url(root, retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=30)})
    except (BaseError, ValueError) as error:
        raise UsageError(f"{root}: cannot be used ({type(error).__name__})") from error


@contextmanager
def _answering(url: str) -> Iterator[tuple["ObjectStore", str]]:
    """Yield the store and the key behind a URL, whose errors become ours; credentials are in none of them."""
    root, key = _key(url)
    store = _bucket(root)
    from obstore.exceptions import BaseError

    try:
        yield store, key
    except FileNotFoundError as error:
        raise PhotoMissingError(f"{url}: no such object") from error
    except BaseError as error:
        raise PhotoUnreadableError(f"{url}: the store does not answer ({type(error).__name__})") from error


def _objects(url: str) -> Iterator[tuple[str, PlacedFile]]:
    with _answering(url) as (store, prefix):
        below = f"{prefix.rstrip('/')}/" if prefix else ""
        for page in store.list(below or None):
            for meta in page:
                name = meta["path"].removeprefix(below)
                yield name, PlacedFile(f"{_key(url)[0]}/{meta['path']}", meta["size"], _object_stamp(meta))


def _object_stamp(meta: "ObjectMeta") -> str:
    return meta["e_tag"] or str(meta["last_modified"])
