"""`import phonegrade`: the names that a Python program uses."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import phonegrade
from phonegrade.assessment import facade
from phonegrade.assessment.assess import assess_photos
from phonegrade.core.errors import (
    DeviceNameError,
    FunctionalError,
    NoDeviceError,
    PhotoError,
    TooManyPhotosError,
    UsageError,
)
from phonegrade.core.functional.report import FunctionalReport
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import Surface
from phonegrade.inference.inspector import Inspector
from phonegrade.tests.drawn_device import device_photos, empty_table, second_shots, write_device

ROOT = Path(__file__).parents[1]
SAMPLE_TESTS = ROOT / "samples" / "functional.json"


def _python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)  # noqa: S603
    return done.stdout.strip()


def test_the_import_brings_nothing_heavy_along() -> None:
    heavy = ("cv2", "numpy", "onnxruntime", "pydantic", "PIL", "fastapi", "torch")
    assert _python(f"import sys, phonegrade; print([name for name in {heavy} if name in sys.modules])") == "[]"


def test_telemetry_is_off_before_the_first_use_of_any_name() -> None:
    code = "import os, phonegrade; print(os.environ['ORT_DISABLE_TELEMETRY'], os.environ['NO_ALBUMENTATIONS_UPDATE'])"
    assert _python(code) == "1 1"


@pytest.mark.parametrize("name", phonegrade.__all__)
def test_every_public_name_is_there_and_is_found_by_dir(name: str) -> None:
    assert getattr(phonegrade, name) is not None
    assert name in dir(phonegrade)


def test_the_type_checker_sees_the_names_where_they_are_imported_from() -> None:
    tree = ast.parse((ROOT / "__init__.py").read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    typed = {alias.name: node.module for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert typed == {name: f"phonegrade.{module}" for name, module in phonegrade._MODULES.items()}
    assert {*typed, "__version__"} == set(phonegrade.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'grade_it'"):
        _ = phonegrade.grade_it


def test_paths_bytes_and_names_are_assessed_as_the_same_device(tmp_path: Path, inspector: Inspector) -> None:
    write_device(tmp_path)
    paths = {surface.value: tmp_path / f"{surface}.jpg" for surface in Surface}
    by_path = phonegrade.assess(paths, SAMPLE_TESTS, "iphone 13", inspector=inspector)
    by_text = phonegrade.assess(
        {name: str(path) for name, path in paths.items()}, str(SAMPLE_TESTS), "iphone 13", inspector=inspector
    )
    by_bytes = phonegrade.assess(
        device_photos(), SAMPLE_TESTS.read_bytes(), phonegrade.find_device("iphone 13"), inspector=inspector
    )
    assert by_path == by_text
    assert by_path.decision == by_bytes.decision
    assert by_path.decision.grade is not None
    assert by_path.photos[Surface.FRONT].file == "front.jpg"
    assert by_bytes.photos[Surface.FRONT].file == "front"


def test_the_answer_is_that_of_the_path_that_every_edge_takes(inspector: Inspector, tests: FunctionalReport) -> None:
    policy = phonegrade.load_policy("ctia-like")
    device = phonegrade.find_device("iphone 13")
    sent = {surface: [PhotoFile(surface.value, data, surface)] for surface, data in device_photos().items()}
    assert phonegrade.assess(device_photos(), tests, device, policy, inspector) == assess_photos(
        sent, tests, device, policy, inspector
    )


def test_several_views_of_a_surface_come_as_a_list(inspector: Inspector) -> None:
    photos = {"front": [device_photos()[Surface.FRONT], second_shots()[Surface.FRONT]]}
    assessment = phonegrade.assess(photos, device="iphone 13", inspector=inspector)
    assert assessment.views[Surface.FRONT].used == 2
    assert {view.file for view in assessment.views[Surface.FRONT].photos} == {"front", "front-2"}


def test_the_device_that_the_tests_name_is_taken_where_none_is_given(inspector: Inspector) -> None:
    photos = {"front": device_photos()[Surface.FRONT]}
    named = phonegrade.assess(photos, b'{"device": "iPhone 13", "tests": {}}', inspector=inspector)
    unknown = phonegrade.assess(photos, b'{"device": "no such phone", "tests": {}}', inspector=inspector)
    assert (named.device.name, named.device.assumed) == ("Apple iPhone 13", False)
    assert unknown.device.assumed
    assert unknown.flags[0].code == "unknown_device"


def test_the_shipped_models_are_loaded_once(monkeypatch: pytest.MonkeyPatch, inspector: Inspector) -> None:
    loaded: list[Inspector] = []

    def load() -> Inspector:
        loaded.append(inspector)
        return inspector

    monkeypatch.setattr(facade.Inspector, "load", load)
    facade._shipped_inspector.cache_clear()
    try:
        for _ in range(2):
            phonegrade.assess({"front": device_photos()[Surface.FRONT]}, device="iphone 13")
    finally:
        facade._shipped_inspector.cache_clear()
    assert len(loaded) == 1


def test_an_unknown_surface_is_a_usage_error_with_the_valid_names(inspector: Inspector) -> None:
    with pytest.raises(UsageError, match="'rear' is not a surface; give front, back, left, right, top, bottom"):
        phonegrade.assess({"rear": b"x"}, inspector=inspector)


def test_every_refusal_is_of_one_family(tmp_path: Path, inspector: Inspector) -> None:
    front = device_photos()[Surface.FRONT]
    missing = tmp_path / "missing.jpg"
    for kind, call in (
        (UsageError, lambda: phonegrade.assess({}, inspector=inspector)),
        (UsageError, lambda: phonegrade.assess({"front": missing}, inspector=inspector)),
        (UsageError, lambda: phonegrade.assess({"front": front}, functional=missing, inspector=inspector)),
        (UsageError, lambda: phonegrade.assess({"front": "a\0b"}, inspector=inspector)),
        (PhotoError, lambda: phonegrade.assess({"front": b"no picture"}, inspector=inspector)),
        (NoDeviceError, lambda: phonegrade.assess({"front": empty_table()}, inspector=inspector)),
        (TooManyPhotosError, lambda: phonegrade.assess({"front": [front] * 25}, inspector=inspector)),
        (DeviceNameError, lambda: phonegrade.assess({"front": front}, device="nokio", inspector=inspector)),
        (FunctionalError, lambda: phonegrade.assess({"front": front}, b'{"test": {}}', inspector=inspector)),
    ):
        with pytest.raises(kind) as refused:
            call()
        assert isinstance(refused.value, phonegrade.PhonegradeError)
