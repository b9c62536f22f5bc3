"""Crack geometry: rays from an impact, fans, rings, crushed zones, and lone cracks; all in surface millimetres."""

import numpy as np
from numpy.typing import NDArray

from phonegrade.datasets.annotations.annotation import Annotation, Stroke
from phonegrade.rendering.wear.curves import blob, lognormal
from phonegrade.rendering.wear.growth import Web, draw_band_mm, point_at

EDGE_START_SHARE = 0.75
"""Share of impacts that lie at an edge or corner."""
_ALL_OVER_SHARE = 0.4
"""Shattered fronts that are broken in small pieces far from the blow too."""
_STYLES = {"lone": 0.24, "star": 0.26, "web": 0.27, "shatter": 0.23}


def draw_crack(size_mm: tuple[float, float], rng: np.random.Generator) -> Annotation:
    """Draw one crack system: a lone crack from the rim, a star, a web, or glass shattered all over."""
    style = str(rng.choice(list(_STYLES), p=list(_STYLES.values())))
    web = Web(size_mm, lognormal(0.007, 0.6, 0.002, 0.02, rng))
    regions: list[NDArray[np.float64]] = []
    match style:
        case "lone":
            _lone(web, rng)
            if rng.random() < 0.4:
                regions.append(_crush(web, web.strokes[0].points[0], lognormal(0.5, 0.5, 0.2, 1.5, rng), rng))
        case "star":
            regions += _burst(web, int(rng.integers(3, 8)), lognormal(0.8, 0.7, 0.25, 3, rng), 0.012, rng)
        case "web":
            for _ in range(int(rng.choice([1, 2], p=[0.7, 0.3]))):
                rays = int(rng.integers(7, 14))
                regions += _burst(web, rays, lognormal(1.6, 0.6, 0.4, 5, rng), 0.03, rng)
        case _:
            for number in range(int(rng.choice([1, 2, 3], p=[0.5, 0.35, 0.15]))):
                rays = int(rng.integers(9, 18) if number == 0 else rng.integers(5, 10))
                radius = lognormal(6.0 if number == 0 else 2.5, 0.5, 1.5, 22, rng)
                regions += _burst(web, rays, radius, 0.045, rng)
            if rng.random() < _ALL_OVER_SHARE:
                _branches(web, web.strokes, 0.03, rng)
    size = np.array(size_mm)
    strokes = tuple(Stroke(np.clip(s.points, 0, size), s.width_mm, s.strength) for s in web.strokes)
    return Annotation("crack", style, strokes, tuple(np.clip(region, 0, size) for region in regions))


def _lone(web: Web, rng: np.random.Generator) -> None:
    """A crack from the rim that runs to another rim, sometimes forked, with a T-branch or two."""
    reach = 2 * max(web.size_mm)
    while True:
        start, inwards = _at_rim(web.size_mm, rng)
        heading = inwards + rng.normal(0, 0.5)
        ends_inside = rng.random() < 0.15
        length = lognormal(35, 0.5, 12, 90, rng) if ends_inside else reach
        main = web.grow(start, heading, length, web.bend, rng, float(rng.normal(0, web.bend)))
        if main is not None and main.length_mm > 0.15 * min(web.size_mm):
            break
        web.strokes.clear()
    if rng.random() < 0.45:
        web.grow(start, heading + rng.choice([-1, 1]) * rng.uniform(0.12, 0.5), reach, web.bend, rng)
    _branches(web, [main], 0.012, rng)


def _burst(
    web: Web, rays: int, radius_mm: float, branches_per_mm: float, rng: np.random.Generator
) -> list[NDArray[np.float64]]:
    """Rays, fans, rings and branches about one impact, and the crushed zone in its middle."""
    impact = _impact(web.size_mm, rng)
    grown = _rays(web, impact, rays, rng)
    if rays > 6:
        _rings(web, impact, grown, int(rng.integers(1, rays)), radius_mm, rng)
    if rng.random() < 0.35:
        _fan(web, grown[int(rng.integers(len(grown)))], rng)
    _branches(web, grown, branches_per_mm, rng)
    _fragments(web, impact, grown, radius_mm, rng)
    return [_crush(web, impact, radius_mm, rng)]


def _crush(web: Web, impact: NDArray[np.float64], radius_mm: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Outline of the powdered glass about `impact`."""
    return np.clip(blob(impact, radius_mm, rng.uniform(1, 2.2), 0.35, rng), 0, np.array(web.size_mm))


def _impact(size_mm: tuple[float, float], rng: np.random.Generator) -> NDArray[np.float64]:
    w, h = size_mm
    if rng.random() > EDGE_START_SHARE:
        return np.array([rng.uniform(0.1, 0.9) * w, rng.uniform(0.1, 0.9) * h])
    if rng.random() < 0.5:
        corner = np.array([rng.choice([0.06 * w, 0.94 * w]), rng.choice([0.03 * h, 0.97 * h])])
        return np.clip(corner + rng.normal(0, 2, 2), 0.5, np.array(size_mm) - 0.5)
    at, inwards = _at_rim(size_mm, rng)
    return np.clip(
        at + rng.uniform(0.5, 4.0) * np.array([np.cos(inwards), np.sin(inwards)]), 0.5, np.array(size_mm) - 0.5
    )


def _at_rim(size_mm: tuple[float, float], rng: np.random.Generator) -> tuple[NDArray[np.float64], float]:
    """A point on the rim and the heading from there to somewhere in the middle."""
    w, h = size_mm
    x, y = rng.uniform(0.08, 0.92, 2) * size_mm
    on_short = rng.random() < w / (w + h)
    at = np.array([x, rng.choice([0.0, h])]) if on_short else np.array([rng.choice([0.0, w]), y])
    goal = rng.uniform(0.3, 0.7, 2) * size_mm
    return at, float(np.arctan2(*(goal - at)[::-1]))


def _rays(web: Web, impact: NDArray[np.float64], count: int, rng: np.random.Generator) -> list[Stroke]:
    """Cracks that leave the impact on all sides; most run on to the rim or into another crack."""
    headings = rng.uniform(0, 2 * np.pi) + (np.arange(count) + rng.uniform(-0.35, 0.35, count)) * 2 * np.pi / count
    rays: list[Stroke] = []
    while not rays:
        for heading in rng.permutation(headings):
            length = 2 * max(web.size_mm) if rng.random() < 0.5 else lognormal(26, 0.7, 3, 120, rng)
            ray = web.grow(impact, float(heading), length, web.bend, rng, float(rng.normal(0, web.bend)))
            rays += [] if ray is None else [ray]
        impact = np.array(web.size_mm) / 2
    return rays


def _branches(web: Web, parents: list[Stroke], per_mm: float, rng: np.random.Generator) -> None:
    """Forks at sharp angles and T-branches at right ones, and theirs in turn."""
    for parent in [*parents]:
        for _ in range(min(int(rng.poisson(per_mm * parent.length_mm)), 10)):
            at, along = point_at(parent, parent.length_mm * float(rng.uniform(0.03, 0.97)))
            angle = rng.uniform(0.25, 0.6) if rng.random() < 0.45 else rng.normal(1.4, 0.25)
            length = 2 * max(web.size_mm) if rng.random() < 0.3 else lognormal(12, 0.8, 2, 80, rng)
            side = float(rng.choice([-1, 1]))
            child = web.grow(at, along + side * angle, length, 2 * web.bend, rng, float(rng.normal(0, web.bend)), 0.8)
            if child is not None and rng.random() < 0.35:
                at, along = point_at(child, child.length_mm * float(rng.uniform(0.2, 0.9)))
                web.grow(at, along + rng.choice([-1, 1]) * rng.normal(1.3, 0.3), 60, 2 * web.bend, rng, 0.0, 0.7)


def _fan(web: Web, parent: Stroke, rng: np.random.Generator) -> None:
    """Curves that peel off one crack side by side, each bent like the one before."""
    side, angle, spacing = float(rng.choice([-1, 1])), rng.uniform(0.3, 0.9), rng.uniform(1.5, 7)
    turn = -side * abs(float(rng.normal(0, 0.015)))
    place = rng.uniform(0.05, 0.4) * parent.length_mm
    for _ in range(int(rng.integers(3, 11))):
        at, along = point_at(parent, place)
        web.grow(at, along + side * angle, lognormal(40, 0.4, 8, 150, rng), 0.003, rng, turn, 0.8)
        place += spacing * rng.uniform(0.7, 1.4)
        if place > parent.length_mm:
            return


def _rings(
    web: Web, impact: NDArray[np.float64], rays: list[Stroke], count: int, radius_mm: float, rng: np.random.Generator
) -> None:
    """Arcs that join neighbouring rays at about one distance from the impact."""
    ordered = sorted(rays, key=lambda ray: float(np.arctan2(*(ray.points[-1] - impact)[::-1])))
    for _ in range(count):
        distance = radius_mm + lognormal(6, 0.8, 1.0, 45, rng)
        for one, other in zip(ordered, [*ordered[1:], ordered[0]], strict=True):
            if rng.random() < 0.4 or min(one.length_mm, other.length_mm) < 1.15 * distance:
                continue
            a, _ = point_at(one, distance * rng.uniform(0.85, 1.15))
            b, _ = point_at(other, distance * rng.uniform(0.85, 1.15))
            chord = b - a
            if not 0.5 < np.hypot(*chord) < 1.8 * distance:
                continue
            t = np.linspace(0, 1, 9)[:, None]
            outward = (a + b) / 2 - impact
            bow = outward / max(float(np.hypot(*outward)), 1e-6) * rng.uniform(-0.05, 0.18) * np.hypot(*chord)
            web.add(a + chord * t + bow * 4 * t * (1 - t), 0.8 * draw_band_mm(rng), float(rng.uniform(0.3, 0.9)))


def _fragments(
    web: Web, impact: NDArray[np.float64], rays: list[Stroke], radius_mm: float, rng: np.random.Generator
) -> None:
    """Short cracks round the crushed zone, each from one crack to the next: splinters, smaller towards the impact."""
    parents = [*rays]
    for _ in range(int(np.clip(6 + 9 * radius_mm, 8, 90))):
        parent = parents[int(rng.integers(len(parents)))]
        at, along = point_at(parent, min(radius_mm * float(rng.uniform(0.3, 2.6)), parent.length_mm))
        if np.hypot(*(at - impact)) > 3 * radius_mm + 1:
            continue
        heading = along + float(rng.choice([-1, 1])) * rng.normal(1.2, 0.4)
        child = web.grow(at, heading, lognormal(0.8 + 0.8 * radius_mm, 0.5, 0.8, 14, rng), 0.05, rng, 0.0, 0.6)
        parents += [] if child is None else [child]
