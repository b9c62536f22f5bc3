"""`phonegrade doctor`: what is installed, what it runs on, and what is not as it should be."""

import os
import platform
import stat
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from rich.table import Table

from phonegrade import __version__
from phonegrade.cli.console import table_console
from phonegrade.cli.options import ModelsDir
from phonegrade.core.devices.catalogue import catalogue
from phonegrade.core.errors import PhonegradeError

PACKAGES = ("onnxruntime", "numpy", "opencv-python-headless", "pillow", "pillow-heif", "pydantic", "fastapi", "uvicorn")
CPU_FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_bf16", "amx_int8")


class Finding(NamedTuple):
    """One line: what was looked at, what it is, and whether it is wrong."""

    name: str
    value: str
    wrong: bool = False


def doctor(
    models: ModelsDir = None,
    keys: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also check this file of API keys, see `phonegrade key new`.")
    ] = None,
) -> None:
    """Print versions, processor, models and settings; what is not as it should be stands in red, and the exit is 1."""
    findings = [*_installation(), *_machine(), *_models(models), *([] if keys is None else _keys(keys))]
    table = Table(box=None, show_header=False, pad_edge=False)
    for finding in findings:
        table.add_row(finding.name, f"[bold red]{finding.value}[/]" if finding.wrong else finding.value)
    table_console().print(table)
    if any(finding.wrong for finding in findings):
        raise typer.Exit(1)


def _installation() -> Iterator[Finding]:
    yield Finding("phonegrade", __version__)
    yield Finding("python", platform.python_version())
    for name in PACKAGES:
        try:
            yield Finding(name, version(name))
        except PackageNotFoundError:
            yield Finding(name, "not installed", wrong=True)
    yield from _readers()
    devices = catalogue()
    newest = max(device.year for device in devices)
    yield Finding("catalogue", f"{len(devices)} phones up to {newest}")
    off = os.environ.get("ORT_DISABLE_TELEMETRY") == "1"
    yield Finding("telemetry of ONNX Runtime", "off" if off else "on: ORT_DISABLE_TELEMETRY is not 1", wrong=not off)


def _readers() -> Iterator[Finding]:
    """Yield what reads phones' numbers; grading needs neither, so that a missing one is not wrong."""
    for what, package, extra in (("barcodes", "zxing-cpp", "platform"), ("print", "rapidocr", "ocr")):
        try:
            yield Finding(f"reads {what}", f"{package} {version(package)}")
        except PackageNotFoundError:
            yield Finding(f"reads {what}", f"no: pip install 'phonegrade[{extra}]'")


def _machine() -> Iterator[Finding]:
    yield Finding("system", f"{platform.system()} {platform.machine()}")
    yield Finding("processors that this process may use", str(usable_cores()))
    try:
        known = Path("/proc/cpuinfo").read_text(encoding="utf-8").split()
    except OSError:
        return
    flags = [flag for flag in CPU_FLAGS if flag in known]
    yield Finding("vector instructions", " ".join(flags) or "none of " + " ".join(CPU_FLAGS), wrong=not flags)


def _models(folder: Path | None) -> Iterator[Finding]:
    from phonegrade.inference.inspector import SHIPPED, Inspector
    from phonegrade.inference.signature import check_signature

    where = folder or SHIPPED
    try:
        yield from _runtimes(Inspector.load(where, runtime="auto").runtime)
        signed = check_signature(where)
        for name, sha256 in signed.files.items():
            yield Finding(f"model {name}", sha256)
        yield Finding("signature of the models", f"valid, key {signed.key}")
    except PhonegradeError as error:
        yield Finding("models", str(error), wrong=True)


def _runtimes(chosen: str | None) -> Iterator[Finding]:
    """Yield what could run the models, and what `--runtime auto` has `chosen`; without OpenVINO nothing is wrong."""
    from phonegrade.inference.openvino_session import best_precision, openvino_version

    installed = openvino_version()
    how = "no: pip install 'phonegrade[openvino]'" if installed is None else f"{installed}, {best_precision()}"
    yield Finding("OpenVINO", how)
    yield Finding("--runtime auto takes", chosen or "onnxruntime: no card proves more")


def _keys(file: Path) -> Iterator[Finding]:
    from phonegrade.service.keys import read_keys

    try:
        keys = read_keys(file)
    except PhonegradeError as error:
        yield Finding("API keys", str(error), wrong=True)
        return
    yield Finding("API keys", ", ".join(key.name for key in keys) or "none", wrong=not keys)
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        yield Finding("permissions of the key file", "others may read it: chmod 600", wrong=True)


def usable_cores() -> int:
    """Return how many processors this process may use: its affinity, and the quota of its control group."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return cores
    return cores if quota == "max" else max(1, min(cores, round(int(quota) / int(period))))
