"""Files: once by their content, safe on the disk before anybody is told, deleted for good."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from phonegrade.core.data_errors import NotFoundError
from phonegrade.core.errors import NotAnImageError, UsageError
from phonegrade.store import blobs as module
from phonegrade.store.blobs import Blobs, blob_path, open_blobs, put_photo
from phonegrade.tests.inference.test_metadata import PLACE, photo

DATA = b"a photo's bytes"
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(params=["folder", "bucket"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Blobs]:
    """A folder, and what a bucket does, in memory."""
    if request.param == "folder":
        yield open_blobs(f"file://{tmp_path / 'with space'}")
    else:
        memory = MemoryStore()
        monkeypatch.setattr(module, "from_url", lambda url, **_: memory)
        yield open_blobs("s3://photos")


def test_what_was_put_is_got_once_by_its_content(blobs: Blobs) -> None:
    assert blobs.put("acme", DATA) == blobs.put("acme", DATA) == SHA256
    assert blobs.get("acme", SHA256) == DATA
    assert list(blobs.names()) == [("acme", SHA256)]


def test_the_other_tenant_does_not_find_it(blobs: Blobs) -> None:
    blobs.put("acme", DATA)
    with pytest.raises(NotFoundError):
        blobs.get("other", SHA256)


def test_a_deleted_file_is_gone_and_may_be_deleted_again(blobs: Blobs) -> None:
    blobs.put("acme", DATA)
    blobs.delete("acme", SHA256)
    blobs.delete("acme", SHA256)
    with pytest.raises(NotFoundError):
        blobs.get("acme", SHA256)
    assert blobs.put("acme", DATA) == SHA256


@pytest.mark.parametrize(("tenant", "sha256"), [("..", SHA256), ("a/b", SHA256), ("acme", "../x"), ("", SHA256)])
def test_no_name_leads_out_of_its_place(blobs: Blobs, tenant: str, sha256: str) -> None:
    with pytest.raises(UsageError):
        blobs.get(tenant, sha256)
    with pytest.raises(UsageError):
        blob_path(tenant, sha256)


def test_a_photo_is_stored_without_its_place_and_known_by_both_hashes(blobs: Blobs) -> None:
    sent = photo("JPEG", 6)
    stored = put_photo(blobs, "acme", sent)
    kept = blobs.get("acme", stored.sha256)
    assert PLACE not in kept
    assert (stored.size_bytes, stored.sent_sha256) == (len(kept), hashlib.sha256(sent).hexdigest())
    with pytest.raises(NotAnImageError):
        put_photo(blobs, "acme", b"no photo")


def test_bytes_and_name_reach_the_disk_before_put_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file and folder on the way is synced, the file before it gets its name and its folder after."""
    synced: list[str] = []
    sync, replace = os.fsync, Path.replace

    def fsync(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        sync(descriptor)

    def rename(self: Path, target: Path) -> Path:
        synced.append("rename")
        return replace(self, target)

    store = open_blobs(f"file://{tmp_path / 'blobs'}")
    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "replace", rename)
    store.put("acme", DATA)
    root = tmp_path / "blobs"
    folder = root / "acme" / SHA256[:2]
    part = synced[2]
    assert part.endswith(".part")
    assert synced == [str(root), str(root / "acme"), part, "rename", str(folder)]
    synced.clear()
    store.put("acme", DATA)
    assert synced == [str(folder)]


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    store = open_blobs(f"file://{tmp_path}")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.put("acme", DATA)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("url", ["/a/path", "ftp://x", "s3:"])
def test_other_places_are_refused(url: str) -> None:
    with pytest.raises(UsageError):
        open_blobs(url)
