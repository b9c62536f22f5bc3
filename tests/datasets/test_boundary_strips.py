from pathlib import Path

import numpy as np
import pytest

from phonegrade.core.vocabulary import SURFACE_VIEWS
from phonegrade.datasets.boundary_strips import UNKNOWN, SideStrips
from phonegrade.inference.card import LocatorCard
from phonegrade.inference.inspector import SHIPPED
from phonegrade.inference.locating.strips import ACROSS, ALONG, STRIDE
from phonegrade.inference.session import load_model
from phonegrade.rendering.photo import Route
from phonegrade.rendering.render import render_set
from phonegrade.rendering.set_plan import plan_set


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("set")
    plan = plan_set("kiosk", 1, 4, route=Route.RASTERISED, split="train", at_most_px=500)
    render_set(root, 3, plan, workers=1)
    return root


def test_strips_come_with_the_place_of_the_border_where_it_is_known(photos: Path) -> None:
    made = SideStrips([photos], "train", seed=1, augment=False)
    assert len(made) > 0
    steps = []
    for index in range(len(made)):
        picture, place, view = made.sample(index, 0)
        assert picture.shape == (4, ALONG, ACROSS, 3)
        assert place.shape == (4, ALONG // STRIDE)
        assert view in SURFACE_VIEWS
        known = place != UNKNOWN
        assert ((place[known] >= 0) & (place[known] <= ACROSS - 1)).all()
        grey = picture.astype(float).mean(axis=3).reshape(4, ALONG // STRIDE, STRIDE, ACROSS).mean(axis=2)
        change = np.abs(np.diff(grey, axis=2))
        at = np.clip(np.round(place - 0.5).astype(int), 0, ACROSS - 2)
        beside = np.take_along_axis(change, at[..., None], axis=2)[..., 0]
        steps.append((beside > np.median(change, axis=2))[known].mean())
    assert np.mean(steps) > 0.8


def test_an_epoch_is_the_same_twice_and_the_next_is_new(photos: Path) -> None:
    made = SideStrips([photos], "train", seed=1, augment=True)
    first, again, later = made.sample(0, 1), made.sample(0, 1), made.sample(0, 2)
    assert (first[0] == again[0]).all()
    assert (first[1] == again[1]).all()
    assert (first[0] != later[0]).any()


def test_every_second_time_strips_lie_where_a_locator_puts_the_sides(photos: Path) -> None:
    locator = load_model(SHIPPED / "locator.onnx", LocatorCard)
    about_truth = SideStrips([photos], "train", seed=1, augment=True)
    made = SideStrips([photos], "train", seed=1, augment=True, locator=locator)
    off = {True: list[float](), False: list[float]()}
    for index in range(len(made)):
        for epoch in range(6):
            picture, place, _ = made.sample(index, epoch)
            assert picture.shape == (4, ALONG, ACROSS, 3)
            by_locator = bool((picture != about_truth.sample(index, epoch)[0]).any())
            off[by_locator] += np.abs(place[place != UNKNOWN] - ACROSS / 2).tolist()
    assert len(off[True]) > 0.2 * len(off[False])
    assert np.median(off[True]) < np.median(off[False])
