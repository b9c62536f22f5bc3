"""What a request's head may say, and what becomes of its client: understood, or refused by name."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from fastapi import Request
from starlette.requests import ClientDisconnect

from phonegrade.core.errors import NotAcceptableError, UsageError

T = TypeVar("T")
_UNCODED = frozenset({"", "identity"})


def refuse_unknown_query(request: Request, known: tuple[str, ...] = ()) -> None:
    """Raise UsageError for a query parameter that the route does not know, which would be ignored silently."""
    for name in request.query_params:
        if name in known:
            continue
        if request.method == "POST":
            way_out = "send it as a part of the form, such as curl -F NAME=..."
        else:
            way_out = f"this route knows {', '.join(known) or 'none'}"
        raise UsageError(f"unknown query parameter {name!r:.80}: {way_out}")


def refuse_compressed(request: Request) -> None:
    """Raise UsageError for a compressed body."""
    coding = request.headers.get("content-encoding", "").strip().casefold()
    if coding not in _UNCODED:
        raise UsageError(
            f"Content-Encoding {coding!r:.40} is not supported; send the body as it is, photos are compressed already"
        )


def accepted(request: Request, offered: tuple[str, ...]) -> str:
    """Return which of the media types `offered` the client would like best; the first where it does not say.

    Raises NotAcceptableError where it accepts none of them (RFC 9110, 12.5.1).
    """
    header = request.headers.get("accept", "").strip() or "*/*"
    ranges = [_range(one) for one in header.split(",")]
    wanted = sorted((one for one in ranges if one[1] > 0), key=lambda one: -one[1])
    for media, _ in wanted:
        for offer in offered:
            if media in ("*/*", offer, f"{offer.partition('/')[0]}/*"):
                return offer
    raise NotAcceptableError(f"the answer is {' or '.join(offered)}; the request's Accept header names none of them")


def _range(text: str) -> tuple[str, float]:
    media, *parameters = (part.strip() for part in text.split(";"))
    quality = next((one[2:] for one in parameters if one.startswith("q=")), "1")
    try:
        return media.casefold(), float(quality)
    except ValueError:
        return media.casefold(), 1.0


async def while_connected(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Return what `work` returns, and drop it when the client goes: raises ClientDisconnect. The body must be read."""
    running = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait((running, gone), return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            return running.result()
        raise ClientDisconnect
    finally:
        gone.cancel()
        running.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
