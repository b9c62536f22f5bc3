"""Sets: their plans, what a folder holds, and the truth that stays the same however a set is made."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import simplejpeg

from phonegrade.configs.render_settings import PRESETS, Light, RenderSettings, WearLevel, load_preset, load_scenarios
from phonegrade.core.errors import UsageError
from phonegrade.core.vocabulary import Surface, View
from phonegrade.datasets.annotations.annotation import Annotation, Stroke
from phonegrade.datasets.contact_sheet import spread, write_contact_sheet
from phonegrade.datasets.manifest import MANIFEST, read_devices, read_manifest, split_of
from phonegrade.rendering.camera import draw_pose
from phonegrade.rendering.data_card import write_data_card
from phonegrade.rendering.device.screens import Screen
from phonegrade.rendering.phone import draw_phone
from phonegrade.rendering.photo import Route, render_photo
from phonegrade.rendering.preview import write_preview
from phonegrade.rendering.records import device_record, photo_record
from phonegrade.rendering.render import render_set
from phonegrade.rendering.scene.backgrounds import draw_background
from phonegrade.rendering.set_plan import SetPlan, plan_set
from phonegrade.rendering.streams import Stream, stream

SETS = sorted(path.stem for path in PRESETS.glob("*.yaml"))
SCENARIOS = [name for name in SETS if list(load_scenarios(name).scenarios) == [name]]


def small(settings: RenderSettings) -> RenderSettings:
    """Photos of 400 pixels: fast."""
    return settings.model_copy(
        update={"camera": settings.camera.model_copy(update={"long_side_px": (380, 420)}), "path_traced_share": 0.0}
    )


def a_plan(
    preset: str = "mixed", shots: int = 1, seed: int = 3, wear: WearLevel | None = None, **overrides: object
) -> SetPlan:
    """A plan of small photos."""
    plan = plan_set(preset, shots, seed, wear=wear)
    scenarios = {name: small(settings) for name, settings in plan.scenarios.items()}
    return plan.model_copy(update={"scenarios": scenarios, **overrides})


@pytest.fixture(scope="module")
def repeated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two devices, two rounds of all six surfaces each, in pairs, all for testing."""
    root = tmp_path_factory.mktemp("repeated")
    render_set(root, 2, a_plan(shots=2, wear=WearLevel.HEAVY, all_surfaces=True, pairs=True, split="test"), workers=1)
    return root


def truth_files(root: Path) -> dict[str, bytes]:
    """Manifest, devices, labels and regions by their names."""
    files = [*root.glob("*.jsonl"), *(root / "labels").iterdir(), *(root / "regions").iterdir()]
    return {str(file.relative_to(root)): file.read_bytes() for file in files}


def test_the_truth_is_the_same_for_any_number_of_workers(tmp_path: Path) -> None:
    for workers in (1, 2):
        render_set(tmp_path / str(workers), 3, a_plan(), workers)
    assert truth_files(tmp_path / "1") == truth_files(tmp_path / "2")
    photos = [sorted((tmp_path / name / "photos").iterdir()) for name in ("1", "2")]
    assert [path.read_bytes() for path in photos[0]] == [path.read_bytes() for path in photos[1]]


def test_a_killed_run_goes_on_and_ends_as_an_unbroken_one(tmp_path: Path) -> None:
    plan = a_plan()
    render_set(tmp_path / "whole", 3, plan, workers=1)
    broken = tmp_path / "broken"
    render_set(broken, 2, plan, workers=1)
    (broken / MANIFEST).unlink()
    (broken / "devices" / "000001.json").unlink()
    (broken / "devices" / "000001.json.part").write_text("{", encoding="utf-8")
    next((broken / "photos").glob("000001-*")).write_bytes(b"half")
    kept = {path: path.stat().st_mtime_ns for path in (broken / "photos").glob("000000-*")}
    render_set(broken, 3, plan, workers=1)
    assert kept == {path: path.stat().st_mtime_ns for path in kept}
    assert truth_files(broken) == truth_files(tmp_path / "whole")


@pytest.mark.parametrize(
    ("overrides", "named"), [({"seed": 4}, "seed"), ({"shots": 2}, "shots"), ({"pairs": True}, "pairs")]
)
def test_a_folder_is_not_continued_with_another_plan(overrides: dict[str, object], named: str, tmp_path: Path) -> None:
    render_set(tmp_path, 0, a_plan(), workers=1)
    with pytest.raises(UsageError, match=f"another {named}: .* new folder"):
        render_set(tmp_path, 1, a_plan(**overrides), workers=1)


def test_devices_of_nobody_knows_which_plan_are_not_continued(tmp_path: Path) -> None:
    (tmp_path / "devices").mkdir()
    (tmp_path / "devices" / "000000.json").write_text("{}", encoding="utf-8")
    with pytest.raises(UsageError, match=r"no settings\.json"):
        render_set(tmp_path, 1, a_plan(), workers=1)


def test_progress_never_goes_to_stdout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    render_set(tmp_path, 0, a_plan(), workers=1)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "rendering 0 devices" in printed.err


def test_a_hash_of_the_device_chooses_its_split_unless_the_plan_does() -> None:
    plan = a_plan()
    assert {plan.device(index).split for index in range(60)} == {"train", "val", "test"}
    for index in range(20):
        assert plan.device(index).split == split_of(plan.device(index).name)
        assert a_plan(split="test").device(index).split == "test"


def test_a_round_shows_all_six_surfaces_where_the_plan_says_so(repeated: Path) -> None:
    rounds = Counter((record.device_id, record.shot, record.surface) for record in read_manifest(repeated))
    ids = {device.device_id for device in read_devices(repeated)}
    assert rounds == {(device, shot, surface): 1 for device in ids for shot in range(2) for surface in Surface}


def test_annotations_keep_their_ids_and_sizes_in_every_photo_of_a_device(repeated: Path) -> None:
    truth = {device.device_id: device for device in read_devices(repeated)}
    for record in read_manifest(repeated):
        assert record.surface is not None
        annotations = truth[record.device_id].surfaces[record.surface].annotations
        assert [annotation.id for annotation in record.annotations] == [annotation.id for annotation in annotations]
        for shown, whole in zip(record.annotations, annotations, strict=True):
            assert shown.exists
            assert {
                key: value for key, value in shown.model_dump().items() if key in whole.model_dump()
            } == whole.model_dump()
    ids = [
        annotation.id
        for device in truth.values()
        for surface in device.surfaces.values()
        for annotation in surface.annotations
    ]
    assert len(ids) > 10


def test_light_pose_and_picture_are_new_in_every_round(repeated: Path) -> None:
    fronts = [record for record in read_manifest(repeated) if record.surface is Surface.FRONT]
    assert len({record.photo_from_mm for record in fronts}) == len(fronts)
    assert len({(repeated / record.photo).read_bytes() for record in fronts}) == len(fronts)


def test_a_clean_photo_differs_where_an_annotation_can_be_seen_and_nowhere_else(repeated: Path) -> None:
    differs = []
    for record in read_manifest(repeated):
        assert record.clean is not None
        pair = [simplejpeg.decode_jpeg((repeated / name).read_bytes()) for name in (record.photo, record.clean)]
        change = np.abs(pair[0].astype(int) - pair[1]).mean(axis=2)
        assert np.median(change) < 1
        if not record.annotations:
            assert change.max() == 0
        if any(annotation.visible and annotation.grey_levels > 20 for annotation in record.annotations):
            differs.append(change.max() > 8)
    assert differs
    assert all(differs)


def test_what_is_drawn_for_one_purpose_does_not_leak_into_another() -> None:
    drawn = [stream(of, *key).random(4).tobytes() for of in Stream for key in ((3, 4), (4, 3), (3, 4, 1))]
    assert len(set(drawn)) == len(drawn)


@pytest.mark.parametrize(
    ("share", "forced", "expected"),
    [(0.0, None, Route.RASTERISED), (1.0, None, Route.PATH_TRACED), (1.0, Route.RASTERISED, Route.RASTERISED)],
)
def test_the_route_is_the_scenarios_share_unless_it_is_forced(
    share: float, forced: Route | None, expected: Route
) -> None:
    plan = a_plan("kiosk", route=forced)
    scenarios = {"kiosk": plan.scenarios["kiosk"].model_copy(update={"path_traced_share": share})}
    assert plan.model_copy(update={"scenarios": scenarios}).device(0).route is expected


def test_a_mix_sends_its_devices_to_its_scenarios_by_weight() -> None:
    plan = plan_set("mixed", 1, 0)
    for count in (40, 200):
        counts = Counter(plan.device(index).scenario for index in range(count))
        for scenario, weight in plan.weights.items():
            assert counts[scenario] / count == pytest.approx(weight / sum(plan.weights.values()), abs=0.06)


def test_a_share_of_the_devices_of_every_scenario_is_path_traced() -> None:
    plan = plan_set("mixed", 1, 0)
    half = {name: settings.model_copy(update={"path_traced_share": 0.5}) for name, settings in plan.scenarios.items()}
    drawn = [plan.model_copy(update={"scenarios": half}).device(index) for index in range(200)]
    for scenario in plan.scenarios:
        assert np.mean(
            [device.route is Route.PATH_TRACED for device in drawn if device.scenario == scenario]
        ) == pytest.approx(0.5, abs=0.15)


def test_the_dial_of_wear_forces_every_phone() -> None:
    plan = plan_set("mixed", 1, 0, wear=WearLevel.WRECKED)
    for index in range(5):
        device = plan.device(index)
        assert draw_phone(device.device, device.settings, device.phone_seed).level is WearLevel.WRECKED


@pytest.mark.parametrize("name", SETS)
def test_every_shipped_preset_loads_and_draws_from_known_grounds(name: str) -> None:
    for settings in load_scenarios(name).scenarios.values():
        assert set(settings.lights) <= set(Light)
        for ground in settings.grounds or ():
            draw_background(20, 20, 1.0, np.random.default_rng(0), (ground,))


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_renders_a_photo(name: str) -> None:
    settings, plan = small(load_preset(name)), plan_set(name, 1, 1)
    device = plan.device(0)
    phone = draw_phone(device.device, settings, device.phone_seed)
    rng = np.random.default_rng(1)
    pose = draw_pose(phone.size_mm(Surface.BACK), settings.camera, rng)
    photo = render_photo(phone, Surface.BACK, Screen.OFF, pose, settings, Route.RASTERISED, rng)
    assert photo.rgb.shape == (*pose.photo_hw, 3)
    assert photo.rgb.std() > 3


def test_a_preset_of_ones_own_is_a_file_and_its_mistakes_are_named(tmp_path: Path) -> None:
    text = (PRESETS / "kiosk.yaml").read_text(encoding="utf-8")
    mine = tmp_path / "mine.yaml"
    mine.write_text(text.replace("tilt_deg: 3", "tilt_deg: 1.5"), encoding="utf-8")
    assert load_scenarios(str(mine)).scenarios["mine"].camera.tilt_deg == 1.5
    mine.write_text(text.replace("tilt_deg", "tilt"), encoding="utf-8")
    with pytest.raises(UsageError, match=r"camera\.tilt"):
        load_scenarios(str(mine))


def test_an_unknown_preset_lists_the_known_ones() -> None:
    with pytest.raises(
        UsageError,
        match="app, close, counter, edges, hard_negatives, kiosk, lines, lit, mixed, sample, screens, soiled, w",
    ):
        plan_set("attic", 1, 0)
    with pytest.raises(UsageError, match="is a mix: choose one of app"):
        load_preset("mixed")


def visible_annotations(*annotations: Annotation, shift_px: float = 0.0, noise: float = 0.005) -> dict[str, bool]:
    """Which of the annotations on a dark front are visible in a kiosk's photo, shifted sideways and so noisy."""
    quiet = load_preset("kiosk")
    camera = quiet.camera.model_copy(update={"noise": (noise, noise)})
    plan = replace(a_plan("kiosk").device(0), settings=quiet.model_copy(update={"camera": camera}))
    phone = draw_phone(plan.device, plan.settings, plan.phone_seed)
    phone = replace(phone, annotations=dict.fromkeys(Surface, ()) | {Surface.FRONT: annotations})
    rng = np.random.default_rng(5)
    pose = draw_pose(phone.size_mm(Surface.FRONT), plan.settings.camera, rng)
    pose = replace(pose, principal_px=(pose.principal_px[0] + shift_px, pose.principal_px[1]))
    photo = render_photo(phone, Surface.FRONT, Screen.OFF, pose, plan.settings, Route.RASTERISED, rng)
    record = photo_record(plan, device_record(plan, phone), 0, Surface.FRONT, pose, photo, has_clean=False)
    assert all(annotation.exists for annotation in record.annotations)
    return {annotation.id: annotation.visible for annotation in record.annotations}


def test_what_exists_may_not_be_visible() -> None:
    bar = Annotation("scratch", "deep", (Stroke(np.array([[20.0, 30.0], [45.0, 60.0]]), 1.5, 1.0),))
    faint = Annotation("scratch", "hairline", (Stroke(np.array([[20.0, 80.0], [45.0, 90.0]]), 0.002, 0.02),))
    assert visible_annotations(bar, faint) == {"front-0": True, "front-1": False}
    assert visible_annotations(bar, shift_px=5000.0) == {"front-0": False}


def test_what_drowns_in_the_photos_noise_is_not_visible() -> None:
    line = Annotation("scratch", "hairline", (Stroke(np.array([[20.0, 30.0], [45.0, 60.0]]), 0.03, 0.6),))
    assert visible_annotations(line) == {"front-0": True}
    assert visible_annotations(line, noise=1.5) == {"front-0": False}


def test_a_contact_sheet_shows_what_was_seldom_shown_before(repeated: Path) -> None:
    records = read_manifest(repeated)
    assert {record.surface for record in spread(records, 16)} == set(Surface)
    sheet = cv2.imread(str(write_contact_sheet(repeated)))
    assert sheet is not None
    assert sheet.shape[1] > 8 * 240


def test_the_card_gives_the_command_the_counts_and_every_setting(repeated: Path) -> None:
    card = write_data_card(repeated, {"A": 1, "B": 1}).read_text(encoding="utf-8")
    assert "--shots 2 --preset mixed --seed 3 --wear heavy --split test --all-surfaces --pairs" in card
    assert "| test | 4 | 4 | 4 | 4 | 4 | 4 | 0 | 24 |" in card
    assert "turned_share:" in card


def test_no_picture_or_font_file_lies_in_the_renderer() -> None:
    root = Path(__file__).parents[2]
    drawn = {".py", ".md", ".pyc"}
    assert [
        path
        for folder in ("rendering", "datasets")
        for path in (root / folder).rglob("*.*")
        if path.suffix not in drawn and path.stem != "contact_sheet"
    ] == []


def test_a_preview_shows_six_surfaces_and_their_truth(tmp_path: Path) -> None:
    write_preview(tmp_path / "preview.png", a_plan("kiosk"))
    picture = cv2.imread(str(tmp_path / "preview.png"))
    assert picture is not None
    assert picture.shape[1] > picture.shape[0]


def test_every_line_of_the_manifest_is_plain_json(repeated: Path) -> None:
    for line in (repeated / MANIFEST).read_text(encoding="utf-8").splitlines():
        photo = json.loads(line)
        assert photo["view"] in set(View)
        assert {"device_id", "shot", "preset", "route", "level"} <= photo.keys()
