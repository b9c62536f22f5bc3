"""Upkeep: old events go and facts stay, a key is replaced under load and kills, a backup is restored."""

import subprocess
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import delete, func, select

from phonegrade.core.data_errors import DataError, FactConflictError
from phonegrade.core.errors import SetupError, UsageError
from phonegrade.store import backup as backups
from phonegrade.store.assets import plain_number
from phonegrade.store.backup import DUMP_FILE, backup
from phonegrade.store.blobs import FolderBlobs, put_photo
from phonegrade.store.cases import load_case
from phonegrade.store.engines import SQLITE_FILE, Database, open_database
from phonegrade.store.event_log import events_after, place_events
from phonegrade.store.prune import prune
from phonegrade.store.rotate import SETTLE_S, rotate_key, unopened
from phonegrade.store.state_tables import EVENT_HORIZONS
from phonegrade.store.store import Store
from phonegrade.store.tables import DATA_KEYS
from phonegrade.store.upkeep import problems
from phonegrade.store.vault import KeyLines, Vault, open_vault, read_keys, write_keys
from phonegrade.store.work_tables import EVENTS
from phonegrade.tests.inference.test_metadata import photo as photo_bytes
from phonegrade.tests.journeys.builders import fact_id
from phonegrade.tests.store.example import CASE, NOW, NUMBER, TENANT, VAULT, store_example

MONTHS = timedelta(days=90)
ROOT = bytes(range(32))


def count(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(EVENTS)).scalar_one())


@pytest.fixture
def stored(database: Database) -> Database:
    with database.write() as connection:
        store_example(connection)
    return database


def test_old_events_go_and_facts_and_the_newest_event_stay(stored: Database) -> None:
    with pytest.raises(FactConflictError, match="append-only"), stored.write() as connection:
        connection.execute(delete(EVENTS))
    assert prune(stored, NOW + MONTHS, NOW + 2 * MONTHS).events == 0, "they have no position yet: nobody has got them"
    place_events(stored)
    before = count(stored)
    assert prune(stored, NOW - MONTHS, NOW).events == 0
    assert prune(stored, NOW + MONTHS, NOW + 2 * MONTHS) == (before - 1, 0)
    [left] = events_after(stored, TENANT, 0)
    assert left.position == before
    with stored.read() as connection:
        assert load_case(connection, TENANT, CASE).facts.facts
        assert len(connection.execute(select(EVENT_HORIZONS)).all()) == 3
    with pytest.raises(UsageError, match="yet to come"):
        prune(stored, NOW + MONTHS, NOW)


def test_what_is_younger_than_the_horizon_cannot_be_deleted(stored: Database) -> None:
    prune(stored, NOW - MONTHS, NOW)
    with pytest.raises(FactConflictError, match="append-only"), stored.write() as connection:
        connection.execute(delete(EVENTS))


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    write_keys(tmp_path / "key", KeyLines(ROOT))
    return tmp_path / "key"


def number_in(database: Database, vault: Vault) -> str:
    with database.read() as connection:
        return plain_number(connection, vault, TENANT, fact_id(21))


def test_a_rotated_key_opens_what_was_sealed_and_the_old_one_no_longer(stored: Database, key_file: Path) -> None:
    running = open_vault(key_file, make=False)
    waits: list[float] = []
    assert rotate_key(stored, key_file, waits.append) == 1
    assert waits == [SETTLE_S]
    keys = read_keys(key_file)
    assert (keys.root, len(keys.sealing)) == (ROOT, 1)
    assert key_file.stat().st_mode & 0o777 == 0o600
    plain = NUMBER.replace("-", "")
    assert number_in(stored, running) == number_in(stored, open_vault(key_file, make=False)) == plain
    with pytest.raises(DataError, match="another installation's key"):
        number_in(stored, VAULT)
    assert running.hashed(TENANT, NUMBER) == VAULT.hashed(TENANT, NUMBER), "phones are found as before"
    assert rotate_key(stored, key_file, waits.append) == 1
    assert number_in(stored, running) == plain


def test_a_rotation_that_was_stopped_goes_on(stored: Database, key_file: Path) -> None:
    class StoppedError(Exception):
        """As if the process had been killed."""

    def stop(_: float) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        rotate_key(stored, key_file, stop)
    half = read_keys(key_file)
    assert len(half.sealing) == 2
    vault = open_vault(key_file, make=False)
    assert vault.is_rotating
    assert number_in(stored, vault) == NUMBER.replace("-", "")
    store = Store(stored, FolderBlobs(key_file.parent / "blobs"), vault)
    assert any("rotate-key" in problem for problem in problems(store))
    assert rotate_key(stored, key_file, lambda _: None) == 0
    assert read_keys(key_file).sealing == half.sealing[:1]
    assert not vault.is_rotating


def test_what_a_service_seals_with_the_old_key_meanwhile_is_sealed_anew(stored: Database, key_file: Path) -> None:
    def late(_: float) -> None:
        if not late_ones:
            late_ones.append(fact_id(990))
            with stored.write() as connection:
                connection.execute(DATA_KEYS.update().values(sealed=VAULT.new_data_key()))

    late_ones: list[str] = []
    assert rotate_key(stored, key_file, late) == 2
    with stored.read() as connection:
        assert unopened(connection, open_vault(key_file, make=False)) == 0


def test_a_key_in_the_environment_is_not_rotated(
    stored: Database, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHONEGRADE_DATA_KEY", "f" * 64)
    with pytest.raises(UsageError, match="move it to a file"):
        rotate_key(stored, key_file)


def restored(database: Database, folder: Path) -> Database:
    """A new database from a backup."""
    if database.is_sqlite:
        return open_database(str(folder))
    assert not (folder / SQLITE_FILE).exists()
    server, name = database.url.set(drivername="postgresql", database=None), f"r{uuid4().hex}"
    url = server.set(database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    place = server.set(database=name).render_as_string(hide_password=False)
    tool = Path(backups.pg_dump()).with_name("pg_restore")
    command = [str(tool), "--exit-on-error", "--no-owner", f"--dbname={place}", str(folder / DUMP_FILE)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603
    return open_database(place)


def test_a_backup_restores_to_the_same_cases_photos_and_rules(stored: Database, tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path / "blobs")
    photo = put_photo(blobs, TENANT, photo_bytes("JPEG"))
    assert backup(Store(stored, blobs, VAULT), tmp_path / "copy") == 1
    again = restored(stored, tmp_path / "copy")
    with stored.read() as connection, again.read() as other:
        assert load_case(other, TENANT, CASE) == load_case(connection, TENANT, CASE)
    assert number_in(again, VAULT) == NUMBER.replace("-", "")
    assert FolderBlobs(tmp_path / "copy" / "blobs").has(TENANT, photo.sha256)
    with pytest.raises(FactConflictError, match="append-only"), again.write() as connection:
        connection.execute(delete(EVENTS))
    again.close()


def test_a_backup_without_pg_dump_says_what_to_install(
    stored: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "_DEBIAN", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetupError, match="apt-get install postgresql-client"):
        backups.pg_dump()
    if not stored.is_sqlite:
        with pytest.raises(SetupError, match="pg_dump"):
            backup(Store(stored, FolderBlobs(tmp_path / "blobs"), VAULT), tmp_path / "copy")
        assert not (tmp_path / "copy").exists()
