"""The path-traced route to a photo: Mitsuba follows light from the lamps over ground and device into the camera."""

from types import ModuleType
from typing import Any

import cv2
import numpy as np

from phonegrade.core.arrays import FloatMap
from phonegrade.core.vocabulary import View
from phonegrade.rendering.camera import Pose
from phonegrade.rendering.device.sheet import Finish
from phonegrade.rendering.lit import Lit, Scene
from phonegrade.rendering.path_traced.material import Textures, metal_and_colour, textures
from phonegrade.rendering.path_traced.slab import Mesh, case_round, face, outline_of, sheet, walls
from phonegrade.rendering.path_traced.variant import mitsuba
from phonegrade.rendering.rasterised.shading import draw_waviness
from phonegrade.rendering.scene.lighting import environment_map
from phonegrade.rendering.wear.layers import Layers

ENVIRONMENT_ROWS = 256
MAX_DEPTH = 2
"""Bounces: lamp to glass to lens, lamp to ground to glass to lens."""
LEAN_DEG, HELD_LEAN_DEG = 12.0, 25.0
"""How far the middle of the surroundings lies from straight above the surface, lying and in a hand."""
GROUND_REACH_MM = 1200.0
"""The ground ends here where the camera looks over the horizon."""
MAX_GROUND_PX = 2200
KEPT_RAW = 0.2
"""Share of the raw picture that is mixed back: the denoiser alone takes a quarter of a hairline's contrast."""


def path_traced_light(scene: Scene, samples: int, rng: np.random.Generator) -> Lit:
    """Trace `scene` twice, worn and clean, at `samples` paths a pixel.

    Both take the same random numbers, so that they differ by defects and dirt and hardly by noise.
    Raises SetupError without the `render` extra.
    """
    mi = mitsuba()
    waviness = draw_waviness(scene.maps.gloss.shape, scene.px_per_mm, rng)
    seed = int(rng.integers(2**31))
    world = mi.load_dict(_world(mi, scene, textures(scene.maps, None, waviness, scene.px_per_mm), rng))
    clean = worn = _traced(mi, world, samples, seed)
    if scene.layers is not None:
        _repaint(mi, world, textures(scene.maps, scene.layers, waviness, scene.px_per_mm))
        worn = _traced(mi, world, samples, seed)
    lit = _emission(scene, scene.layers)

    def composed(traced: FloatMap, emitted: FloatMap) -> FloatMap:
        light = _denoised(traced[..., :3], _albedo(scene))
        behind = scene.ground * scene.environment.ambient * (1 - np.clip(traced[..., 3:], 0, 1))
        return np.asarray(light + behind + emitted, np.float32)

    return Lit(
        composed(worn, lit),
        scene.on_texels(worn[..., :3] + lit),
        lambda: composed(clean, _emission(scene, None)),
    )


def _world(mi: ModuleType, scene: Scene, surface: Textures, rng: np.random.Generator) -> dict[str, Any]:
    depth_mm = _depth_mm(scene)
    outline = outline_of(scene.maps.body, scene.size_mm)
    world = {
        "type": "scene",
        "integrator": {"type": "path", "max_depth": MAX_DEPTH, "hide_emitters": True},
        "sensor": _sensor(mi, scene.pose),
        "light": _lamps(mi, scene, rng),
        "face": _shape(mi, "face", face(outline, scene.size_mm), _principled(mi, surface)),
    }
    for number, (part, finish) in enumerate(zip(walls(outline, depth_mm), _wall_finishes(scene), strict=True)):
        if len(part.faces):
            world[f"wall{number}"] = _shape(mi, "wall", part, _plain(finish))
    case = scene.style.case
    if case is not None and scene.surface.view is not View.EDGE:
        for number, part in enumerate(case_round(outline, case.lip_mm, depth_mm)):
            world[f"case{number}"] = _shape(mi, "case", part, _plain(case.finish))
    if scene.lies_on_ground:
        corners, picture = _ground(scene, depth_mm)
        world["ground"] = _shape(
            mi, "ground", sheet(corners), {"type": "diffuse", "reflectance": _texture(mi, picture)}
        )
    return world


def _wall_finishes(scene: Scene) -> tuple[Finish, Finish, Finish]:
    """What is seen behind the surface's rim: the frame; behind an edge the front, the back and the frame."""
    style, case = scene.style, scene.style.case
    frame = style.frame if case is None else case.finish
    if scene.surface.view is View.EDGE:
        return style.face.display, case.finish if case is not None and case.hides_back else style.cover.finish, frame
    return frame, frame, frame


def _plain(finish: Finish) -> dict[str, Any]:
    colour, gloss = np.full((1, 1, 3), finish.colour, np.float32), np.full((1, 1), finish.gloss, np.float32)
    metallic, base = metal_and_colour(colour, gloss)
    return {
        "type": "principled",
        "base_color": {"type": "rgb", "value": [float(x) for x in base[0, 0]]},
        "roughness": float(np.sqrt(np.clip(finish.roughness, 0.01, 1))),
        "metallic": float(metallic[0, 0]),
    }


def _depth_mm(scene: Scene) -> float:
    """How far the device reaches behind the surface."""
    style = scene.style
    match scene.surface.view:
        case View.EDGE:
            return style.width_mm if scene.size_mm[0] > style.width_mm + 1 else style.height_mm
        case _:
            return style.depth_mm


def _sensor(mi: ModuleType, pose: Pose) -> dict[str, Any]:
    """The pose's camera in Mitsuba's words: its own frame looks along z with x to the left and y up."""
    h, w = pose.photo_hw
    to_camera = np.eye(4)
    to_camera[:3, :3] = pose.turn
    to_camera[2, 3] = pose.distance_mm
    to_world = np.linalg.inv(to_camera) @ np.diag([-1.0, -1.0, 1.0, 1.0])
    return {
        "type": "perspective",
        "fov_axis": "x",
        "fov": float(np.rad2deg(2 * np.arctan(w / 2 / pose.focal_px))),
        "principal_point_offset_x": float(0.5 - (pose.principal_px[0] + 0.5) / w),
        "principal_point_offset_y": float(0.5 - (pose.principal_px[1] + 0.5) / h),
        "to_world": mi.ScalarTransform4f(to_world),
        "film": {
            "type": "hdrfilm",
            "width": w,
            "height": h,
            "rfilter": {"type": "box"},
            "pixel_format": "rgba",
            "component_format": "float32",
        },
        "sampler": {"type": "independent"},
    }


def _lamps(mi: ModuleType, scene: Scene, rng: np.random.Generator) -> dict[str, Any]:
    """The surroundings on a sphere: what lies straight above a lying device is the environment's centre."""
    yaw = float(rng.uniform(0, 360))
    lean = rng.normal(0, LEAN_DEG if scene.lies_on_ground else HELD_LEAN_DEG, 2)
    up_to_z = mi.ScalarTransform4f().rotate([1, 0, 0], -90.0)
    turned = mi.ScalarTransform4f().rotate([1, 0, 0], float(lean[0])).rotate([0, 1, 0], float(lean[1]))
    bitmap = mi.Bitmap(environment_map(scene.environment, ENVIRONMENT_ROWS))
    return {
        "type": "envmap",
        "bitmap": bitmap,
        "to_world": turned @ up_to_z @ mi.ScalarTransform4f().rotate([0, 1, 0], yaw),
    }


def _ground(scene: Scene, depth_mm: float) -> tuple[FloatMap, FloatMap]:
    """The plane under the device where the camera sees it: corners (4, 3) and colours (h, w, 3)."""
    pose = scene.pose
    h, w = pose.photo_hw
    plane = pose.photo_from_plane(depth_mm)
    frame = (np.array([[0, 0], [w, 0], [w, h], [0, h]]) - pose.principal_px) / pose.focal_px
    rays = np.column_stack([frame, np.ones(4)]) @ pose.turn
    eye = -pose.distance_mm * pose.turn[2]
    far = (depth_mm - eye[2]) / np.maximum(rays[:, 2], 0.02)  # a ray over the horizon lands far away
    reached = np.clip(eye[:2] + rays[:, :2] * far[:, None], -GROUND_REACH_MM, GROUND_REACH_MM)
    reached += np.array(scene.size_mm) / 2
    low, high = reached.min(axis=0) - 1, reached.max(axis=0) + 1
    scale = min(1.2 / pose.mm_per_px, MAX_GROUND_PX / float((high - low).max()))
    size = np.maximum(np.round((high - low) * scale).astype(int), 8)
    plane_from_texture = np.array([[1 / scale, 0, low[0]], [0, 1 / scale, low[1]], [0, 0, 1]])
    picture = cv2.warpPerspective(
        scene.ground,
        plane @ plane_from_texture,
        (int(size[0]), int(size[1])),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REFLECT,
    )
    (x0, y0), (x1, y1) = low - np.array(scene.size_mm) / 2, high - np.array(scene.size_mm) / 2
    corners = np.array([[x0, y0, depth_mm], [x1, y0, depth_mm], [x1, y1, depth_mm], [x0, y1, depth_mm]])
    return corners.astype(np.float32), np.clip(picture, 0.0, 0.9).astype(np.float32)


def _shape(mi: ModuleType, name: str, mesh: Mesh, bsdf: dict[str, Any]) -> Any:  # noqa: ANN401
    """A Mitsuba mesh with its material."""
    properties = mi.Properties()
    properties["bsdf"] = mi.load_dict({"type": "twosided", "bsdf": bsdf})
    shape = mi.Mesh(name, len(mesh.points), len(mesh.faces), properties, True, True)
    values = mi.traverse(shape)
    values["vertex_positions"] = mesh.points.ravel()
    values["vertex_normals"] = mesh.normals.ravel()
    values["vertex_texcoords"] = mesh.uv.ravel()
    values["faces"] = mesh.faces.ravel()
    values.update()
    return shape


def _principled(mi: ModuleType, surface: Textures) -> dict[str, Any]:
    return {
        "type": "normalmap",
        "normalmap": _texture(mi, surface.normal),
        "bsdf": {
            "type": "principled",
            "base_color": _texture(mi, surface.colour),
            "roughness": _texture(mi, surface.roughness),
            "metallic": _texture(mi, surface.metallic),
        },
    }


def _texture(mi: ModuleType, picture: FloatMap) -> dict[str, Any]:
    return {"type": "bitmap", "bitmap": mi.Bitmap(np.ascontiguousarray(picture)), "raw": True, "wrap_mode": "clamp"}


def _repaint(mi: ModuleType, world: Any, surface: Textures) -> None:  # noqa: ANN401
    values = mi.traverse(world)
    for key in list(values.keys()):
        for part, picture in (
            ("base_color.data", surface.colour),
            ("roughness.data", surface.roughness),
            ("metallic.data", surface.metallic),
            ("normalmap.data", surface.normal),
        ):
            if key.startswith("face") and key.endswith(part):
                values[key] = mi.TensorXf(picture)
    values.update()


def _traced(mi: ModuleType, world: Any, samples: int, seed: int) -> FloatMap:  # noqa: ANN401
    """Linear light and coverage (H, W, 4), with the noise of `samples` paths a pixel."""
    return np.asarray(mi.render(world, spp=samples, seed=seed), np.float32)


def _denoised(light: FloatMap, albedo: FloatMap) -> FloatMap:
    """Linear `light` (H, W, 3) without most of its noise, by Intel Open Image Denoise; `albedo` (H, W, 3) guides it."""
    import pyoidn  # part of the render extra, as Mitsuba is

    clean = pyoidn.denoise(np.ascontiguousarray(light), albedo=albedo, hdr=True, quality="fast")
    return np.asarray(clean * (1 - KEPT_RAW) + light * KEPT_RAW, np.float32)


def _albedo(scene: Scene) -> FloatMap:
    """What the denoiser may take for texture (H, W, 3): the surface's own colours over the ground's."""
    maps = scene.maps
    colour = maps.diffuse + maps.gloss[..., None] * 0.5
    if scene.layers is not None:
        colour = colour + (scene.layers.white + 0.3 * scene.layers.cover)[..., None]
    h, w = scene.pose.photo_hw
    own = np.dstack([colour * maps.body[..., None], maps.body]).astype(np.float32)
    device = cv2.warpPerspective(own, scene.photo_from_texel, (w, h), flags=cv2.INTER_LINEAR)
    return np.asarray(np.clip(scene.ground * (1 - device[..., 3:]) + device[..., :3], 0, 1), np.float32)


def _emission(scene: Scene, layers: Layers | None) -> FloatMap:
    """The lit screen as the photo shows it (H, W, 3); defects and dirt dim it."""
    light = scene.maps.emission
    if layers is not None:
        kept = (1 - 0.75 * np.clip(layers.cover, 0, 1)) * (1 - np.clip(layers.dark, 0, 0.97))
        light = light * kept[..., None]
    h, w = scene.pose.photo_hw
    return np.asarray(cv2.warpPerspective(light, scene.photo_from_texel, (w, h), flags=cv2.INTER_LINEAR), np.float32)
