"""docs/pictures/rooms.svg: which folder may import which, from the table that the layout test holds.

Rooms stand in rows: every arrow points to a room in a lower row. Arrows that follow from others are left out.
"""

from html import escape

from phonegrade.tests.test_layout import ALLOWED

BOX_W, BOX_H, GAP_X, GAP_Y, MARGIN = 132, 44, 22, 62, 20
WHAT = {
    "core": "words, errors, records",
    "configs": "policies and settings",
    "inference": "photo to defects",
    "grading": "defects to a grade",
    "assessment": "one device",
    "recognition": "which phone it is",
    "journeys": "a case and its status",
    "store": "cases kept",
    "batch": "a warehouse at once",
    "service": "HTTP",
    "datasets": "manifests, tiles",
    "rendering": "drawn phones",
    "models": "networks, weights",
    "evaluation": "metrics, model card",
    "training": "loop, calibration",
    "cli": "one file a verb",
}
MAKES_MODELS = {"datasets", "rendering", "models", "evaluation", "training"}


def room_figure() -> str:
    """The figure as SVG."""
    rooms = {room: {one for one in below if one in ALLOWED} for room, below in ALLOWED.items() if "." not in room}
    ranks: dict[str, int] = {}
    while len(ranks) < len(rooms):
        ready = [room for room, below in rooms.items() if room not in ranks and below <= set(ranks)]
        if not ready:
            raise ValueError("the table of directions has a circle")
        ranks |= {room: 1 + max((ranks[one] for one in rooms[room]), default=-1) for room in ready}
    rows = [
        sorted((room for room in rooms if ranks[room] == rank), key=_order) for rank in range(max(ranks.values()) + 1)
    ]
    width = 2 * MARGIN + max(len(row) for row in rows) * (BOX_W + GAP_X) - GAP_X
    height = 2 * MARGIN + len(rows) * (BOX_H + GAP_Y) - GAP_Y
    at = {
        room: (
            (width - len(row) * (BOX_W + GAP_X) + GAP_X) / 2 + column * (BOX_W + GAP_X),
            height - MARGIN - BOX_H - rank * (BOX_H + GAP_Y),
        )
        for rank, row in enumerate(rows)
        for column, room in enumerate(row)
    }
    arrows = [_arrow(at[room], at[one]) for room, below in rooms.items() for one in sorted(_direct(below, rooms))]
    return "\n".join([_head(width, height), *arrows, *(_box(room, *at[room]) for room in rooms), "</svg>", ""])


def _order(room: str) -> tuple[bool, str]:
    return room in MAKES_MODELS, room


def _direct(below: set[str], rooms: dict[str, set[str]]) -> set[str]:
    """The rooms of `below` that no other of them may import."""
    return {one for one in below if not any(one in rooms[other] for other in below)}


def _head(width: float, height: float) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" font-family="sans-serif">\n'
        "<title>Which folder may import which</title>\n"
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="#667"/></marker></defs>\n'
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#fff"/>'
    )


def _arrow(start: tuple[float, float], end: tuple[float, float]) -> str:
    x1, y1 = start[0] + BOX_W / 2, start[1] + BOX_H
    x2, y2 = end[0] + BOX_W / 2, end[1]
    return f'<path d="M{x1:.0f} {y1:.0f}L{x2:.0f} {y2:.0f}" stroke="#667" fill="none" marker-end="url(#tip)"/>'


def _box(room: str, x: float, y: float) -> str:
    fill = "#eef3e6" if room in MAKES_MODELS else "#e6eef8"
    middle = x + BOX_W / 2
    text = f'<text x="{middle:.0f}" text-anchor="middle"'
    return (
        f'<rect x="{x:.0f}" y="{y:.0f}" width="{BOX_W}" height="{BOX_H}" rx="6" fill="{fill}" stroke="#445"/>\n'
        f'{text} y="{y + 18:.0f}" font-size="14" font-weight="bold">{escape(room)}/</text>\n'
        f'{text} y="{y + 35:.0f}" font-size="11">{escape(WHAT.get(room, ""))}</text>'
    )
