"""What lies in a device's folder is used, or named on stderr."""

import json
import shutil
from pathlib import Path

import pytest

from phonegrade.tests.cli.conftest import Run


@pytest.fixture
def folder(device_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(device_folder, tmp_path / "phone"))


@pytest.mark.parametrize(
    "name", ["front_2.jpg", "front 2.jpg", "front (2).jpg", "front2.jpg", "FRONT-2.JPG", "front-2.jfif"]
)
def test_a_second_shot_is_read_however_it_is_numbered(name: str, run: Run, folder: Path, stub_models: Path) -> None:
    from phonegrade.core.vocabulary import Surface
    from phonegrade.tests.drawn_device import second_shots

    (folder / name).write_bytes(second_shots()[Surface.FRONT])
    ran = run("grade", folder, "--json", "--models", stub_models)
    assert len(json.loads(ran.out)["views"]["front"]["photos"]) == 2
    assert ran.err == ""


def test_a_photo_that_ends_in_jfif_and_test_results_in_capitals_are_read(
    run: Run, folder: Path, stub_models: Path
) -> None:
    (folder / "front.jpg").rename(folder / "front.jfif")
    (folder / "functional.json").rename(folder / "Functional.JSON")
    answer = json.loads(run("grade", folder, "--json", "--models", stub_models).out)
    assert answer["decision"]["status"] == "graded"
    assert answer["functional"] is not None


@pytest.mark.parametrize(
    "name", ["front.tiff", "rear.jpg", "IMG_0001.heic", "report.csv", "functional2.json", "front-b.jpg"]
)
def test_what_is_not_used_is_named(name: str, run: Run, folder: Path, stub_models: Path) -> None:
    (folder / name).write_bytes(b"something")
    ran = run("grade", folder, "--json", "--models", stub_models)
    assert ran.status == 0
    assert ran.err.startswith(f"warning: {name} was left out: ")


def test_our_own_pictures_and_hidden_files_are_not_named(run: Run, folder: Path, stub_models: Path) -> None:
    for name in ("front-overlay.jpg", "front-overlay-2.jpg", ".DS_Store", "notes.txt", "report.html"):
        (folder / name).write_bytes(b"something")
    assert run("grade", folder, "--json", "--models", stub_models).err == ""


def test_test_results_beside_those_that_were_chosen_are_named(run: Run, folder: Path, stub_models: Path) -> None:
    other = folder.parent / "other.json"
    shutil.copy(folder / "functional.json", other)
    ran = run("grade", folder, "--functional", other, "--json", "--models", stub_models)
    assert "functional.json was left out" in ran.err


@pytest.mark.parametrize("name", ["Fairphone 99", "14 pro"])
def test_an_unknown_device_inside_the_test_results_warns_and_refuses_nothing(
    name: str, run: Run, folder: Path, stub_models: Path
) -> None:
    tests = json.loads((folder / "functional.json").read_text(encoding="utf-8"))
    (folder / "functional.json").write_text(json.dumps(tests | {"device": name}), encoding="utf-8")
    ran = run("grade", folder, "--json", "--models", stub_models)
    assert ran.status == 0
    assert name in ran.err
    answer = json.loads(ran.out)
    assert answer["device"]["assumed"] is True
    assert any(name in flag["text"] for flag in answer["flags"])
