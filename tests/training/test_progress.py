"""Where long work shows its progress."""

import sys
from functools import partial
from pathlib import Path

import pytest

from phonegrade.evaluation.workers import measured
from phonegrade.inference.inspector import Inspector
from phonegrade.training import loop
from phonegrade.training.samples import Batch


def test_a_training_run_s_bar_never_goes_to_stdout(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    batches: list[Batch] = []
    assert list(loop._with_progress(batches, 0, "locator")) == []
    output = capsys.readouterr()
    assert output.out == ""
    assert "training locator" in output.err


def test_an_evaluation_s_bar_never_goes_to_stdout(stub_models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def doubled(inspector: Inspector, task: int) -> int:
        return 2 * task

    assert measured(partial(Inspector.load, stub_models), doubled, [1, 2, 3], 1, "evaluating") == [2, 4, 6]
    output = capsys.readouterr()
    assert output.out == ""
    assert "evaluating" in output.err
