"""`phonegrade serve`: the HTTP service on this machine."""

import math
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import SecretStr, ValidationError

from phonegrade.cli.case_options import (
    CaseOptions,
    Challenger,
    ChallengerShare,
    Data,
    GiaiPrefix,
    JourneysDir,
    NoInspect,
    Offers,
    Prices,
    PrivateWebhookHosts,
    WebhookHosts,
    WebhookHttp,
)
from phonegrade.cli.data import BlobPlace, KeyPlace
from phonegrade.cli.options import ModelsDir, OwnDevices, RuntimeName, own_devices
from phonegrade.cli.warehouse_options import WarehouseOptions, with_warehouse_options
from phonegrade.core.errors import SetupError, UsageError
from phonegrade.core.problems import message
from phonegrade.core.vocabulary import ONNX_RUNTIME
from phonegrade.core.workers import usable_cores

if TYPE_CHECKING:
    from phonegrade.service.settings import ServiceSettings

KEYS_VARIABLE = "PHONEGRADE_KEYS"
"""Of the environment: what a file of keys holds, where there is no file."""
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


Origins = Annotated[
    list[str] | None,
    typer.Option(metavar="URL", help="Web pages of this origin may call the service; repeat it for more."),
]
Workers = Annotated[
    int | None,
    typer.Option(min=1, help="Processes that inspect photos; without it, as many as there are cores to use."),
]
PoliciesDir = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Policies of your own (*.yaml), beside the shipped ones.")
]
Keys = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help=f"Only holders of these API keys may ask, see `phonegrade key`; {KEYS_VARIABLE} may hold them instead.",
    ),
]
NoKeys = Annotated[
    bool, typer.Option("--no-keys", help="Let other machines ask without a key: where a proxy checks who asks.")
]
Traces = Annotated[
    str | None, typer.Option(metavar="URL", help="Send traces to this OpenTelemetry collector (extra otel).")
]
Trusted = Annotated[
    list[str] | None,
    typer.Option(metavar="KEY", help="Accept models signed with this public key too, see `phonegrade dev sign`."),
]
Unsigned = Annotated[
    bool, typer.Option("--unsigned-models", help="Accept models that are not signed, such as your own.")
]


@with_warehouse_options
def serve(
    host: Annotated[str, typer.Option(help="Address to bind; 0.0.0.0 lets other machines in.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8000,
    workers: Workers = None,
    threads: Annotated[int, typer.Option(min=1, help="Threads of each worker.")] = 1,
    queue: Annotated[int, typer.Option(min=0, help="Photos that may wait; the next gets 503.")] = 24,
    deadline: Annotated[float, typer.Option(min=0.1, help="Seconds that a photo may wait.")] = 5.0,
    drain: Annotated[float, typer.Option(min=0, help="Seconds to finish what was accepted when stopped.")] = 30.0,
    allow_origin: Origins = None,
    root_path: Annotated[str, typer.Option(metavar="PATH", help="Path under which a proxy serves it.")] = "",
    models: ModelsDir = None,
    runtime: RuntimeName = ONNX_RUNTIME,
    keys: Keys = None,
    no_keys: NoKeys = False,
    trust: Trusted = None,
    unsigned_models: Unsigned = False,
    json_logs: Annotated[bool, typer.Option("--json-logs", help="One JSON object a line on stderr.")] = False,
    traces: Traces = None,
    devices: OwnDevices = None,
    policies: PoliciesDir = None,
    data: Data = None,
    blobs: BlobPlace = None,
    data_key: KeyPlace = None,
    journeys: JourneysDir = None,
    prices: Prices = None,
    offers: Offers = "standard",
    challenger: Challenger = None,
    challenger_share: ChallengerShare = 0.0,
    webhook_hosts: WebhookHosts = None,
    webhook_private_hosts: PrivateWebhookHosts = None,
    webhook_http: WebhookHttp = False,
    no_inspect: NoInspect = False,
    giai_prefix: GiaiPrefix = None,
    *,
    warehouse: WarehouseOptions,
) -> None:
    """Serve grading over HTTP; try http://127.0.0.1:8000/docs."""
    _check_reach(host, root_path, guarded=no_keys or bool(keys) or KEYS_VARIABLE in os.environ or warehouse.stored_keys)
    cases = CaseOptions(
        *(data, blobs, data_key, journeys, prices, offers, challenger, challenger_share),
        *(webhook_hosts, webhook_private_hosts, webhook_http, no_inspect, giai_prefix),
    )
    pool = {"workers": workers or usable_cores(), "threads": threads, "queue": queue, "deadline_s": deadline}
    files = {"models_dir": models, "policies_dir": policies, "keys_file": keys, "own_devices": own_devices(devices)}
    rest = {"drain_s": drain, "traces": traces, "allowed_origins": tuple(allow_origin or ())}
    who = {"trusted_keys": () if unsigned_models else _trusted_keys(trust), "keys_text": _keys_text()}
    stored = {"runtime": runtime, **cases.settings(), **warehouse.settings(data)}
    with _usage() as service_settings:
        settings = service_settings.model_validate({**pool, **files, **rest, **who, **stored})
    _run(settings, host, port, root_path, json_logs=json_logs)


@contextmanager
def _usage() -> "Iterator[type[ServiceSettings]]":
    """Yield the class of settings, and turn those that do not go together into bad usage."""
    from phonegrade.service.settings import ServiceSettings

    try:
        yield ServiceSettings
    except ValidationError as error:
        raise UsageError("; ".join(map(message, error.errors()))) from error


def _keys_text() -> SecretStr | None:
    return SecretStr(os.environ[KEYS_VARIABLE]) if KEYS_VARIABLE in os.environ else None


def _trusted_keys(further: list[str] | None) -> tuple[str, ...]:
    from phonegrade.inference.signature import PROJECT_KEY

    return (PROJECT_KEY, *(further or ()))


def _run(settings: "ServiceSettings", host: str, port: int, root_path: str, *, json_logs: bool) -> None:
    from phonegrade.service.loading import worker_pool

    pool = worker_pool(settings)
    pool.launch()  # workers load their models while this process loads what answers HTTP

    import uvicorn

    from phonegrade.serve import create_app
    from phonegrade.service.connections import EndingServer, timed_protocol
    from phonegrade.service.logs import JsonLines, PlainLines, log_to_stderr

    log_to_stderr(JsonLines() if json_logs else PlainLines())
    app = create_app(settings, pool)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        root_path=root_path,
        http=timed_protocol(),
        log_config=None,
        timeout_graceful_shutdown=math.ceil(settings.drain_s),
    )
    server = EndingServer(config, app.state.parts.ending)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        raise SetupError(f"the service did not start on {host}, port {port}; the lines above say why")


def _check_reach(host: str, root_path: str, *, guarded: bool) -> None:
    """Raise UsageError for a path that is none, and where other machines would be let in without a key."""
    if root_path and re.fullmatch(r"(?:/[\w.~-]+)+", root_path) is None:
        raise UsageError(f"--root-path {root_path!r} is not a path such as /grading")
    if host not in LOOPBACK and not guarded:
        raise UsageError(
            f"--host {host} lets other machines in: give --keys FILE, {KEYS_VARIABLE} or --stored-keys, "
            "or --no-keys where a proxy checks"
        )
