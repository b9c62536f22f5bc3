"""Ray does chunks as the plain loop does; skipped where it is not installed."""

from pathlib import Path

import pytest

from phonegrade.batch.engines.ray_engine import RayEngine
from phonegrade.tests.batch.fakes import FakeLoad
from phonegrade.tests.batch.stocks import files_of, grade, write_stock

pytest.importorskip("ray")


@pytest.mark.filterwarnings("default")  # Ray leaves sockets and processes to the end of the process
def test_ray_gives_the_bytes_of_the_plain_loop_also_where_a_photo_crashes(tmp_path: Path) -> None:
    stock = write_stock(tmp_path / "stock", 4, [("d1/front.jpg", b"crash 1")])
    (tmp_path / "ray").mkdir()
    grade(stock, tmp_path / "ray", engine=RayEngine(workers=4))
    whole = write_stock(tmp_path / "whole", 4)
    grade(whole, tmp_path / "loop", FakeLoad())
    with_crash, without = files_of(tmp_path / "ray"), files_of(tmp_path / "loop")
    same = [name for name in with_crash if name.startswith("photos/") and with_crash[name] == without.get(name)]
    assert len(same) == 5
    assert b"photo_crashed_decoder" in with_crash["problems.csv"]
