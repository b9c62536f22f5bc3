"""`phonegrade work`: inspect stored photos on this machine, for a service that runs on another."""

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from phonegrade.cli.console import log_line
from phonegrade.cli.data import BlobPlace, DataPlace, KeyPlace
from phonegrade.cli.options import ModelsDir, OwnDevices, RuntimeName, own_devices
from phonegrade.core.vocabulary import ONNX_RUNTIME
from phonegrade.core.workers import usable_cores

if TYPE_CHECKING:
    from phonegrade.service.settings import ServiceSettings


def work(
    data: DataPlace = "data",
    blobs: BlobPlace = None,
    data_key: KeyPlace = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes that inspect photos; without it, as many as cores.")
    ] = None,
    threads: Annotated[int, typer.Option(min=1, help="Threads of each worker.")] = 1,
    models: ModelsDir = None,
    runtime: RuntimeName = ONNX_RUNTIME,
    unsigned_models: Annotated[
        bool, typer.Option("--unsigned-models", help="Accept models that are not signed, such as your own.")
    ] = False,
    devices: OwnDevices = None,
    policies: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Policies of your own (*.yaml), as the service has them.")
    ] = None,
) -> None:
    """Inspect stored photos until stopped; run it on as many machines as reach the database and the photos."""
    from phonegrade.inference.signature import PROJECT_KEY
    from phonegrade.service.settings import ServiceSettings

    settings = ServiceSettings(
        data=data,
        blobs=blobs,
        data_key=data_key,
        workers=workers or usable_cores(),
        threads=threads,
        models_dir=models,
        runtime=runtime,
        trusted_keys=() if unsigned_models else (PROJECT_KEY,),
        own_devices=own_devices(devices),
        policies_dir=policies,
    )
    asyncio.run(_work(settings))


async def _work(settings: "ServiceSettings") -> None:
    from phonegrade.serve import build_parts
    from phonegrade.service.case_life import stored_cases

    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    parts = build_parts(settings)
    try:
        await parts.pool.start()
        if parts.pool.error is not None:
            raise parts.pool.error
        async with stored_cases(parts):
            log_line(f"{settings.workers} workers inspect stored photos; Ctrl-C ends after those that have begun")
            await stopped.wait()
    finally:
        await parts.pool.close(settings.drain_s)
