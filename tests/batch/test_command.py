"""`phonegrade batch`, run in this process with models that answer by colour."""

import json
import os
import shutil
import signal
from pathlib import Path

import pytest

from phonegrade.cli.batch_grade import stopped_by_signals
from phonegrade.tests.cli.conftest import Run, device_folder, run

__all__ = ["device_folder", "run"]


@pytest.fixture
def lot(device_folder: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "lot"
    shutil.copytree(device_folder, folder / "a")
    shutil.copytree(device_folder, folder / "b")
    (folder / "b" / "front.jpg").write_bytes(b"no photo")
    return folder


def test_a_lot_is_graded_as_grade_does_then_regraded_and_its_state_shown(
    run: Run, lot: Path, stub_models: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    options = ("--out", out, "--models", stub_models)
    dry = run("batch", "grade", lot, *options, "--dry-run")
    assert dry.out.startswith("2 devices, 12 photos")
    assert not out.exists()
    graded = run("batch", "grade", lot, *options, "--engine", "loop")
    assert graded.status == 1
    assert "not_an_image" in (out / "problems.csv").read_text()
    rows = (out / "devices.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in rows] == ["id", "a", "b"]
    alone = json.loads(run("grade", lot / "a", "--json", "--models", stub_models).out)
    row = dict(zip(rows[0].split(","), rows[1].split(","), strict=False))
    assert row["grade"] == alone["decision"]["grade"]
    page = (out / "report.html").read_text()
    assert "<script" not in page
    assert "data:image/jpeg" in page

    state = run("batch", "status", out)
    assert state.status == 0
    assert state.out.startswith("finished: loop of 1")
    assert json.loads(run("batch", "status", out, "--json").out)["dead"] is False

    moved = run("batch", "regrade", out, "--policy", "marketplace", "--models", stub_models, "--out", tmp_path / "m")
    assert moved.status == 0
    assert "ctia-like 3.0.0 -> marketplace" in moved.out
    assert json.loads((tmp_path / "m" / "summary.json").read_text())["devices"] == 2
    other = run("batch", "regrade", out, "--policy", "marketplace", "--out", tmp_path / "n")
    assert (other.status, "[other_fingerprint]" in other.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("grade", "--out", "x"), "name either INPUT or --data"),
        (("grade", "none", "--out", "x"), "no such folder, .zip file or manifest"),
        (("regrade", "x", "--out", "y"), "name either --policy"),
        (("regrade", "x.jsonl", "--policy", "r2v3", "--out", "y"), "give the folder of a run"),
        (("status", "x"), "holds no run of phonegrade batch grade"),
    ],
)
def test_what_cannot_be_done_says_why(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], why: str
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = run("batch", *arguments)
    assert ran.status == 2
    assert why in ran.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_run_after_the_chunks_in_hand_and_a_second_one_at_once(number: int) -> None:
    with stopped_by_signals() as stop:
        os.kill(os.getpid(), number)
        assert stop.wanted
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
