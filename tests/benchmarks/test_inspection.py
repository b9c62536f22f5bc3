"""The benchmark of one photo: times the stages that the product has."""

from pathlib import Path

import pytest

from phonegrade.benchmarks.inspection import Stopwatch, run_floor, run_stages
from phonegrade.core.vocabulary import Surface
from phonegrade.inference.inspector import Inspector

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.mark.parametrize("surface", [Surface.FRONT, Surface.LEFT])
def test_every_stage_of_a_photo_is_timed(surface: Surface) -> None:
    inspector, watch = Inspector.load(), Stopwatch(1)
    data = (SAMPLES / f"{surface}.jpg").read_bytes()
    run_floor(data, run_stages(data, surface, inspector, watch), surface, inspector, watch)
    table = watch.table()
    assert all(stage in table for stage in ("decode", "locate", "outline", "rectify", "segment", "instances"))
