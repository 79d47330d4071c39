"""Traffic: what requests come in over HTTP, how they are answered, and how long that takes."""

from collections import Counter
from collections.abc import Callable
from time import perf_counter
from typing import Any, Final

from enrichcore.service.app import ENDPOINT
from enrichcore.service.operators.buckets import Buckets
from enrichcore.service.request import Message, Receive, Scope, Send

PAGES: Final = frozenset({"/healthz", "/readyz", "/openapi.json", "/docs"})
UNANSWERED: Final = "none"
"""The status of a request whose client left before it was answered."""


class Traffic:
    """An ASGI app around the service that counts what goes through it."""

    def __init__(self, app: Any, *, clock: Callable[[], float] = perf_counter) -> None:
        self._app = app
        self._clock = clock
        self.requests: Counter[tuple[str, str]] = Counter()
        """Requests that are over, by endpoint and status."""
        self.seconds = Buckets()
        """How long requests to the endpoint took, the refused ones too."""
        self.inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = UNANSWERED

        async def heard(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        began = self._clock()
        self.inside += 1
        try:
            await self._app(scope, receive, heard)
        finally:
            self.inside -= 1
            endpoint = _endpoint(scope["path"])
            self.requests[endpoint, status] += 1
            if endpoint == "enrich":
                self.seconds.add(self._clock() - began)


def _endpoint(path: str) -> str:
    if path == ENDPOINT:
        return "enrich"
    if path.startswith(ENDPOINT + "/"):
        return "outcome"
    return "page" if path in PAGES else "other"
