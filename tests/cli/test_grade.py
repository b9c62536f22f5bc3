"""`phonegrade grade`."""

import json
import shutil
from pathlib import Path

import pytest

from phonegrade.assessment.assessment import Assessment
from phonegrade.core.vocabulary import Surface
from phonegrade.tests.bad_photos import BAD_PHOTOS
from phonegrade.tests.cli.conftest import Run
from phonegrade.tests.drawn_device import device_photos, empty_table, second_shots


def test_a_folder_is_graded_with_reasons_in_a_table(run: Run, device_folder: Path, stub_models: Path) -> None:
    ran = run("grade", device_folder, "--models", stub_models)
    assert ran.status == 0
    assert ran.err == ""
    assert "Apple iPhone 13" in ran.out
    assert "B_display_scratch" in ran.out
    assert "Next better" in ran.out


def test_the_cosmetic_grade_of_the_table_is_the_one_in_the_combined_grade(
    run: Run, device_folder: Path, stub_models: Path, tmp_path: Path
) -> None:
    """A gate caps it, or the odds do, though every surface is better."""
    tests = json.loads((device_folder / "functional.json").read_text(encoding="utf-8"))
    tests["tests"]["display_lines"] = "fail"
    (tmp_path / "fail.json").write_text(json.dumps(tests), encoding="utf-8")
    ran = run("grade", device_folder, "--functional", tmp_path / "fail.json", "--models", stub_models)
    assert ran.out.splitlines()[0].startswith("Grade  E2")
    assert ran.out.splitlines()[1].startswith("Cosmetic grade  E ")


def test_json_is_one_document_and_the_report_lies_where_it_was_asked_for(
    run: Run, device_folder: Path, stub_models: Path, tmp_path: Path
) -> None:
    report = tmp_path / "out.html"
    ran = run("grade", device_folder, "--json", "--report", report, "--models", stub_models)
    assessment = Assessment.model_validate_json(ran.out)
    assert str(report) in ran.err
    assert f">{assessment.decision.grade}</div>" in report.read_text(encoding="utf-8")


def test_asset_and_order_stand_in_the_answer_and_on_the_report(
    run: Run, device_folder: Path, stub_models: Path, tmp_path: Path
) -> None:
    report = tmp_path / "out.html"
    named = ("--asset", "A-17", "--order", "SO 9")
    ran = run("grade", device_folder, *named, "--json", "--report", report, "--models", stub_models)
    assert json.loads(ran.out)["reference"] == {"asset": "A-17", "order": "SO 9"}
    html = report.read_text(encoding="utf-8")
    assert "A-17" in html
    assert "SO 9" in html
    assert json.loads(run("grade", device_folder, "--json", "--models", stub_models).out)["reference"] is None


@pytest.mark.parametrize("asset", ["", " ", "a\nb", "x" * 65])
def test_an_asset_id_that_no_label_can_hold_is_refused(
    asset: str, run: Run, device_folder: Path, stub_models: Path
) -> None:
    ran = run("grade", device_folder, "--asset", asset, "--models", stub_models)
    assert ran.status == 2
    assert ran.err.startswith("error [usage]: asset must be 1 to 64 printable characters")


def test_single_photos_answer_incomplete_and_exit_0(run: Run, device_folder: Path, stub_models: Path) -> None:
    ran = run("grade", "--front", device_folder / "front.jpg", "--json", "--models", stub_models)
    assert ran.status == 0
    decision = json.loads(ran.out)["decision"]
    assert decision["status"] == "incomplete"
    assert decision["grade"] is None


def test_all_six_options_grade_as_the_folder_does(run: Run, device_folder: Path, stub_models: Path) -> None:
    options = [
        x for s in ("front", "back", "left", "right", "top", "bottom") for x in (f"--{s}", device_folder / f"{s}.jpg")
    ]
    tests = ("--functional", device_folder / "functional.json")
    by_name = run("grade", *options, *tests, "--json", "--models", stub_models)
    assert json.loads(by_name.out) == json.loads(run("grade", device_folder, "--json", "--models", stub_models).out)


@pytest.mark.parametrize("name", BAD_PHOTOS)
def test_an_unusable_photo_is_refused_by_surface_and_file(
    name: str, run: Run, stub_models: Path, tmp_path: Path
) -> None:
    data, code, _ = BAD_PHOTOS[name]
    (tmp_path / "bad.jpg").write_bytes(data)
    ran = run("grade", "--left", tmp_path / "bad.jpg", "--models", stub_models)
    assert ran.status == 2
    assert ran.err.startswith(f"error [{code}]: left (bad.jpg): ")
    assert ran.out == ""


def test_a_photo_without_a_device_is_refused(run: Run, stub_models: Path, tmp_path: Path) -> None:
    (tmp_path / "desk.jpg").write_bytes(empty_table())
    ran = run("grade", "--front", tmp_path / "desk.jpg", "--models", stub_models)
    assert (ran.status, ran.err.split(": ")[0]) == (2, "error [no_device]")


def test_the_back_where_the_front_was_promised_is_refused(run: Run, device_folder: Path, stub_models: Path) -> None:
    ran = run("grade", "--front", device_folder / "back.jpg", "--models", stub_models)
    assert (ran.status, ran.err.split(": ")[0]) == (2, "error [wrong_view]")


def test_one_photo_for_two_surfaces_is_refused(run: Run, device_folder: Path, stub_models: Path) -> None:
    left = device_folder / "left.jpg"
    ran = run("grade", "--left", left, "--right", left, "--models", stub_models)
    assert (ran.status, ran.err.split(": ")[0]) == (2, "error [duplicate_photo]")


@pytest.mark.parametrize("names", [("front", "front-2"), ("front-00", "front-01"), ("FRONT-1", "front-10")])
def test_a_folder_may_hold_several_numbered_shots_of_a_surface(
    names: tuple[str, str], run: Run, device_folder: Path, stub_models: Path, tmp_path: Path
) -> None:
    for data, name in zip((device_photos()[Surface.FRONT], second_shots()[Surface.FRONT]), names, strict=True):
        (tmp_path / f"{name}.jpg").write_bytes(data)
    (tmp_path / "front-overlay.jpg").write_bytes(b"is left alone")
    ran = run("grade", tmp_path, "--json", "--device", "iphone 13", "--models", stub_models)
    front = json.loads(ran.out)["views"]["front"]
    assert front["used"] == 2
    assert {shot["file"] for shot in front["photos"]} == {f"{name}.jpg" for name in names}


def test_several_views_are_in_the_table_and_in_the_report_with_those_not_used(
    run: Run, device_folder: Path, stub_models: Path, tmp_path: Path
) -> None:
    shutil.copytree(device_folder, tmp_path / "phone")
    (tmp_path / "phone" / "front-2.jpg").write_bytes(second_shots()[Surface.FRONT])
    (tmp_path / "phone" / "front-3.jpg").write_bytes(empty_table())
    report = tmp_path / "out.html"
    ran = run("grade", tmp_path / "phone", "--report", report, "--models", stub_models)
    alone = run("grade", device_folder, "--models", stub_models)
    assert ran.status == 0
    assert ran.out.splitlines()[0] == alone.out.splitlines()[0]
    assert "2 of 3 photos used" in " ".join(ran.out.split())
    assert "front: front-3.jpg was not used: no device" in " ".join(ran.out.split())
    assert report.read_text(encoding="utf-8").count("data:image/jpeg;base64,") == len(Surface) + 1 + 1


def test_an_option_said_twice_is_two_shots_as_in_a_folder(
    run: Run, device_folder: Path, stub_models: Path, tmp_path: Path
) -> None:
    shutil.copy(device_folder / "front.jpg", tmp_path / "front.jpg")
    (tmp_path / "front-2.jpg").write_bytes(second_shots()[Surface.FRONT])
    options = ("--json", "--device", "iphone 13", "--models", stub_models)
    by_name = run("grade", "--front", tmp_path / "front-2.jpg", "--front", tmp_path / "front.jpg", *options)
    assert json.loads(by_name.out) == json.loads(run("grade", tmp_path, *options).out)


def test_more_photos_than_the_limit_are_refused(run: Run) -> None:
    ran = run("grade", *(x for number in range(25) for x in ("--front", f"{number}.jpg")))
    assert (ran.status, ran.err.split(": ")[0]) == (2, "error [too_many_photos]")


def test_one_photo_named_twice_for_one_surface_is_refused(run: Run, device_folder: Path, stub_models: Path) -> None:
    front = device_folder / "front.jpg"
    ran = run("grade", "--front", front, "--front", front, "--models", stub_models)
    assert (ran.status, ran.err.split(": ")[0]) == (2, "error [duplicate_photo]")


def test_two_files_of_one_shot_in_the_folder_are_refused_by_name(run: Run, device_folder: Path, tmp_path: Path) -> None:
    shutil.copy(device_folder / "front.jpg", tmp_path / "front.jpg")
    shutil.copy(device_folder / "front.jpg", tmp_path / "Front.JPEG")
    ran = run("grade", tmp_path)
    assert (ran.status, ran.err.split(": ")[0]) == (2, "error [duplicate_photo]")
    assert "front.jpg" in ran.err
    assert "Front.JPEG" in ran.err


@pytest.mark.parametrize(
    ("tests", "cause"), [({"touch_gird": "pass"}, "touch_gird"), ({"wifi": "okay"}, "okay")], ids=["test", "value"]
)
def test_an_unknown_test_or_value_is_refused(
    tests: dict[str, str], cause: str, run: Run, device_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "tests.json").write_text(json.dumps({"tests": tests}))
    ran = run("grade", device_folder, "--functional", tmp_path / "tests.json")
    assert ran.status == 2
    assert ran.err.startswith("error [functional_file]: ")
    assert cause in ran.err


def test_a_policy_with_a_typo_is_refused_by_file_and_line(run: Run, device_folder: Path, tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "configs" / "policies" / "ctia-like.yaml"
    lines = shipped.read_text(encoding="utf-8").splitlines()
    at = next(i for i, line in enumerate(lines) if line.strip().startswith("longest_mm"))
    lines[at] = lines[at].replace("longest_mm", "longst_mm")
    mine = tmp_path / "mine.yaml"
    mine.write_text("\n".join(lines), encoding="utf-8")
    ran = run("grade", device_folder, "--policy", mine)
    assert ran.status == 2
    assert ran.err.startswith(f"error [policy_file]: {mine}:{at + 1}: ")
    assert "longest_mm" in ran.err


@pytest.mark.parametrize(
    "arguments",
    [(), ("no/such/folder",), (".", "--front", "a.jpg"), ("--front", "no/such.jpg"), ("--functional", "gone.json")],
)
def test_arguments_that_do_not_go_together_are_an_error_without_a_trace(
    arguments: tuple[str, ...], run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = run("grade", *arguments)
    assert ran.status == 2
    assert ran.err.startswith("error [usage]: ")
    assert "Traceback" not in ran.err
