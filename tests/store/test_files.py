"""A file that two cases share goes with the last of them, also when one is forgotten while the other is being sent."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import select

from phonegrade.core.data_errors import NotFoundError
from phonegrade.core.vocabulary import Surface
from phonegrade.journeys.evidence_facts import StoredPhoto
from phonegrade.store.blobs import FolderBlobs, put_photo
from phonegrade.store.cases import add_facts, open_case
from phonegrade.store.engines import Database
from phonegrade.store.files import delete_files, hold_file
from phonegrade.store.forget import forget_case
from phonegrade.store.state_tables import FILE_DELETIONS
from phonegrade.tests.inference.test_metadata import photo as photo_bytes
from phonegrade.tests.journeys import builders
from phonegrade.tests.journeys.builders import fact_id
from phonegrade.tests.store.example import CASE, NOW, TENANT, VAULT, example_case

OTHER, LATER = fact_id(901), NOW + timedelta(days=400)


class Watched(FolderBlobs):
    """Files that call somebody before one is deleted."""

    before_delete: Callable[[], None] | None = None

    def delete(self, tenant: str, sha256: str) -> None:
        if self.before_delete is not None:
            self.before_delete()
        super().delete(tenant, sha256)


@pytest.fixture
def blobs(tmp_path: Path) -> Watched:
    return Watched(tmp_path / "blobs")


def sent(blobs: FolderBlobs, case: str, number: int) -> StoredPhoto:
    kept = put_photo(blobs, TENANT, photo_bytes("JPEG"))
    changed = {"case": case, "visit": None, "sha256": kept.sha256, "size_bytes": kept.size_bytes}
    return builders.photo(Surface.FRONT, number=number).model_copy(update=changed)


def opened(database: Database, case: str) -> None:
    with database.write() as connection:
        open_case(connection, TENANT, example_case().model_copy(update={"id": case}), NOW)


def add(database: Database, blobs: FolderBlobs, photo: StoredPhoto) -> None:
    with database.write() as connection:
        again = lambda: put_photo(blobs, TENANT, photo_bytes("JPEG"))  # noqa: E731
        hold_file(connection, blobs, TENANT, photo.sha256, again)
        add_facts(connection, VAULT, TENANT, photo.case, [photo], NOW)


def pending(database: Database) -> int:
    with database.read() as connection:
        return len(connection.execute(select(FILE_DELETIONS)).all())


def test_a_photo_that_is_sent_before_the_file_goes_keeps_it(database: Database, blobs: Watched) -> None:
    for case in (CASE, OTHER):
        opened(database, case)
    first, second = sent(blobs, CASE, 801), sent(blobs, OTHER, 802)
    add(database, blobs, first)
    add(database, blobs, second)
    assert forget_case(database, blobs, TENANT, CASE, LATER).files == 0
    assert blobs.get(TENANT, second.sha256)
    assert forget_case(database, blobs, TENANT, OTHER, LATER).files == 1
    with pytest.raises(NotFoundError):
        blobs.get(TENANT, second.sha256)
    assert pending(database) == 0


def test_a_photo_whose_bytes_came_before_the_deletion_is_stored_again(database: Database, blobs: Watched) -> None:
    """The bytes are there, then the other case is forgotten, then the fact is written."""
    for case in (CASE, OTHER):
        opened(database, case)
    add(database, blobs, sent(blobs, CASE, 801))
    second = sent(blobs, OTHER, 802)
    forget_case(database, blobs, TENANT, CASE, LATER)
    with pytest.raises(NotFoundError):
        blobs.get(TENANT, second.sha256)
    add(database, blobs, second)
    assert blobs.get(TENANT, second.sha256)


def test_a_photo_that_is_sent_during_the_deletion_waits_and_is_there_afterwards(
    database: Database, blobs: Watched
) -> None:
    for case in (CASE, OTHER):
        opened(database, case)
    add(database, blobs, sent(blobs, CASE, 801))
    second = sent(blobs, OTHER, 802)
    began, done = Event(), Event()

    def send() -> None:
        began.wait(10)
        add(database, blobs, second)
        done.set()

    sender = Thread(target=send)
    sender.start()

    def slow() -> None:
        began.set()
        assert not done.wait(0.3), "the sender waits for whoever deletes"

    blobs.before_delete = slow
    assert forget_case(database, blobs, TENANT, CASE, LATER).files == 1
    sender.join(20)
    assert done.is_set()
    assert blobs.get(TENANT, second.sha256)


def test_what_a_crash_has_left_is_deleted_later(database: Database, blobs: Watched) -> None:
    opened(database, CASE)
    photo = sent(blobs, CASE, 801)
    add(database, blobs, photo)

    def crash() -> None:
        raise OSError

    blobs.before_delete = crash
    with pytest.raises(OSError):  # noqa: PT011
        forget_case(database, blobs, TENANT, CASE, LATER)
    assert (pending(database), blobs.has(TENANT, photo.sha256)) == (1, True)
    blobs.before_delete = None
    assert delete_files(database, blobs) == [(TENANT, photo.sha256)]
    assert (pending(database), blobs.has(TENANT, photo.sha256)) == (0, False)
