"""A server that speaks Amazon's S3 on this machine, and the environment that leads to it."""

import os
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from moto.server import ThreadedMotoServer

BUCKET = "photos"


class S3Server:
    """One that can be taken away, and comes back at the same address with what it had."""

    def __init__(self) -> None:
        self._server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        self._server.start()
        host, self._port = self._server.get_host_and_port()
        self.url = f"http://{host}:{self._port}"
        make = urllib.request.Request(f"{self.url}/{BUCKET}", method="PUT")  # noqa: S310  this machine's own
        with urllib.request.urlopen(make):  # noqa: S310
            pass

    def stop(self) -> None:
        """Answer no more."""
        self._server.stop()

    def start(self) -> None:
        """Answer again; what was stored lies in this process."""
        self._server = ThreadedMotoServer("127.0.0.1", self._port, verbose=False)
        self._server.start()


@contextmanager
def running_s3() -> Iterator[S3Server]:
    """Yield a server with an empty bucket, to which `s3://photos` leads in this process."""
    server = S3Server()
    names = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": server.url,
        "AWS_ALLOW_HTTP": "true",
    }
    try:
        with patch.dict(os.environ, names):
            yield server
    finally:
        server.stop()
