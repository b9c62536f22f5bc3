"""The rasterised route to a photo: the surface shaded as a texture, warped into the picture, and its side walls."""

import cv2
import numpy as np

from phonegrade.core.arrays import FloatMap
from phonegrade.rendering.lit import Lit, Scene
from phonegrade.rendering.pictures import dyed, times
from phonegrade.rendering.rasterised.shading import Mirror, draw_waviness, shade
from phonegrade.rendering.rasterised.shadow import light_on_ground
from phonegrade.rendering.rasterised.side_walls import outline_of, paint_side_walls


def rasterised_light(scene: Scene, rng: np.random.Generator) -> Lit:
    """Shade and compose `scene` without tracing a ray."""
    maps, pose = scene.maps, scene.pose
    mirror = Mirror.draw(rng)
    waviness = draw_waviness(maps.gloss.shape, scene.px_per_mm, rng)
    clean = shade(maps, None, scene.environment, mirror, scene.px_per_mm, waviness)
    worn = clean
    if scene.layers is not None:
        worn = shade(maps, scene.layers, scene.environment, mirror, scene.px_per_mm, waviness)
    depth_mm, outline = scene.phone.depth_mm(scene.surface), outline_of(maps.body, scene.size_mm)
    photo = dyed(scene.ground, scene.environment.ambient * rng.uniform(0.8, 1.15))
    if scene.lies_on_ground:
        reaching = light_on_ground(scene.environment, outline, pose, depth_mm, mirror.turn_rad, rng)
        photo = times(photo, reaching)
    photo = paint_side_walls(photo, scene, outline, depth_mm, mirror.turn_rad)

    def composed(surface: FloatMap) -> FloatMap:
        texture = np.dstack([surface * maps.body[..., None], maps.body]).astype(np.float32)
        device = cv2.warpPerspective(texture, scene.photo_from_texel, pose.photo_hw[::-1], flags=cv2.INTER_LINEAR)
        return np.asarray(photo * (1 - device[..., 3:]) + device[..., :3], np.float32)

    return Lit(composed(worn), worn, lambda: composed(clean))
