"""`phonegrade policy`: what a person who writes policies sees."""

import json
from pathlib import Path

import numpy as np
import pytest

import phonegrade.configs.policy as policy_module
from phonegrade.batch.batches import NOT_GRADED
from phonegrade.batch.stored_file import read_batches
from phonegrade.configs.policy import load_policy, parse_policy, shipped_policies
from phonegrade.core.errors import StoredFileError
from phonegrade.core.vocabulary import DefectKind, Surface, Zone
from phonegrade.grading.explain.policy_diff import ABSENT, diff
from phonegrade.grading.judge import judge
from phonegrade.grading.vectorised.to_columns import Device
from phonegrade.service.examples import GRADE_EXAMPLE
from phonegrade.tests.cli.conftest import Run
from phonegrade.tests.grading.builders import defect, dirt, inspection, phone, report

SHIPPED = Path(policy_module.__file__).with_name("policies")
CTIA = (SHIPPED / "ctia-like.yaml").read_text(encoding="utf-8")
SCRATCH = defect("front-1", length_mm=12.4)
CRACK = defect("back-1", DefectKind.CRACK, zone=Zone.BACK)


def stored() -> dict[str, Device]:
    """A mint, a scratched, a cracked, a dirty, an incomplete and a locked phone."""
    dirty = inspection(Surface.FRONT, contamination=(dirt(500.0),), flags=("clean_and_retake",))
    return {
        "mint": (phone(), report()),
        "scratched": (phone((Surface.FRONT, inspection(Surface.FRONT, (SCRATCH,)))), report(nfc="fail")),
        "cracked": (phone((Surface.BACK, inspection(Surface.BACK, (CRACK,)))), report(battery=75)),
        "dirty": (phone((Surface.FRONT, dirty)), report()),
        "incomplete": ({Surface.FRONT: inspection(Surface.FRONT)}, None),
        "locked": (phone(), report(blacklist="fail")),
    }


@pytest.fixture
def jsonl(tmp_path: Path) -> Path:
    """The six phones as they are stored, with their decisions under ctia-like."""
    lines = []
    for name, (inspections, tests) in stored().items():
        decision = judge(inspections, tests, load_policy("ctia-like"))
        line = {
            "id": name,
            "price": 400.0,
            "inspections": {surface: inspected.model_dump(mode="json") for surface, inspected in inspections.items()},
            "functional": None if tests is None else tests.model_dump(mode="json"),
            "decision": decision.model_dump(mode="json"),
        }
        lines.append(json.dumps(line))
    file = tmp_path / "stored.jsonl"
    file.write_text("\n".join(lines) + "\n\n", encoding="utf-8")
    return file


@pytest.mark.parametrize("name", shipped_policies())
def test_a_shipped_policy_checks_and_explains_every_rule(name: str, run: Run) -> None:
    checked, explained = run("policy", "check", name), run("policy", "explain", name)
    assert checked.status == explained.status == 0
    assert load_policy(name).sha256 in checked.out
    text = "".join(explained.out.split())
    policy = load_policy(name)
    for grade in policy.cosmetic.grades:
        assert all(limit.rule in text for limit in grade.limits)
    assert all(gate.rule in text for gate in policy.functional.gates)


def test_a_wrong_policy_is_refused_at_its_line(run: Run, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(CTIA.replace("max_count: 5", "max_cuont: 5", 1), encoding="utf-8")
    ran = run("policy", "check", mine)
    line = CTIA[: CTIA.index("max_count: 5")].count("\n") + 1
    assert ran.status == 2
    assert ran.err.startswith(f"error [policy_file]: {mine}:{line}: ")
    assert "nearest valid one is 'max_count'" in ran.err


def test_a_difference_is_one_line_that_says_which_way(run: Run, tmp_path: Path) -> None:
    changed = CTIA.replace("max_count: 5", "max_count: 4", 1).replace("longest_mm: 10.0", "longest_mm: 12.0", 1)
    mine = tmp_path / "mine.yaml"
    mine.write_text(changed, encoding="utf-8")
    changes = diff(load_policy("ctia-like"), parse_policy(changed.encode(), "x"), with_words=False)
    assert [(change.key.split(".")[-2:], change.before, change.after, change.effect) for change in changes] == [
        (["A_display_scratch", "max_count"], "5", "4", "stricter"),
        (["B_display_scratch", "longest_mm"], "10", "12", "looser"),
    ]
    assert "stricter" in run("policy", "diff", "ctia-like", mine).out
    assert run("policy", "diff", "ctia-like", "ctia-like").out == "no difference\n"


def test_a_rule_that_only_one_policy_has_is_described_in_words() -> None:
    changes = {change.key: change for change in diff(*map(load_policy, ("ctia-like", "r2v3")), with_words=False)}
    assert changes["cosmetic.grades.C7"].before == ABSENT
    assert not any(key.startswith("cosmetic.grades.C7.") for key in changes)


@pytest.mark.parametrize("view", ["customer", "clerk", "auditor"])
def test_the_views_in_the_readme_are_what_the_command_prints(view: str, run: Run) -> None:
    readme = (Path(__file__).parents[2] / "grading" / "README.md").read_text(encoding="utf-8")
    shown = readme.split(f"--view {view}`")[1].split("```")[1].split("\n", 1)[1]
    printed = run("policy", "example", "--view", view).out
    assert [line.rstrip() for line in printed.rstrip().splitlines()] == shown.rstrip().splitlines()


@pytest.mark.parametrize("name", shipped_policies())
def test_every_policy_tells_five_phones_apart_in_plain_words(name: str, run: Run) -> None:
    sentences = dict(line.split(": ", 1) for line in run("policy", "example", "--policy", name).out.splitlines())
    assert sentences["mint"].startswith("Grade ")
    assert "please clean the front" in sentences["dirty"]
    assert "take photos of the back" in sentences["incomplete"]
    assert "crack" in sentences["cracked"]
    for sentence in sentences.values():
        assert not any(word in sentence for word in ("front-1", "-display-", "_"))


def test_what_is_learnt_from_known_looks_backs_the_promise_on_others(run: Run, jsonl: Path, tmp_path: Path) -> None:
    known = tmp_path / "known.jsonl"
    grades = {"mint": "A", "scratched": "C", "cracked": "D"}
    lines = [json.loads(line) for line in jsonl.read_text(encoding="utf-8").splitlines() if line.strip()]
    chosen = [
        {**line, "true_cosmetic_grade": grades[line["id"]], "phone": phone}
        for phone in ("one", "two", "three", "four", "five")
        for line in lines
        if line["id"] in grades
    ]
    known.write_text("\n".join(json.dumps(line) for line in chosen), encoding="utf-8")
    learnt = tmp_path / "calibration.json"
    learnt.write_text(run("policy", "calibrate", known).out, encoding="utf-8")
    figures = json.loads(run("policy", "agreement", known, "--calibration", learnt).out)
    assert (figures["devices"], figures["exact"], figures["kappa"]) == (15, 1.0, 1.0)
    assert (figures["promised"], figures["covered"], figures["repeatable"]) == (0.9, 1.0, 0.0)
    assert json.loads(run("policy", "agreement", known).out)["promised"] is None


def test_the_halves_of_known_looks_share_no_phone(run: Run, jsonl: Path, tmp_path: Path) -> None:
    line = next(json.loads(line) for line in jsonl.read_text(encoding="utf-8").splitlines() if "mint" in line)
    known = tmp_path / "known.jsonl"
    views = [
        {**line, "true_cosmetic_grade": "A", "phone": phone}
        for phone in ("one", "one", "two", "three", "three", "three")
    ]
    known.write_text("\n".join(json.dumps(shot) for shot in views), encoding="utf-8")
    halves = [json.loads(run("policy", "agreement", known, "--half", half).out) for half in ("first", "second")]
    assert [figures["devices"] for figures in halves] == [5, 1]


def test_two_assessments_of_one_phone_are_distinguished(run: Run, tmp_path: Path) -> None:
    assessment = dict(GRADE_EXAMPLE)
    before, after = tmp_path / "before.json", tmp_path / "after.json"
    before.write_text(json.dumps(assessment), encoding="utf-8")
    changed = {**assessment, "functional": {"tests": {"power_on": "fail"}}}
    after.write_text(json.dumps(changed), encoding="utf-8")
    ran = run("policy", "compare", before, after, "--by", "app", "kiosk")
    assert ran.out.startswith("app C1 -> kiosk C1 (verified)\n")
    assert "- power: fail, previously pass [test, worse]" in ran.out
    wrong = run("policy", "compare", before, after, "--by", "app", "kiosc")
    assert (wrong.status, "the nearest is 'kiosk'" in wrong.err) == (2, True)
    before.write_text("{}", encoding="utf-8")
    assert "before.json: decision: Field required" in run("policy", "compare", before, after).err


def test_a_device_of_unknown_look_teaches_nothing(run: Run, jsonl: Path) -> None:
    ran = run("policy", "agreement", jsonl)
    assert ran.status == 2
    assert "stored.jsonl:1: true_cosmetic_grade must be one of A, B, C, D, E, not None" in ran.err


def test_the_schema_is_printed(run: Run) -> None:
    assert run("policy", "schema").out == (SHIPPED / "policy.schema.json").read_text(encoding="utf-8")


def test_a_simulation_moves_what_the_plain_judge_moves(run: Run, jsonl: Path) -> None:
    ran = run("policy", "simulate", jsonl, "--policy", "r2v3", "--json")
    assert ran.status == 0
    comparison = json.loads(ran.out)
    moves = {}
    change = 0.0
    for name, (inspections, tests) in stored().items():
        old, new = (judge(inspections, tests, load_policy(policy)) for policy in ("ctia-like", "r2v3"))
        if (old.grade or old.status) != (new.grade or new.status):
            moves[name] = (old.grade or old.status, new.grade or new.status)
        if old.value_share is not None and new.value_share is not None:
            change += 400.0 * (new.value_share - old.value_share)
    assert {move["examples"][0]: (move["before"], move["after"]) for move in comparison["moves"]} == moves
    assert comparison["devices"] == 6
    assert comparison["gained"] - comparison["lost"] == pytest.approx(change)
    assert comparison["before"] is None


def test_a_simulation_against_the_same_policy_moves_nothing(run: Run, jsonl: Path) -> None:
    ran = run("policy", "simulate", jsonl, "--policy", "marketplace", "--against", "marketplace")
    assert "0 move (0.0%)" in ran.out


def test_columns_hold_all_that_judging_needs(run: Run, jsonl: Path, tmp_path: Path) -> None:
    packed = tmp_path / "stored.parquet"
    assert run("policy", "pack", jsonl, packed).status == 0
    for name in shipped_policies():
        one, other = (run("policy", "simulate", file, "--policy", name, "--json").out for file in (jsonl, packed))
        assert one == other
    (plain,), (columns,) = read_batches(jsonl), read_batches(packed)
    np.testing.assert_array_equal(plain.columns.defects.at, columns.columns.defects.at)
    np.testing.assert_array_equal(plain.columns.surfaces.resolvable_mm, columns.columns.surfaces.resolvable_mm)


def test_an_appraisal_is_a_stored_device(tmp_path: Path) -> None:
    inspections, tests = stored()["mint"]
    line = {
        "inspections": {s: i.model_dump(mode="json") for s, i in inspections.items()},
        "functional": tests.model_dump(mode="json") if tests else None,
        "versions": {"phonegrade": "0"},
    }
    file = tmp_path / "one.jsonl"
    file.write_text(json.dumps(line), encoding="utf-8")
    (batch,) = read_batches(file)
    assert batch.ids.tolist() == ["line 1"]
    assert batch.stored_grade.tolist() == [NOT_GRADED]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.jsonl", '{"inspections": {}}\n{"inspections": {"frnt": {}}}', "a.jsonl:2: inspections.frnt"),
        ("a.jsonl", "{}", "a.jsonl:1: inspections: Field required"),
        ("a.jsonl", "no json", "a.jsonl:1: line: Invalid JSON"),
        ("a.csv", "", "stored devices are .jsonl or .parquet"),
        ("a.parquet", "no parquet", "no stored devices"),
    ],
)
def test_a_file_that_holds_no_devices_is_refused(name: str, text: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    with pytest.raises(StoredFileError) as raised:
        list(read_batches(file))
    assert says in str(raised.value)
