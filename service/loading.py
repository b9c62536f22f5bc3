"""The worker processes of one service: light to import, so that they can start before what answers HTTP is loaded."""

from functools import partial

from phonegrade.inference.worker_process import Handle, Load
from phonegrade.service.pool import Pool
from phonegrade.service.pool_settings import PoolSettings
from phonegrade.service.settings import ServiceSettings
from phonegrade.service.tasks import Result, Task, WorkerSetup


def worker_pool(settings: ServiceSettings, load: Load[Task, Result] | None = None) -> Pool[Task, Result]:
    """Return the pool of workers, none of which is started yet.

    `load` is what a worker calls to load, by default `load_worker`.
    """
    setup = WorkerSetup(
        settings.models_dir,
        settings.threads,
        settings.trusted_keys,
        settings.ready_photo,
        settings.read_print,
        settings.runtime,
    )
    pool_settings = PoolSettings(
        workers=settings.workers,
        queue=settings.queue,
        deadline_s=settings.deadline_s,
        photo_bytes=settings.max_body_bytes,
    )
    return Pool(pool_settings, load or partial(_load, setup))


def _load(setup: WorkerSetup) -> Handle[Task, Result]:
    from phonegrade.service.worker import load_worker

    return load_worker(setup)
