"""Slips of the hand at the command line: one form of error for all, never a trace."""

import io
import json
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

from phonegrade.cli.console import escape_what_cannot_be_shown, print_result
from phonegrade.configs.policy import parse_policy
from phonegrade.inference.signature import check_signature
from phonegrade.tests.cli.conftest import Run


@pytest.mark.parametrize(
    "arguments",
    [
        ("grade", "--jsn"),
        ("grade",),
        ("grade", "/no/such/folder"),
        ("grade", "--threads", "x", "."),
        ("inspect",),
        ("inspect", "--view", "top", "a.jpg"),
        ("functional", "/no/such.csv"),
        ("nosuchverb",),
        ("policy", "nosuchverb"),
        ("schema", "grades"),
        ("schema", "policy", "--jsonl"),
        ("serve", "--allow-origin", "kiosk"),
        ("serve", "--root-path", "grading"),
        ("render", "--preview", "x.txt"),
    ],
)
def test_every_slip_is_one_error_line_and_exit_2(arguments: tuple[str, ...], run: Run) -> None:
    ran = run(*arguments)
    assert ran.status == 2
    assert ran.err.startswith("error [")
    assert "Traceback" not in ran.err
    assert len(ran.err.splitlines()) == 1
    assert ran.out == ""


@pytest.mark.parametrize(
    "verb", [("evaluate", "--data"), ("compare", "--models", "{models}", "--data"), ("policy", "inspect-set")]
)
def test_a_folder_that_is_no_rendered_set_is_an_error(
    verb: tuple[str, ...], run: Run, stub_models: Path, tmp_path: Path
) -> None:
    (tmp_path / "segmenter.int8.onnx").write_bytes((stub_models / "segmenter.onnx").read_bytes())
    for name in ("segmenter", "locator", "boundary_refiner"):
        (tmp_path / f"{name}.onnx").write_bytes((stub_models / f"{name}.onnx").read_bytes())
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    arguments = [part.replace("{models}", str(tmp_path)) for part in verb]
    out = tmp_path / "out.jsonl"
    ran = run(*arguments, nothing, *([out] if "inspect-set" in verb else ["--out", tmp_path / "out"]))
    assert ran.status == 2
    assert "is no set of `phonegrade render`" in ran.err.splitlines()[-1]
    assert not out.exists()


@pytest.mark.parametrize(("text", "problem"), [("file,view", "line: Invalid JSON"), ("{}", "photo: Field required")])
def test_a_manifest_that_is_none_is_an_error(text: str, problem: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "manifest.jsonl").write_text(f"{text}\n", encoding="utf-8")
    ran = run("evaluate", "--data", tmp_path, "--out", tmp_path / "out")
    assert ran.status == 2
    assert f"manifest.jsonl is not as `phonegrade render` writes it: {problem}" in ran.err


@pytest.mark.parametrize(
    ("encoding", "text"), [("cp1252", "перед.jpg é 🤖"), ("ascii", "перед.jpg é 🤖"), ("utf-8", "перед.jpg é 🤖")]
)
def test_an_output_that_is_not_utf_8_gets_json_all_the_same(
    encoding: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    escape_what_cannot_be_shown()
    print_result(json.dumps({"photo": text}, ensure_ascii=False))
    assert json.loads(raw.getvalue().decode("utf-8"))["photo"] == text


@pytest.mark.parametrize("what", ["grade", "inspect", "functional", "policy"])
def test_a_schema_is_printed_and_valid(what: str, run: Run) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(run("schema", what).out))


def test_answers_fit_their_schemas(run: Run, device_folder: Path, stub_models: Path) -> None:
    answer = json.loads(run("grade", device_folder, "--json", "--models", stub_models).out)
    jsonschema.validate(answer, json.loads(run("schema", "grade").out))
    inspection = json.loads(run("inspect", device_folder / "front.jpg", "--jsonl", "--models", stub_models).out)
    jsonschema.validate(inspection, json.loads(run("schema", "inspect").out))
    tests = json.loads((device_folder / "functional.json").read_text(encoding="utf-8"))
    jsonschema.validate(tests, json.loads(run("schema", "functional").out))


def test_every_line_of_many_fits_the_schema_of_a_line(
    run: Run, device_folder: Path, stub_models: Path, tmp_path: Path
) -> None:
    folders = [device_folder, tmp_path]
    graded = [json.loads(line) for line in run("grade", *folders, "--jsonl", "--models", stub_models).out.splitlines()]
    assert ["error" in line for line in graded] == [False, True]
    photos = [device_folder / "front.jpg", device_folder / "functional.json"]
    inspected = run("inspect", *photos, "--jsonl", "--models", stub_models).out.splitlines()
    assert ["error" in json.loads(line) for line in inspected] == [False, True]
    for verb, lines in (("grade", graded), ("inspect", map(json.loads, inspected))):
        line_schema = json.loads(run("schema", verb, "--jsonl").out)
        jsonschema.Draft202012Validator.check_schema(line_schema)
        for line in lines:
            jsonschema.validate(line, line_schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(graded[0], json.loads(run("schema", "grade").out))


def test_a_shipped_policy_is_shown_as_its_file(run: Run) -> None:
    shown = run("policy", "show", "marketplace").out
    assert parse_policy(shown.encode(), "shown").name == "marketplace"
    assert yaml.safe_load(run("policy", "show").out)["name"] == "ctia-like"
    assert run("policy", "show", "marketplac").err.startswith("error [policy_file]: unknown policy")


def test_brief_is_one_line_or_a_short_document(run: Run, device_folder: Path, stub_models: Path) -> None:
    line = run("grade", device_folder, "--brief", "--models", stub_models).out
    assert len(line.splitlines()) == 1
    assert "Apple iPhone 13" in line
    brief = json.loads(run("grade", device_folder, "--brief", "--json", "--models", stub_models).out)
    assert line.startswith(brief["decision"]["grade"])
    assert {"inspections", "views", "photos"}.isdisjoint(brief)


def test_an_unusable_photo_among_many_folders_is_named_with_its_surface(run: Run, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "front.jpg").write_bytes(b"no picture")
    ran = run("grade", tmp_path, "--jsonl")
    assert ran.status == 1
    messages = [json.loads(line)["error"]["message"] for line in ran.out.splitlines()]
    assert len(messages) == 2
    assert all(message.startswith("front (front.jpg): ") for message in messages)


def test_models_are_signed_with_a_key_of_ones_own(run: Run, tmp_path: Path) -> None:
    (tmp_path / "locator.onnx").write_bytes(b"model")
    key = tmp_path / "secret.key"
    signed = run("dev", "sign", tmp_path, "--key", key)
    public = signed.out.strip()
    assert (signed.status, key.stat().st_mode & 0o077) == (0, 0)
    assert set(check_signature(tmp_path, (public,)).files) == {"locator.onnx"}
    assert run("dev", "sign", tmp_path, "--key", key).out.strip() == public
