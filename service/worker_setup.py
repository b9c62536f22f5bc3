"""How a worker process is started: light to import, so that the models are loaded there alone."""

from functools import partial
from pathlib import Path
from typing import NamedTuple

from phonegrade.inference.worker_process import Handle
from phonegrade.service.tasks import Result, Task


class WorkerSetup(NamedTuple):
    """What every worker loads."""

    models_dir: Path | None
    threads: int
    trusted_keys: tuple[str, ...]
    """Public keys that models must be signed with; none: unsigned ones will do."""
    ready_photo: Path | None
    """Inspected once before a worker is ready; None: the packaged sample's front."""


def loading(setup: WorkerSetup) -> "partial[Handle[Task, Result]]":
    """Return what a worker process calls to load."""
    return partial(_load, setup)


def _load(setup: WorkerSetup) -> Handle[Task, Result]:
    from phonegrade.service.worker import load_worker

    return load_worker(setup)
