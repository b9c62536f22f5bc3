"""Where long work shows its progress."""

import sys
from pathlib import Path

import pytest

from phonegrade.training import evaluate, loop
from phonegrade.training.samples import Batch


def test_a_training_run_s_bar_never_goes_to_stdout(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    batches: list[Batch] = []
    assert list(loop._watched(batches, 0, "locator")) == []
    told = capsys.readouterr()
    assert told.out == ""
    assert "training locator" in told.err


class _StopError(Exception):
    pass


class _Bench(evaluate.Bench):
    def add(self, root: Path, record: object) -> None:
        raise _StopError


def test_an_evaluation_s_bar_never_goes_to_stdout(
    stub_models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate, "read_manifest", lambda root, split: ["one"])
    monkeypatch.setattr(evaluate, "Bench", _Bench)
    with pytest.raises(_StopError):
        evaluate.evaluate(tmp_path, stub_models, tmp_path)
    told = capsys.readouterr()
    assert told.out == ""
    assert "evaluating" in told.err
