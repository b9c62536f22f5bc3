"""What the routes share: built once by `create_app`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from phonegrade.configs.policy_set import PolicySet
from phonegrade.service.idempotency import Idempotency
from phonegrade.service.metrics import Metrics
from phonegrade.service.pool import Pool
from phonegrade.service.pool_settings import WorkTimes
from phonegrade.service.settings import ServiceSettings
from phonegrade.service.streamed_form import FormRules, UploadRoom
from phonegrade.service.tasks import Result, Task

if TYPE_CHECKING:  # without --data there is no database, nor what reads one
    from phonegrade.service.case_store import CaseStore


@dataclass
class Parts:
    """The parts of one app."""

    settings: ServiceSettings
    policies: PolicySet
    pool: Pool[Task, Result]
    metrics: Metrics
    watchers: list[Callable[[WorkTimes], None]]
    """Called with every piece of work that a worker has finished."""
    idempotency: Idempotency = field(default_factory=Idempotency)
    models: bytes | None = None
    """What /v1/models answers, once a worker was asked."""
    cases: "CaseStore | None" = None
    """The store and what goes with it, while a service with --data runs."""

    ending: Event = field(default_factory=Event)
    """Set once the service is told to stop: what would go on for ever ends by itself."""

    def __post_init__(self) -> None:
        self.upload_room = UploadRoom(self.settings.max_upload_bytes)

    def form_rules(
        self,
        photos: tuple[str, ...],
        files: tuple[str, ...] = (),
        texts: tuple[str, ...] = (),
        *,
        photos_once: bool = False,
    ) -> FormRules:
        """Return the rules of a form with these parts and this service's limits."""
        return FormRules(
            photos,
            files,
            texts,
            photos_once=photos_once,
            max_photos=self.settings.max_photos,
            max_body_bytes=self.settings.max_body_bytes,
            idle_s=self.settings.upload_idle_s,
            total_s=self.settings.upload_total_s,
        )


def parts_of(request: Request) -> Parts:
    """Return the parts of the app that answers `request`."""
    parts: Parts = request.app.state.parts
    return parts


PartsDep = Annotated[Parts, Depends(parts_of)]
