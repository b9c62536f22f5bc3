"""A route whose work needs a slot."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from phonegrade.service.parts import parts_of


class SlotRoute(APIRoute):
    """Answers 503 before a body is read where no slot is free: six photos are not worth parsing for a refusal."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler behind that check."""
        handle = super().get_route_handler()

        async def checked(request: Request) -> Response:
            parts_of(request).slots.refuse_when_full()
            return await handle(request)

        return checked
