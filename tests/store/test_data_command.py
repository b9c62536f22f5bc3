"""`phonegrade data`: a store is made, checked, copied and brought up to date by its commands."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from phonegrade.cli.main import main
from phonegrade.core.data_errors import DataError
from phonegrade.core.errors import UsageError
from phonegrade.core.vocabulary import Surface
from phonegrade.store.backup import backup
from phonegrade.store.blobs import put_photo
from phonegrade.store.cases import add_facts, load_case, open_case
from phonegrade.store.engines import open_database
from phonegrade.store.schema import newest_revision
from phonegrade.store.store import open_store
from phonegrade.store.vault import KEY_FILE
from phonegrade.tests.inference.test_metadata import photo as photo_bytes
from phonegrade.tests.journeys import builders
from phonegrade.tests.store.example import CASE, TENANT, VAULT, store_example


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as exit_:
        main(["data", *arguments])
    return int(exit_.value.code or 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store with one case and its photos."""
    place = tmp_path / "data"
    with open_store(str(place)) as store:
        stored = put_photo(store.blobs, TENANT, photo_bytes("JPEG"))
        photo = builders.photo(Surface.FRONT).model_copy(update={"sha256": stored.sha256})
        with store.database.write() as connection:
            open_case(connection, TENANT, builders.case(), datetime.now(UTC))
            facts = [builders.visit("app"), photo]
            add_facts(connection, VAULT, TENANT, CASE, facts, datetime.now(UTC))
    return place


def test_a_new_folder_becomes_a_store_that_its_owner_alone_reads(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} >= {"phonegrade.sqlite", "blobs", KEY_FILE}
    assert folder.stat().st_mode & 0o777 == 0o700
    open_to_others = [path for path in folder.rglob("*") if path.stat().st_mode & 0o077]
    assert open_to_others == []


def test_upgrade_says_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("upgrade", "--data", str(tmp_path / "new")) == 0
    assert capsys.readouterr().out == f"nothing -> {newest_revision()}\n"
    assert run("upgrade", "--data", str(tmp_path / "new")) == 0
    assert "already" in capsys.readouterr().out


def test_check_names_what_is_missing_or_damaged(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", "--files", "--data", str(folder)) == 0
    assert capsys.readouterr().out.startswith("1 cases, 1 photos")
    file = next(path for path in (folder / "blobs").rglob("*") if path.is_file())
    file.write_bytes(b"damaged")
    assert run("check", "--data", str(folder)) == 0
    assert run("check", "--files", "--data", str(folder)) == 1
    assert "is damaged" in capsys.readouterr().err
    file.unlink()
    assert run("check", "--data", str(folder)) == 1
    assert "is missing" in capsys.readouterr().err


def test_a_backup_is_a_store_again_but_for_its_key(folder: Path, tmp_path: Path) -> None:
    assert run("backup", str(tmp_path / "copy"), "--data", str(folder)) == 0
    assert not (tmp_path / "copy" / KEY_FILE).exists()
    with pytest.raises(DataError, match="key"), open_store(str(tmp_path / "copy")):
        pass
    with open_store(str(tmp_path / "copy"), key_file=folder / KEY_FILE) as store:
        with store.database.read() as connection:
            assert load_case(connection, TENANT, CASE).version == 2
        assert len(list(store.blobs.names())) == 1
    with open_store(str(folder)) as store, pytest.raises(UsageError, match="not empty"):
        backup(store, folder)


def test_forget_says_what_went(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("forget", CASE, "--tenant", TENANT, "--data", str(folder)) == 0
    assert "1 files" in capsys.readouterr().out
    assert [path for path in (folder / "blobs").rglob("*") if path.is_file()] == []
    assert run("forget", builders.fact_id(5), "--tenant", TENANT, "--data", str(folder)) == 2
    assert "not_found" in capsys.readouterr().err


def test_an_older_store_is_not_opened_before_it_is_upgraded(tmp_path: Path) -> None:
    database = open_database(str(tmp_path))
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE something (id INTEGER)")
    database.close()
    (tmp_path / KEY_FILE).write_text("0" * 64)
    (tmp_path / KEY_FILE).chmod(0o600)
    with pytest.raises(DataError, match="phonegrade data upgrade"), open_store(str(tmp_path)):
        pass


def test_postgresql_wants_blobs_and_key_named() -> None:
    with pytest.raises(UsageError, match="--blobs"), open_store("postgresql://pg@127.0.0.1:1/none"):
        pass


def test_the_example_case_can_be_stored_in_a_new_store(tmp_path: Path) -> None:
    with open_store(str(tmp_path)) as store:
        with store.database.write() as connection:
            store_example(connection)
        with store.database.read() as connection:
            assert load_case(connection, TENANT, CASE).version == 2
