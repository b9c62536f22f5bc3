"""Training tiles on disk: bits survive exactly, a stopped run goes on, an epoch is the same twice."""

from pathlib import Path

import numpy as np
import pytest

from phonegrade.configs.render_settings import load_scenarios
from phonegrade.core.errors import UsageError
from phonegrade.datasets.cached_tiles import CachedTiles, cache_photo_tiles
from phonegrade.datasets.manifest import read_manifest
from phonegrade.datasets.placement import TileFormat
from phonegrade.datasets.tiles import SegmenterTiles
from phonegrade.datasets.training_tiles import TrainingTiles
from phonegrade.rendering.photo import Route
from phonegrade.rendering.render import render_set
from phonegrade.rendering.set_plan import plan_set
from phonegrade.rendering.tile_studio import TileStudio, cache_studio_tiles

SURFACES, PER_SURFACE, CROP_PX, SEED = 5, 3, 128, 2


@pytest.fixture(scope="module")
def cached(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("tiles")
    cache_studio_tiles(out, SURFACES, PER_SURFACE, "mixed", TileFormat(CROP_PX), SEED, workers=2)
    return out


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("set")
    render_set(root, 2, plan_set("mixed", 1, 4, route=Route.RASTERISED, split="train", all_surfaces=True), workers=1)
    return root


def test_cached_tiles_are_those_of_the_studio(cached: Path) -> None:
    tiles = CachedTiles([cached])
    assert len(tiles) == SURFACES * PER_SURFACE
    studio = TileStudio(load_scenarios("mixed"), TileFormat(CROP_PX), SEED)
    for index in (0, 4):
        for number, (tile, bits) in enumerate(studio.tiles(index, PER_SURFACE)):
            read, read_bits = tiles.read(index * PER_SURFACE + number)
            assert (read_bits == bits).all()
            assert read_bits.dtype == np.uint16
            assert np.abs(read.astype(int) - tile).mean() < 4


def test_an_epoch_is_the_same_twice_and_the_next_is_new(cached: Path) -> None:
    tiles = TrainingTiles(CachedTiles([cached]), CROP_PX, seed=0)
    (one, bits), (same, same_bits) = tiles.sample(7, 1), tiles.sample(7, 1)
    assert (one == same).all()
    assert (bits == same_bits).all()
    assert any((one != tiles.sample(7, epoch)[0]).any() for epoch in (2, 3))


def test_a_stopped_run_goes_on_and_finished_tiles_are_kept(cached: Path, tmp_path: Path) -> None:
    cache_studio_tiles(tmp_path, 2, PER_SURFACE, "mixed", TileFormat(CROP_PX), SEED, workers=1)
    (tmp_path / "shards" / "000001.npy").unlink()
    assert len(CachedTiles([tmp_path])) == PER_SURFACE
    before = (tmp_path / "shards" / "000000.bin").stat().st_mtime_ns
    cache_studio_tiles(tmp_path, SURFACES, PER_SURFACE, "mixed", TileFormat(CROP_PX), SEED, workers=1)
    assert (tmp_path / "shards" / "000000.bin").stat().st_mtime_ns == before
    for shard in (cached / "shards").iterdir():
        assert shard.read_bytes() == (tmp_path / "shards" / shard.name).read_bytes()


def test_other_settings_in_the_same_folder_are_refused(cached: Path) -> None:
    with pytest.raises(UsageError, match="other settings"):
        cache_studio_tiles(cached, SURFACES, PER_SURFACE, "mixed", TileFormat(CROP_PX), SEED + 1, workers=1)


def test_folders_are_read_one_after_the_other(cached: Path, photos: Path, tmp_path: Path) -> None:
    cache_photo_tiles(tmp_path, photos, "train", 2, TileFormat(CROP_PX), SEED, workers=1)
    one, other = CachedTiles([cached]), CachedTiles([tmp_path])
    both = CachedTiles([cached, tmp_path])
    assert len(both) == len(one) + len(other)
    assert (both.read(len(one))[0] == other.read(0)[0]).all()


def test_tiles_of_a_photo_are_cached_with_their_bits(photos: Path, tmp_path: Path) -> None:
    cache_photo_tiles(tmp_path, photos, "train", 2, TileFormat(CROP_PX), SEED, workers=1)
    made = SegmenterTiles(photos, "train", TileFormat(CROP_PX), SEED, augment=True)
    assert len(made) == sum(record.label is not None for record in read_manifest(photos, "train")) > 4
    tiles = CachedTiles([tmp_path])
    assert len(tiles) == 2 * len(made)
    for number, (tile, bits) in enumerate(made.tiles(3, 2)):
        read, read_bits = tiles.read(2 * 3 + number)
        assert (read_bits == bits).all()
        assert np.abs(read.astype(int) - tile).mean() < 4
