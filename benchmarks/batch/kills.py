"""Kills a run over and over, supervisor and workers, and checks that it ends with the bytes of an undisturbed one.

    python benchmarks/batch/kills.py --stock FOLDER --kills 200

The stock is a folder of device folders (without one, jittered copies of the sample, with a photo that crashes its
process and one that hangs). Half of the kills hit a process of the run at a random instant, half the process that makes
the next write, before it, half-way or after. The results are compared byte for byte, and the control, an engine that
forgets the fingerprint, has to be caught by the same comparison.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from phonegrade.batch.run_folder import RunFolder
from phonegrade.benchmarks.batch.stock import poison, write_jittered
from phonegrade.tests.batch.fakes import AFTER, BEFORE, HALFWAY
from phonegrade.tests.batch.stocks import RUN, files_of

SEED = 20260101


def start(stock: Path, out: Path, order: Path, model: str = "one") -> "subprocess.Popen[bytes]":
    """Start one run in a process group of its own."""
    command = [sys.executable, "-m", "phonegrade.benchmarks.batch.killed_run", stock, out, order, model]
    return subprocess.Popen(command, start_new_session=True)  # noqa: S603


def children(pid: int) -> list[int]:
    """Return the processes below a process, children of children too."""
    try:
        tasks = Path(f"/proc/{pid}/task").iterdir()
        own = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []
    return [*own, *(below for child in own for below in children(child))]


def disturbed(stock: Path, out: Path, order: Path, kills: int, every_s: float) -> dict[str, float]:
    """Run until done, killing meanwhile; return counts and the slowest first answer of runs not hit before it."""
    rng = random.Random(SEED)  # noqa: S311  of a test
    counts = {"supervisor": 0.0, "workers": 0.0, "writes": 0.0, "runs": 0.0, "slowest_first_answer_s": float("nan")}
    while True:
        counts["runs"] += 1
        running = start(stock, out, order)
        began_s, before = time.monotonic(), len(list((out / RUN / "photos").glob("*.parquet")))
        first_s: float | None = None
        hit = False
        next_s = began_s + rng.expovariate(1 / every_s)
        while running.poll() is None:
            time.sleep(0.05)
            now_s = time.monotonic()
            if first_s is None and not hit and len(list((out / RUN / "photos").glob("*.parquet"))) > before:
                first_s = now_s - began_s
                counts["slowest_first_answer_s"] = max(first_s, counts["slowest_first_answer_s"])
            if now_s < next_s or counts["supervisor"] + counts["workers"] + counts["writes"] >= kills:
                continue
            next_s, hit = now_s + rng.expovariate(1 / every_s), True
            if rng.random() < 0.5 and not order.exists():
                order.write_text(f"{rng.choice((BEFORE, HALFWAY, AFTER))} 1")
                counts["writes"] += 1
                continue
            target = rng.choice([running.pid, *children(running.pid)])
            try:
                os.kill(target, signal.SIGKILL)
            except ProcessLookupError:
                continue
            counts["supervisor" if target == running.pid else "workers"] += 1
        if running.returncode == 0:
            return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stock", type=Path, help="a folder of device folders; without it, jittered samples")
    parser.add_argument("--devices", type=int, default=20, help="jittered samples (default 20)")
    parser.add_argument("--kills", type=int, default=200, help="how many kills (default 200)")
    parser.add_argument("--every", type=float, default=2.0, help="mean seconds between kills (default 2)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        stock = arguments.stock or poison(write_jittered(root / "stock", arguments.devices))
        order = root / "order"
        (root / "quiet").mkdir()
        (root / "killed").mkdir()
        began_s = time.monotonic()
        if start(stock, root / "quiet", root / "none").wait() != 0:
            raise SystemExit("the undisturbed run failed")
        quiet_s = time.monotonic() - began_s
        counts = disturbed(stock, root / "killed", order, arguments.kills, arguments.every)
        expected, got = files_of(root / "quiet"), files_of(root / "killed")
        differ = sorted(name for name in expected.keys() | got.keys() if expected.get(name) != got.get(name))
        print(f"undisturbed {quiet_s:.0f} s; {', '.join(f'{name} {value:.3g}' for name, value in counts.items())}")
        print(f"{len(expected)} files, {len(differ)} differ: {', '.join(differ[:5]) or 'none'}")
        forgetful = start(stock, root / "quiet", root / "none", "two")
        print("other models in the same folder: refused" if forgetful.wait() != 0 else "other models were MIXED IN")
        print(f"kept at {RunFolder(root / 'killed' / RUN).root}" if differ else "same bytes")
        if differ:
            raise SystemExit(1)


if __name__ == "__main__":
    main()
