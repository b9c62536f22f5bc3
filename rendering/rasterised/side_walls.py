"""The device's side walls as far as a tilted camera sees them, in the pose's own perspective."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import FloatMap, Points
from phonegrade.core.vocabulary import View
from phonegrade.rendering.camera import Pose
from phonegrade.rendering.device.case_style import CaseStyle
from phonegrade.rendering.device.sheet import Finish
from phonegrade.rendering.lit import Scene
from phonegrade.rendering.pictures import FRACTION_BITS, fixed
from phonegrade.rendering.scene.lighting import ENVIRONMENT_PX, MIRRORED_HALF_ANGLE, Environment

_CONTOUR_PX = 500
"""Long side of the coverage map that the outline is taken from."""
_FILLET_MM = 1.2
_METAL_FROM = 0.1
"""Gloss from which on a finish mirrors in its own colour."""
_STEEP = 0.6
"""From this share of its normal on, a wall of an edge faces the device's front or back."""
_ROUND = {"flat": 0.15, "curved": 0.6, "round": 1.2}
"""How far a frame's wall turns to either side, in radians."""


@dataclass(frozen=True)
class BodyOutline:
    """The rim of a surface, (N, 2) points in mm from its centre in order, with outward unit normals (N, 2)."""

    points: Points
    normals: Points

    def at(self, depth_mm: float, pose: Pose, grown_mm: float = 0.0) -> Points:
        """Return the photo pixels (N, 2) of the rim `depth_mm` behind the surface, moved outwards by `grown_mm`."""
        points = self.points + self.normals * grown_mm + np.array(pose.size_mm) / 2
        return np.asarray(cv2.perspectiveTransform(points[None], pose.photo_from_plane(depth_mm))[0], np.float64)


def outline_of(body: FloatMap, size_mm: tuple[float, float]) -> BodyOutline:
    """Return the rim of a coverage map (H, W) that spans the surface."""
    h, w = body.shape
    reduction = max(max(h, w) / _CONTOUR_PX, 1.0)
    small = cv2.resize(body, (max(round(w / reduction), 2), max(round(h / reduction), 2)), interpolation=cv2.INTER_AREA)
    padded = cv2.copyMakeBorder(small, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    contours, _ = cv2.findContours((padded > 0.5).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    rim = max(contours, key=cv2.contourArea)
    rim = cv2.approxPolyDP(rim, 0.4, True)[:, 0].astype(np.float64)
    # the contour runs through the centres of the outermost pixels, half a pixel inside the rim
    at = (rim - 0.5) / small.shape[::-1] - 0.5
    points = at * (1 + 1 / np.array(small.shape[::-1])) * size_mm
    along = np.roll(points, -1, axis=0) - np.roll(points, 1, axis=0)
    normals = np.column_stack([along[:, 1], -along[:, 0]])
    if (normals * points).sum() < 0:
        normals = -normals
    return BodyOutline(points, normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9))


def paint_side_walls(photo: FloatMap, scene: Scene, outline: BodyOutline, depth_mm: float, turn_rad: float) -> FloatMap:
    """Return `photo` (H, W, 3) with the walls behind the surface's rim, and the case that stands out round it.

    `turn_rad` is that of the mirrored surroundings.
    """
    pose, case = scene.pose, _case(scene)
    steps = _wall(scene, depth_mm) if case is None else _case_wall(case, depth_mm)
    rims = [outline.at(step.depth_mm, pose, step.grown_mm) for step in steps]
    hull = np.asarray(cv2.convexHull(np.concatenate(rims).astype(np.float32))[:, 0], np.float32)
    if cv2.contourArea(hull) < 1.004 * cv2.contourArea(outline.at(0.0, pose).astype(np.float32)):
        return photo
    window = _window(hull, pose.photo_hw)
    origin = np.array([window[1].start, window[0].start])
    walls = np.zeros((window[0].stop - origin[1], window[1].stop - origin[0], 3), np.float32)
    cover = np.zeros(walls.shape[:2], np.uint8)
    if not walls.size:
        return photo
    lights = [_light(scene, outline, step, depth_mm, turn_rad, case) for step in steps]
    for near, far, first, second in zip(rims, rims[1:], lights, lights[1:], strict=False):
        _ring(walls, cover, near - origin, far - origin, (first + second) / 2)
    opacity = 1.0 if case is None else max(case.opacity, 0.5)
    alpha = (cv2.GaussianBlur(cover, (3, 3), 0.7).astype(np.float32) * np.float32(opacity / 255))[..., None]
    painted = photo.copy()
    painted[window] += (walls - painted[window]) * alpha
    return painted


def _case(scene: Scene) -> CaseStyle | None:
    """The case round a face; the maps of an edge have theirs already."""
    return None if scene.surface.view is View.EDGE else scene.style.case


def _window(hull: NDArray[np.float32], hw: tuple[int, int]) -> tuple[slice, slice]:
    low, high = np.floor(hull.min(axis=0)) - 2, np.ceil(hull.max(axis=0)) + 3
    left, top = np.clip(low, 0, hw[::-1]).astype(int).tolist()
    right, bottom = np.clip(high, 0, hw[::-1]).astype(int).tolist()
    return slice(top, max(bottom, top)), slice(left, max(right, left))


@dataclass(frozen=True)
class _Step:
    """A line round the device: how deep, how far out, and how far the wall turns to the viewer there, in radians."""

    depth_mm: float
    grown_mm: float
    angle: float


def _wall(scene: Scene, depth_mm: float) -> list[_Step]:
    """The frame's rounded wall; behind an edge the front and the back, which are flat."""
    if scene.surface.view is View.EDGE:
        return [_Step(float(share) * depth_mm, 0.0, 0.0) for share in np.linspace(0, 1, 13)]
    fillet, turn = min(_FILLET_MM, depth_mm / 3), _ROUND[scene.style.frame_profile]
    profile = ((0.0, 1.0), (fillet, 0.6), (depth_mm / 2, 0.0), (depth_mm - fillet, -0.6), (depth_mm, -1.0))
    return [_Step(depth, 0.0, share * turn) for depth, share in profile]


def _case_wall(case: CaseStyle, depth_mm: float) -> list[_Step]:
    """A lip that faces the viewer and bends into a round wall."""
    lip = case.lip_mm
    inner = [_Step(-0.3, -0.2, 1.2), _Step(-0.6, 0.35 * lip, 1.5), _Step(-0.2, 0.75 * lip, 0.9)]
    return [*inner, _Step(0.8, lip, 0.3), _Step(0.6 * depth_mm, lip, 0.0), _Step(depth_mm + 1, 0.8 * lip, -0.9)]


def _light(
    scene: Scene, outline: BodyOutline, step: _Step, depth_mm: float, turn_rad: float, case: CaseStyle | None
) -> NDArray[np.float64]:
    """Linear light (N, 3) of the wall at each point of the rim, along one line round it."""
    pose, environment, count = scene.pose, scene.environment, len(outline.points)
    normals = np.column_stack([outline.normals * np.cos(step.angle), np.full(count, -np.sin(step.angle))])
    eye = -pose.distance_mm * pose.turn[2]
    view = eye - np.column_stack([outline.points, np.full(count, step.depth_mm)])
    view /= np.linalg.norm(view, axis=1, keepdims=True)
    cosine = np.clip((view * normals).sum(axis=1), 0.02, 1)
    mirrored = _surroundings(environment, 2 * cosine[:, None] * normals - view, turn_rad)
    light = np.empty((count, 3))
    everywhere = np.ones(count, np.bool_)
    for chosen, finish in _finishes(scene, outline) if case is None else [(everywhere, case.finish)]:
        colour = np.array(finish.colour)
        tint = colour / max(float(colour.max()), 1e-3) if finish.gloss > _METAL_FROM else np.ones(3)
        grazing = (1 - finish.gloss) * (1 - cosine[chosen]) ** 5 * (1 - finish.roughness)
        open_sky = np.clip(0.5 - 0.45 * normals[chosen, 2] - 0.35 * max(step.depth_mm, 0) / depth_mm, 0.1, 1)
        mirror = finish.gloss * tint + grazing[:, None]
        light[chosen] = colour * environment.ambient * open_sky[:, None] + mirror * mirrored[chosen]
    return light


def _finishes(scene: Scene, outline: BodyOutline) -> list[tuple[NDArray[np.bool_], Finish]]:
    """Which points of the rim are followed by what: the frame; behind an edge the front, the back and the frame."""
    style, case, down = scene.style, scene.style.case, outline.normals[:, 1]
    frame = style.frame if case is None else case.finish
    if scene.surface.view is not View.EDGE:
        return [(np.ones(len(down), np.bool_), frame)]
    front, back = down < -_STEEP, down > _STEEP
    cover = case.finish if case is not None and case.hides_back else style.cover.finish
    return [(front, style.face.display), (back, cover), (~front & ~back, frame)]


def _surroundings(environment: Environment, ways: Points, turn_rad: float) -> NDArray[np.float64]:
    """Light (N, 3) from directions (N, 3) of the surface's frame: the blurred ceiling, the walls, the ground."""
    c, s = np.cos(turn_rad), np.sin(turn_rad)
    up = np.maximum(-ways[:, 2], 1e-3)
    reach = ENVIRONMENT_PX / 2 / np.tan(MIRRORED_HALF_ANGLE) / up
    x = (c * ways[:, 0] - s * ways[:, 1]) * reach + ENVIRONMENT_PX / 2
    y = (s * ways[:, 0] + c * ways[:, 1]) * reach + ENVIRONMENT_PX / 2
    at = np.clip(np.column_stack([x, y]), 0, ENVIRONMENT_PX - 1).astype(int)
    ceiling = environment.mips[2][at[:, 1], at[:, 0]].astype(np.float64)
    share = np.clip((-ways[:, 2] - 0.35) / 0.25, 0, 1)[:, None]
    below = np.clip(ways[:, 2] / 0.25, 0, 1)[:, None]
    beyond = environment.walls * (1 - below) + 0.35 * environment.ambient * below
    return np.asarray(ceiling * share + beyond * (1 - share), np.float64)


def _ring(walls: FloatMap, cover: NDArray[np.uint8], near: Points, far: Points, light: NDArray[np.float64]) -> None:
    """Fill the quads between two lines round the device, where the farther one comes out from behind the nearer."""
    quads = np.stack([near, np.roll(near, -1, axis=0), np.roll(far, -1, axis=0), far], axis=1)
    along, out = quads[:, 1] - quads[:, 0], quads[:, 3] - quads[:, 0]
    side = along[:, 0] * out[:, 1] - along[:, 1] * out[:, 0]
    area = float((near[:, 0] * np.roll(near[:, 1], -1) - near[:, 1] * np.roll(near[:, 0], -1)).sum())
    mean = (light + np.roll(light, -1, axis=0)) / 2
    for index in np.flatnonzero(side * np.sign(area) < 0):
        corners = fixed(quads[index])
        red, green, blue = mean[index].tolist()
        cv2.fillConvexPoly(walls, corners, (red, green, blue), cv2.LINE_8, FRACTION_BITS)
        cv2.polylines(walls, [corners], True, (red, green, blue), 2, cv2.LINE_8, FRACTION_BITS)
        cv2.fillConvexPoly(cover, corners, 255, cv2.LINE_AA, FRACTION_BITS)
