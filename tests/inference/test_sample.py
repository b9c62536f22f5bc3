"""Sizes on the sample phone, against what its renderer painted.

`sample_truth.json` holds the marks of the phone that `samples/README.md` names, drawn anew by the same commit, which
gives the same files bit for bit. `width_mm` of a scratch is its mean breadth as painted, from its outermost groove on
one side to that on the other (`scratch_width_mm`), its strokes being the band in which the grooves wander.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from phonegrade.core.devices.catalogue import find_device
from phonegrade.core.inspection import Defect
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import DefectKind, Surface
from phonegrade.inference.inspector import Inspector

ROOT = Path(__file__).parents[2]
TRUTH = json.loads((Path(__file__).parent / "sample_truth.json").read_text(encoding="utf-8"))
NEAR_MM = 1.0


@cache
def shipped() -> Inspector:
    return Inspector.load()


def scratches(surface: Surface) -> list[tuple[Defect, dict[str, Any]]]:
    """Each scratch that is found, and the true mark that it lies on."""
    data = (ROOT / "samples" / f"{surface}.jpg").read_bytes()
    inspection = shipped().inspect(PhotoFile(f"{surface}.jpg", data, surface), device=find_device("Apple iPhone 13"))
    mm_from_photo = np.linalg.inv(np.array(TRUTH[surface]["photo_from_mm"]).reshape(3, 3))
    pairs = []
    for defect in (one for one in inspection.defects if one.kind is DefectKind.SCRATCH):
        outline = np.hstack([np.array(defect.polygon), np.ones((len(defect.polygon), 1))]) @ mm_from_photo.T
        outline = outline[:, :2] / outline[:, 2:]
        near = [(off_mm(outline, mark), mark) for mark in TRUTH[surface]["marks"] if mark["kind"] == "scratch"]
        off, mark = min(near, key=lambda pair: pair[0])
        assert off < NEAR_MM
        pairs.append((defect, mark))
    return pairs


def off_mm(outline: np.ndarray, mark: dict[str, Any]) -> float:
    """Median distance of the corners of an outline (N, 2) from the places of a mark's strokes."""
    places = np.concatenate([np.array(stroke) for stroke in mark["strokes"]])
    return float(np.median(np.linalg.norm(outline[:, None] - places[None], axis=2).min(axis=1)))


def test_the_front_is_graded_by_widths_within_a_tenth_of_a_millimetre_of_its_truth() -> None:
    pairs = scratches(Surface.FRONT)
    assert len(pairs) >= 5
    for defect, mark in pairs:
        assert defect.width_mm is not None
        assert defect.width_mm == pytest.approx(mark["width_mm"], abs=0.1)


@pytest.mark.parametrize("surface", [Surface.FRONT, Surface.LEFT, Surface.RIGHT, Surface.TOP])
def test_no_width_is_off_by_more_than_its_error_allows(surface: Surface) -> None:
    for defect, mark in scratches(surface):
        assert defect.width_mm is not None
        assert defect.width_error_mm is not None
        assert abs(defect.width_mm - mark["width_mm"]) < 3 * defect.width_error_mm
