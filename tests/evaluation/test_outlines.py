"""How often outlines are right."""

from pathlib import Path

import pytest

from phonegrade.core.vocabulary import Surface, View
from phonegrade.datasets.manifest import read_manifest
from phonegrade.evaluation.outlines import OutlineOutcome, check_outline, outline_table
from phonegrade.inference.inspector import Inspector
from phonegrade.tests.evaluation.drawn_set import Drawn, write_drawn_set


def test_whole_phones_and_those_that_the_photo_cuts_off_are_distinguished() -> None:
    outcomes = [
        OutlineOutcome(View.FRONT, False, 0.98),
        OutlineOutcome(View.FRONT, False, 0.91),
        OutlineOutcome(View.FRONT, False, None),
        OutlineOutcome(View.EDGE, False, 0.5),
        OutlineOutcome(View.EDGE, True, 0.0),
        OutlineOutcome(View.EDGE, True, None),
    ]
    rows = outline_table(outcomes)
    assert "| front | 3 | 0.333 | 0.667 | 1 | 0 of 0 |" in rows
    assert "| edge | 1 | 0.000 | 0.000 | 0 | 1 of 2 |" in rows
    assert "| all | 4 | 0.250 | 0.500 | 1 | 1 of 2 |" in rows


def test_a_drawn_phone_has_the_outline_that_it_was_drawn_with(stub_models: Path, tmp_path: Path) -> None:
    write_drawn_set(tmp_path, (Drawn("whole", Surface.FRONT),))
    (record,) = read_manifest(tmp_path, "test")
    outcome = check_outline(Inspector.load(stub_models), tmp_path, record)
    assert outcome.iou == pytest.approx(1.0, abs=0.01)
    assert not outcome.is_cut_off
