"""Files in a bucket over the real protocol of S3: stored once, never changed, missed with a reason."""

from collections.abc import Iterator

import pytest
from obstore.store import from_url

from phonegrade.core.data_errors import DataError, NotFoundError
from phonegrade.core.errors import BusyError
from phonegrade.store import blobs
from phonegrade.store.blobs import blob_path, open_blobs
from phonegrade.tests.store.s3_server import BUCKET, S3Server, running_s3

DATA = b"a photo's bytes"
TENANT = "acme"
URL = f"s3://{BUCKET}/cases"


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with running_s3() as running:
        yield running


def test_a_file_is_put_got_listed_and_deleted(server: S3Server) -> None:
    files = open_blobs(URL)
    sha256 = files.put(TENANT, DATA)
    assert files.get(TENANT, sha256) == DATA
    assert list(files.names()) == [(TENANT, sha256)]
    files.delete(TENANT, sha256)
    with pytest.raises(NotFoundError):
        files.get(TENANT, sha256)
    files.delete(TENANT, sha256)


def test_what_is_there_is_not_written_again(server: S3Server) -> None:
    files = open_blobs(URL)
    sha256 = files.put(TENANT, DATA)
    from_url(URL).put(blob_path(TENANT, sha256), b"marked", mode="overwrite")
    assert files.put(TENANT, DATA) == sha256
    assert files.get(TENANT, sha256) == b"marked", "a second put would have replaced it"


def test_a_bucket_that_does_not_answer_is_busy_and_keeps_what_it_had(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blobs, "_RETRIES", {"max_retries": 0})
    files = open_blobs(URL)
    sha256 = files.put(TENANT, DATA)
    server.stop()
    try:
        for use in (lambda: files.put(TENANT, b"another"), lambda: files.get(TENANT, sha256)):
            with pytest.raises(BusyError) as busy:
                use()
            assert busy.value.retry_after_s == blobs.WAIT_S
    finally:
        server.start()
    assert len(files.get(TENANT, sha256)) > 0


def test_a_bucket_that_is_not_there_is_the_installations_fault(server: S3Server) -> None:
    with pytest.raises(DataError):
        open_blobs("s3://no-such-bucket").put(TENANT, DATA)
