"""The inspection of stored photos, beside the requests: jobs are taken from the store and done by the pool's workers.

A job's record, its fact and its end are one transaction: a photo is inspected once by one set of models, whoever dies
in between. Photos that somebody waits for, those of /v1/grade, are never kept waiting by more than one a worker.
"""

import asyncio
import hashlib
import json
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple, cast

from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Connection

from phonegrade import __version__
from phonegrade.configs.policy import Policy
from phonegrade.configs.policy_set import PolicySet
from phonegrade.core.devices.catalogue import Device, find_device
from phonegrade.core.errors import BusyError, InputError, PhonegradeError
from phonegrade.core.inspection import Inspection
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.gradability import gradability
from phonegrade.journeys.evidence_facts import Inspected, StoredPhoto
from phonegrade.service.pool import Pool
from phonegrade.service.tasks import Body, DescribeModels, InspectedSurface, InspectSurface, Result, Task
from phonegrade.store.cases import add_facts
from phonegrade.store.columns import new_id
from phonegrade.store.jobs import Claim, add_job, claim_job, extend_lease, fail_job, finish_job, retry_job, worker_name
from phonegrade.store.records import get_inspection, put_inspection
from phonegrade.store.store import Store

log = logging.getLogger(__name__)
KIND = "inspect_photo"
IDLE_S = 1.0
"""How often the store is asked for work that another process was given."""
BUSY_S = 0.05
_BASIS_LENGTH = 16


class Basis(NamedTuple):
    """What an inspection rests on beside photo and models."""

    surface: Surface
    device: Device | None
    policy: Policy

    @property
    def prefix(self) -> str:
        """What every fingerprint of an inspection on this basis begins with."""
        text = f"{self.surface}\0{self.device!r}\0{self.policy.sha256}"
        return hashlib.sha256(text.encode()).hexdigest()[:_BASIS_LENGTH]


def ask_for_inspection(connection: Connection, tenant: str, photo: StoredPhoto, basis: Basis, now: datetime) -> None:
    """Add the job of one photo of a surface in the caller's transaction, unless it was asked for before.

    One that failed for good, such as for a fault of the installation, is tried anew.
    """
    payload = {
        "case": photo.case,
        "photo": photo.id,
        "sha256": photo.sha256,
        "surface": basis.surface.value,
        "device": None if basis.device is None else basis.device.name,
        "policy": basis.policy.name,
    }
    job = add_job(connection, tenant, KIND, f"{photo.case}/{photo.sha256}/{basis.prefix}", payload, now)
    retry_job(connection, job, now)


class PhotoInspections:
    """Does the jobs of one store with one pool, from `run` until `stop`."""

    def __init__(
        self,
        store: Store,
        pool: Pool[Task, Result],
        policies: PolicySet,
        own_devices: tuple[Device, ...],
        clock: Callable[[], datetime],
    ) -> None:
        self._store, self._pool = store, pool
        self._policies, self._own = policies, own_devices
        self._clock = clock
        self._worker = worker_name()
        self._code: str | None = None
        self._stopping = False
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Look for work at once."""
        self._woken.set()

    def stop(self) -> None:
        """Begin no further job."""
        self._stopping = True
        self.wake()

    async def run(self) -> None:
        """Do jobs, one a worker of the pool at a time, and return once stopped and the last of them has ended."""
        await asyncio.gather(*(self._run_one() for _ in range(self._pool.settings.workers)))

    async def _run_one(self) -> None:
        while not self._stopping:
            try:
                if not self._has_room():
                    await asyncio.sleep(BUSY_S)
                    continue
                claim = await run_in_threadpool(claim_job, self._store.database, self._worker, self._clock(), (KIND,))
                if claim is None:
                    await self._pause()
                else:
                    await self._do(claim)
            except PhonegradeError as error:
                log.warning("stored photos are not inspected for now [%s]: %s", error.code, error)
                await self._pause()

    def _has_room(self) -> bool:
        return self._pool.ready > self._pool.busy and not self._pool.waiting

    async def _pause(self) -> None:
        self._woken.clear()
        if self._stopping:
            return
        try:
            await asyncio.wait_for(self._woken.wait(), IDLE_S)
        except TimeoutError:
            return

    async def _do(self, claim: Claim) -> None:
        """Do one job; what went wrong is written down, and tried again unless it never can succeed."""
        database = self._store.database
        try:
            basis = self._basis(claim.payload)
            fingerprint = basis.prefix + await self._models()
            answer, likeness = await self._answer(claim, basis, fingerprint)

            def write(connection: Connection) -> None:
                self._record(connection, claim, basis, fingerprint, answer, likeness)

            await run_in_threadpool(finish_job, database, claim, write, self._clock)
        except PhonegradeError as error:
            log.warning("the inspection of photo %s failed [%s]", claim.payload.get("photo"), error.code)
            for_good = isinstance(error, InputError)  # such as a case that was forgotten meanwhile
            await run_in_threadpool(fail_job, database, claim, error.code, self._clock(), for_good=for_good)
        except Exception:
            log.exception("unforeseen error while a stored photo was inspected")
            await run_in_threadpool(fail_job, database, claim, PhonegradeError.code, self._clock())

    def _basis(self, payload: dict[str, Any]) -> Basis:
        device = payload["device"]
        chosen = None if device is None else find_device(device, self._own)
        return Basis(Surface(payload["surface"]), chosen, self._policies.get(payload["policy"]))

    async def _models(self) -> str:
        """Return the part of a fingerprint that stands for models and code."""
        if self._code is None:
            body = cast(Body, await self._pool.run(DescribeModels(), urgent=True))
            described = json.loads(body.content)["models"]
            models = sorted((name, model["sha256"]) for name, model in described.items())
            self._code = hashlib.sha256(json.dumps([__version__, models]).encode()).hexdigest()
        return self._code[_BASIS_LENGTH:]

    async def _answer(self, claim: Claim, basis: Basis, fingerprint: str) -> tuple[Inspection | str, bytes | None]:
        """Return what the photo shows, or the code of what is wrong with it; and its likeness, where that is new."""
        sha256 = claim.payload["sha256"]

        def read() -> Inspection | bytes:
            with self._store.database.read() as connection:
                known = get_inspection(connection, claim.tenant, sha256, fingerprint)
            return known or self._store.blobs.get(claim.tenant, sha256)

        known = await run_in_threadpool(read)
        if isinstance(known, Inspection):
            return known, None
        task = InspectSurface(claim.payload["photo"], basis.surface, basis.device, basis.policy)
        try:
            answer = await self._inspected(claim, task, known)
        except InputError as error:
            return error.code, None
        event = json.loads(answer.event)
        if event["inspection"] is None:
            return str(event["error"]["code"]), None
        return Inspection.model_validate_json(json.dumps(event["inspection"])), answer.likeness

    async def _inspected(self, claim: Claim, task: InspectSurface, data: bytes) -> InspectedSurface:
        """Return a worker's answer, however long the photos before it take."""
        while True:
            try:
                return cast(InspectedSurface, await self._pool.run(task, data, reserved=True))
            except BusyError:
                if self._stopping:
                    raise
                await asyncio.sleep(IDLE_S)
                await run_in_threadpool(extend_lease, self._store.database, claim, self._clock())

    def _record(
        self,
        connection: Connection,
        claim: Claim,
        basis: Basis,
        fingerprint: str,
        answer: Inspection | str,
        likeness: bytes | None,
    ) -> None:
        now = self._clock()
        inspection = answer if isinstance(answer, Inspection) else None
        reasons = () if inspection is None else gradability(basis.surface, inspection, basis.policy)[1]
        if inspection is not None:
            put_inspection(connection, claim.tenant, fingerprint, inspection, now, likeness)
        fact = Inspected(
            id=new_id(now),
            at=now,
            by=claim.worker,
            case=claim.payload["case"],
            photo_sha256=claim.payload["sha256"],
            fingerprint=fingerprint,
            surface=basis.surface,
            problem=None if isinstance(answer, Inspection) else answer,
            retake_on=tuple(dict.fromkeys(reason.rule for reason in reasons)),
            px_per_mm=None if inspection is None else inspection.scale.px_per_mm,
            resolvable_mm=None if inspection is None else inspection.scale.resolvable_mm,
        )
        add_facts(connection, self._store.vault, claim.tenant, claim.payload["case"], [fact], now)
