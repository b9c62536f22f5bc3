"""Kills service and workers at every write and at random instants while trade-ins are played over HTTP, and counts.

    python benchmarks/store_kills.py --kills 200            # at random, until there were so many
    python benchmarks/store_kills.py --every-write          # before and after each commit, fsync and rename
    python benchmarks/store_kills.py --planted              # a lease without `worker = me`: must be caught
    python benchmarks/store_kills.py --keys 1000            # each sent five times at once: effects

On SQLite in a temporary folder, and on a PostgreSQL that is started for it where Debian's package is installed; with
`--database` on one of them. Exits with 1 where something acknowledged was lost, or anything was done twice.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from phonegrade.service.settings import ServiceSettings
from phonegrade.tests.service.case_client import place
from phonegrade.tests.service.case_contract import settings_in
from phonegrade.tests.service.dying import Faults
from phonegrade.tests.service.killed_service import Outcome, run
from phonegrade.tests.service.repeated import repeat_all
from phonegrade.tests.store.postgresql import MISSING, initdb

DATABASES = ("sqlite", "postgresql")
SLOW = 0.5
"""Share of the jobs that outlive their lease where the fault is planted."""


@contextmanager
def fresh(kind: str) -> Iterator[tuple[ServiceSettings, Faults]]:
    """Yield the settings of a service without keys on an empty store, and where its faults are noted."""
    with tempfile.TemporaryDirectory() as name, place(kind, Path(name)) as (data, blobs):
        folder = Path(name)
        settings = settings_in(folder, (), data, blobs).model_copy(update={"keys_file": None, "webhook_http": True})
        yield settings, Faults(folder / "deaths", folder / "ends")


def told(kind: str, what: str, outcome: Outcome) -> bool:
    """Print an outcome, and return whether nothing was wrong."""
    print(
        f"{kind}, {what}: {outcome.kills} kills in {outcome.plays} trade-ins, {outcome.acknowledged} acknowledged "
        f"POSTs, {outcome.repeats} requests sent again, {outcome.wall_s:.0f} s: {len(outcome.faults)} lost or twice"
    )
    for fault in outcome.faults:
        print(f"  {fault}")
    return not outcome.faults


def main() -> int:
    """Run what the options ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int)
    parser.add_argument("--every-write", action="store_true")
    parser.add_argument("--planted", action="store_true")
    parser.add_argument("--keys", type=int)
    parser.add_argument("--database", choices=DATABASES)
    parser.add_argument("--port", type=int, default=8124)
    options = parser.parse_args()
    good = True
    for kind in DATABASES if options.database is None else (options.database,):
        if kind == "postgresql" and initdb() is None:
            print(MISSING)
            continue
        if options.kills is not None:
            with fresh(kind) as (settings, faults):
                good &= told(kind, "at random", run(settings, options.port, faults, kills=options.kills))
        if options.every_write:
            with fresh(kind) as (settings, faults):
                good &= told(kind, "at every write", run(settings, options.port, faults._replace(at_writes=1.0)))
        if options.planted:
            with fresh(kind) as (settings, faults):
                planted = faults._replace(slow=SLOW, planted=True)
                good &= not told(kind, "without `worker = me`", run(settings, options.port, planted))
        if options.keys is not None:
            with fresh(kind) as (settings, _):
                good &= _repeated(kind, settings, options.keys)
    return 0 if good else 1


def _repeated(kind: str, settings: ServiceSettings, keys: int) -> bool:
    outcome = repeat_all(settings, keys)
    print(
        f"{kind}: {keys} keys x 5 over HTTP: {outcome.effects} cases, {outcome.answers} different answers, "
        f"{outcome.waited} times still running, {outcome.wall_s:.1f} s"
    )
    return outcome.effects == outcome.answers == keys


if __name__ == "__main__":
    sys.exit(main())
