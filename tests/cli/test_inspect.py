"""`phonegrade inspect`."""

import json
from pathlib import Path

import cv2
import pytest

from phonegrade.core.inspection import Inspection
from phonegrade.tests.bad_photos import BAD_PHOTOS
from phonegrade.tests.cli.conftest import Run
from phonegrade.tests.drawn_device import SCRATCH_MM
from phonegrade.tests.model_without_card import write_models_without_card


def test_each_photo_gets_one_json_line_under_the_path_as_given(
    run: Run, device_folder: Path, stub_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(device_folder)
    given = ["./front.jpg", str(device_folder / "back.jpg"), "../" + device_folder.name + "/left.jpg"]
    ran = run("inspect", "--jsonl", "--device", "iphone 13", "--models", stub_models, *given)
    assert ran.status == 0
    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert [line["photo"] for line in lines] == given
    assert [line["view"] for line in lines] == ["front", "back", "edge"]
    (scratch,) = lines[0]["defects"]
    assert scratch["kind"] == "scratch"
    assert scratch["length_mm"] == pytest.approx(SCRATCH_MM, rel=0.06)
    for line in ran.out.splitlines():
        Inspection.model_validate_json(line)


def test_a_bad_photo_is_reported_in_its_place_and_the_others_are_answered(
    run: Run, device_folder: Path, stub_models: Path, tmp_path: Path
) -> None:
    given = [device_folder / "front.jpg", tmp_path / "gone.jpg", device_folder / "back.jpg"]
    for number, (data, _, _) in enumerate(BAD_PHOTOS.values()):
        given.append(tmp_path / f"{number}.jpg")
        given[-1].write_bytes(data)
    ran = run("inspect", "--jsonl", "--models", stub_models, *given)
    assert ran.status == 1
    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert [line["photo"] for line in lines] == [str(path) for path in given]
    codes = [line.get("error", {}).get("code") for line in lines]
    assert codes == [None, "usage", None, *(code for _, code, _ in BAD_PHOTOS.values())]
    assert all(set(line["error"]) == {"code", "message"} for line in lines if "error" in line)


def test_view_and_confidence_are_passed_on(run: Run, device_folder: Path, stub_models: Path) -> None:
    front = device_folder / "front.jpg"
    ran = run("inspect", "--jsonl", "--view", "back", "--min-confidence", "1", "--models", stub_models, front)
    answer = json.loads(ran.out)
    assert answer["defects"] == []
    assert "view_mismatch" in [flag["code"] for flag in answer["quality"]]


@pytest.mark.parametrize(("surface", "long_mm"), [("left", 146.7), ("top", 71.5)])
def test_a_named_surface_gives_the_edge_its_length(
    surface: str, long_mm: float, run: Run, device_folder: Path, stub_models: Path
) -> None:
    left = device_folder / "left.jpg"
    ran = run("inspect", "--jsonl", "--surface", surface, "--device", "iphone 13", "--models", stub_models, left)
    assert json.loads(ran.out)["surface_size_mm"][0] == long_mm


def test_a_named_edge_of_the_sample_gets_the_sizes_that_grade_gives(run: Run) -> None:
    sample = Path(__file__).parents[2] / "samples" / "left.jpg"
    (line,) = run("inspect", "--jsonl", "--surface", "left", "--device", "iphone 13", sample).out.splitlines()
    inspection = Inspection.model_validate_json(line)
    assert [(one.id, round(one.length_mm or 0, 1)) for one in inspection.defects] == [("left-1", 24.1)]


def test_surface_and_view_exclude_each_other(run: Run, device_folder: Path) -> None:
    ran = run("inspect", "--surface", "left", "--view", "edge", device_folder / "left.jpg")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("error [usage]: give --surface or --view, not both")


def test_without_jsonl_a_table_is_printed(run: Run, device_folder: Path, stub_models: Path) -> None:
    ran = run("inspect", "--models", stub_models, device_folder / "front.jpg", device_folder / "functional.json")
    assert ran.status == 1
    assert "1 scratch" in ran.out
    assert "not_an_image" in ran.out


def test_overlays_of_photos_with_one_name_do_not_replace_each_other(
    run: Run, device_folder: Path, stub_models: Path, tmp_path: Path
) -> None:
    other = tmp_path / "front.jpg"
    other.write_bytes((device_folder / "front.jpg").read_bytes())
    ran = run(
        "inspect",
        "--jsonl",
        "--overlay",
        tmp_path / "drawn",
        "--models",
        stub_models,
        device_folder / "front.jpg",
        other,
    )
    assert ran.status == 0
    assert sorted(file.name for file in (tmp_path / "drawn").iterdir()) == ["front-overlay-2.jpg", "front-overlay.jpg"]
    assert cv2.imread(str(tmp_path / "drawn" / "front-overlay.jpg")) is not None


def test_an_overlay_is_never_written_onto_a_photo(
    run: Run, device_folder: Path, stub_models: Path, tmp_path: Path
) -> None:
    given = [tmp_path / "a.jpg", tmp_path / "a-overlay.jpg"]
    for photo, surface in zip(given, ("front", "back"), strict=True):
        photo.write_bytes((device_folder / f"{surface}.jpg").read_bytes())
    before = [photo.read_bytes() for photo in given]
    assert run("inspect", "--jsonl", "--overlay", tmp_path, "--models", stub_models, *given).status == 0
    assert [photo.read_bytes() for photo in given] == before
    drawn = sorted(file.name for file in tmp_path.iterdir() if file not in given)
    assert drawn == ["a-overlay-2.jpg", "a-overlay-overlay.jpg"]


def test_an_overlay_that_cannot_be_written_is_an_error_without_a_trace(
    run: Run, device_folder: Path, stub_models: Path, tmp_path: Path
) -> None:
    (tmp_path / "front-overlay.jpg").mkdir()
    ran = run("inspect", "--overlay", tmp_path, "--models", stub_models, device_folder / "front.jpg")
    assert ran.status == 2
    assert ran.err.startswith(f"error [usage]: {tmp_path / 'front-overlay.jpg'}: cannot be written")


def test_a_file_name_that_is_no_utf_8_stops_no_other_photo(
    run: Run, device_folder: Path, stub_models: Path, tmp_path: Path
) -> None:
    odd = tmp_path / "odd\udcff.jpg"
    odd.write_bytes((device_folder / "front.jpg").read_bytes())
    ran = run("inspect", "--jsonl", "--models", stub_models, odd, device_folder / "front.jpg")
    assert ran.status == 1
    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert lines[0]["photo"] == str(odd)
    assert lines[0]["error"]["code"] == "usage"
    assert lines[1]["defects"]
    assert run("inspect", "--models", stub_models, odd).status == 1


def test_an_unknown_device_is_refused_and_lists_the_nearest(run: Run, device_folder: Path, stub_models: Path) -> None:
    ran = run("inspect", "--device", "iphone 13 prro maxx", "--models", stub_models, device_folder / "front.jpg")
    assert ran.status == 2
    assert ran.err.startswith("error [unknown_device]: ")
    assert "Apple iPhone 13 Pro Max" in ran.err


def test_a_model_without_its_card_is_an_installation_at_fault(run: Run, device_folder: Path, tmp_path: Path) -> None:
    write_models_without_card(tmp_path)
    ran = run("inspect", "--models", tmp_path, device_folder / "front.jpg")
    assert ran.status == 3
    assert ran.err.startswith("error [model_file]: ")
    assert "card" in ran.err
