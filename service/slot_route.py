"""A route whose work needs a slot."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from phonegrade.service.parts import parts_of
from phonegrade.service.uploads import check_request


class SlotRoute(APIRoute):
    """Refuses unusable requests, and answers 503 where no slot is free, before it reads a body full of photos."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the route's handler behind that check."""
        handle = super().get_route_handler()

        async def checked(request: Request) -> Response:
            check_request(request)
            parts_of(request).slots.refuse_when_full()
            return await handle(request)

        return checked
