"""What the routes share: built once by `create_app`, filled when the app starts."""

import logging
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from phonegrade.core.errors import SetupError
from phonegrade.inference.inspector import SHIPPED, Inspector
from phonegrade.inference.signature import check_signature
from phonegrade.service.metrics import Metrics
from phonegrade.service.ready import ReadinessProbe
from phonegrade.service.settings import ServiceSettings
from phonegrade.service.slots import Slots

log = logging.getLogger(__name__)


@dataclass
class Parts:
    """The parts of one app."""

    settings: ServiceSettings
    slots: Slots
    metrics: Metrics
    probe: ReadinessProbe
    loaded: Inspector | SetupError = field(default_factory=lambda: SetupError("the service has not started yet"))

    def load(self) -> None:
        """Load the models. A failure is kept: the service then runs, answers why it cannot grade, and is not ready."""
        try:
            if self.settings.trusted_keys:
                check_signature(self.settings.models_dir or SHIPPED, self.settings.trusted_keys)
            self.loaded = Inspector.load(self.settings.models_dir, self.settings.threads)
        except SetupError as error:
            log.error("the service cannot grade: %s", error)
            self.loaded = error

    @property
    def inspector(self) -> Inspector:
        """The loaded models. Raises the SetupError that loading them ended with."""
        if isinstance(self.loaded, SetupError):
            raise self.loaded
        return self.loaded


def parts_of(request: Request) -> Parts:
    """Return the parts of the app that answers `request`."""
    parts: Parts = request.app.state.parts
    return parts


PartsDep = Annotated[Parts, Depends(parts_of)]
