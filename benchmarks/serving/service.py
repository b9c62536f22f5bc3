"""Starts and stops the service that is measured, and reads what its processes use. Linux: it reads /proc.

Every program here takes the same options, `add_options`: how many workers, or a whole command in their place.
"""

import argparse
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

START_S, STOP_S = 60.0, 35.0
TICKS = os.sysconf("SC_CLK_TCK")
CORES = len(os.sched_getaffinity(0))
MB = 1_000_000
BEAT_S, STOOD_STILL_S = 0.1, 0.5


@dataclass(frozen=True)
class Service:
    """A running service: its address, and its processes from `pid` downwards."""

    url: str
    pid: int
    ready_s: float
    """From its start until /readyz answered 200."""
    stood_still_s: list[float] = field(default_factory=list)
    """How long the machine stood still, each time that it did: figures of such a run count for nothing."""

    def processes(self) -> list[int]:
        """Return the ids of the first process and of all below it."""
        parents = {pid: int(fields[1]) for pid, fields in _stats().items()}
        tree = [self.pid]
        for pid in tree:  # grows while it is read
            tree += [child for child, parent in parents.items() if parent == pid]
        return [pid for pid in tree if pid in parents]

    def cpu_s(self) -> float:
        """Return the processor seconds of all processes, those that have ended and were waited for among them."""
        stats = _stats()
        return sum(sum(int(ticks) for ticks in stats[pid][11:15]) for pid in self.processes() if pid in stats) / TICKS

    def front_cpu_s(self) -> float:
        """Return the processor seconds of the first process alone."""
        return sum(int(ticks) for ticks in _stats()[self.pid][11:13]) / TICKS

    def memory_mb(self) -> float:
        """Return the memory of all processes, each shared page counted once (PSS)."""
        return sum(_pss_bytes(pid) for pid in self.processes()) / MB

    def workers_mb(self) -> list[float]:
        """Return the resident memory of every process below the first."""
        return [_rss_bytes(pid) / MB for pid in self.processes() if pid != self.pid]

    def metric(self, name: str) -> float | None:
        """Return the sum of a metric over its labels; None where there is none of the name."""
        with urlopen(f"{self.url}/metrics", timeout=10) as answer:  # noqa: S310  our own address
            text = answer.read().decode()
        values = re.findall(rf"^{name}(?:\{{.*\}})? (\S+)$", text, re.MULTILINE)
        return sum(map(float, values)) if values else None


def _stats() -> dict[int, list[str]]:
    """Return the fields of /proc/PID/stat from the state on (proc(5), 3 onwards), by process."""
    by_pid = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                by_pid[int(folder.name)] = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # has ended since
                continue
    return by_pid


def _pss_bytes(pid: int) -> int:
    try:
        match = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    except OSError:
        return 0
    return 1024 * int(match[1]) if match else 0


def _rss_bytes(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what all programs of this folder take."""
    parser.add_argument("--workers", type=int, default=CORES, help=f"of `phonegrade serve` (default {CORES})")
    parser.add_argument(
        "--command", metavar="TEXT", help="start this instead; {port} stands for the port, /readyz must answer"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures here")
    parser.add_argument("--quick", action="store_true", help="under a minute: to check the program, not the service")


def serve_command(workers: int, threads: int = 1) -> list[str]:
    """Return the command that starts the service as its users do."""
    return [
        *(sys.executable, "-m", "phonegrade", "serve", "--port", "{port}"),
        *("--workers", str(workers), "--threads", str(threads)),
    ]


def command_of(options: argparse.Namespace) -> list[str]:
    """Return the command that the options ask for."""
    return serve_command(options.workers) if options.command is None else shlex.split(options.command)


def free_port() -> int:
    """Return a port of this machine that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    command: Sequence[str], ready_path: str = "/readyz", environment: dict[str, str] | None = None
) -> Iterator[Service]:
    """Start `command`, wait until it is ready, and stop it afterwards. Raises RuntimeError with its log if it fails."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    begun_s = time.monotonic()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(  # noqa: S603  what the options ask for
            [part.replace("{port}", str(port)) for part in command],
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        )
        try:
            while not _answers(url + ready_path):
                if process.poll() is not None or time.monotonic() - begun_s > START_S:
                    log.seek(0)
                    raise RuntimeError(f"{shlex.join(command)} did not start:\n{log.read().decode()[-2000:]}")
                time.sleep(0.02)
            service = Service(url, process.pid, round(time.monotonic() - begun_s, 2))
            with heartbeat(service.stood_still_s):
                yield service
        finally:
            _stop(process)


@contextmanager
def heartbeat(stood_still_s: list[float]) -> Iterator[None]:
    """Note, while the body runs, each time that a thread which only sleeps slept far too long, and warn at the end."""
    over = threading.Event()

    def beat() -> None:
        before_s = time.monotonic()
        while not over.wait(BEAT_S):
            now_s = time.monotonic()
            if now_s - before_s - BEAT_S > STOOD_STILL_S:
                stood_still_s.append(round(now_s - before_s - BEAT_S, 2))
            before_s = now_s

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        if stood_still_s:
            print(f"the machine stood still for {stood_still_s} s: measure again", file=sys.stderr, flush=True)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=10) as answer:  # noqa: S310  our own address
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # it leads a session of its own
        process.wait()


def report(name: str, figures: dict[str, object], file: Path | None, service: Service | None = None) -> None:
    """Write the figures to `file`, where one is given, with the machine they are of and whether it stood still."""
    if file is not None:
        still = {} if service is None else {"machine_stood_still_s": service.stood_still_s}
        whole = {"benchmark": name, "cores": CORES, "python": sys.version.split()[0], **still, **figures}
        file.write_text(json.dumps(whole, indent=1) + "\n")
