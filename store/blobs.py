"""Files by their content: photos and documents under `TENANT/ab/SHA256`, in a folder or in a bucket.

The same bytes are stored once, and what was stored is never changed. In a folder a file is there only when its bytes
and its name have reached the disk, which the library beneath does not see to.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol
from urllib.parse import unquote, urlsplit

from phonegrade.core.data_errors import DataError, NotFoundError
from phonegrade.core.errors import UsageError
from phonegrade.core.extras import needs_extra
from phonegrade.inference.photo.metadata import without_metadata

with needs_extra("platform", "with --data"):
    from obstore.exceptions import AlreadyExistsError, BaseError
    from obstore.store import LocalStore, ObjectStore, from_url

_TENANT = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62})")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SCHEMES = ("file", "s3", "gs", "az")


class StoredFile(NamedTuple):
    """A photo as it was stored, and the hash of what was sent: the two differ where it held metadata."""

    sha256: str
    size_bytes: int
    sent_sha256: str


class Blobs(Protocol):
    """Where files are; `tenant` is part of every name."""

    def put(self, tenant: str, data: bytes) -> str:
        """Store `data` unless it is there, and return its SHA-256; when this returns, it is safe from a power cut."""

    def get(self, tenant: str, sha256: str) -> bytes:
        """Return a stored file. Raises NotFoundError."""

    def has(self, tenant: str, sha256: str) -> bool:
        """Return whether a file is there."""

    def delete(self, tenant: str, sha256: str) -> None:
        """Delete a file; one that is not there is no error."""

    def names(self) -> Iterator[tuple[str, str]]:
        """Yield (tenant, SHA-256) of every file."""


def put_photo(blobs: Blobs, tenant: str, data: bytes) -> StoredFile:
    """Store a photo without what its metadata say about people, above all where it was taken.

    Raises the PhotoError family for what is not a whole photo file.
    """
    kept = without_metadata(data)
    return StoredFile(blobs.put(tenant, kept), len(kept), hashlib.sha256(data).hexdigest())


def open_blobs(url: str) -> Blobs:
    """Return the files at `url`: file:///FOLDER, s3://BUCKET/..., gs://BUCKET/... or az://CONTAINER/...

    Credentials of a bucket come from the environment, by the names its own tools use. Raises UsageError.
    """
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES:
        raise UsageError(f"--blobs is {', '.join(f'{one}://...' for one in _SCHEMES)}; not {parts.scheme or 'a path'}")
    if parts.scheme == "file":
        return FolderBlobs(Path(unquote(parts.path)))
    return BucketBlobs(url)


def blob_path(tenant: str, sha256: str) -> str:
    """Return the name of a file below its root. Raises UsageError for a tenant or hash that could name another."""
    if not _TENANT.fullmatch(tenant) or not _SHA256.fullmatch(sha256):
        raise UsageError("a stored file is named by a tenant (a-z, 0-9, -) and a SHA-256")
    return f"{tenant}/{sha256[:2]}/{sha256}"


class FolderBlobs:
    """Files in a folder of this machine."""

    def __init__(self, root: Path) -> None:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._root = root
        self._store = LocalStore(root)

    def put(self, tenant: str, data: bytes) -> str:
        """Write beside, reach the disk, take the name, and let the folder reach the disk."""
        sha256 = hashlib.sha256(data).hexdigest()
        file = self._root / blob_path(tenant, sha256)
        self._make(file.parent)
        if not file.exists():
            part = file.with_name(f"{secrets.token_hex(8)}.part")
            try:
                part.touch(0o600, exist_ok=False)
                with part.open("wb") as writing:
                    writing.write(data)
                    writing.flush()
                    os.fsync(writing.fileno())
                part.replace(file)
            finally:
                part.unlink(missing_ok=True)
        _sync_folder(file.parent)  # also where another process has just given it its name
        return sha256

    def get(self, tenant: str, sha256: str) -> bytes:
        return _get(self._store, tenant, sha256)

    def has(self, tenant: str, sha256: str) -> bool:
        return (self._root / blob_path(tenant, sha256)).is_file()

    def delete(self, tenant: str, sha256: str) -> None:
        file = self._root / blob_path(tenant, sha256)
        if file.exists():
            file.unlink(missing_ok=True)
            _sync_folder(file.parent)

    def names(self) -> Iterator[tuple[str, str]]:
        return _names(self._store)

    def _make(self, folder: Path) -> None:
        if not folder.is_dir():
            self._make(folder.parent)
            folder.mkdir(mode=0o700, exist_ok=True)
            _sync_folder(folder.parent)


class BucketBlobs:
    """Files in a bucket, whose own service sees to it that what it accepted is kept."""

    def __init__(self, url: str) -> None:
        try:
            self._store = from_url(url)
        except (BaseError, ValueError) as error:
            raise UsageError(f"--blobs cannot be used: {error}") from error

    def put(self, tenant: str, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        try:
            self._store.put(blob_path(tenant, sha256), data, mode="create", use_multipart=False)
        except AlreadyExistsError:
            pass
        except BaseError as error:
            raise DataError(f"the blob store does not take files: {type(error).__name__}") from error
        return sha256

    def get(self, tenant: str, sha256: str) -> bytes:
        return _get(self._store, tenant, sha256)

    def has(self, tenant: str, sha256: str) -> bool:
        try:
            self._store.head(blob_path(tenant, sha256))
        except FileNotFoundError:
            return False
        except BaseError as error:
            raise DataError(f"the blob store does not answer: {type(error).__name__}") from error
        return True

    def delete(self, tenant: str, sha256: str) -> None:
        try:
            self._store.delete(blob_path(tenant, sha256))
        except FileNotFoundError:
            return

    def names(self) -> Iterator[tuple[str, str]]:
        return _names(self._store)


def _get(store: ObjectStore, tenant: str, sha256: str) -> bytes:
    try:
        return bytes(store.get(blob_path(tenant, sha256)).bytes())
    except FileNotFoundError as error:
        raise NotFoundError(f"no file {sha256} is stored") from error
    except BaseError as error:
        raise DataError(f"the blob store does not answer: {type(error).__name__}") from error


def _names(store: ObjectStore) -> Iterator[tuple[str, str]]:
    for page in store.list():
        for entry in page:
            tenant, _, rest = entry["path"].partition("/")
            sha256 = rest.rpartition("/")[2]
            if _SHA256.fullmatch(sha256):
                yield tenant, sha256


def _sync_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
