"""`phonegrade functional`: another tool's report becomes a test file that `grade` reads."""

from pathlib import Path

from phonegrade.core.functional.report import load_functional
from phonegrade.tests.cli.conftest import Run


def test_a_report_becomes_a_test_file_and_what_is_lost_is_named(run: Run, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    report.write_text("Test,Result\nTouch Screen,Passed\nWLAN,Failed\nFan Speed,Passed\n", encoding="utf-8")
    ran = run("functional", report)
    assert ran.status == 0
    tests = load_functional(ran.out.encode(), "functional.json").tests
    assert {name: str(result) for name, result in tests.items()} == {"touch_grid": "pass", "wifi": "fail"}
    assert "not understood, so not run: 'Fan Speed'" in ran.err


def test_an_unclear_report_is_refused_at_its_row(run: Run, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    report.write_text("Test,Result\nBlacklist,Yes\n", encoding="utf-8")
    ran = run("functional", report)
    assert ran.status == 2
    assert ran.err.startswith(f"error [functional_file]: {report}:2: 'Blacklist' says 'Yes'")
