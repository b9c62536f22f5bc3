"""The same inspector behind three doors: `phonegrade serve`, LitServe and BentoML, driven by the same arrivals.

    python -m venv peers && peers/bin/pip install . -r benchmarks/serving/peers/requirements.txt
    python benchmarks/serving/peers/compare.py --peers peers/bin --json peers.json

Only one runs at a time, for an idle server takes processor time too; they take turns, `--rounds` times. All get the
same rates, shares of our ceiling in the same round, and the same budget, four of our service times. At the end of a
round each gets 0.8 of our knee.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from phonegrade.benchmarks.serving.ceiling import Ceiling, measure_ceiling
from phonegrade.benchmarks.serving.knee import knee_of, steps
from phonegrade.benchmarks.serving.open_loop import form, run, starts
from phonegrade.benchmarks.serving.photos import large_photo
from phonegrade.benchmarks.serving.service import add_options, command_of, report, running
from phonegrade.core.vocabulary import Surface

HERE = Path(__file__).parent
SHARES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
OF_THE_KNEE = 0.8
OURS = "phonegrade"
OFFLINE = {"BENTOML_DO_NOT_TRACK": "True", "DO_NOT_TRACK": "1", "OMP_NUM_THREADS": "1"}


class Door(NamedTuple):
    """How a server is started and asked."""

    command: list[str]
    path: str
    part: str
    ready: str
    environment: dict[str, str]


def doors(options: argparse.Namespace) -> dict[str, Door]:
    """Return the three."""
    workers, programs = str(options.workers), options.peers
    root = {**OFFLINE, "PYTHONPATH": str(HERE.parents[3]), "PHONEGRADE_WORKERS": workers}
    lit = [str(programs / "python"), str(HERE / "litserve_server.py"), "{port}", workers]
    bento = [str(programs / "bentoml"), "serve", "bentoml_service:PhoneInspector", "--port", "{port}"]
    return {
        OURS: Door(command_of(options), "/v1/inspect", "photo", "/readyz", {}),
        "litserve": Door(lit, "/predict", "request", "/health", root),
        "bentoml": Door([*bento, "--working-dir", str(HERE)], "/inspect", "photo", "/readyz", root),
    }


def measure(
    door: Door, ceiling: Ceiling | None, knee_per_s: float | None, shares: Sequence[float], seconds: float
) -> dict[str, Any]:
    """Return what one server does; without a ceiling its own, and without a knee its own, is measured."""
    body = form([(door.part, large_photo(Surface.FRONT))])
    with running(door.command, door.ready, door.environment) as service:
        url = service.url + door.path
        own = measure_ceiling(service, url, body, min(seconds, 20.0))
        rows = steps(service, url, body, ceiling or own, shares, seconds)
        knee = knee_of(rows)
        at = OF_THE_KNEE * (knee_per_s or (float(knee["rate_per_s"]) if knee else (ceiling or own).per_s / 2))
        load = asyncio.run(run(url, [body], starts(at, seconds, poisson=True, seed=99), seconds))
        return {
            "ceiling": own,
            "steps": rows,
            "knee": knee,
            "at_per_s": round(at, 2),
            "at": load.figures(),
            "memory_mb": round(service.memory_mb(), 1),
            "ready_s": service.ready_s,
            "machine_stood_still_s": service.stood_still_s,
        }


def round_of(all_doors: dict[str, Door], shares: Sequence[float], seconds: float) -> dict[str, dict[str, Any]]:
    """Return one turn of all servers, ours first."""
    ours = measure(all_doors[OURS], None, None, shares, seconds)
    knee_per_s = ours["at_per_s"] / OF_THE_KNEE
    by_name = {OURS: ours}
    for name, door in all_doors.items():
        if name != OURS:
            by_name[name] = measure(door, ours["ceiling"], knee_per_s, shares, seconds)
    for figures in by_name.values():
        figures["ceiling"] = figures["ceiling"].figures()
    return by_name


def summary(rounds: list[dict[str, dict[str, Any]]]) -> dict[str, dict[str, float]]:
    """Return each server's medians over the rounds."""
    return {
        name: {
            "goodput_at_the_knee_per_s": median(_goodput(one[name]) for one in rounds),
            "p99_at_0.8_of_our_knee_ms": median(one[name]["at"]["p99_ms"] for one in rounds),
            "refused_there": median(one[name]["at"]["refused_share"] for one in rounds),
            "cpu_ms_a_photo": median(one[name]["ceiling"]["cpu_ms_a_photo"] for one in rounds),
            "memory_mb": median(one[name]["memory_mb"] for one in rounds),
            "ready_s": median(one[name]["ready_s"] for one in rounds),
        }
        for name in rounds[0]
    }


def _goodput(figures: dict[str, Any]) -> float:
    return 0.0 if figures["knee"] is None else float(figures["knee"]["goodput_per_s"])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_options(parser)
    parser.add_argument("--peers", type=Path, default=Path(sys.executable).parent, help="folder of their programs")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=60.0, help="of each step (default 60)")
    options = parser.parse_args()
    shares, seconds, count = ((0.5,), 3.0, 1) if options.quick else (SHARES, options.seconds, options.rounds)
    rounds = [round_of(doors(options), shares, seconds) for _ in range(count)]
    by_name = summary(rounds)
    for name, figures in by_name.items():
        print(f"{name:<12}" + "  ".join(f"{what} {value}" for what, value in figures.items()))
    report("peers", {"summary": by_name, "rounds": rounds}, options.json)


if __name__ == "__main__":
    main()
