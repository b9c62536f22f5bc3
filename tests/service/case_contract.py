"""Lets schemathesis try every route of stored cases as two tenants: no 5xx, no undocumented status, no ignored key.

    python -m venv contract && contract/bin/pip install 'schemathesis>=4.32'
    python tests/service/case_contract.py --schemathesis contract/bin/schemathesis --minutes 10
    python tests/service/case_contract.py --schemathesis contract/bin/schemathesis --minutes 1 --planted

Schemathesis has an environment of its own, as its dependencies are many. `--planted` lets one route answer whoever
asks: then the run must fail. Exits as schemathesis does.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import httpx2
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from phonegrade.core.vocabulary import Surface
from phonegrade.serve import create_app
from phonegrade.service import events
from phonegrade.service.authorize import scopes_of
from phonegrade.service.keys import NewKey, write_keys
from phonegrade.service.keys import Scope as KeyScope
from phonegrade.service.settings import ServiceSettings
from phonegrade.tests.drawn_device import device_photos
from phonegrade.tests.service.case_client import KEY, CaseClient, place, role
from phonegrade.tests.service.deal_service import PRICES
from phonegrade.tests.service.played import Sending, every_id
from phonegrade.tests.stub_models import write_stub_models

CONFIGURATION = Path(__file__).with_name("schemathesis_cases.toml")
HOOKS = Path(__file__).with_name("schemathesis_hooks.py")
TENANTS = ("acme", "other")
PLANTED = "/v1/webhooks"
STREAM_S = 0.3
"""How long a stream of events lasts here: nobody waits for the next one."""


class IgnoresKeys:
    """ASGI middleware with the planted fault: one route answers everybody as if they were the key's holder."""

    def __init__(self, app: ASGIApp, key: NewKey) -> None:
        self._app, self._key = app, key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == PLANTED:
            others = [one for one in scope["headers"] if one[0] not in (b"authorization", b"x-api-key")]
            scope = {**scope, "headers": [*others, (b"x-api-key", self._key.text.encode("ascii"))]}
        await self._app(scope, receive, send)


def settings_in(folder: Path, keys: tuple[NewKey, ...], data: str, blobs: str) -> ServiceSettings:
    """Return the settings of a service with the stub models and these keys."""
    write_stub_models(folder / "models")
    (folder / "ready.jpg").write_bytes(device_photos()[Surface.FRONT])
    (folder / "key").touch(0o600)
    (folder / "key").write_text(KEY, encoding="ascii")
    write_keys(folder / "keys.yaml", tuple(key.stored for key in keys))
    return ServiceSettings(
        models_dir=folder / "models",
        trusted_keys=(),
        ready_photo=folder / "ready.jpg",
        workers=1,
        keys_file=folder / "keys.yaml",
        data=data,
        blobs=blobs,
        data_key=folder / "key",
        prices=PRICES,
        webhook_private_hosts=("127.0.0.1",),
    )


def tried(
    app: ASGIApp, document: dict[str, Any], folder: Path, keys: tuple[NewKey, ...], options: argparse.Namespace
) -> int:
    """Serve `app` and run schemathesis on the routes of stored cases; return its exit code."""
    server = uvicorn.Server(uvicorn.Config(app, port=options.port, log_level="warning"))
    serving = threading.Thread(target=server.run)
    serving.start()
    while not server.started:
        time.sleep(0.05)
    entries, ids = [], {}
    with httpx2.Client(base_url=f"http://127.0.0.1:{options.port}", timeout=60) as client:
        for name, key in zip(TENANTS, keys, strict=True):
            entries.append({"name": name, "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {key.text}"}]})
            ids[name] = every_id(Sending(CaseClient(client, key)))
    for file, content in (("keys", {"auth": entries}), ("ids", ids), ("openapi", document)):
        (folder / f"{file}.json").write_text(json.dumps(content), encoding="utf-8")
    wanted = [f"--include-path={path}" for path in document["paths"] if len(scopes_of(path)) > 1]
    command = [options.schemathesis, "--config-file", str(CONFIGURATION), "run", str(folder / "openapi.json")]
    limits = ["--url", f"http://127.0.0.1:{options.port}", f"--max-time={round(60 * options.minutes)}"]
    files = {"SCHEMATHESIS_HOOKS": str(HOOKS)}
    files |= {f"PHONEGRADE_CONTRACT_{file.upper()}": str(folder / f"{file}.json") for file in ("keys", "ids")}
    environment = {**os.environ, **files}
    try:
        return subprocess.run([*command, *limits, *wanted, *options.more], env=environment, check=False).returncode  # noqa: S603
    finally:
        server.should_exit = True
        serving.join()


def main() -> int:
    """Run what the options ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--schemathesis", default="schemathesis", help="its command")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--port", type=int, default=8123)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--planted", action="store_true", help=f"let {PLANTED} answer whoever asks")
    parser.add_argument("more", nargs="*", help="options for schemathesis, after --")
    options = parser.parse_args()
    events.LIFE_S = STREAM_S
    keys = (role("acme", KeyScope.ADMIN, KeyScope.REVIEWER), role("other", KeyScope.ADMIN, tenant="other"))
    with tempfile.TemporaryDirectory() as name, place(options.database, Path(name)) as (data, blobs):
        service = create_app(settings_in(Path(name), keys, data, blobs))
        app: ASGIApp = IgnoresKeys(service, keys[0]) if options.planted else service
        return tried(app, service.openapi(), Path(name), keys, options)


if __name__ == "__main__":
    sys.exit(main())
