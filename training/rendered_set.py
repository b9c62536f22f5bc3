"""The rendered set of a training configuration."""

from pathlib import Path

from phonegrade.configs.train_config import DataConfig
from phonegrade.datasets.manifest import MANIFEST
from phonegrade.rendering.photo import Route
from phonegrade.rendering.render import render_set
from phonegrade.rendering.set_plan import plan_set


def rendered_set(data: DataConfig, otherwise: Path) -> Path:
    """Folder of the set, which is made where it is missing: `data`'s own, or `otherwise`."""
    root = data.root or otherwise
    if not (root / MANIFEST).is_file():
        route = None if data.route is None else Route(data.route)
        plan = plan_set(data.preset, data.shots, data.seed, route=route, split=data.split, at_most_px=data.at_most_px)
        render_set(root, data.devices, plan, data.workers)
    return root
