"""What of drawn pictures of numbers is read, by kind and difficulty, and whether any wrong number is accepted.

    python -m phonegrade.benchmarks.identify
    python -m phonegrade.benchmarks.identify --per-kind 2 --only-barcodes

Prints one row a kind and level; exit 1 if a wrong number was accepted.
"""

import argparse
import sys
import time
from collections import Counter
from typing import NamedTuple

import cv2

from phonegrade.core.photo_file import PhotoFile
from phonegrade.recognition.identification import Identification
from phonegrade.recognition.identify import identify
from phonegrade.recognition.readers import PrintReader
from phonegrade.tests.recognition.drawn_labels import LEVELS, PER_KIND, DrawnLabel, drawn_label, drawn_labels

KINDS_OF_NUMBER = ("imei", "serial", "eid", "gtin")


class Row(NamedTuple):
    """What came of one kind at one level."""

    counts: Counter[str]
    seconds: list[float]


def measure(per_kind: int, print_reader: PrintReader | None) -> dict[tuple[str, str], Row]:
    """Return the counts of every kind and level; times are of the processor."""
    rows: dict[tuple[str, str], Row] = {}
    for kind, level, seed in drawn_labels(per_kind):
        label = drawn_label(kind, level, seed)
        row = rows.setdefault((kind, level), Row(Counter(), []))
        began_s = time.process_time()
        answer = identify(PhotoFile("photo", label.jpeg), print_reader)
        row.seconds.append(time.process_time() - began_s)
        _count(row.counts, label, answer)
    return rows


def _count(counts: Counter[str], label: DrawnLabel, answer: Identification) -> None:
    there = {"imei": label.imeis, "serial": (label.serial,), "eid": (label.eid,), "gtin": (label.gtin,)}
    for kind in KINDS_OF_NUMBER:
        counts[f"{kind} there"] += sum(one is not None for one in there[kind])
    counts["model there"] += label.model is not None
    counts["model accepted"] += any(one.verdict == "accepted" and one.code == label.model for one in answer.models)
    for one in answer.numbers:
        if one.verdict == "unusable":
            continue
        right = one.value in there.get(one.kind, ())
        counts[f"{one.kind} {one.verdict}" if right else f"wrong {one.verdict}"] += 1


def _cell(counts: Counter[str], kind: str) -> str:
    there, accepted, confirm = (counts[f"{kind} {what}"] for what in ("there", "accepted", "confirm"))
    return f"{accepted} + {confirm} of {there}" if there else ""


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description="Read drawn pictures of phones' numbers.")
    parser.add_argument("--per-kind", type=int, default=PER_KIND, help="pictures of each kind and level")
    parser.add_argument("--only-barcodes", action="store_true")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    rows = measure(arguments.per_kind, None if arguments.only_barcodes else PrintReader())
    print("| kind | level | IMEI | serial | EID | GTIN | model | wrong accepted, to confirm | median s |")
    print("|---|---|---|---|---|---|---|---|---|")
    for (kind, level), (counts, seconds) in sorted(rows.items(), key=lambda row: (row[0][0], LEVELS.index(row[0][1]))):
        cells = [_cell(counts, number) for number in KINDS_OF_NUMBER]
        model = f"{counts['model accepted']} of {counts['model there']}" if counts["model there"] else ""
        wrong = f"{counts['wrong accepted']}, {counts['wrong confirm']}"
        median_s = sorted(seconds)[len(seconds) // 2]
        print(f"| {kind} | {level} | {' | '.join(cells)} | {model} | {wrong} | {median_s:.2f} |")
    if any(row.counts["wrong accepted"] for row in rows.values()):
        sys.exit(1)


if __name__ == "__main__":
    main()
