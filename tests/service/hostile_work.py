"""Work for the pool's workers that does what the photo says: answer, refuse, crash, hang, eat memory, open a socket."""

import os
import socket
import time

import numpy as np

from phonegrade.core.errors import EmptyPhotoError, ModelFileError
from phonegrade.core.stages import stage


def load_nothing() -> None:
    """Load as a broken installation does."""
    raise ModelFileError("no model here")


def load() -> "type[Work]":
    return Work


class Work:
    """Called as a function: `Work(task, data)` is the answer."""

    def __new__(cls, task: str, data: bytes) -> str:  # type: ignore[misc]
        match data.split(b":")[0]:
            case b"":
                raise EmptyPhotoError("nothing in it")
            case b"abort":
                os.abort()
            case b"compute":
                with stage("compute"):
                    sum(range(3_000_000))
            case b"hang":
                time.sleep(60)
            case b"sleep":
                time.sleep(float(data.split(b":")[1]))
            case b"eat":
                return str(np.ones(10_000_000_000, np.uint8).sum())
            case b"call home":
                socket.create_connection(("localhost", 9))
        return f"{task} {len(data)} {os.getpid()}"
