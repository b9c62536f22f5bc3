"""Prints the sizing table of docs/warehouse.md from what one photo and one device cost.

    python benchmarks/batch/sizing.py --photo-ms 330 --device-ms 60

The processor times are those that `speed.py` and `phonegrade batch status` print; sizes are of the files of a run, and
a photo's that of the customer.
"""

import argparse
from typing import NamedTuple

SURFACES = 6
STOCKS = (1_000_000, 100_000_000)
CORES = (32, 512, 4096)
BUSY = 0.9
"""Share of the time that a core works: starts, waits for photos and the last chunks take the rest."""


class Costs(NamedTuple):
    """What one thing costs."""

    photo_ms: float
    device_ms: float
    photo_mb: float
    photo_row_kb: float
    device_row_kb: float
    core_hour: float


def core_hours(devices: int, costs: Costs) -> float:
    """Return the processor hours of a stock of phones with a photo of each surface."""
    return devices * (SURFACES * costs.photo_ms + costs.device_ms) / 1000 / 3600


def span(hours: float) -> str:
    """Return a time as a person says it."""
    return f"{hours * 60:.0f} min" if hours < 1.5 else f"{hours:.0f} h" if hours < 72 else f"{hours / 24:.0f} days"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photo-ms", type=float, default=330.0, help="processor ms a photo (default 330)")
    parser.add_argument("--device-ms", type=float, default=60.0, help="processor ms a device (default 60)")
    parser.add_argument("--photo-mb", type=float, default=2.5, help="size of a photo (default 2.5)")
    parser.add_argument("--photo-row-kb", type=float, default=3.0, help="stored of a photo (default 3)")
    parser.add_argument("--device-row-kb", type=float, default=16.0, help="stored of a device (default 16)")
    parser.add_argument("--core-hour", type=float, default=0.04, help="price of a core for an hour (default 0.04)")
    costs = Costs(**{name: value for name, value in vars(parser.parse_args()).items() if name in Costs._fields})
    print(
        "| devices | core hours | " + " | ".join(f"{cores} cores" for cores in CORES) + " | photos | results | cost |"
    )
    print("|---|---|" + "---|" * len(CORES) + "---|---|---|")
    for devices in STOCKS:
        hours = core_hours(devices, costs)
        times = " | ".join(span(hours / cores / BUSY) for cores in CORES)
        photos_tb = devices * SURFACES * costs.photo_mb / 1e6
        results_gb = devices * (SURFACES * costs.photo_row_kb + costs.device_row_kb) / 1e6
        price = hours / BUSY * costs.core_hour
        print(f"| {devices:,} | {hours:,.0f} | {times} | {photos_tb:,.0f} TB | {results_gb:,.0f} GB | {price:,.0f} |")


if __name__ == "__main__":
    main()
