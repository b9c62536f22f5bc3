"""Small warehouses on disk, and one run over them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from phonegrade.batch.engines.chunks import Engine, Stop, loop
from phonegrade.batch.engines.process_pool import ProcessPool
from phonegrade.batch.fingerprint import Fingerprint
from phonegrade.batch.input.folders import stock_of_folders
from phonegrade.batch.progress import Progress
from phonegrade.batch.run import RunResult, RunSettings, grade_stock
from phonegrade.batch.run_folder import RunFolder
from phonegrade.configs.policy import load_policy
from phonegrade.core.vocabulary import Surface
from phonegrade.tests.batch.fakes import FakeLoad

RUN = "lot"
"""Every run's folder has one name, as the report's title is made of it."""
NOW = datetime(2026, 1, 1, tzinfo=UTC)
UNLIKE = {"progress.json", "progress.prom", "hashes.parquet", ".lock"}
"""Files that hold times."""
FUNCTIONAL = (Path(__file__).parents[2] / "samples" / "functional.json").read_bytes()


def write_stock(folder: Path, devices: int, special: Iterable[tuple[str, bytes]] = ()) -> Path:
    """Write device folders; `special` gives the content of some photos, as ("d1/front.jpg", b"crash")."""
    for number in range(devices):
        (folder / f"d{number}").mkdir(parents=True)
        (folder / f"d{number}" / "functional.json").write_bytes(FUNCTIONAL)
        for surface in Surface:
            (folder / f"d{number}" / f"{surface}.jpg").write_bytes(f"photo {number} {surface}".encode())
    for name, data in special:
        (folder / name).write_bytes(data)
    return folder


def fingerprint(model: str = "one") -> Fingerprint:
    """Return the fingerprint of the fake."""
    return Fingerprint(phonegrade="0", code="0", libraries={}, models={"fake": model}, catalogue="0", listed_from=0.3)


def grade(
    stock: Path,
    out: Path,
    load: FakeLoad | None = None,
    engine: Engine | None = None,
    *,
    chunk: int = 4,
    stop: Stop | None = None,
    named: Fingerprint | None = None,
    task_s: float = 20.0,
) -> RunResult:
    """Grade the folders of `stock` into `out` / RUN."""
    load = load or FakeLoad()
    chosen = engine or loop
    settings = RunSettings(
        folder=RunFolder(out / RUN),
        policy=load_policy("ctia-like"),
        fingerprint=named or fingerprint(load.model),
        load=load,
        engine=chosen,
        engine_name="pool" if isinstance(chosen, ProcessPool) else "loop",
        workers=1,
        chunk=chunk,
        task_s=task_s,
    )
    return grade_stock(stock_of_folders(str(stock)), settings, stop or Stop(), lambda: NOW, _unheard)


def _unheard(progress: Progress) -> None:
    """Nobody listens."""


def files_of(out: Path) -> dict[str, bytes]:
    """Return the bytes of every file of a run, but for those that hold times."""
    root = out / RUN
    files = (file for file in root.rglob("*") if file.is_file() and file.name not in UNLIKE)
    return {str(file.relative_to(root)): file.read_bytes() for file in files}
