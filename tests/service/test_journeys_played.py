"""The script of the README plays the four journeys on a service of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import phonegrade
from phonegrade.store.vault import KEY_VARIABLE
from phonegrade.tests.service.case_client import KEY, place

ROOT = Path(phonegrade.__file__).parent


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_four_journeys_of_the_sample_phone(kind: str, tmp_path: Path) -> None:
    pytest.importorskip("segno")
    names = {"TMPDIR": str(tmp_path), "PYTHONPATH": os.pathsep.join([str(ROOT.parent), *sys.path]), KEY_VARIABLE: KEY}
    with place(kind, tmp_path) as (data, blobs):
        played = subprocess.run(  # noqa: S603
            [sys.executable, str(ROOT / "samples/journeys/play.py"), "--", "--data", data, "--blobs", blobs],
            capture_output=True,
            text=True,
            env={**os.environ, **names},
            timeout=600,
            check=False,
        )
    assert played.returncode == 0, played.stdout + played.stderr
    lines = [" ".join(line.split()) for line in played.stdout.splitlines()]
    for line in (
        "app provisional grade C0 (assessment 1)",
        "shop claimed; left: verify, erase",
        "shop offer accepted",
        "shop resale blocked: erasure_missing, deal_not_settled",
        "shop erasure certificate counts",
        "shop paid; resale ready",
        "insurance: qualified",
        "warranty_repair: qualified",
        "advice: qualified",
    ):
        assert line in lines, played.stdout
    assert any(line.startswith("shop verified grade C") for line in lines)
    assert any(line.startswith("worse: ") for line in lines), "the delta names what changed"
