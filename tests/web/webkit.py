"""WebKitGTK, the nearest thing to Safari on Linux, driven over the WebDriver protocol (W3C) without a library."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2

DRIVER, SCREEN = shutil.which("WebKitWebDriver"), shutil.which("Xvfb")
MISSING = (
    "WebKitGTK is not installed, so the gates are not tested in it; "
    "on Debian: sudo apt-get install webkit2gtk-driver xvfb"
)
START_S = 60.0


class WebKit:
    """One browser window."""

    def __init__(self, client: httpx2.Client) -> None:
        self.client = client
        self.session = ""

    def ask(self, path: str, body: dict[str, Any]) -> Any:  # noqa: ANN401
        """Send a command and return its value."""
        answer = self.client.post(f"/session{self.session}{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()["value"]

    def open(self, url: str) -> None:
        """Load a page."""
        self.ask("/url", {"url": url})

    def call(self, function: str, *arguments: Any) -> Any:  # noqa: ANN401
        """Return what an asynchronous JavaScript function answers."""
        done = "const done = arguments[arguments.length - 1];"
        script = f"{done} ({function})(...arguments).then(done, (error) => done(String(error)))"
        return self.ask("/execute/async", {"script": script, "args": list(arguments)})


@contextmanager
def webkit() -> Iterator[WebKit]:
    """Yield a browser on a screen of its own."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = int(one.getsockname()[1])
    display = f":{200 + os.getpid() % 800}"
    environment = {**os.environ, "DISPLAY": display, "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    screen = subprocess.Popen([str(SCREEN), display, "-screen", "0", "1280x800x24"], **quiet)  # type: ignore[call-overload]  # noqa: S603
    driver = subprocess.Popen([str(DRIVER), f"--port={port}"], env=environment, **quiet)  # type: ignore[call-overload]  # noqa: S603
    try:
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=180.0) as client:
            _wait(client)
            browser = WebKit(client)
            browser.session = f"/{browser.ask('', {'capabilities': {'alwaysMatch': {}}})['sessionId']}"
            browser.ask("/timeouts", {"script": 120_000, "pageLoad": 120_000})
            yield browser
            client.delete(f"/session{browser.session}")
    finally:
        for process in (driver, screen):
            process.terminate()
            process.wait(20)


def _wait(client: httpx2.Client) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        try:
            if client.get("/status").status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.2)
    raise AssertionError("WebKitWebDriver did not start")
