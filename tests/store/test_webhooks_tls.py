"""Webhooks as they are really sent: over TLS, to the address that was checked, with the certificate of the host."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme

from phonegrade.core.data_errors import WebhookUrlError
from phonegrade.store import webhooks
from phonegrade.store.webhooks import WebhookRequest, WebhookRules, check_url, post

HOST = "hooks.example"
RULES = WebhookRules(private_hosts=(HOST,))
"""This machine is inside the network; only here may the host be."""


class Receiver(ThreadingHTTPServer):
    """Notes what it is asked for; answers as its path says."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.paths: list[str] = []
        self.hosts: list[str] = []
        self.names: list[str | None] = []
        """That clients asked for in TLS."""

    def handle_error(self, *_: object) -> None:
        """A client that does not trust it goes away."""


class Handler(BaseHTTPRequestHandler):
    """Answers."""

    server: Receiver

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.server.paths.append(self.path)
        self.server.hosts.append(self.headers["host"])
        if self.path == "/trickle":
            self._trickle()
            return
        self.send_response(302 if self.path == "/moved" else 204)
        if self.path == "/moved":
            self.send_header("Location", f"https://{HOST}:{self.server.server_port}/elsewhere")
        self.end_headers()

    def _trickle(self) -> None:
        """Answer 200 at once, and its headers a byte at a time: no single wait is too long."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _ in range(200):
            self.wfile.write(b"x")
            time.sleep(0.05)

    def log_message(self, format: str, *args: object) -> None:
        """Not in the tests' output."""


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(autouse=True)
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))


def serving(certificate: trustme.LeafCert) -> Iterator[Receiver]:
    server = Receiver()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    context.sni_callback = lambda _, name, __: server.names.append(name)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def receiver(authority: trustme.CA) -> Iterator[Receiver]:
    yield from serving(authority.issue_cert(HOST))


@pytest.fixture
def misnamed(authority: trustme.CA) -> Iterator[Receiver]:
    yield from serving(authority.issue_cert("other.example"))


@pytest.fixture
def untrusted() -> Iterator[Receiver]:
    yield from serving(trustme.CA().issue_cert(HOST))


def request(receiver: Receiver, path: str = "/hook") -> WebhookRequest:
    """What is sent to the receiver, by a name that means this machine to our resolver alone."""
    url = f"https://{HOST}:{receiver.server_port}{path}"
    parts, address = check_url(url, RULES, lambda host, port: ["127.0.0.1"])
    return WebhookRequest(parts, address, {"Content-Type": "application/json"}, b"{}")


def test_it_goes_to_the_checked_address_under_the_hosts_name(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    resolve = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *more, **options: asked.append(host) or resolve(host, *more, **options)
    )
    assert post(request(receiver)) == 204
    assert set(asked) <= {"127.0.0.1"}, "the name is not looked up a second time"
    assert receiver.names == [HOST]
    assert receiver.hosts == [f"{HOST}:{receiver.server_port}"]


@pytest.mark.parametrize("which", ["misnamed", "untrusted"])
def test_another_hosts_certificate_and_an_unknown_authority_get_nothing(
    which: str, request_fixture: pytest.FixtureRequest
) -> None:
    server = request_fixture.getfixturevalue(which)
    with pytest.raises(ssl.SSLCertVerificationError):
        post(request(server))
    assert server.paths == []


@pytest.fixture
def request_fixture(request: pytest.FixtureRequest) -> pytest.FixtureRequest:
    return request


def test_a_name_that_comes_to_mean_an_address_inside_the_network_is_refused_before_a_connection(
    receiver: Receiver,
) -> None:
    url = f"https://{HOST}:{receiver.server_port}/hook"
    check_url(url, WebhookRules(), lambda host, port: ["93.184.216.34"])
    for inside in ("127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:127.0.0.1"):
        with pytest.raises(WebhookUrlError):
            check_url(url, WebhookRules(), lambda host, port, inside=inside: ["93.184.216.34", inside])
    assert receiver.paths == []


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    assert post(request(receiver, "/moved")) == 302
    assert receiver.paths == ["/moved"]


def test_a_receiver_that_trickles_is_given_up_in_twice_the_limit(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "TIMEOUT_S", 0.4)
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        post(request(receiver, "/trickle"))
    assert time.monotonic() - began < 4


def test_a_receiver_that_never_greets_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "TIMEOUT_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = urlsplit(f"https://{HOST}:{silent.getsockname()[1]}/hook")
        with pytest.raises(TimeoutError):
            post(WebhookRequest(url, "127.0.0.1", {}, b"{}"))
