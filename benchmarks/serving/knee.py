"""How much of the machine the endpoint makes use of, and what it does when more is asked: knee, overload, recovery.

    python benchmarks/serving/knee.py --seconds 60 --json knee.json

Photos of 12 MP arrive at /v1/inspect at random (Poisson), at shares of the ceiling that the same run measures. An
answer is good within four service times of its planned start. The knee is the highest rate at which 95 % of the
arrivals get a good answer. Then three times as many arrive as at the knee, and half as many after that: until ten
answers in a row are good again, the service is not back.
"""

import argparse
import asyncio
from collections.abc import Sequence
from itertools import chain
from typing import Any

from phonegrade.benchmarks.serving.ceiling import Ceiling, inspect_body, measure_ceiling
from phonegrade.benchmarks.serving.open_loop import Load, run, starts
from phonegrade.benchmarks.serving.service import Service, add_options, command_of, report, running

SHARES = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1.0, 1.1)
KNEE_SHARE = 0.99
"""Of the arrivals, answered before their clients lose patience."""
PATIENCE_S = 5.0
"""Random arrivals queue: near the ceiling 1 of 100 waits for ten service times even where nothing is wasted."""
OVERLOAD = 3.0
IN_A_ROW = 10

Row = dict[str, Any]


def steps(
    service: Service, url: str, body: bytes, ceiling: Ceiling, shares: Sequence[float], seconds: float
) -> list[Row]:
    """Return the figures of random arrivals at each share of the ceiling."""
    rows = []
    for number, share in enumerate(shares):
        rate, before_s = share * ceiling.per_s, service.cpu_s()
        load = asyncio.run(run(url, [body], starts(rate, seconds, poisson=True, seed=number), seconds))
        answered = sum(one.status == 200 for one in load.sent)
        rows.append(
            {
                "share": share,
                "rate_per_s": round(rate, 2),
                "good_share": round(load.within(ceiling.budget_s), 4),
                "answered_share": round(load.within(PATIENCE_S), 4),
                "cpu_ms_a_photo": round(1e3 * (service.cpu_s() - before_s) / max(answered, 1), 1),
                **load.figures(),
            }
        )
        print_row(rows[-1])
    return rows


def knee_of(rows: Sequence[Row]) -> Row | None:
    """Return the row of the highest rate of which enough is answered; None where there is none."""
    kept = [row for row in rows if row["answered_share"] >= KNEE_SHARE]
    return max(kept, key=lambda row: float(row["rate_per_s"]), default=None)


def back_s(after: Load, end_s: float, budget_s: float) -> float | None:
    """Return how long after `end_s` the first of ten good answers in a row was asked for; None where there are none."""
    row: list[float] = []
    for one in sorted(after.sent):
        row = [*row, one.planned_s] if one.status == 200 and one.latency_s <= budget_s else []
        if len(row) == IN_A_ROW:
            return round(row[0] - end_s, 2)
    return None


def overload(url: str, body: bytes, ceiling: Ceiling, knee: Row, seconds: float) -> Row:
    """Return what comes of three times the knee's arrivals for `seconds`, and of half of them afterwards."""
    rate, end_s = float(knee["rate_per_s"]), 2 * seconds
    planned = chain(
        starts(OVERLOAD * rate, seconds, poisson=True, seed=100),
        (seconds + at for at in starts(rate / 2, seconds, poisson=True, seed=101)),
    )
    load = asyncio.run(run(url, [body], planned, end_s))
    during = load.between(0.0, seconds)
    finished = sum(one.status == 200 and one.planned_s + one.latency_s <= seconds for one in during.sent) / seconds
    return {
        "rate_per_s": round(OVERLOAD * rate, 2),
        **during.figures(),
        "finished_per_s": round(finished, 2),
        "of_the_knee": round(finished / float(knee["goodput_per_s"]), 3),
        "good_share": round(during.within(ceiling.budget_s), 4),
        "back_s": back_s(load.between(seconds, end_s), seconds, ceiling.budget_s),
        "generator_cpu_share": round(load.generator_cpu_s / end_s, 3),
    }


def measure(service: Service, url: str, body: bytes, shares: Sequence[float], seconds: float) -> Row:
    """Return ceiling, steps, knee and overload of a running service."""
    ceiling = measure_ceiling(service, url, body, min(seconds, 20.0))
    print("  ".join(f"{name} {value}" for name, value in ceiling.figures().items()), flush=True)
    rows = steps(service, url, body, ceiling, shares, seconds)
    knee = knee_of(rows)
    over = None if knee is None else overload(url, body, ceiling, knee, seconds)
    return {
        "ceiling": ceiling.figures(),
        "steps": rows,
        "knee": knee,
        "knee_of_the_ceiling": None if knee is None else knee["share"],
        "overload": over,
        "memory_mb": round(service.memory_mb(), 1),
    }


def print_row(row: Row) -> None:
    """Print one line of the table."""
    print(
        f"{row['share']:>5.2f} of the ceiling {row['rate_per_s']:>7.2f}/s  answered {row['answered_share']:>7.2%}  "
        f"in 4 service times {row['good_share']:>7.2%}  "
        f"refused {row['refused_share']:>7.2%}  p50 {row['p50_ms']:>7} ms  p99 {row['p99_ms']:>8} ms  "
        f"generator {row['generator_cpu_share']:.1%} of a core",
        flush=True,
    )


def print_end(measured: Row) -> None:
    """Print knee and overload."""
    knee, over = measured["knee"], measured["overload"]
    if knee is None:
        print("no knee: not even the lowest rate was answered")
        return
    print(f"knee: {knee['rate_per_s']}/s, {knee['share']:.2f} of the ceiling")
    print(
        f"three times the knee: {over['finished_per_s']}/s answered ({over['of_the_knee']:.0%} of the knee's goodput), "
        f"refusals p99 {over['refused_p99_ms']} ms, back within budget after {over['back_s']} s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_options(parser)
    parser.add_argument("--seconds", type=float, default=60.0, help="of each step (default 60)")
    options = parser.parse_args()
    shares, seconds = ((0.5, 0.9), 8.0) if options.quick else (SHARES, options.seconds)
    with running(command_of(options)) as service:
        measured = measure(service, f"{service.url}/v1/inspect", inspect_body(), shares, seconds)
        print_end(measured)
        report("knee", {"ready_s": service.ready_s, **measured}, options.json, service)


if __name__ == "__main__":
    main()
