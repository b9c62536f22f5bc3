"""A rendered set as stored devices whose cosmetic grade is known."""

from pathlib import Path

from phonegrade.batch.stored_line import read_lines
from phonegrade.configs.policy import load_policy
from phonegrade.core.vocabulary import Surface
from phonegrade.datasets.manifest import read_manifest
from phonegrade.evaluation.labelled_devices import labelled_devices
from phonegrade.rendering.photo import Route
from phonegrade.rendering.render import render_set
from phonegrade.rendering.set_plan import plan_set


def test_each_round_of_a_device_is_a_stored_line_with_its_true_look(tmp_path: Path) -> None:
    policy = load_policy("ctia-like")
    plan = plan_set("kiosk", 1, 3, route=Route.RASTERISED, all_surfaces=True, split="test")
    render_set(tmp_path, 1, plan, 1)
    stored = tmp_path / "known.jsonl"
    stored.write_text("\n".join(labelled_devices(tmp_path, "test", policy, None, 1)), encoding="utf-8")
    (_, line), *others = read_lines(stored)
    assert not others
    assert line.phone == read_manifest(tmp_path)[0].device_id
    assert line.true_cosmetic_grade in policy.cosmetic.names
    assert set(line.inspections) == set(Surface)
    assert line.functional is not None
