"""`--runtime`: asked for, every verb names it in its answers, and never mixes it with another's."""

import json
import shutil
from pathlib import Path

import pytest

from phonegrade.batch.fingerprint import fingerprint_of
from phonegrade.batch.photo_work import LoadModels
from phonegrade.core.errors import SetupError
from phonegrade.core.vocabulary import Surface
from phonegrade.inference import openvino_session
from phonegrade.service.tasks import Body, InspectPhoto, WorkerSetup
from phonegrade.service.worker import load_worker
from phonegrade.tests.cli.conftest import Run


def test_grades_and_inspections_name_what_ran_the_models(run: Run, device_folder: Path, stub_models: Path) -> None:
    models = ("--models", stub_models)
    for runtime, named in (("onnxruntime", False), ("auto", False), ("openvino", True)):
        graded = run("grade", device_folder, "--json", *models, "--runtime", runtime)
        assert (json.loads(graded.out)["versions"]["models"]["runtime"] is not None) is named
        inspected = run("inspect", device_folder / "front.jpg", "--jsonl", *models, "--runtime", runtime)
        assert (json.loads(inspected.out)["model"]["runtime"] is not None) is named


def test_a_folder_that_was_graded_by_one_runtime_is_graded_anew_by_another(
    run: Run, device_folder: Path, stub_models: Path, tmp_path: Path
) -> None:
    command = ("grade", device_folder, "--jsonl", "--models", stub_models, "--reports", tmp_path / "out", "--runtime")
    first, again, other = (json.loads(run(*command, name).out) for name in ("onnxruntime", "auto", "openvino"))
    assert again["fingerprint"] == first["fingerprint"] != other["fingerprint"]


def test_a_warehouse_run_is_of_one_runtime(run: Run, device_folder: Path, stub_models: Path, tmp_path: Path) -> None:
    shutil.copytree(device_folder, tmp_path / "stock" / "one")
    out = ("--engine", "loop", "--out", tmp_path / "run")
    command = ("batch", "grade", tmp_path / "stock", "--models", stub_models, *out, "--runtime")
    assert run(*command, "openvino").status == 0
    refused = run(*command, "onnxruntime")
    assert refused.status == 2
    assert "runtime" in refused.err
    models = ("--models", stub_models, "--out", tmp_path / "regraded")
    regraded = run("batch", "regrade", tmp_path / "run", "--policy", "ctia-like", *models)
    assert regraded.status == 0, regraded.err


def test_a_machine_that_runs_the_models_otherwise_does_not_take_part(stub_models: Path) -> None:
    with pytest.raises(SetupError, match="the run is of onnxruntime"):
        LoadModels(stub_models, 0.3, "openvino")()
    named = "segmenter: openvino 1 bf16"
    with pytest.raises(SetupError, match="this machine runs the models by onnxruntime"):
        LoadModels(stub_models, 0.3, "auto", named)()
    assert fingerprint_of(stub_models, 0.3, named).sha256 != fingerprint_of(stub_models, 0.3).sha256


def test_workers_of_the_service_run_what_they_are_told(stub_models: Path, device_folder: Path) -> None:
    photo = device_folder / "front.jpg"
    worker = load_worker(WorkerSetup(stub_models, 1, (), photo, True, "openvino"))
    answer = worker(InspectPhoto("front.jpg", Surface.FRONT, None, None, None, overlay=False), photo.read_bytes())
    assert isinstance(answer, Body)
    assert json.loads(answer.content)["model"]["runtime"] is not None


def test_the_doctor_tells_what_auto_takes_and_misses_nothing_where_it_is_not_installed(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    answer = run("doctor")
    assert f"OpenVINO {openvino_session.openvino_version()}, " in " ".join(answer.out.split())
    assert "--runtime auto takes" in answer.out
    monkeypatch.setattr(openvino_session, "openvino_version", lambda: None)
    answer = run("doctor")
    assert "no: pip install 'phonegrade[openvino]'" in answer.out
    assert answer.status == 0, answer.out
