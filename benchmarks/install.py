"""What an install weighs and how soon its command answers: a fresh virtual environment, measured by package and clock.

    python benchmarks/install.py --runs 9
    python benchmarks/install.py --against ../phonegrade-before --json install.json

Counted is all that pip puts into site-packages but pip and setuptools themselves: on disk, in blocks, with the compiled
files that pip writes beside the sources. A command is timed from its start to its end, as a process of its own, with
the files in the system's cache; installs take turns, so that a busy machine slows them alike.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterable, Sequence
from importlib.metadata import distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
NOT_COUNTED = ("pip", "setuptools")
MIB = 1024 * 1024
COMMANDS = {
    "--help": ("--help",),
    "inspect, one photo": ("inspect", "samples/front.jpg"),
    "grade, six photos": ("grade", "samples", "--json"),
}


def install(source: Path, folder: Path, extra: str) -> None:
    """Make a virtual environment in `folder` and install `source` into it with pip, as anyone would."""
    venv.create(folder, with_pip=True)
    wanted = f"{source}[{extra}]" if extra else str(source)
    subprocess.run([folder / "bin" / "pip", "install", "--quiet", wanted], check=True)  # noqa: S603


def on_disk(files: Iterable[Path]) -> int:
    """Return the bytes that files take on disk, each counted once."""
    return sum(file.lstat().st_blocks * 512 for file in set(files) if file.is_file())


def sizes_mib(folder: Path) -> dict[str, dict[str, float]]:
    """Return each package's size and, of it, compiled Python; largest first, "all" before the rest."""
    site = next((folder / "lib").glob("python*/site-packages"))
    everything = {file for file in site.rglob("*") if file.is_file() and not file.is_symlink()}
    by_package: dict[str, set[Path]] = {}
    for package in distributions(path=[str(site)]):
        files = {Path(str(package.locate_file(file))).resolve() for file in package.files or ()}
        by_package[package.name] = files & everything
    claimed = set().union(*by_package.values())
    by_package["(what no package lists)"] = {
        file for file in everything - claimed if not _is_of(site, file, NOT_COUNTED)
    }
    for name in NOT_COUNTED:
        by_package.pop(name, None)
    counted = set().union(*by_package.values())
    ordered = sorted(by_package.items(), key=lambda pair: -on_disk(pair[1]))
    return {
        name: {
            "mib": round(on_disk(files) / MIB, 1),
            "compiled_mib": round(on_disk(file for file in files if file.suffix == ".pyc") / MIB, 1),
        }
        for name, files in [("all", counted), *ordered]
    }


def _is_of(site: Path, file: Path, names: Sequence[str]) -> bool:
    return file.relative_to(site).parts[0].startswith((*names, "pkg_resources", "_distutils_hack", "distutils"))


def seconds(folder: Path, arguments: Sequence[str]) -> float:
    """Return how long the installed command takes in a process of its own. Raises RuntimeError where it fails."""
    begun_s = time.perf_counter()
    ran = subprocess.run(  # noqa: S603
        [folder / "bin" / "phonegrade", *arguments], cwd=ROOT, capture_output=True, env={"PATH": "/usr/bin:/bin"}
    )
    taken_s = time.perf_counter() - begun_s
    if ran.returncode:
        raise RuntimeError(f"phonegrade {' '.join(arguments)} exits {ran.returncode}: {ran.stderr.decode()}")
    return taken_s


def cold_s(folders: dict[str, Path], runs: int) -> dict[str, dict[str, dict[str, float]]]:
    """Return median, fastest and slowest of each command in each install; one run of each warms up the system."""
    times_s: dict[str, dict[str, list[float]]] = {command: {name: [] for name in folders} for command in COMMANDS}
    for run in range(runs + 1):
        for command, arguments in COMMANDS.items():
            for name, folder in folders.items():
                taken_s = seconds(folder, arguments)
                if run:
                    times_s[command][name].append(taken_s)
    return {
        command: {
            name: {
                "median_s": round(statistics.median(times), 3),
                "fastest_s": round(min(times), 3),
                "slowest_s": round(max(times), 3),
            }
            for name, times in installs.items()
        }
        for command, installs in times_s.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=9, help="timed runs of each command (default 9)")
    parser.add_argument("--against", type=Path, metavar="DIR", help="another checkout, installed and timed in turns")
    parser.add_argument("--extra", default="", help="also install this extra, such as batch")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures here")
    parser.add_argument("--quick", action="store_true", help="three runs, to check the program")
    options = parser.parse_args()
    sources = {"this": ROOT} | ({} if options.against is None else {"the other": options.against})
    with tempfile.TemporaryDirectory() as made:
        folders = {name: Path(made, str(number)).resolve() for number, name in enumerate(sources)}
        for name, source in sources.items():
            install(source, folders[name], options.extra)
        sizes = {name: sizes_mib(folder) for name, folder in folders.items()}
        clock = cold_s(folders, 3 if options.quick else options.runs)
    _print(sizes, clock)
    if options.json is not None:
        options.json.write_text(json.dumps({"python": sys.version, "size": sizes, "cold": clock}, indent=1) + "\n")


def _print(sizes: dict[str, dict[str, dict[str, float]]], clock: dict[str, dict[str, dict[str, float]]]) -> None:
    for name, packages in sizes.items():
        print(f"\n{name}: package{'':<24}{'MiB':>8}{'compiled':>10}")
        small = {package: size for package, size in packages.items() if size["mib"] < 1}
        for package, size in packages.items():
            if package not in small:
                print(f"  {package:<35}{size['mib']:>8}{size['compiled_mib']:>10}")
        rest = (round(sum(size[which] for size in small.values()), 1) for which in ("mib", "compiled_mib"))
        print(f"  {f'{len(small)} below 1 MiB':<35}" + "".join(f"{mib:>{8 + 2 * at}}" for at, mib in enumerate(rest)))
    print(f"\n{'command':<22}{'install':<12}{'median s':>9}{'fastest':>9}{'slowest':>9}")
    for command, installs in clock.items():
        for name, times in installs.items():
            print(f"{command:<22}{name:<12}" + "".join(f"{value:>9.3f}" for value in times.values()))


if __name__ == "__main__":
    main()
