"""`phonegrade inspect` for folders and with several workers, and what a terminal gets."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from phonegrade.cli.console import print_result, watched
from phonegrade.tests.cli.conftest import Run


@pytest.fixture
def album(device_folder: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "album"
    (folder / "sub").mkdir(parents=True)
    shutil.copy(device_folder / "front.jpg", folder / "z.jpg")
    shutil.copy(device_folder / "back.jpg", folder / "sub" / "b.JPEG")
    (folder / "sub" / "a.png").write_bytes(b"no picture")
    (folder / "notes.txt").write_text("about them", encoding="utf-8")
    (folder / "z-overlay.jpg").write_bytes(b"drawn earlier")
    (folder / ".thumbnails").mkdir()
    shutil.copy(device_folder / "front.jpg", folder / ".thumbnails" / "t.jpg")
    return folder


def test_a_folder_stands_for_its_photos_sorted_and_what_is_left_out_is_named(
    run: Run, album: Path, device_folder: Path, stub_models: Path
) -> None:
    left = str(device_folder / "left.jpg")
    ran = run("inspect", left, album, "--jsonl", "--models", stub_models)
    assert ran.status == 1
    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert [line["photo"] for line in lines] == [
        left,
        *(str(album / name) for name in ("sub/a.png", "sub/b.JPEG", "z.jpg")),
    ]
    assert [line["view"] for line in lines if "view" in line] == ["edge", "back", "front"]
    assert all(line["model"] for line in lines if "view" in line)
    assert [line.split(" was left out")[0] for line in ran.err.splitlines()] == [
        f"warning: {album / name}" for name in ("notes.txt", "z-overlay.jpg")
    ]


def test_any_number_of_workers_gives_the_same_bytes_and_overlays(
    run: Run, album: Path, stub_models: Path, tmp_path: Path
) -> None:
    answers, drawn = [], []
    for workers in (1, 2):
        overlays = tmp_path / f"drawn-{workers}"
        options = ("--jsonl", "--overlay", overlays, "--workers", workers, "--models", stub_models)
        answers.append(run("inspect", album, *options))
        drawn.append({file.name: file.read_bytes() for file in overlays.iterdir()})
    assert answers[0] == answers[1]
    assert drawn[0] == drawn[1]
    assert set(drawn[0]) == {"b-overlay.jpg", "z-overlay.jpg"}


def test_a_folder_without_a_photo_is_refused(run: Run, tmp_path: Path) -> None:
    ran = run("inspect", tmp_path)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(f"error [usage]: {tmp_path}: holds no photo")


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
def test_results_reach_a_file_while_progress_is_shown_on_the_terminal(tmp_path: Path) -> None:
    import pty

    terminal, end = pty.openpty()
    code = (
        "from phonegrade.cli.console import print_result, watched\n"
        "for n in watched([1, 2], 2, 'Inspecting'): print_result(str(n))"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3]), "TERM": "xterm"}
    with (tmp_path / "out.txt").open("wb") as out:
        subprocess.run([sys.executable, "-c", code], stdout=out, stderr=end, env=environment, check=True)  # noqa: S603
    os.close(end)
    assert b"Inspecting" in os.read(terminal, 65536)
    os.close(terminal)
    assert (tmp_path / "out.txt").read_text(encoding="utf-8") == "1\n2\n"


def test_without_a_terminal_there_is_no_progress(capsys: pytest.CaptureFixture[str]) -> None:
    for number in watched([1, 2], 2, "Inspecting"):
        print_result(str(number))
    assert capsys.readouterr() == ("1\n2\n", "")
