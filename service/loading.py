"""What a worker process is started with: light to import, so that models are loaded there alone."""

from functools import partial

from phonegrade.inference.worker_process import Handle
from phonegrade.service.tasks import Result, Task, WorkerSetup


def loading(setup: WorkerSetup) -> "partial[Handle[Task, Result]]":
    """Return what a worker process calls to load."""
    return partial(_load, setup)


def _load(setup: WorkerSetup) -> Handle[Task, Result]:
    from phonegrade.service.worker import load_worker

    return load_worker(setup)
