"""How long a run that was killed takes, once it is started again, until it has its first new result.

    python benchmarks/batch/resume.py --devices 30 --kills 10

Starts `phonegrade batch grade` over a stock, kills it with all its workers as soon as a new photo's row can be read,
and starts it again: from the start of the command to that row is what is measured. The stock is a folder of device
folders; without one, jittered copies of the sample, of which every start may inspect a few.
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from phonegrade.batch.engines.chunks import KEY, done_in
from phonegrade.benchmarks.batch.stock import write_jittered

MOST_S = 120.0


def first_result_s(stock: Path, out: Path, workers: int) -> float | None:
    """Start the command, kill it at its first new row, and return how long that took; None where nothing was left."""
    before = set(done_in(out / "photos")[KEY])
    files_before = {file.name for file in (out / "photos").glob("*.parquet")}
    command = [sys.executable, "-m", "phonegrade", "batch", "grade", str(stock), "--out", str(out)]
    began_s = time.monotonic()
    running = subprocess.Popen(  # noqa: S603
        [*command, "--workers", str(workers)], start_new_session=True, stderr=subprocess.DEVNULL
    )
    try:
        while running.poll() is None and time.monotonic() - began_s < MOST_S:
            time.sleep(0.02)
            now = {file.name for file in (out / "photos").glob("*.parquet")}
            if now - files_before and set(done_in(out / "photos")[KEY]) - before:
                return time.monotonic() - began_s
    finally:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
        running.wait()
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stock", type=Path, help="a folder of device folders; without it, jittered samples")
    parser.add_argument("--devices", type=int, default=30, help="jittered samples (default 30)")
    parser.add_argument("--kills", type=int, default=10, help="how many resumes are measured (default 10)")
    parser.add_argument("--workers", type=int, default=2, help="processes of the pool (default 2)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        stock = arguments.stock or write_jittered(Path(folder) / "stock", arguments.devices)
        out = Path(folder) / "run"
        load = os.getloadavg()[0]
        begun_s = first_result_s(stock, out, arguments.workers)
        resumed = [first_result_s(stock, out, arguments.workers) for _ in range(arguments.kills)]
    measured = [one for one in resumed if one is not None]
    if begun_s is None or not measured:
        raise SystemExit("the stock is too small: everything was done before the kills")
    print(f"begun: first result after {begun_s:.1f} s")
    print(
        f"resumed {len(measured)} times: {statistics.median(measured):.1f} s in the middle, {max(measured):.1f} s at "
        f"most, {sum(one <= 5 for one in measured)} within 5 s; load {load:.1f} before, {os.getloadavg()[0]:.1f} after"
    )


if __name__ == "__main__":
    main()
