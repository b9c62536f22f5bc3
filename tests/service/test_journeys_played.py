"""The script of the README plays the four journeys on a service of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import phonegrade

ROOT = Path(phonegrade.__file__).parent


def test_the_four_journeys_of_the_sample_phone(tmp_path: Path) -> None:
    pytest.importorskip("segno")
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": os.pathsep.join([str(ROOT.parent), *sys.path])}
    played = subprocess.run(  # noqa: S603
        [sys.executable, str(ROOT / "samples/journeys/play.py")],
        capture_output=True,
        text=True,
        env=environment,
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
