"""What was found in a photo as an SVG that lies on it at any size: lines only, so that the damage stays visible."""

from collections.abc import Iterable

from phonegrade.core.inspection import Defect, Inspection, Point
from phonegrade.inference.overlay import DIRT_RGB, HALO_RGB, KIND_RGB, OUTLINE_RGB

LINE_PX, HALO_PX = 2, 4
"""On the screen, however large the picture is shown."""


def overlay_svg(full_hw: tuple[int, int], inspection: Inspection) -> str:
    """Return the body's outline, dirt and each defect by its id and kind, in pixels of the upright full-size photo.

    `full_hw` are the photo's height and width. A pixel's centre, a whole number in an inspection, is a half in SVG.
    """
    height, width = full_hw
    parts = [] if inspection.outline is None else [_line("outline", inspection.outline, OUTLINE_RGB)]
    parts += [_line("dirt", dirt.polygon, DIRT_RGB) for dirt in inspection.contamination if dirt.polygon]
    parts += [_defect(defect) for defect in inspection.defects if defect.polygon]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{len(inspection.defects)} defects" fill="none" stroke-linejoin="round">{"".join(parts)}</svg>'
    )


def _defect(defect: Defect) -> str:
    length = "" if defect.length_mm is None else f", {defect.length_mm:.1f} mm"
    lines = _line("halo", defect.polygon, HALO_RGB, HALO_PX) + _line("defect", defect.polygon, KIND_RGB[defect.kind])
    title = f"<title>{defect.kind} {defect.id}{length}</title>"
    return f'<g data-defect="{defect.id}" data-kind="{defect.kind}">{title}{lines}</g>'


def _line(name: str, polygon: Iterable[Point], rgb: tuple[int, int, int], width_px: int = LINE_PX) -> str:
    points = " ".join(f"{x + 0.5:.1f},{y + 0.5:.1f}" for x, y in polygon)
    colour = "#{:02x}{:02x}{:02x}".format(*rgb)
    return (
        f'<polygon class="{name}" points="{points}" stroke="{colour}" stroke-width="{width_px}" '
        'vector-effect="non-scaling-stroke"/>'
    )
