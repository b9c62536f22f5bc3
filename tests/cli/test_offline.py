"""No process of ours opens a socket, looks up a host, or writes outside the paths that it was given."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUARD = """
import os, sys
def guard(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.bind"):
        sys.stderr.write(f"{event} {arguments}\\n")
        sys.stderr.flush()
        os._exit(99)
sys.addaudithook(guard)
"""


def run_guarded(code: str, home: Path, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run Python `code` with an empty home; any look-up of a host ends it with status 99."""
    hooks = folder / "hooks"
    hooks.mkdir()
    (hooks / "sitecustomize.py").write_text(GUARD, encoding="utf-8")
    unwanted = ("ORT_DISABLE_TELEMETRY", "NO_ALBUMENTATIONS_UPDATE", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")
    environment = {key: value for key, value in os.environ.items() if key not in unwanted}
    environment |= {"HOME": str(home), "PYTHONPATH": os.pathsep.join((str(hooks), str(ROOT.parent)))}
    return subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, cwd=folder, check=False
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def test_a_grade_leaves_the_home_folder_empty_and_looks_up_no_host(
    home: Path, tmp_path: Path, device_folder: Path, stub_models: Path
) -> None:
    code = (
        "from phonegrade.cli.main import main\n"
        f"main(['grade', {str(device_folder)!r}, '--models', {str(stub_models)!r}, '--json'])"
    )
    ran = run_guarded(code, home, tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["decision"]
    assert list(home.rglob("*")) == []


def test_the_service_and_what_trains_switch_off_whatever_calls_home(home: Path, tmp_path: Path) -> None:
    pytest.importorskip("albumentations")
    code = "import phonegrade.serve, phonegrade.datasets.augment, os\nprint(os.environ['ORT_DISABLE_TELEMETRY'])"
    ran = run_guarded(code, home, tmp_path)
    assert (ran.returncode, ran.stdout.strip()) == (0, "1"), ran.stderr
    assert [file for file in home.rglob("*") if "onnxruntime" in str(file).lower()] == []


def test_the_guard_itself_sees_a_look_up(home: Path, tmp_path: Path) -> None:
    ran = run_guarded("import socket\nsocket.getaddrinfo('localhost', 80)", home, tmp_path)
    assert ran.returncode == 99
