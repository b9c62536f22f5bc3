"""The hard cases: each is rendered as its name says."""

from pathlib import Path

import numpy as np
import pytest

from phonegrade.core.vocabulary import Surface
from phonegrade.evaluation.hard_case_sheet import inspect_hard_cases, write_hard_cases
from phonegrade.inference.inspector import Inspector
from phonegrade.rendering.hard_cases import HARD_CASES, HardCase, of_style, shoot

CASES = {case.name: case for case in HARD_CASES}
NAMED = (
    *(
        "lit screen",
        "wallpaper",
        "panel fault",
        "mirrored photographer",
        "mirrored lamps",
        "rim highlights",
        "camera rings",
    ),
    *("logo", "port", "seams", "oil rims", "lint", "protector", "case", "palm creases", "printed form", "hairlines"),
    *("crushed white", "metal back", "matte back", "dents", "nicks", "small", "blurred", "noisy", "recompressed"),
)


@pytest.mark.parametrize("name", NAMED)
def test_every_hard_case_has_a_picture(name: str) -> None:
    assert [case for case in HARD_CASES if name in case.name]


def test_names_are_reported_once() -> None:
    assert len(CASES) == len(HARD_CASES)


def test_a_case_is_the_same_photo_every_time_and_has_the_marks_it_names() -> None:
    case = CASES["crushed white zone"]
    one, again = shoot(case), shoot(case)
    assert one.file == again.file
    assert [mark.kind for mark in one.visible(Surface.FRONT)] == ["crack"]
    assert one.phone.annotations[Surface.BACK] == ()


def test_a_small_photo_is_small() -> None:
    assert max(shoot(CASES["small photo"]).photo.rgb.shape) == 400


def test_a_style_that_nobody_draws_is_refused() -> None:
    def draw_nothing(size_mm: tuple[float, float], rng: np.random.Generator) -> object:
        return shoot_mark

    shoot_mark = CASES["crushed white zone"].annotations[0]((70.0, 140.0), np.random.default_rng(1))
    with pytest.raises(ValueError, match="draws no stripes"):
        of_style(draw_nothing, "stripes")((70.0, 140.0), np.random.default_rng(1))  # type: ignore[arg-type]


def test_the_sheet_shows_the_truth_and_the_prediction(stub_models: Path, tmp_path: Path) -> None:
    case = HardCase("edge with nicks", 25, surface=Surface.TOP, annotations=CASES["edge with nicks"].annotations[:1])
    (result,) = inspect_hard_cases(Inspector.load(stub_models), (shoot(case),))
    assert result.name == "edge with nicks"
    assert "1 chip" in result.true or result.true == "1 hidden"
    write_hard_cases((result,), tmp_path / "sheet.jpg")
    assert (tmp_path / "sheet.jpg").stat().st_size > 1000
