"""The serving benchmarks: what they count, against services whose faults are known."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from itertools import pairwise
from pathlib import Path

import pytest

from phonegrade.benchmarks.serving import hostile
from phonegrade.benchmarks.serving.knee import back_s, knee_of
from phonegrade.benchmarks.serving.open_loop import Load, Sent, ask, closed, form, request, run, starts
from phonegrade.benchmarks.serving.service import Service, heartbeat, running
from phonegrade.benchmarks.serving.slow_clients import good_figures
from phonegrade.benchmarks.serving.soak import errors, growth_mb
from phonegrade.inference.photo.heif_items import coded_pictures

Handle = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK, BUSY = b"HTTP/1.1 200 OK\r\n\r\n{}", b"HTTP/1.1 503 Busy\r\n\r\n"
SMALL_SERVICE = """
import sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'photos_total{worker="0"} 2\\nphotos_total{worker="1"} 3\\nother 1\\n')

HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


async def served(handle: Handle, use: Callable[[str], Awaitable[Load]]) -> Load:
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        return await use(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")


def test_latency_counts_from_the_planned_start_though_the_service_takes_one_at_a_time() -> None:
    turn = asyncio.Lock()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"--\r\n")
        async with turn:
            await asyncio.sleep(0.05)
        writer.write(OK)
        writer.close()

    load = asyncio.run(served(slow, lambda url: run(url, [form([("photo", b"x")])], [0.0] * 6, 1.0)))
    times = sorted(one.latency_s for one in load.sent)
    assert [one.status for one in load.sent] == [200] * 6
    assert times[-1] >= 6 * 0.05
    assert load.within(0.17) == pytest.approx(0.5, abs=0.17)


def test_a_refusal_is_read_though_the_service_resets_the_upload() -> None:
    async def refusing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(BUSY)
        await writer.drain()
        await asyncio.sleep(0.1)
        writer.transport.abort()

    load = asyncio.run(served(refusing, lambda url: closed(url, [form([("photo", bytes(3_000_000))])], 1, 0.05)))
    assert {one.status for one in load.sent} == {503}
    assert load.figures()["refused_share"] == 1.0


def test_nobody_there_is_status_0() -> None:
    assert asyncio.run(ask("http://127.0.0.1:9/", request("http://127.0.0.1:9/", b""))) == (0, b"")


def test_random_arrivals_have_the_rate_and_the_spread_of_poisson() -> None:
    gaps = [after - before for before, after in pairwise(starts(50.0, 100.0, poisson=True))]
    mean = sum(gaps) / len(gaps)
    assert mean == pytest.approx(1 / 50, rel=0.05)
    assert sum((gap - mean) ** 2 for gap in gaps) / len(gaps) == pytest.approx(mean**2, rel=0.15)


def test_the_knee_is_the_highest_rate_with_enough_answers() -> None:
    rows = [{"rate_per_s": rate, "answered_share": good} for rate, good in ((5, 1.0), (6, 0.992), (7, 0.94))]
    assert knee_of(rows) == rows[1]
    assert knee_of(rows[2:]) is None


def test_a_service_is_back_with_the_first_of_ten_good_answers_in_a_row() -> None:
    late = [Sent(10.0 + number, 9.0, 200) for number in range(3)]
    good = [Sent(13.0 + number, 0.1, 200) for number in range(10)]
    assert back_s(Load(20.0, [*good[::-1], *late]), 10.0, 0.5) == 3.0
    assert back_s(Load(20.0, [*late, *good[:9]]), 10.0, 0.5) is None


def test_a_leak_grows_over_the_second_half_and_a_warm_up_does_not() -> None:
    warm = [(float(at), min(900.0, 500.0 + 10 * at)) for at in range(200)]
    leaking = [(at, mb + 0.5 * at) for at, mb in warm]
    assert growth_mb(warm) == 0.0
    assert growth_mb(leaking) == pytest.approx(0.5 * 100 * 0.8, rel=0.05)


def test_only_what_no_bad_photo_explains_is_an_error() -> None:
    load = Load(1.0, [Sent(0.0, 0.1, status) for status in (200, 400, 415, 429, 503, 500, 0)])
    assert errors(load) == {"500": 1, "0": 1}


def test_an_answer_that_never_came_is_the_slowest() -> None:
    figures = good_figures(Load(1.0, [Sent(0.0, 0.1, 200), Sent(0.0, 0.01, 503)]))
    assert (figures["not_answered"], figures["p95_ms"]) == (1, 60_000)


def test_hostile_kinds_are_many_and_the_heic_has_tiles() -> None:
    whole = hostile.whole_photos()
    assert len(hostile.kinds()) == len(set(hostile.kinds())) >= 300
    assert len(coded_pictures(whole["tiled heic"])) > 1
    first = dict(hostile.uploads(20, 1))
    assert len(first) == 20
    assert first == dict(hostile.uploads(20, 1))


def test_a_service_is_started_read_and_stopped(tmp_path: Path) -> None:
    program = tmp_path / "small.py"
    program.write_text(SMALL_SERVICE)
    with running([sys.executable, str(program), "{port}"]) as service:
        assert service.processes() == [service.pid]
        assert service.cpu_s() > 0
        assert 1 < service.memory_mb() < 500
        assert service.metric("photos_total") == 5.0
        assert service.metric("missing") is None
    assert not Path(f"/proc/{service.pid}").exists()


def test_a_command_that_ends_at_once_is_named_with_what_it_said() -> None:
    with (
        pytest.raises(RuntimeError, match="no such thing"),
        running([sys.executable, "-c", "import sys; sys.exit('no such thing')"]),
    ):
        pass


def test_a_machine_that_stood_still_is_noted_and_one_that_did_not_is_not() -> None:
    code = (
        "import time\nfrom phonegrade.benchmarks.serving.service import heartbeat\nstill = []\n"
        "with heartbeat(still):\n    time.sleep(3)\nprint(len(still), flush=True)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        time.sleep(1.5)
        process.send_signal(signal.SIGSTOP)
        time.sleep(1.5)
        process.send_signal(signal.SIGCONT)
        assert process.communicate()[0].strip() == "1"
    quiet: list[float] = []
    with heartbeat(quiet):
        pass
    assert quiet == []


def test_processes_below_are_counted() -> None:
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE) as process:  # noqa: S603
        service = Service("", os.getpid(), 0.0)
        assert process.pid in service.processes()
        assert sum(service.workers_mb()) > 1
        process.communicate(b"\n")


def test_the_planted_leak_keeps_memory_for_every_photo() -> None:
    code = (
        "from phonegrade.benchmarks.serving import leaking\n"
        "from phonegrade.core.photo_file import PhotoFile\nleaking.plant()\n"
        "files = [PhotoFile('x', b'1'), PhotoFile('x', b'2')]\n"
        "print(sum(map(len, leaking._kept)), files[0].sha256 == files[1].sha256)"
    )
    environment = {**os.environ, "PHONEGRADE_LEAK_KB": "7"}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)  # noqa: S603
    assert ran.stdout.split() == ["14000", "False"]
