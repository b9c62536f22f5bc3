"""A worker that does what the photo's name says: answer at once, slowly, with a mistake of ours, or die."""

import os
import time

from phonegrade.service.tasks import JSON, Body, InspectPhoto, Result, Task

SLOW_S = 0.5


def load_stand_in() -> "type[StandIn]":
    return StandIn


class StandIn:
    """Called as a function: `StandIn(task, data)` is the answer."""

    def __new__(cls, task: Task, data: bytes) -> Result:  # type: ignore[misc]
        match task:
            case InspectPhoto(name="slow.jpg"):
                time.sleep(SLOW_S)
            case InspectPhoto(name="broken.jpg"):
                raise RuntimeError("secret detail")
            case InspectPhoto(name="abort.jpg"):
                os.abort()
        return Body(JSON, b"{}")
