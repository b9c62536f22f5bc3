"""`phonegrade grade` for many folders at once."""

import json
import shutil
from pathlib import Path

import pytest

from phonegrade.assessment.assessment import Assessment
from phonegrade.batch.grade_folders import FolderSettings, grade_folders
from phonegrade.batch.stored_file import read_batches
from phonegrade.cli.device_folders import device_folders
from phonegrade.configs.policy import load_policy
from phonegrade.tests.cli.conftest import Run
from phonegrade.tests.cli.killing_reader import read_or_die


@pytest.fixture
def lot(device_folder: Path, tmp_path: Path) -> Path:
    """Three folders: a device, one whose tests cannot be read, and the device's front alone."""
    folder = tmp_path / "lot"
    shutil.copytree(device_folder, folder / "a")
    (folder / "b").mkdir()
    shutil.copy(device_folder / "back.jpg", folder / "b")
    (folder / "b" / "functional.json").write_text("no tests", encoding="utf-8")
    (folder / "c").mkdir()
    shutil.copy(device_folder / "front.jpg", folder / "c" / "front.jpg")
    (folder / "c" / "rear.jpg").write_bytes(b"left out")
    (folder / ".hidden").mkdir()
    return folder


def test_each_folder_is_one_line_in_order_whatever_the_number_of_workers(
    run: Run, lot: Path, stub_models: Path, device_folder: Path
) -> None:
    one, two = (run("grade", lot, "--jsonl", "--workers", count, "--models", stub_models) for count in (1, 2))
    assert one.status == two.status == 1
    assert one.out == two.out
    lines = [json.loads(line) for line in one.out.splitlines()]
    assert [line["folder"] for line in lines] == [str(lot / name) for name in "abc"]
    assert set(lines[1]) == {"folder", "error"}
    assert lines[1]["error"]["code"] == "functional_file"
    assert lines[2]["decision"]["status"] == "incomplete"
    assert f"warning: {lot / 'c'}: rear.jpg was left out" in one.err
    alone = json.loads(run("grade", device_folder, "--json", "--models", stub_models).out)
    assert {key: value for key, value in lines[0].items() if key not in ("folder", "fingerprint")} == alone
    Assessment.model_validate(alone)


def test_reports_an_index_and_all_answers_are_written_and_what_has_not_changed_is_not_graded_again(
    run: Run, lot: Path, stub_models: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    options = ("--reports", out, "--models", stub_models)
    first = run("grade", lot, *options)
    assert [line.split(": ")[1].split(";")[0] for line in first.out.splitlines()][2] == "incomplete"
    index = (out / "index.html").read_text(encoding="utf-8")
    assert "<script" not in index
    assert "http" not in index
    assert all(str(lot / name) in index for name in "abc")
    pages = sorted(out.glob("devices/*.html"))
    assert [page.name[0] for page in pages] == ["a", "c"]
    assert all(f'href="devices/{page.name}"' in index for page in pages)
    written = [page.stat().st_mtime_ns for page in pages]

    (lot / "c" / "front.jpg").write_bytes((lot / "a" / "front.jpg").read_bytes() + b"\0")
    again = run("grade", lot / "c", lot / "a", *options, "--jsonl")
    assert "1 of 2 unchanged since an earlier run" in again.err
    assert [page.stat().st_mtime_ns == before for page, before in zip(pages, written, strict=True)] == [True, False]
    answers = (out / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    assert [Path(json.loads(line)["folder"]).name for line in answers] == ["c", "a", "b"]
    assert answers[:2] == again.out.splitlines()
    assert not list(out.rglob("*.part"))
    (stored,) = read_batches(out / "answers.jsonl")
    assert stored.ids.tolist() == [str(lot / "c"), str(lot / "a")]

    other_policy = run("grade", lot / "a", *options, "--policy", "marketplace")
    assert "unchanged" not in other_policy.err


def test_a_worker_that_dies_costs_its_folder_an_error_and_no_other(
    device_folder: Path, stub_models: Path, tmp_path: Path
) -> None:
    (tmp_path / "fatal").mkdir()
    (tmp_path / "empty").mkdir()
    settings = FolderSettings(read_or_die, load_policy("ctia-like"), stub_models)
    folders = [tmp_path / "empty", tmp_path / "fatal", device_folder]
    answers = list(grade_folders(folders, settings, workers=2))
    assert [answer.folder for answer in answers] == [str(folder) for folder in folders]
    assert [json.loads(answer.line).get("error", {}).get("code") for answer in answers] == [
        "usage",
        "worker_died",
        None,
    ]


def test_a_run_that_is_stopped_leaves_whole_files_and_an_index_of_what_was_answered(
    lot: Path, stub_models: Path, tmp_path: Path
) -> None:
    settings = FolderSettings(read_or_die, load_policy("ctia-like"), stub_models, reports=tmp_path / "out")
    answers = grade_folders(device_folders([lot], None), settings, workers=1)
    next(answers)
    with pytest.raises(KeyboardInterrupt):
        answers.throw(KeyboardInterrupt())
    kept = (tmp_path / "out" / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(kept[0])["folder"] == str(lot / "a")
    assert (tmp_path / "out" / "index.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
    assert not list((tmp_path / "out").rglob("*.part"))


def test_models_that_cannot_be_used_stop_the_run(run: Run, lot: Path, tmp_path: Path) -> None:
    ran = run("grade", lot, "--models", tmp_path / "gone")
    assert (ran.status, ran.out, ran.err.split(":")[0]) == (3, "", "error [model_file]")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("{lot}", "--json"), "--json prints the answer for one device as one document; use --jsonl"),
        (("{lot}", "--report", "a.html"), "--report writes the report of one device; use --reports DIR"),
        (("{lot}", "--threads", "2"), "--threads is for one device"),
        (("{lot}", "--asset", "A-1"), "--asset names one device"),
        (("{lot}/a", "{lot}/b", "--functional", "t.json"), "--functional holds the tests of one device"),
        (("{lot}/a", "{lot}/b", "--front", "f.jpg"), "give either the folder {lot}/a or photos such as --front"),
        (("--front", "f.jpg", "--jsonl"), "--jsonl is for folders: name one or more"),
        (("--workers", "2"), "--workers is for folders: name one or more"),
        (("{lot}/a", "--json", "--jsonl"), "--json prints the answer for one device"),
        (("{lot}", "{lot}/a"), "{lot}/a was given twice"),
        (("{lot}", "{lot}/gone"), "{lot}/gone: no such folder"),
    ],
)
def test_options_that_make_no_sense_together_are_refused_in_whole_sentences(
    options: tuple[str, ...], says: str, run: Run, lot: Path
) -> None:
    ran = run("grade", *(option.replace("{lot}", str(lot)) for option in options))
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(f"error [usage]: {says.replace('{lot}', str(lot))}")
    assert len(ran.err.splitlines()) == 1


def test_a_folder_of_reports_inside_the_lot_is_not_a_device(lot: Path) -> None:
    (lot / "reports").mkdir()
    assert [folder.name for folder in device_folders([lot], lot / "reports")] == ["a", "b", "c"]
