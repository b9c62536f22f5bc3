"""The benchmark of one photo: times the stages that the product has."""

from pathlib import Path

import pytest

from phonegrade.benchmarks.inspection import Stopwatch, run_floor, run_stages
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import Surface
from phonegrade.inference.inspector import Inspector

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.mark.parametrize("surface", [Surface.FRONT, Surface.LEFT])
def test_every_stage_of_a_photo_is_timed(surface: Surface) -> None:
    inspector, watch = Inspector.load(), Stopwatch(1)
    file = PhotoFile("photo", (SAMPLES / f"{surface}.jpg").read_bytes(), surface)
    run_floor(file, surface.view, run_stages(file, inspector, watch), inspector, watch)
    table = watch.table()
    stages = ("decode", "locate", "rectify", "check quality", "segment", "extract", "measure")
    assert all(stage in table for stage in stages)
