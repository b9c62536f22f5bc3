"""`phonegrade batch grade`, from what the command line says."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from phonegrade.assessment.assess import listed_from
from phonegrade.batch.engines.chunks import Engine, Stop, loop
from phonegrade.batch.engines.process_pool import ProcessPool
from phonegrade.batch.engines.ray_engine import RayEngine
from phonegrade.batch.fingerprint import fingerprint_of
from phonegrade.batch.forecast import forecast_of
from phonegrade.batch.input.folders import stock_of_folders
from phonegrade.batch.input.manifest import is_manifest, stock_of_manifest
from phonegrade.batch.input.stock import Stock, StockDevice, StockPhoto
from phonegrade.batch.lot.expected import read_expected
from phonegrade.batch.photo_work import LoadModels
from phonegrade.batch.run import RunSettings, grade_stock
from phonegrade.batch.run_folder import RunFolder
from phonegrade.cli.batch_progress import ProgressLines, duration, progress_text
from phonegrade.cli.console import log_line, print_result, working
from phonegrade.cli.options import own_devices
from phonegrade.configs.policy import load_policy
from phonegrade.core.vocabulary import ONNX_RUNTIME, Runtime
from phonegrade.core.workers import usable_cores
from phonegrade.inference.inspector import Inspector

EXIT_SOME_FAILED = 1
EXIT_INTERRUPTED = 130
MOST_NAMED = 5
"""Problems that are named on the terminal; problems.csv has all."""


@dataclass(frozen=True)
class GradeOptions:
    """What the command line says."""

    source: str | None
    out: Path
    policy: str
    device: str | None
    devices: Path | None
    expected: str | None
    models: Path | None
    engine: str
    workers: int
    address: str | None
    photo_seconds: float
    chunk: int | None
    data: str | None
    blobs: str | None
    data_key: Path | None
    tenant: str
    journey: str | None
    runtime: Runtime


def grade_batch(options: GradeOptions) -> int:
    """Grade a warehouse, and return the exit status."""
    settings = _settings(options)
    stock = _stock(options)
    log_line(f"{len(stock.devices)} devices with {sum(1 for _ in stock.photos())} photos; their contents come first")
    with stopped_by_signals() as stop:
        result = grade_stock(stock, settings, stop, lambda: datetime.now(UTC), ProgressLines())
    print_result(progress_text(result.progress))
    for problem in result.problems[:MOST_NAMED]:
        where = ", ".join(f"{w} {v}" for w, v in (("line", problem.line), ("device", problem.device)) if v is not None)
        log_line(f"{where}: {problem.surface or ''} {problem.message} [{problem.code}]".replace(":  ", ": "))
    if len(result.problems) > MOST_NAMED:
        log_line(f"and {len(result.problems) - MOST_NAMED} more, all in {settings.folder.problems}")
    if result.progress.state == "stopped":
        log_line("Stopped after the chunks in hand; run it again, and it goes on.")
        return EXIT_INTERRUPTED
    print_result(f"Report: {settings.folder.report.resolve()}")
    unusable = any(one.code != "left_out" for one in result.problems)
    return EXIT_SOME_FAILED if unusable or result.errors else 0


def print_forecast(options: GradeOptions) -> int:
    """Print what a run would do, and return the exit status: 1 where something could not be used."""
    settings, stock = _settings(options), _stock(options)
    with working("Looking"):
        forecast = forecast_of(stock, settings, usable_cores())
    print_result(f"{forecast.devices} devices, {forecast.photos} photos, {forecast.total_bytes / 1e9:.2f} GB")
    print_result(
        f"{forecast.missing} photos missing, {forecast.unreadable} not readable, {forecast.done} inspected before"
    )
    for code, count in forecast.by_code.most_common():
        first = next(one for one in forecast.problems if one.code == code)
        where = f"line {first.line}" if first.line is not None else first.device or "the input"
        print_result(f"{count} {code.replace('_', ' ')}, such as {where}: {first.message}")
    if forecast.seconds is None or forecast.cpu_s_per_photo is None:
        print_result("nothing left to inspect" if not forecast.missing else "no photo could be timed")
    else:
        each = f"{1000 * forecast.cpu_s_per_photo:.0f} ms of processor a photo"
        print_result(f"about {duration(forecast.seconds)} with {settings.workers} workers here ({each})")
    return EXIT_SOME_FAILED if forecast.problems else 0


def _settings(options: GradeOptions) -> RunSettings:
    policy = load_policy(options.policy)
    least = listed_from(policy)
    named = _runtime(options)
    return RunSettings(
        folder=RunFolder(options.out),
        policy=policy,
        fingerprint=fingerprint_of(options.models, least, named),
        load=LoadModels(options.models, least, options.runtime, named),
        engine=_engine(options),
        engine_name=options.engine,
        workers=1 if options.engine == "loop" else options.workers,
        own_devices=own_devices(options.devices),
        task_s=options.photo_seconds,
        chunk=options.chunk,
        expected=None if options.expected is None else read_expected(options.expected),
    )


def _runtime(options: GradeOptions) -> str | None:
    """Return what `--runtime` comes to on this machine; None for ONNX Runtime. Raises SetupError."""
    if options.runtime == ONNX_RUNTIME:
        return None
    return Inspector.load(options.models, runtime=options.runtime).runtime


def _engine(options: GradeOptions) -> Engine:
    match options.engine:
        case "loop":
            return loop
        case "ray":
            return RayEngine(options.address, options.workers, options.photo_seconds)
        case _:
            return ProcessPool(options.workers, options.photo_seconds)


def _stock(options: GradeOptions) -> Stock:
    if options.source is None:
        stock = _stock_of_cases(options)
    else:
        stock = (stock_of_manifest if is_manifest(options.source) else stock_of_folders)(options.source)
    for device in stock.devices.values() if options.device is not None else ():
        device.device = device.device or options.device
    return stock


def _stock_of_cases(options: GradeOptions) -> Stock:
    from phonegrade.store.stock import phones_of_cases, photo_location
    from phonegrade.store.store import folder_of, open_store

    data = options.data or ""
    stock = Stock()
    with open_store(data, options.blobs, options.data_key) as store:
        place = options.blobs or (folder_of(data) or Path()).resolve().joinpath("blobs").as_uri()
        for phone in phones_of_cases(store, options.tenant, options.journey):
            photos = [
                StockPhoto(surface, photo_location(place, options.tenant, sha256), sha256, sha256)
                for surface, sha256 in phone.photos
            ]
            stock.devices[phone.case] = StockDevice(phone.case, phone.device, phone.functional, photos=photos)
    return stock


@contextmanager
def stopped_by_signals() -> Iterator[Stop]:
    """Let Ctrl-C and SIGTERM end a run after the chunks in hand; a second one ends it at once."""
    stop = Stop()

    def wanted(number: int, frame: FrameType | None) -> None:
        if stop.wanted:
            raise KeyboardInterrupt
        stop.wanted = True
        log_line("Stopping after the chunks in hand; once more to stop at once.")

    before = {number: signal.signal(number, wanted) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
