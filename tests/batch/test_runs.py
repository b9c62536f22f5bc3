"""Runs over many devices: what they answer, and that nothing which happens to them changes it."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from phonegrade.batch import run as run_module
from phonegrade.batch import run_folder
from phonegrade.batch.engines import chunks
from phonegrade.batch.engines.alone import inspect_alone
from phonegrade.batch.engines.chunks import Chunk, ChunkDone, Engine, Stop, Task, Work, loop
from phonegrade.batch.engines.process_pool import ProcessPool
from phonegrade.batch.fingerprint import Fingerprint
from phonegrade.batch.input import hashes
from phonegrade.batch.input.folders import stock_of_folders
from phonegrade.batch.input.stock import Stock
from phonegrade.batch.plan import Plan
from phonegrade.batch.run import RunSettings
from phonegrade.core import files
from phonegrade.core.batch_errors import OtherFingerprintError, OutputError, RunInHandError
from phonegrade.core.errors import PhotoCrashedDecoderError
from phonegrade.core.inspection import Inspection
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import Surface
from phonegrade.tests.batch.fakes import AFTER, BEFORE, HALFWAY, FakeLoad
from phonegrade.tests.batch.stocks import NOW, RUN, files_of, fingerprint, grade, write_stock


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_stock(tmp_path_factory.mktemp("stock"), 4)


@pytest.fixture(scope="module")
def undisturbed(stock: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("undisturbed")
    grade(stock, out)
    return files_of(out)


def devices(out: Path) -> pl.DataFrame:
    return pl.read_parquet(out / RUN / "devices.parquet")


def test_every_device_of_the_input_comes_out_once_in_its_order(stock: Path, tmp_path: Path) -> None:
    result = grade(stock, tmp_path)
    assert devices(tmp_path)["id"].to_list() == ["d0", "d1", "d2", "d3"]
    assert devices(tmp_path)["grade"].to_list() == ["A0"] * 4
    assert result.progress.state == "finished"
    assert result.progress.photos.done == 24
    assert json.loads((tmp_path / RUN / "progress.json").read_text())["state"] == "finished"
    assert 'tasks{state="done",what="photos"} 24.0' in (tmp_path / RUN / "progress.prom").read_text()


def test_a_second_run_does_nothing_again_and_changes_nothing(
    stock: Path, tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    count = tmp_path / "count"
    grade(stock, tmp_path, FakeLoad(count=count))
    again = grade(stock, tmp_path, FakeLoad(count=count))
    assert len(count.read_text().splitlines()) == 24
    assert again.progress.photos.before == 24
    assert files_of(tmp_path) == undisturbed


def test_a_photo_that_many_devices_have_is_inspected_once(tmp_path: Path) -> None:
    same = [(f"d{number}/back.jpg", b"photo same") for number in range(3)]
    stock = write_stock(tmp_path / "stock", 3, same)
    grade(stock, tmp_path, FakeLoad(count=tmp_path / "count"))
    assert len((tmp_path / "count").read_text().splitlines()) == 16
    assert devices(tmp_path)["grade"].to_list() == ["A0"] * 3


def test_one_photo_sent_for_two_surfaces_is_no_grade(tmp_path: Path) -> None:
    twice = [("d0/left.jpg", b"photo same"), ("d0/right.jpg", b"photo same")]
    grade(write_stock(tmp_path / "stock", 1, twice), tmp_path)
    assert devices(tmp_path)["error_code"].to_list() == ["duplicate_photo"]


def test_photos_that_hang_or_fail_are_errors_of_their_own_and_lose_no_other(tmp_path: Path) -> None:
    special = [("d1/back.jpg", b"hang 1"), ("d2/front.jpg", b"unforeseen 1"), ("d3/top.jpg", b"refused 1")]
    stock = write_stock(tmp_path / "stock", 4, special)
    result = grade(stock, tmp_path, engine=ProcessPool(1, task_s=1.0), task_s=1.0)
    assert result.progress.photos.errors == {"photo_crashed_decoder": 2, "not_an_image": 1}
    frame = devices(tmp_path)
    assert frame["grade"].to_list() == ["A0", None, None, None]
    assert frame["retake"].to_list()[1:] == [
        ["back:photo_crashed_decoder"],
        ["front:photo_crashed_decoder"],
        ["top:not_an_image"],
    ]
    problems = (tmp_path / RUN / "problems.csv").read_text()
    assert problems.count("photo_crashed_decoder") == 2


def test_a_photo_that_crashes_its_process_is_an_answer_and_others_are_answered_there_too() -> None:
    crash, whole = (PhotoFile("p", data, Surface.FRONT) for data in (b"crash 1", b"photo 1"))
    crashed = inspect_alone(FakeLoad(), crash, None, 20.0).answer
    assert isinstance(crashed, PhotoCrashedDecoderError)
    assert isinstance(inspect_alone(FakeLoad(), whole, None, 20.0).answer, Inspection)


def test_processes_give_the_bytes_of_the_plain_loop(stock: Path, tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    grade(stock, tmp_path, engine=ProcessPool(2))
    assert files_of(tmp_path) == undisturbed


def test_a_worker_that_is_killed_at_a_write_changes_nothing(
    stock: Path, tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    order = tmp_path / "order"
    order.write_text(f"{HALFWAY} 2")
    grade(stock, tmp_path, FakeLoad(dies=order), ProcessPool(1))
    assert not order.exists()
    assert files_of(tmp_path) == undisturbed


def test_a_run_that_is_killed_goes_on_and_ends_with_the_same_bytes(
    stock: Path, tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    order = tmp_path / "order"
    order.write_text(f"{HALFWAY} 4")
    code = (
        "import sys; from pathlib import Path\n"
        "from phonegrade.tests.batch.fakes import FakeLoad\n"
        "from phonegrade.tests.batch.stocks import grade\n"
        "grade(Path(sys.argv[1]), Path(sys.argv[2]), FakeLoad(dies=Path(sys.argv[3])))\n"
    )
    done = subprocess.run([sys.executable, "-c", code, stock, tmp_path, order], check=False)  # noqa: S603
    assert done.returncode == -signal.SIGKILL
    assert list((tmp_path / RUN / "photos").glob(".*.part"))
    assert grade(stock, tmp_path).progress.photos.before == 8
    assert files_of(tmp_path) == undisturbed


def test_a_run_that_dies_at_each_write_in_turn_ends_with_the_same_bytes(
    stock: Path, tmp_path: Path, undisturbed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    for instant in (BEFORE, HALFWAY, AFTER):
        out, ended, deaths = tmp_path / instant, False, 0
        while not ended:
            death = Death(deaths + 1, instant)
            for module in (chunks, hashes, run_folder):
                monkeypatch.setattr(module, "write_durably", death)
            try:
                grade(stock, out)
            except Death.Died:
                deaths += 1
            else:
                ended = True
        assert deaths >= 5
        monkeypatch.undo()
        assert files_of(out) == undisturbed


class Death:
    """A write that ends the run at its so-manyth call, as far as files show it."""

    class Died(BaseException):
        """The end."""

    def __init__(self, number: int, instant: str) -> None:
        self.left, self.instant = number, instant

    def __call__(self, path: Path, data: bytes) -> None:
        self.left -= 1
        if self.left == 0 and self.instant == HALFWAY:
            path.with_name(f".{path.name}.1.part").write_bytes(data[: len(data) // 2])
        if self.left != 0 or self.instant == AFTER:
            files.write_durably(path, data)
        if self.left == 0:
            raise self.Died


def resumed_with_other_models(stock: Path, out: Path, named: Fingerprint | None = None) -> set[str]:
    """Stop a run half-way, go on with other models, and return the models whose answers are in the result."""
    stop = Stop()
    stopping = _stopping_after(2, stop)
    grade(stock, out, FakeLoad("one"), stopping, stop=stop, named=named)
    grade(stock, out, FakeLoad("two"), named=named)
    rows = pl.read_parquet(sorted((out / RUN / "photos").glob("*.parquet")))
    return {json.loads(text)["model"]["locator"] for text in rows["inspection"]}


def _stopping_after(count: int, stop: Stop) -> Engine:
    def engine(work: Work[Task, Any], some: Sequence[Chunk[Task]], _: Stop) -> Iterator[ChunkDone]:
        for number, done in enumerate(loop(work, some, stop), 1):
            yield done
            stop.wanted = stop.wanted or number == count

    return engine


def test_a_run_has_its_first_answer_after_one_photo_and_ends_in_whole_chunks(
    stock: Path, tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    for done in (1, 5):  # each time the first photo, and then the rest of its chunk or another one
        stop = Stop()
        assert grade(stock, tmp_path, engine=_stopping_after(1, stop), stop=stop, chunk=5).progress.photos.done == 1
        pieces = sorted(tmp_path.rglob("photos/piece-*.parquet"))
        assert len(pieces) == min(done, 2)
    shutil.copy(pieces[0], pieces[0].with_name("piece-0.parquet"))  # what a kill between joining and deleting leaves
    grade(stock, tmp_path)
    assert files_of(tmp_path) == undisturbed


def test_results_of_other_models_are_never_mixed(stock: Path, tmp_path: Path) -> None:
    with pytest.raises(OtherFingerprintError, match="other models; name another --out"):
        resumed_with_other_models(stock, tmp_path)


def test_the_check_sees_an_engine_that_forgets_the_fingerprint(stock: Path, tmp_path: Path) -> None:
    assert resumed_with_other_models(stock, tmp_path, fingerprint("always the same")) == {"one", "two"}


def test_a_stopped_run_ends_after_its_chunk_and_says_so(
    stock: Path, tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    stop = Stop()
    result = grade(stock, tmp_path, engine=_stopping_after(3, stop), stop=stop)
    assert (result.progress.state, result.progress.photos.done) == ("stopped", 8)
    assert not (tmp_path / RUN / "devices.parquet").exists()
    assert grade(stock, tmp_path).progress.photos.before == 8
    assert files_of(tmp_path) == undisturbed


def test_a_full_disk_ends_the_run_with_a_clear_error_and_costs_nothing(
    stock: Path, tmp_path: Path, undisturbed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    writes = 0

    def full(path: Path, data: bytes) -> None:
        nonlocal writes
        writes += 1
        if writes > 3:
            path.with_name(f".{path.name}.1.part").write_bytes(data[:10])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        files.write_durably(path, data)

    monkeypatch.setattr(chunks, "write_durably", full)
    with pytest.raises(OutputError, match="No space left on device"):
        grade(stock, tmp_path)
    assert "No space left" in json.loads((tmp_path / RUN / "progress.json").read_text())["error"]
    monkeypatch.undo()
    assert grade(stock, tmp_path).progress.photos.before == 8
    assert files_of(tmp_path) == undisturbed


def test_photos_that_cannot_be_read_for_now_are_read_by_a_later_run(
    stock: Path, tmp_path: Path, undisturbed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = stock / "d2" / "front.jpg"
    content = hidden.read_bytes()
    plan_once = run_module.make_plan

    def and_then_it_is_gone(given: Stock, settings: RunSettings) -> Plan:
        plan = plan_once(given, settings)
        hidden.unlink(missing_ok=True)
        return plan

    monkeypatch.setattr(run_module, "make_plan", and_then_it_is_gone)
    result = grade(stock, tmp_path)
    monkeypatch.undo()
    hidden.write_bytes(content)
    assert (result.progress.photos.done, result.progress.photos.unread) == (23, 1)
    assert devices(tmp_path)["retake"].to_list()[2] == ["front:photo_missing"]
    assert devices(tmp_path)["id"].to_list() == ["d0", "d1", "d2", "d3"]
    grade(stock, tmp_path)
    final = {name: data for name, data in files_of(tmp_path).items() if "/" not in name}
    assert final == {name: data for name, data in undisturbed.items() if "/" not in name}


def test_two_runs_do_not_work_in_one_folder(stock: Path, tmp_path: Path) -> None:
    def engine(work: Work[Task, Any], some: Sequence[Chunk[Task]], stop: Stop) -> Iterator[ChunkDone]:
        with pytest.raises(RunInHandError):
            grade(stock, tmp_path)
        yield from loop(work, some, stop)

    assert grade(stock, tmp_path, engine=engine).progress.state == "finished"


def test_a_device_that_cannot_be_graded_is_a_row_with_its_reason(tmp_path: Path) -> None:
    stock = write_stock(tmp_path / "stock", 2, [("d1/functional.json", b"{")])
    (stock / "d1" / "rear.jpg").write_bytes(b"left out")
    result = grade(stock, tmp_path)
    assert result.errors == 1
    assert devices(tmp_path).select("id", "status", "error_code").rows() == [
        ("d0", "graded", None),
        ("d1", "error", "functional_file"),
    ]
    assert stock_of_folders(str(stock)).problems[0].code == "left_out"
    assert str(NOW.year) in (tmp_path / RUN / "progress.json").read_text()
