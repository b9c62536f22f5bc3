"""`phonegrade serve`: the HTTP service on this machine."""

from typing import Annotated

import typer

from phonegrade.cli.options import ModelsDir, OwnDevices, own_devices


def serve(
    host: Annotated[str, typer.Option(help="Address to bind; 0.0.0.0 lets other machines in.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8000,
    slots: Annotated[int, typer.Option(min=1, help="Requests that compute at once; the next gets 503.")] = 2,
    threads: Annotated[int, typer.Option(min=1, help="Threads for one photo.")] = 1,
    models: ModelsDir = None,
    devices: OwnDevices = None,
) -> None:
    """Serve grading over HTTP; try http://127.0.0.1:8000/docs."""
    import uvicorn

    from phonegrade.serve import create_app
    from phonegrade.service.settings import ServiceSettings

    settings = ServiceSettings(models_dir=models, slots=slots, threads=threads, own_devices=own_devices(devices))
    uvicorn.run(create_app(settings), host=host, port=port)
