"""Real photos as a veto: what raises a limit, and what a zone's limit suppresses already."""

import csv
from pathlib import Path

from phonegrade.core.vocabulary import Surface, View
from phonegrade.inference.inspector import Inspector
from phonegrade.tests.drawn_device import device_photos
from phonegrade.training.calibration.real_veto import Negative, negatives_of, raise_limits, spread


def write(root: Path, *rows: tuple[str, str, str, str]) -> None:
    with (root / "manifest.csv").open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows([("file", "view", "label", "group"), *rows])
    for file, *_ in rows:
        (root / file).write_bytes(device_photos()[Surface.FRONT])


def test_photos_with_damage_or_of_other_views_are_left_out(stub_models: Path, tmp_path: Path) -> None:
    write(
        tmp_path,
        ("a.jpg", "front", "clean", "one"),
        ("b.jpg", "front", "scratch", "two"),
        ("c.jpg", "edge", "clean", "x"),
    )
    (only,) = negatives_of(tmp_path, Inspector.load(stub_models), (View.FRONT, View.BACK))
    assert only.group == "one"
    assert set(only.surest) == {"scratch"}


def test_limits_rise_as_far_as_clean_photos_require_and_the_spread_shows_which_group_did_it(stub_models: Path) -> None:
    card = Inspector.load(stub_models).segmenter.card
    card = card.model_copy(update={"min_confidence": dict.fromkeys(card.classes, 0.5)})
    loud = [Negative("rig", {"chip": 0.81}), Negative("rig", {"chip": 0.78})]
    photos = [*loud, *(Negative(f"web-{n}", {}) for n in range(20))]
    assert raise_limits(card, photos).min_confidence["chip"] == 0.8
    assert spread(card, photos)["chip"] == (0.5, 0.8)
    assert spread(card, photos)["crack"] == (0.5, 0.5)
