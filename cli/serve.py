"""`phonegrade serve`: the HTTP service on this machine."""

import re
from typing import Annotated

import typer
from pydantic import ValidationError

from phonegrade.cli.options import ModelsDir, OwnDevices, own_devices
from phonegrade.core.errors import UsageError


def serve(
    host: Annotated[str, typer.Option(help="Address to bind; 0.0.0.0 lets other machines in.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8000,
    slots: Annotated[int, typer.Option(min=1, help="Requests that are graded at once; the next gets 503.")] = 2,
    threads: Annotated[int, typer.Option(min=1, help="Threads for one photo.")] = 1,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option(metavar="URL", help="Web pages of this origin may call the service; repeat it for more."),
    ] = None,
    root_path: Annotated[str, typer.Option(metavar="PATH", help="Path under which a proxy serves it.")] = "",
    models: ModelsDir = None,
    devices: OwnDevices = None,
) -> None:
    """Serve grading over HTTP; try http://127.0.0.1:8000/docs."""
    import uvicorn

    from phonegrade.serve import create_app
    from phonegrade.service.settings import ServiceSettings

    if root_path and re.fullmatch(r"(?:/[\w.~-]+)+", root_path) is None:
        raise UsageError(f"--root-path {root_path!r} is not a path such as /grading")
    try:
        settings = ServiceSettings(
            models_dir=models,
            slots=slots,
            threads=threads,
            own_devices=own_devices(devices),
            allowed_origins=tuple(allow_origin or ()),
        )
    except ValidationError as error:
        raise UsageError("; ".join(one["msg"].removeprefix("Value error, ") for one in error.errors())) from error
    uvicorn.run(create_app(settings), host=host, port=port, root_path=root_path)
