"""`phonegrade devices`, and `--devices` and `--size` of the other verbs."""

import json
from pathlib import Path

import pytest

from phonegrade.assessment.assessment import Assessment
from phonegrade.tests.cli.conftest import Run

OWN = "brand,model,year,height_mm,width_mm,depth_mm\nAcme,Brick 1,2024,160.5,75,8.1\n"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    file = tmp_path / "my.csv"
    file.write_text(OWN, encoding="utf-8")
    return file


def test_a_search_prints_sizes_years_and_codes(run: Run) -> None:
    ran = run("devices", "pixel 7")
    assert ran.status == 0
    assert "Google Pixel 7 Pro" in ran.out
    assert "GVU6C" in ran.out
    assert "2022" in ran.out


def test_json_answers_every_device_and_code(run: Run) -> None:
    matches = json.loads(run("devices", "SM-G991B", "--json").out)
    assert [device["name"] for device in matches] == ["Samsung Galaxy S21 5G"]
    assert {"SM-G991B", "SM-G991U1"} <= set(matches[0]["codes"])
    assert len(json.loads(run("devices", "galaxy", "--json").out)) > 300


def test_a_long_table_tells_how_much_it_leaves_out(run: Run) -> None:
    assert "more: give more of the name" in run("devices", "galaxy").err


def test_nothing_found_is_bad_input_with_the_nearest_names(run: Run) -> None:
    ran = run("devices", "pixle 7")
    assert ran.status == 2
    assert ran.out == ""
    assert "Google Pixel 7" in ran.err


def test_own_devices_are_searched_and_a_broken_file_is_refused_by_line(run: Run, own: Path) -> None:
    assert "160.5" in run("devices", "brick", "--devices", own).out
    own.write_text(OWN + "Acme,2\n", encoding="utf-8")
    ran = run("devices", "brick", "--devices", own)
    assert ran.status == 2
    assert f"{own}, line 3" in ran.err


def test_a_phone_is_graded_as_an_own_device(run: Run, device_folder: Path, stub_models: Path, own: Path) -> None:
    front = device_folder / "front.jpg"
    ran = run("grade", "--front", front, "--device", "brick 1", "--devices", own, "--json", "--models", stub_models)
    used = Assessment.model_validate_json(ran.out).device
    assert (used.name, used.assumed, used.height_mm) == ("Acme Brick 1", False, 160.5)


def test_a_size_given_is_named_so_and_not_assumed(run: Run, device_folder: Path, stub_models: Path) -> None:
    front = device_folder / "front.jpg"
    ran = run("grade", "--front", front, "--size", "152.8x72x8.5", "--json", "--models", stub_models)
    used = Assessment.model_validate_json(ran.out).device
    assert used.name == "152.8 \N{MULTIPLICATION SIGN} 72 \N{MULTIPLICATION SIGN} 8.5 mm as given"
    assert (used.assumed, used.height_mm, used.width_mm, used.depth_mm) == (False, 152.8, 72.0, 8.5)


def test_a_size_beside_a_device_is_refused_for_one_would_go_unused(
    run: Run, device_folder: Path, stub_models: Path
) -> None:
    size = ("--size", "152.8x72x8.5", "--models", stub_models)
    by_name = run("grade", "--front", device_folder / "front.jpg", "--device", "iphone 13", *size)
    assert (by_name.status, "not both" in by_name.err) == (2, True)
    by_tests = run("grade", device_folder, *size)
    assert (by_tests.status, "Apple iPhone 13" in by_tests.err) == (2, True)
    inspected = run("inspect", device_folder / "front.jpg", "--device", "iphone 13", *size)
    assert (inspected.status, "not both" in inspected.err) == (2, True)


def test_a_photo_is_inspected_at_the_size_given(run: Run, device_folder: Path, stub_models: Path) -> None:
    def scale(size: str) -> tuple[float, str]:
        options = ("--size", size, "--jsonl", "--models", stub_models)
        scale = json.loads(run("inspect", device_folder / "front.jpg", "--view", "front", *options).out)["scale"]
        return scale["px_per_mm"], scale["source"]

    small, source = scale("146.7x71.5x7.7")
    large, _ = scale("161.4x78.7x7.7")
    assert source != "assumed"
    assert small == pytest.approx(1.1 * large, rel=0.02)
