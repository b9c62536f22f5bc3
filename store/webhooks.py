"""Sending an event: signed as Standard Webhooks wants, to a public address only, with no redirect followed."""

import base64
import http.client
import ipaddress
import json
import secrets
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from threading import Event, Timer
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from phonegrade.core.data_errors import WebhookUrlError
from phonegrade.core.extras import needs_extra
from phonegrade.core.strict import Strict
from phonegrade.store.deliveries import DeliveryClaim, claim_delivery, end_delivery, make_deliveries
from phonegrade.store.engines import Database
from phonegrade.store.vault import Vault

with needs_extra("platform", "with --data"):
    from standardwebhooks import Webhook

TIMEOUT_S = 15.0
"""For one step of an attempt, such as connecting; the whole attempt may take twice as long."""
_SECRET_BYTES = 32
_TRANSLATIONS = tuple(ipaddress.ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))
"""Addresses that lead to an IPv4 address inside them, which may be a private one."""
_HEADERS_FROM_US = {"Content-Type": "application/cloudevents+json", "User-Agent": "phonegrade-webhooks"}
Resolve = Callable[[str, int], list[str]]
"""Returns every address of a host."""


class WebhookRules(Strict):
    """Where events may go."""

    hosts: tuple[str, ...] = ()
    """The only hosts that may be named; without any, every public one."""
    allow_http: bool = False
    """Unencrypted: for trying out."""
    private_hosts: tuple[str, ...] = ()
    """Hosts that may have an address inside the network."""


class WebhookRequest(NamedTuple):
    """What is sent, and to which address."""

    url: SplitResult
    address: str
    headers: dict[str, str]
    body: bytes


Send = Callable[[WebhookRequest], int]
"""Sends and returns the status. Raises OSError or HTTPException where there is none."""


def new_secret() -> str:
    """Return a fresh signing secret in the form that Standard Webhooks' libraries read."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode("ascii")


def check_url(url: str, rules: WebhookRules, resolve: Resolve) -> tuple[SplitResult, str]:
    """Return the parts of a receiver's URL and the address to connect to. Raises WebhookUrlError for one not allowed.

    Asked again at every attempt, as names come to mean other addresses; and it is that address which is connected to.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise WebhookUrlError("a webhook's URL looks like https://HOST/PATH") from error
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme != "https" and not (rules.allow_http and parts.scheme == "http"):
        raise WebhookUrlError("a webhook's URL begins with https://")
    if not host or parts.username is not None or parts.password is not None or parts.fragment:
        raise WebhookUrlError("a webhook's URL has a host, and neither a user nor a fragment")
    if rules.hosts and host not in rules.hosts:
        raise WebhookUrlError("the host is not among those that webhooks may be sent to")
    try:
        addresses = resolve(host, port)
    except (OSError, UnicodeError) as error:
        raise WebhookUrlError("a webhook's host has no address") from error
    if not addresses or (host not in rules.private_hosts and not all(map(is_public, addresses))):
        raise WebhookUrlError("the host has an address inside a network, where webhooks are not sent")
    return parts, addresses[0]


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the open internet, and no way round to one that is not."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            parsed = parsed.ipv4_mapped
        elif any(parsed in net for net in _TRANSLATIONS):
            return False
    return parsed.is_global and not parsed.is_multicast


def addresses_of(host: str, port: int) -> list[str]:
    """Ask the system's resolver for every address of a host."""
    return [str(answer[4][0]) for answer in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def signed(claim: DeliveryClaim, secret: str, now: datetime) -> tuple[dict[str, str], bytes]:
    """Return headers and body of a delivery; the id of the event is that of the message, so that repeats are known."""
    body = claim.envelope
    json.loads(body)
    signature = Webhook(secret).sign(claim.event, now, body)
    own = {"webhook-id": claim.event, "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}
    return _HEADERS_FROM_US | own, body.encode()


def send_due(
    database: Database,
    vault: Vault,
    worker: str,
    clock: Callable[[], datetime],
    rules: WebhookRules,
    send: Send,
    resolve: Resolve = addresses_of,
) -> int:
    """Send what is due, one after another, and return how many attempts that were."""
    make_deliveries(database, clock())
    attempts = 0
    while send_one(database, vault, worker, clock, rules, send, resolve):
        attempts += 1
    return attempts


def send_one(
    database: Database,
    vault: Vault,
    worker: str,
    clock: Callable[[], datetime],
    rules: WebhookRules,
    send: Send,
    resolve: Resolve = addresses_of,
) -> bool:
    """Send the delivery that is longest overdue, and return whether there was one."""
    claim = claim_delivery(database, worker, clock())
    if claim is None:
        return False
    status, problem = _attempt(claim, vault, clock(), rules, send, resolve)
    end_delivery(database, claim, status, problem, clock())
    return True


def _attempt(
    claim: DeliveryClaim, vault: Vault, now: datetime, rules: WebhookRules, send: Send, resolve: Resolve
) -> tuple[int | None, str | None]:
    """Return the receiver's status, or what was wrong instead, in a word."""
    try:
        url, address = check_url(claim.url, rules, resolve)
        headers, body = signed(claim, vault.unseal_bytes(claim.secret).decode("ascii"), now)
        status = send(WebhookRequest(url, address, headers, body))
    except WebhookUrlError:
        return None, WebhookUrlError.code
    except (OSError, http.client.HTTPException) as error:
        return None, type(error).__name__
    return status, None if 200 <= status < 300 else "redirect" if 300 <= status < 400 else "status"


def post(request: WebhookRequest) -> int:
    """Send a request by HTTP to the address that was checked, and return the status; the answer's body is not read.

    Raises TimeoutError for a receiver that takes longer than twice `TIMEOUT_S` in all, however it spends it.
    """
    secure = request.url.scheme == "https"
    port = request.url.port or (443 if secure else 80)
    connection = http.client.HTTPConnection(request.url.hostname or "", port, timeout=TIMEOUT_S)
    late = Event()

    def give_up() -> None:
        late.set()
        _shut(connection)

    timer = Timer(2 * TIMEOUT_S, give_up)
    timer.daemon = True
    timer.start()
    try:
        _connect(connection, request.address, port, secure=secure)
        path = (request.url.path or "/") + (f"?{request.url.query}" if request.url.query else "")
        connection.request("POST", path, body=request.body, headers=request.headers)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException):
        if late.is_set():
            raise TimeoutError("the receiver took too long") from None
        raise
    finally:
        timer.cancel()
        connection.close()
    if late.is_set():  # what was cut off reads like an answer's end
        raise TimeoutError("the receiver took too long")
    return status


def _connect(connection: http.client.HTTPConnection, address: str, port: int, *, secure: bool) -> None:
    raw = socket.create_connection((address, port), TIMEOUT_S)
    connection.sock = raw
    if secure:  # its certificate must be the host's, although it is the address that is connected to
        connection.sock = ssl.create_default_context().wrap_socket(raw, server_hostname=connection.host)


def _shut(connection: http.client.HTTPConnection) -> None:
    """End a connection that another thread waits for: to close it would not wake that thread."""
    if connection.sock is not None:
        with suppress(OSError):
            socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)
