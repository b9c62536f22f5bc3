"""The fast route to a photo: the surface shaded as a flat texture, warped into the picture, with a painted flank."""

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.rendering.flat.flank import lay_flank, outline_of
from phonegrade.rendering.flat.shading import Mirror, draw_waviness, shade
from phonegrade.rendering.flat.shadow import light_on_ground
from phonegrade.rendering.lit import Lit, Scene
from phonegrade.rendering.pictures import dyed, times

FloatMap = NDArray[np.float32]


def flat_light(scene: Scene, rng: np.random.Generator) -> Lit:
    """Shades and composes `scene` without tracing a ray."""
    maps, pose = scene.maps, scene.pose
    mirror = Mirror.draw(rng)
    waviness = draw_waviness(maps.gloss.shape, scene.px_per_mm, rng)
    sound = shade(maps, None, scene.environment, mirror, scene.px_per_mm, waviness)
    marked = sound
    if scene.layers is not None:
        marked = shade(maps, scene.layers, scene.environment, mirror, scene.px_per_mm, waviness)
    depth_mm, outline = scene.phone.depth_mm(scene.surface), outline_of(maps.body, scene.size_mm)
    photo = dyed(scene.ground, scene.environment.ambient * rng.uniform(0.8, 1.15))
    if scene.lies_on_ground:
        reaching = light_on_ground(scene.environment, outline, pose, depth_mm, mirror.turn_rad, rng)
        photo = times(photo, reaching)
    photo = lay_flank(photo, scene, outline, depth_mm, mirror.turn_rad)

    def laid(surface: FloatMap) -> FloatMap:
        texture = np.dstack([surface * maps.body[..., None], maps.body]).astype(np.float32)
        device = cv2.warpPerspective(texture, scene.photo_from_texel, pose.photo_hw[::-1], flags=cv2.INTER_LINEAR)
        return np.asarray(photo * (1 - device[..., 3:]) + device[..., :3], np.float32)

    return Lit(laid(marked), marked, lambda: laid(sound))
