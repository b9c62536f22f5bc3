from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from phonegrade.core.errors import UsageError
from phonegrade.datasets.annotations.annotation import CLASS_BIT, IGNORE_BIT
from phonegrade.datasets.cached_tiles import CachedTiles
from phonegrade.datasets.placement import PAD_GREY, Tile
from phonegrade.datasets.training_tiles import AIMED_SHARE, BAND_REPEATS, BANDS, HARD_FROM, TrainingTiles

CROP_PX = 128
SCRATCH, DENT = CLASS_BIT["scratch"], CLASS_BIT["dent"]


class Drawn(CachedTiles):
    """Tiles that were drawn, not read from disk."""

    def __init__(self, tiles: list[Tile]) -> None:
        self._drawn = tiles

    def __len__(self) -> int:
        return len(self._drawn)

    def read(self, index: int) -> Tile:
        return self._drawn[index]

    def bits(self, index: int) -> NDArray[np.uint16]:
        return self._drawn[index][1]

    def thumbnail(self, index: int) -> NDArray[np.uint8]:
        return np.asarray(cv2.resize(self._drawn[index][0], None, fx=1 / 8, fy=1 / 8, interpolation=cv2.INTER_AREA))


def edge(grey: int, top: int) -> Tile:
    """A strip of 24 rows, dented in full, in a tile of padding."""
    rgb = np.full((CROP_PX, CROP_PX, 3), PAD_GREY, np.uint8)
    bits = np.zeros((CROP_PX // 2,) * 2, np.uint16)
    rgb[top : top + 24], bits[top // 2 : top // 2 + 12] = grey, DENT
    return rgb, bits


def front(contrast: int) -> Tile:
    """A grainy front with one scratch."""
    grain = np.random.default_rng(0).normal(150, 2, (CROP_PX, CROP_PX))
    grain[60:62, 10:110] += contrast
    bits = np.zeros((CROP_PX // 2,) * 2, np.uint16)
    bits[30, 5:55] = SCRATCH
    return np.repeat(np.clip(grain, 0, 255).astype(np.uint8)[..., None], 3, axis=2), bits


def test_edges_share_tiles_and_keep_their_annotations() -> None:
    edges = [edge(grey, top) for grey, top in ((20, 0), (60, 40), (180, 76), (230, 104))]
    tiles = TrainingTiles(Drawn([front(60), *edges]), CROP_PX, seed=0)
    assert len(tiles) == 1 + BAND_REPEATS * len(edges) // BANDS
    rgb, bits = tiles.sample(1, 0)
    assert rgb.shape == (CROP_PX, CROP_PX, 3)
    rows = ((bits & DENT) > 0).all(axis=1)
    assert rows.sum() == BANDS * 12
    assert [rows[part].sum() for part in np.split(np.arange(CROP_PX // 2), BANDS)] == [12] * BANDS


def test_every_edge_is_drawn_as_often_as_promised() -> None:
    edges = [edge(grey, 40) for grey in (20, 60, 180)]
    tiles = TrainingTiles(Drawn(edges), CROP_PX, seed=0, often={"dent": 3})
    dented = sum(int(((tiles.sample(index, 0)[1] & DENT) > 0).all(axis=1).sum()) for index in range(len(tiles)))
    assert dented == 3 * 3 * BAND_REPEATS * 12


def test_a_tile_with_a_false_positive_is_drawn_as_often_as_was_promised() -> None:
    class Mined(Drawn):
        def false_positives(self) -> NDArray[np.float32]:
            return np.array([[0.9, 60, 60], [HARD_FROM - 0.01, 60, 60]], np.float32)

    tiles = TrainingTiles(Mined([front(60), front(60)]), CROP_PX, seed=0, hard_negatives=3)
    assert len(tiles) == 3 + 1


@pytest.fixture
def uncorrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiles come as they were cut."""
    monkeypatch.setattr("phonegrade.datasets.training_tiles.Photographic", lambda: lambda rgb, _seed: rgb)


@pytest.mark.usefixtures("uncorrupted")
def test_a_cut_lies_about_what_there_is_to_learn_as_often_as_was_promised() -> None:
    class Mined(Drawn):
        def false_positives(self) -> NDArray[np.float32]:
            return np.array([[0.9, 100, 20]], np.float32)

    def speck(x: int, y: int, bit: int) -> Tile:
        rgb = np.full((CROP_PX, CROP_PX, 3), 30, np.uint8)
        rgb[y - 2 : y + 2, x - 2 : x + 2] = 200
        bits = np.zeros((CROP_PX // 2,) * 2, np.uint16)
        bits[y // 2 - 1 : y // 2 + 1, x // 2 - 1 : x // 2 + 1] = bit
        return rgb, bits

    dented = TrainingTiles(Drawn([speck(100, 20, DENT)]), 32, seed=0)
    cuts = [dented.sample(0, epoch) for epoch in range(200)]
    held = [bool((bits & DENT).any()) for _, bits in cuts]
    assert np.mean(held) > AIMED_SHARE - 0.1
    assert all(bool((rgb == 200).any()) == shown for (rgb, _), shown in zip(cuts, held, strict=True))
    assert all(rgb.shape == (32, 32, 3) and bits.shape == (16, 16) for rgb, bits in cuts)
    falsely = TrainingTiles(Mined([speck(100, 20, 0)]), 32, seed=0, hard_negatives=2)
    assert np.mean([bool((falsely.sample(0, epoch)[0] == 200).any()) for epoch in range(200)]) > AIMED_SHARE - 0.1


def test_half_a_tile_holds_half_as_many_edges() -> None:
    tiles = TrainingTiles(Drawn([edge(grey, 40) for grey in (20, 60, 180)]), CROP_PX // 2, seed=0)
    assert len(tiles) == BAND_REPEATS * 3 // (BANDS // 2)
    rgb, bits = tiles.sample(0, 0)
    assert rgb.shape == (CROP_PX // 2, CROP_PX // 2, 3)
    assert int(((bits & DENT) > 0).all(axis=1).sum()) == 2 * 12


def test_hard_negatives_that_were_not_mined_are_an_error_that_says_how(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"phonegrade dev mine {tmp_path}"):
        TrainingTiles(CachedTiles([tmp_path]), CROP_PX, seed=0, hard_negatives=2)


def test_a_scratch_is_labelled_where_the_corrupted_picture_still_shows_it() -> None:
    clear, faint = TrainingTiles(Drawn([front(90)]), CROP_PX, seed=0), TrainingTiles(Drawn([front(3)]), CROP_PX, seed=0)
    epochs = range(40)
    labelled = [[int(((tiles.sample(0, n)[1] & SCRATCH) > 0).sum()) for n in epochs] for tiles in (clear, faint)]
    assert np.median(labelled[0]) == 50
    assert np.mean(labelled[1]) < 0.8 * np.mean(labelled[0])
    for number in epochs:
        bits = faint.sample(0, number)[1]
        assert int(((bits & (SCRATCH | IGNORE_BIT)) > 0).sum()) == 50


def test_the_same_cut_is_photographed_anew_each_epoch(request: pytest.FixtureRequest) -> None:
    corrupted = TrainingTiles(Drawn([front(60)]), CROP_PX, seed=0)
    request.getfixturevalue("uncorrupted")
    clean = TrainingTiles(Drawn([front(60)]), CROP_PX, seed=0)
    pairs = [(clean.sample(0, epoch)[0], corrupted.sample(0, epoch)[0]) for epoch in range(40)]
    assert np.mean([bool((before != after).any()) for before, after in pairs]) > 0.9
    assert np.mean([np.corrcoef(before.ravel(), after.ravel())[0, 1] > 0.2 for before, after in pairs]) > 0.8
