"""How often outlines are right."""

from pathlib import Path

import pytest

from phonegrade.core.vocabulary import Surface, View
from phonegrade.datasets.manifest import read_manifest
from phonegrade.evaluation.outlines import Seen, check_outline, outline_table
from phonegrade.inference.inspector import Inspector
from phonegrade.tests.evaluation.drawn_set import Drawn, write_drawn_set


def test_whole_phones_and_those_that_the_photo_cuts_off_are_told_apart() -> None:
    seen = [
        Seen(View.FRONT, False, 0.98),
        Seen(View.FRONT, False, 0.91),
        Seen(View.FRONT, False, None),
        Seen(View.EDGE, False, 0.5),
        Seen(View.EDGE, True, 0.0),
        Seen(View.EDGE, True, None),
    ]
    rows = outline_table(seen)
    assert "| front | 3 | 0.333 | 0.667 | 1 | 0 of 0 |" in rows
    assert "| edge | 1 | 0.000 | 0.000 | 0 | 1 of 2 |" in rows
    assert "| all | 4 | 0.250 | 0.500 | 1 | 1 of 2 |" in rows


def test_a_drawn_phone_has_the_outline_that_it_was_drawn_with(stub_models: Path, tmp_path: Path) -> None:
    write_drawn_set(tmp_path, (Drawn("whole", Surface.FRONT),))
    (record,) = read_manifest(tmp_path, "test")
    found = check_outline(Inspector.load(stub_models), tmp_path, record)
    assert found.iou == pytest.approx(1.0, abs=0.01)
    assert not found.is_cut_off
