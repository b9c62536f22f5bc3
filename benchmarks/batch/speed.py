"""Photos a second by engine and number of processes, processor time by stage, start-up and memory.

    python benchmarks/batch/speed.py --stock FOLDER --engines loop pool:1 pool:2

The stock is a folder of device folders, such as of rendered phones (without one, jittered copies of the sample). Each
engine grades it into a new folder, all in turn, `--rounds` times; the results must have the same bytes. Ratios are
within one round; processor time is the workers' own, so that a busy machine distorts it least.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from phonegrade.batch.progress import Progress
from phonegrade.benchmarks.batch.stock import write_jittered

RUN = "lot"


class Measured(NamedTuple):
    """One run of one engine."""

    wall_s: float
    """Of the whole command."""
    photos_s: float
    """Of the stage of photos alone, with the start of its workers."""
    cpu_s: float
    """Of all processes of the command."""
    progress: Progress
    devices: bytes


def measured(stock: Path, out: Path, engine: str) -> Measured:
    """Run the command over a stock."""
    name, _, workers = engine.partition(":")
    command = [sys.executable, "-m", "phonegrade", "batch", "grade", str(stock), "--out", str(out / RUN)]
    options = ["--engine", name, *(["--workers", workers] if workers else [])]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began_s = time.monotonic()
    subprocess.run([*command, *options], check=False, capture_output=True)  # noqa: S603
    wall_s = time.monotonic() - began_s
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    progress = Progress.model_validate_json((out / RUN / "progress.json").read_bytes())
    if progress.state != "finished":
        raise SystemExit(f"{engine}: {progress.state}: {progress.error}")
    return Measured(wall_s, progress.photos.seconds, cpu_s, progress, (out / RUN / "devices.parquet").read_bytes())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stock", type=Path, help="a folder of device folders or a manifest")
    parser.add_argument("--devices", type=int, default=20, help="jittered samples (default 20)")
    parser.add_argument("--engines", nargs="+", default=["loop", "pool:1", "pool:2"], help="ENGINE or ENGINE:WORKERS")
    parser.add_argument("--rounds", type=int, default=1, help="how often each (default 1)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        stock = arguments.stock or write_jittered(root / "stock", arguments.devices)
        runs = {engine: list[Measured]() for engine in arguments.engines}
        for number in range(arguments.rounds):
            for engine in arguments.engines:
                runs[engine].append(measured(stock, root / f"{engine.replace(':', '-')}-{number}", engine))
        report(runs)


def report(runs: dict[str, list[Measured]]) -> None:
    """Print one line an engine, and what the first one spends where."""
    reference = next(iter(runs.values()))
    print("engine    photos  photos/s  x first  cpu ms/photo  all cpu/first  first answer s  worker MB  same bytes")
    for engine, several in runs.items():
        photos = several[0].progress.photos
        rate = statistics.median(photos.total / one.photos_s for one in several)
        times = statistics.median(first.photos_s / one.photos_s for first, one in zip(reference, several, strict=True))
        cpu_ms = statistics.median(1000 * one.progress.photos.cpu_s / photos.total for one in several)
        whole = statistics.median(one.cpu_s / first.cpu_s for first, one in zip(reference, several, strict=True))
        start_s = statistics.median(one.progress.first_answer_s or 0.0 for one in several)
        memory_mb = max(one.progress.worker_rss_bytes for one in several) / 1e6
        same = all(one.devices == reference[0].devices for one in several)
        print(
            f"{engine:8} {photos.total:7} {rate:9.2f} {times:8.2f} {cpu_ms:13.0f} {whole:14.2f} {start_s:15.1f} "
            f"{memory_mb:10.0f}  {same}"
        )
    stages = reference[0].progress.photos.stages_cpu_s
    total = reference[0].progress.photos
    print(json.dumps({name: round(1000 * spent / total.total, 1) for name, spent in stages.items()}), "cpu ms a photo")


if __name__ == "__main__":
    main()
