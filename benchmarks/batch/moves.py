"""Regrades a million devices without photos: time, memory, and what they move to.

    python benchmarks/batch/moves.py --devices 1000000 --workers 2

Draws stored devices with models, storage and prices, writes them as a run's `devices.parquet`, and does what
`phonegrade batch regrade` does: both policies, values by a price book, `moves.parquet` and the report. Memory is the
sum of the peaks of all processes.
"""

import argparse
import io
import resource
import tempfile
import time
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import polars as pl

from phonegrade.batch.lot.moves import MoveSettings, moves_of, policy_ref
from phonegrade.batch.lot.report import moves_page
from phonegrade.batch.lot.values import PriceTable
from phonegrade.batch.parquet import write_parquet
from phonegrade.benchmarks.regrade import SEED, batches
from phonegrade.configs.policy import Policy, load_policy
from phonegrade.configs.price_book import PRICE_COLUMNS, parse_price_book
from phonegrade.core.devices.catalogue import catalogue

DAY = date(2026, 11, 30)
MODELS = 300


def book(names: list[str], grades: list[str]) -> bytes:
    """Return a price book of every model, storage and grade."""
    rng = np.random.default_rng(SEED)
    lines = [
        f"{name},{storage},{grade},{rng.integers(20, 900)},EUR,2026-01-01,"
        for name in names
        for storage in (64, 128, 256)
        for grade in grades
    ]
    return "\n".join([",".join(PRICE_COLUMNS), *lines]).encode()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--devices", type=int, default=1_000_000, help="stored devices (default 1000000)")
    parser.add_argument("--workers", type=int, default=2, help="processes (default 2)")
    parser.add_argument("--old", default="ctia-like", help="the policy they were graded under (default ctia-like)")
    parser.add_argument("--new", default="r2v3", help="the policy to try (default r2v3)")
    arguments = parser.parse_args()
    old, new = load_policy(arguments.old), load_policy(arguments.new)
    names = [device.name for device in catalogue()[:MODELS]]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "devices.parquet"
        write_parquet(batches(arguments.devices, arguments.old), file)
        rng = np.random.default_rng(SEED)
        about = pl.DataFrame(
            {
                "device": np.array(names, dtype=object)[rng.integers(0, len(names), arguments.devices)],
                "storage_gb": rng.choice([64, 128, 256], arguments.devices),
            },
            schema={"device": pl.String, "storage_gb": pl.Int64},
        )
        pl.concat([pl.read_parquet(file), about], how="horizontal").write_parquet(file, row_group_size=50_000)
        print(f"{arguments.devices} devices, {file.stat().st_size / 1e6:.0f} MB; drawing them is not timed", flush=True)
        prices = book(names, sorted({*old.cosmetic.names, *new.cosmetic.names}))
        regraded_in_a_fresh_process(file, prices, old, new, arguments.workers)


def regraded_in_a_fresh_process(file: Path, prices: bytes, old: Policy, new: Policy, workers: int) -> None:
    """Time the regrading where nothing was drawn before: the peak of memory is then its own."""
    process = get_context("spawn").Process(target=regraded, args=(file, prices, old, new, workers))
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(process.exitcode)


def regraded(file: Path, prices: bytes, old: Policy, new: Policy, workers: int) -> None:
    """Regrade, and print what that took."""
    began_s = time.monotonic()
    table = PriceTable(parse_price_book(prices, "book.csv"), DAY)
    moves = moves_of(MoveSettings(file, new, old, policy_ref(old), policy_ref(new), None, table), workers)
    (file.parent / "moves.parquet").write_bytes(moves.parquet)
    page = moves_page("a million", moves)
    spent_s = time.monotonic() - began_s
    own, below = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    peak_mb = (own.ru_maxrss + workers * below.ru_maxrss) / 1e3
    cpu_s = own.ru_utime + own.ru_stime + below.ru_utime + below.ru_stime
    rows = len(pl.read_parquet(io.BytesIO(moves.parquet), columns=["id"]))
    print(f"{rows} rows of moves, {moves.simulation.moved} move, report of {len(page) / 1000:.0f} kB")
    print(f"{spent_s:.1f} s, {cpu_s:.1f} s of processor with {workers} workers; at most {peak_mb:.0f} MB together")


if __name__ == "__main__":
    main()
