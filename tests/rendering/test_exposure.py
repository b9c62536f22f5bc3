"""From light to a photo: metering, lens, processing."""

import numpy as np
import pytest

from phonegrade.configs.render_settings import CameraSettings, load_preset
from phonegrade.rendering.exposure import expose, meter

SETTINGS = load_preset("app").camera
PLAIN = SETTINGS.model_copy(
    update={"blur_share": 0.0, "white_balance": 0.0, "noise": (1e-4, 1e-4), "resize_share": 0.0}
)


def a_step(dark: float, bright: float) -> np.ndarray:
    """Dark on the left, bright on the right."""
    light = np.full((120, 160, 3), dark, np.float32)
    light[:, 80:] = bright
    return light


def photos(light: np.ndarray, settings: CameraSettings, count: int = 12) -> list[np.ndarray]:
    return [expose(light, 1.0, settings, np.random.default_rng(seed)).astype(float) for seed in range(count)]


def test_a_photo_has_the_shape_of_its_light_and_its_seed_fixes_it() -> None:
    light = a_step(0.1, 0.6)
    for seed in range(8):
        first, again = (expose(light, 1.0, SETTINGS, np.random.default_rng(seed)) for _ in range(2))
        assert first.shape == light.shape
        assert first.dtype == np.uint8
        assert first.tobytes() == again.tobytes()


def test_more_light_is_never_darker() -> None:
    for seed in range(6):
        means = [expose(a_step(v, v), 1.0, PLAIN, np.random.default_rng(seed)).mean() for v in (0.02, 0.1, 0.3, 0.9)]
        assert means == sorted(means)
        assert means[0] < 80
        assert means[-1] > 200


def test_more_noise_is_seen_as_more_grain() -> None:
    loud = PLAIN.model_copy(update={"noise": (0.12, 0.12)})
    light = a_step(0.2, 0.2)
    quiet_grain, loud_grain = (np.mean([p.std() for p in photos(light, s)]) for s in (PLAIN, loud))
    assert loud_grain > quiet_grain + 2


def test_a_photo_from_the_web_has_lost_its_finest_detail() -> None:
    web = PLAIN.model_copy(update={"resize_share": 1.0})
    light = np.full((120, 160, 3), 0.2, np.float32)
    light[:, ::4] = 0.5
    sharp, small = (np.mean([np.abs(np.diff(p, axis=1)).mean() for p in photos(light, s)]) for s in (PLAIN, web))
    assert small < 0.8 * sharp


def test_lamps_brighter_than_white_glow_into_the_dark() -> None:
    dim, glaring = a_step(0.01, 0.9), a_step(0.01, 30.0)
    near = [np.mean([p[:, 70:76].mean() for p in photos(light, PLAIN)]) for light in (dim, glaring)]
    assert near[1] > near[0] + 2


@pytest.mark.parametrize("white", [0.05, 0.4, 1.5])
def test_a_grey_scene_is_exposed_alike_under_any_light(white: float) -> None:
    gains = [meter(np.full((20, 20, 3), 0.3 * white, np.float32), white, np.random.default_rng(s)) for s in range(40)]
    assert 0.1 < np.median(gains) * 0.3 * white < 0.5


def test_a_dark_phone_on_a_dark_mat_stays_dark() -> None:
    dark = np.full((20, 20, 3), 0.02, np.float32)
    gains = [meter(dark, 1.0, np.random.default_rng(seed)) for seed in range(60)]
    assert np.median(gains) * 0.02 < 0.1
