"""Hard negatives: damage detected where a tile has none, and not what is true, near the truth or ignored."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from phonegrade.cli.main import main
from phonegrade.datasets.annotations.annotation import CLASS_BIT, IGNORE_BIT
from phonegrade.datasets.cached_tiles import NO_FALSE_POSITIVE, CachedTiles
from phonegrade.datasets.placement import Tile, TileFormat
from phonegrade.inference.card import SegmenterCard
from phonegrade.inference.session import OnnxModel, load_model
from phonegrade.rendering.tile_studio import cache_studio_tiles
from phonegrade.tests.stub_models import BODY, PAINT
from phonegrade.training.mining import surest_false_positive

CROP_PX, PX_PER_MM = 160, 8.0


@pytest.fixture(scope="module")
def segmenter(stub_models: Path) -> OnnxModel[SegmenterCard]:
    return load_model(stub_models / "segmenter.onnx", SegmenterCard)


def scratched(bit: int, aside_px: int = 0, kind: str = "scratch") -> Tile:
    """A body with a painted line, and a label `aside_px` beside it."""
    rgb = np.full((CROP_PX, CROP_PX, 3), BODY, np.uint8)
    cv2.line(rgb, (20, 60), (140, 60), PAINT[kind], 3)
    bits = np.zeros((CROP_PX // 2,) * 2, np.uint16)
    cv2.line(label := bits.astype(np.int32), (10, 30 + aside_px // 2), (70, 30 + aside_px // 2), bit, 2)
    return rgb, label.astype(np.uint16)


def test_damage_detected_where_none_is_makes_a_hard_negative(segmenter: OnnxModel[SegmenterCard]) -> None:
    mined = surest_false_positive(segmenter, scratched(0), PX_PER_MM)
    assert mined.confidence > 0.5
    assert (mined.x, mined.y) == pytest.approx((80, 60), abs=3)
    assert surest_false_positive(segmenter, scratched(CLASS_BIT["scratch"], aside_px=60), PX_PER_MM).confidence > 0.5
    assert surest_false_positive(segmenter, scratched(CLASS_BIT["dust"]), PX_PER_MM).confidence > 0.5


@pytest.mark.parametrize("bit", [CLASS_BIT["scratch"], CLASS_BIT["crack"], IGNORE_BIT])
def test_damage_of_any_kind_and_what_is_ignored_are_no_hard_negatives(
    segmenter: OnnxModel[SegmenterCard], bit: int
) -> None:
    assert surest_false_positive(segmenter, scratched(bit), PX_PER_MM) == NO_FALSE_POSITIVE
    assert surest_false_positive(segmenter, scratched(bit, aside_px=8), PX_PER_MM) == NO_FALSE_POSITIVE


def test_detected_dirt_is_no_hard_negative(segmenter: OnnxModel[SegmenterCard]) -> None:
    assert surest_false_positive(segmenter, scratched(0, kind="dust"), PX_PER_MM) == NO_FALSE_POSITIVE


def test_what_was_mined_lies_beside_the_tiles_in_their_order(
    stub_models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cache_studio_tiles(
        tmp_path, surfaces=2, per_surface=2, preset="hard_negatives", form=TileFormat(128), seed=1, workers=1
    )
    with pytest.raises(SystemExit) as finished:
        main(["dev", "mine", str(tmp_path), "--segmenter", str(stub_models / "segmenter.onnx"), "--workers", "1"])
    assert finished.value.code == 0
    assert f"{tmp_path}: 4 tiles, with a false positive" in capsys.readouterr().out
    cached = CachedTiles([tmp_path])
    model = load_model(stub_models / "segmenter.onnx", SegmenterCard)
    expected = [surest_false_positive(model, cached.read(number), PX_PER_MM) for number in range(4)]
    assert (cached.false_positives() == np.array(expected, np.float32)).all()
