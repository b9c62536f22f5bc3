"""A route whose work needs a slot."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from phonegrade.service.parts import parts_of
from phonegrade.service.uploads import check_request


class SlotRoute(APIRoute):
    """Refuses what cannot be meant, and 503 where no slot is free, before a body is read: photos are not worth it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler behind that check."""
        handle = super().get_route_handler()

        async def checked(request: Request) -> Response:
            check_request(request)
            parts_of(request).slots.refuse_when_full()
            return await handle(request)

        return checked
