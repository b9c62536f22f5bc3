"""Holds the answers of this code against stored ones, bit for bit: for changes that must not change any answer.

    python benchmarks/golden.py --rendered runs/golden [--real DIR] [--write]

It grades the sample, five rendered phones (30 photos; rendered first where the folder is not there) and, with `--real`,
every phone of DIR/devices.csv, by the command line alone. Of each phone `golden.json` holds one hash of what was found
and how it was graded: geometry, kinds, sizes, confidences, statuses, grades, odds and rules, without the names of
fields and without sentences. Of the rendered photos it holds the hash of the bytes. Answers are the same bit for bit on
machines of one kind; another processor may round otherwise.
"""

import argparse
import csv
import hashlib
import json
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
STORED = HERE / "golden.json"
SAMPLE = HERE.parent / "samples"
SURFACES = ("front", "back", "left", "right", "top", "bottom")
RENDER = "--preset mixed --seed 11 --devices 5 --shots 1 --all-surfaces --workers 2"
DEFECT = [
    "id",
    "kind",
    "confidence",
    "polygon",
    "length_mm",
    "width_mm",
    "area_mm2",
    "zone",
    "length_error_mm",
    "width_error_mm",
    "depth_mm",
]
DIRT = ["kind", "confidence", "polygon", "area_mm2"]
PHOTO = ["view", "view_confidence", "outline", "surface_size_mm"]


def command() -> str:
    """Path of the `phonegrade` that stands beside this Python."""
    return str(Path(sys.executable).parent / "phonegrade")


def essence(answer: dict[str, Any]) -> list[object]:
    """Return what was found and how it was graded, of one answer of `phonegrade grade --json`."""
    decision = answer["decision"]
    certainty = decision["certainty"] or {}
    return [
        [decision["status"], decision["grade"], decision["needs_review"]],
        [list((certainty.get(key) or {}).values()) for key in ("probability", "expected_cost")],
        [[one["surface"], one["status"], one["grade"]] for one in decision["cosmetic"]["surfaces"]],
        [[one["surface"], one["defect_ids"]] for one in decision["reasons"]],
        [[surface, photo_essence(one)] for surface, one in answer["inspections"].items()],
    ]


def photo_essence(photo: dict[str, Any]) -> list[object]:
    """Return what was found in one photo."""
    return [
        [photo[key] for key in PHOTO],
        [photo["scale"]["px_per_mm"], photo["scale"]["resolvable_mm"]],
        [[flag["code"], flag["value"]] for flag in photo["quality"]],
        [[defect[key] for key in DEFECT] for defect in photo["defects"]],
        [[dirt[key] for key in DIRT] for dirt in photo["contamination"]],
    ]


def answered(arguments: list[str]) -> str:
    """Return the hash of one phone's answer, or of the error's code."""
    run = subprocess.run([command(), "grade", "--json", *arguments], capture_output=True, text=True, check=False)  # noqa: S603
    answer: object = essence(json.loads(run.stdout)) if run.stdout else run.stderr.split(":")[0]
    return hashlib.sha256(json.dumps(answer).encode()).hexdigest()


def rendered_phones(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield name and arguments of each phone of a rendered set."""
    phones: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
        photo = json.loads(line)
        phones[Path(photo["photo"]).name.split("-")[0]].append(photo)
    for name, photos in phones.items():
        order = sorted(photos, key=lambda photo: SURFACES.index(photo["surface"]))
        files = [part for photo in order for part in (f"--{photo['surface']}", str(folder / photo["photo"]))]
        device, _, _ = photos[0]["device"].rpartition(" #")  # a set numbers its phones
        yield f"rendered-{name}", [*files, "--device", device]


def real_phones(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield name and arguments of each phone of a folder with a devices.csv."""
    phones: dict[str, list[dict[str, str]]] = defaultdict(list)
    with (folder / "devices.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            phones[row["device"]].append(row)
    for name, rows in phones.items():
        files = [part for row in rows for part in (f"--{row['surface']}", str(folder / row["file"]))]
        model = rows[0]["model"]
        yield f"real-{name}", [*files, *(["--device", model] if model else [])]


def render(folder: Path) -> None:
    """Render the five phones where they are not there yet."""
    if not (folder / "manifest.jsonl").is_file():
        subprocess.run([command(), "render", "--out", str(folder), *RENDER.split()], check=True)  # noqa: S603


def answers(rendered: Path, real: Path | None) -> dict[str, str]:
    """Return the hash of every phone's answer, and of the rendered photos, by name."""
    photos = b"".join(path.read_bytes() for path in sorted((rendered / "photos").iterdir()))
    hashes = {"rendered photos": hashlib.sha256(photos).hexdigest(), "sample": answered([str(SAMPLE)])}
    for name, arguments in (*rendered_phones(rendered), *(real_phones(real) if real else ())):
        tests = ["--functional", str(SAMPLE / "functional.json")] if name.startswith("real-") else []
        hashes[name] = answered([*arguments, *tests])
        print(name, hashes[name][:12], file=sys.stderr)
    return hashes


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rendered", type=Path, default=Path("runs/golden"))
    parser.add_argument("--real", type=Path)
    parser.add_argument("--write", action="store_true", help="store these answers")
    parser.add_argument("--again", action="store_true", help="render the phones again")
    options = parser.parse_args()
    if options.again:
        shutil.rmtree(options.rendered, ignore_errors=True)
    render(options.rendered)
    hashes = answers(options.rendered, options.real)
    if options.write:
        STORED.write_text(json.dumps(hashes, indent=1) + "\n", encoding="utf-8")
        return
    stored = json.loads(STORED.read_text(encoding="utf-8"))
    other = [name for name, value in hashes.items() if stored.get(name) != value]
    print(f"{len(hashes) - len(other)} of {len(hashes)} answers as stored", *other, sep="\n  ")
    sys.exit(bool(other))


if __name__ == "__main__":
    main()
