"""The mirrored surroundings: their energy, where their lamp stands, what kinds there are."""

import numpy as np
import pytest

from phonegrade.configs.render_settings import Light
from phonegrade.rendering.scene.lighting import ENVIRONMENT_PX, Environment, draw_environment, environment_map

KINDS = pytest.mark.parametrize("kind", list(Light))
ROWS = 96


def an_environment(kind: Light, seed: int) -> Environment:
    return draw_environment({kind: 1.0}, np.random.default_rng(seed))


@KINDS
def test_a_white_card_under_the_sphere_is_as_bright_as_the_ambient_light(kind: Light) -> None:
    down = (np.arange(ROWS) + 0.5) / ROWS * np.pi
    weight = np.clip(np.cos(down), 0, None) * np.sin(down) * (np.pi / ROWS) ** 2 / np.pi
    for seed in range(4):
        environment = an_environment(kind, seed)
        card = (environment_map(environment, ROWS) * weight[:, None, None]).sum(axis=(0, 1))
        assert card == pytest.approx(environment.ambient, rel=0.15)


@KINDS
def test_every_kind_is_finite_positive_and_the_same_for_a_seed(kind: Light) -> None:
    for seed in range(6):
        first, again = an_environment(kind, seed), an_environment(kind, seed)
        assert len(first.mips) > 2
        for mip, same in zip(first.mips, again.mips, strict=True):
            assert mip.shape == (ENVIRONMENT_PX, ENVIRONMENT_PX, 3)
            assert mip.dtype == np.float32
            assert np.isfinite(mip).all()
            assert mip.min() >= -1e-6
            assert mip.tobytes() == same.tobytes()
        assert 0 <= first.lamp_share < 1


def test_a_dim_room_is_darker_than_any_other_place() -> None:
    dim = max(an_environment(Light.DIM, seed).white for seed in range(20))
    for kind in set(Light) - {Light.DIM}:
        assert min(an_environment(kind, seed).white for seed in range(20)) > dim


def test_the_lamp_stands_where_the_picture_is_bright() -> None:
    for seed in range(12):
        environment = an_environment(Light.WINDOW, seed)
        column, row = (int(at + ENVIRONMENT_PX / 2) for at in environment.lamp)
        broad = environment.mips[2].mean(axis=2)
        assert broad[row, column] > 1.5 * np.median(broad)


def test_the_sphere_shows_the_zenith_in_its_first_row_and_a_dark_ground_in_its_last() -> None:
    environment = an_environment(Light.ROOM, 3)
    sphere = environment_map(environment, ROWS)
    middle = environment.mips[0][ENVIRONMENT_PX // 2 - 3 : ENVIRONMENT_PX // 2 + 3, ENVIRONMENT_PX // 2]
    assert sphere[0].mean(axis=0) == pytest.approx(middle.mean(axis=0), rel=0.3)
    assert sphere[-1].mean() < environment.white
