"""The guide sees what the locator sees, in a quarter of the bytes and at any size; the committed one is its own."""

import hashlib
from pathlib import Path

import numpy as np
import onnx
import pytest

from phonegrade.core.errors import ExportError
from phonegrade.core.vocabulary import Surface
from phonegrade.inference.inspector import SHIPPED
from phonegrade.inference.session import open_session
from phonegrade.models.guide import EDGE_SIZES_PX, SIZES_PX, GuideCard, export_guide, quantised
from phonegrade.tests.web.pictures import sample

LOCATOR = SHIPPED / "locator.onnx"
COMMITTED = Path(__file__).parents[2] / "web" / "models" / "guide.onnx"
CARD = GuideCard.model_validate_json(COMMITTED.with_suffix(".json").read_text(encoding="utf-8"))


def test_the_committed_guide_is_of_the_shipped_locator_and_made_by_this_code(tmp_path: Path) -> None:
    made = export_guide(LOCATOR, tmp_path / "guide.onnx")
    assert made.model_copy(update={"sha256": CARD.sha256}) == CARD
    assert CARD.sha256 == hashlib.sha256(COMMITTED.read_bytes()).hexdigest()
    first, second = (onnx.load(file) for file in (COMMITTED, tmp_path / "guide.onnx"))
    assert first.graph.SerializeToString(deterministic=True) == second.graph.SerializeToString(deterministic=True)
    assert COMMITTED.stat().st_size < 2_700_000


def test_a_guide_answers_every_size_that_the_page_gives_it() -> None:
    session = open_session(COMMITTED)
    for side in (*SIZES_PX, *EDGE_SIZES_PX):
        regions, views = session.run(None, {"image": np.zeros((1, side, side - 32, 3), np.uint8)})
        assert regions.shape == (1, 3, side // CARD.output_stride, (side - 32) // CARD.output_stride)
        assert views.shape == (1, len(CARD.views))


@pytest.mark.parametrize("surface", Surface)
def test_a_guide_sees_the_locators_body_and_view_at_its_size(surface: Surface) -> None:
    picture = np.full((1, 320, 320, 3), 114, np.uint8)
    rgb = sample(surface)[::4, ::4][:320, :320]
    picture[0, : rgb.shape[0], : rgb.shape[1]] = rgb
    first, second = (open_session(file).run(None, {"image": picture}) for file in (LOCATOR, COMMITTED))
    assert first[1].argmax() == second[1].argmax()
    bodies = [one[0][0, 0] >= CARD.body_threshold for one in (first, second)]
    assert (bodies[0] != bodies[1]).mean() < 0.01


def test_rounding_is_at_most_half_a_step_of_each_channel() -> None:
    weights = np.random.default_rng(0).normal(size=(7, 5, 3, 3)).astype(np.float32)
    weights[3] = 0.0
    rounded, scale = quantised(weights)
    back = rounded.astype(np.float32) * scale[:, None, None, None]
    assert (np.abs(back - weights) <= scale[:, None, None, None] / 2 + 1e-6).all()


def test_what_is_no_locator_makes_no_guide(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="not a locator"):
        export_guide(SHIPPED / "segmenter.onnx", tmp_path / "guide.onnx")
    assert list(tmp_path.iterdir()) == []
