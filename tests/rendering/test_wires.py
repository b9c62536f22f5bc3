import numpy as np
import pytest

from phonegrade.rendering.scene.wires import Wire, add_wires, draw_wires


def lit_by(wire: Wire, blur_px: float = 0.0) -> np.ndarray:
    light = np.full((50, 80, 3), 0.1, np.float32)
    x, y = np.meshgrid(np.arange(80, dtype=np.float32) / 4, np.arange(50, dtype=np.float32) / 4)
    add_wires(light, [wire], x, y, np.full(x.shape, blur_px, np.float32))
    return light


def upright(light: float, sigma_px: float = 0.5) -> Wire:
    return Wire(0.0, 10.0, sigma_px, np.full(3, light, np.float32))


def test_a_wire_is_mirrored_where_it_hangs_and_nowhere_else() -> None:
    light = lit_by(upright(2.0))
    assert light[:, 40] == pytest.approx(2.1)
    assert light[:, :30] == pytest.approx(0.1)
    assert light[:, 51:] == pytest.approx(0.1)


def test_a_rough_surface_spreads_a_wire_but_keeps_its_light() -> None:
    sharp, blurred = lit_by(upright(2.0)), lit_by(upright(2.0), blur_px=1.5)
    assert blurred.max() < 0.5 * sharp.max()
    assert (blurred - 0.1).sum() == pytest.approx((sharp - 0.1).sum(), rel=0.02)


def test_a_dark_wire_takes_no_more_light_than_there_is() -> None:
    light = lit_by(upright(-5.0))
    assert light.min() == 0


def test_wires_differ_and_repeat_with_their_seed() -> None:
    first, again, other = (draw_wires(256, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert [wire.offset_px for wire in first] == [wire.offset_px for wire in again]
    assert [wire.offset_px for wire in first] != [wire.offset_px for wire in other]
