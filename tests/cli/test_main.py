"""The command as a whole."""

import logging
import re
import subprocess
import sys

import pytest

from phonegrade import __version__
from phonegrade.cli.console import log_to_stderr
from phonegrade.core.errors import SetupError
from phonegrade.core.extras import needs_extra
from phonegrade.tests.cli.conftest import Run

VERBS = ("grade", "inspect", "serve", "render", "train", "evaluate", "export")


def test_help_names_every_verb_and_the_exit_status(run: Run) -> None:
    ran = run("--help")
    assert ran.status == 0
    for word in (*VERBS, "Exit status", "--install-completion"):
        assert word in ran.out


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself_without_what_it_needs_to_run(verb: str, run: Run) -> None:
    ran = run(verb, "--help")
    assert ran.status == 0
    assert "Usage:" in ran.out


def test_the_version_is_the_package_s(run: Run) -> None:
    assert run("--version").out == f"phonegrade {__version__}\n"


def test_an_unknown_option_is_a_usage_error(run: Run) -> None:
    ran = run("grade", "--jsn")
    assert ran.status == 2
    assert "--json" in ran.err


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["inspect", "--frobnicate"], "phonegrade inspect"),
        (["policy", "inspect-set"], "phonegrade policy inspect-set"),
        (["inspekt"], "phonegrade"),
        (["grade"], "phonegrade grade"),
        (["grade", "gone"], "phonegrade grade"),
        (["policy", "compare", "a", "b", "--by", "x", "y"], "phonegrade policy compare"),
    ],
)
def test_wrong_usage_is_one_sentence_that_leads_to_the_help_of_its_command(
    arguments: list[str], command: str, run: Run
) -> None:
    ran = run(*arguments)
    assert ran.status == 2
    assert re.fullmatch(rf"error \[usage\]: .*[^.][.?] See {command} --help\.\n", ran.err)


def test_a_missing_package_is_named_with_the_remedy() -> None:
    with (
        pytest.raises(SetupError, match=r"train needs no_such_torch.*phonegrade\[train\]"),
        needs_extra("train", "train"),
    ):
        import no_such_torch  # noqa: F401


def test_a_mistake_of_our_own_is_not_taken_for_a_missing_package() -> None:
    with pytest.raises(ModuleNotFoundError), needs_extra("train", "train"):
        import phonegrade.no_such_module  # noqa: F401


def test_our_progress_is_shown_and_of_other_packages_only_warnings(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.root, "handlers", [])
    monkeypatch.setattr(logging.root, "level", logging.WARNING)
    monkeypatch.setattr(logging.getLogger("phonegrade"), "level", logging.NOTSET)
    log_to_stderr()
    logging.getLogger("phonegrade.training.loop").info("step 50")
    logging.getLogger("onnx_ir").info("noise")
    logging.getLogger("onnx_ir").warning("worth a look")
    printed = capsys.readouterr()
    assert [line.split(" ", 1)[1] for line in printed.err.splitlines()] == ["step 50", "worth a look"]
    assert printed.out == ""


def test_an_unknown_preset_is_refused(run: Run, tmp_path: object) -> None:
    ran = run("render", "--out", tmp_path, "--preset", "nowhere")
    assert ran.status == 2
    assert "nowhere" in ran.err


def test_python_m_phonegrade_answers_and_help_loads_neither_torch_nor_onnxruntime() -> None:
    code = (
        "import sys, runpy; sys.argv = ['phonegrade', '--version']\n"
        "try: runpy.run_module('phonegrade', run_name='__main__')\n"
        "except SystemExit: pass\n"
        "print(sorted({'torch', 'onnxruntime', 'cv2'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.splitlines() == [f"phonegrade {__version__}", "[]"]
