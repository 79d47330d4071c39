"""The vendor as canned answers: they go through the table of statuses that the engine uses."""

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import Any, Self

import httpx
import pytest
from enrichcore_prospeo import Prospeo

from enrichcore.engine.http import AttemptHttp, ProviderHttp
from enrichcore.engine.transport import Watch, Wire
from enrichcore.model import Credits, Hit, Miss
from enrichcore.testing import run


class Vendor:
    """Gives the answers it was told, one a request, and keeps the requests."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []
        self._answers: deque[httpx.Response] = deque()

    def says(self, status: int, body: Any = None, headers: Mapping[str, str] | None = None) -> Self:
        text = {"content": body} if isinstance(body, bytes) else {"json": body}
        self._answers.append(httpx.Response(status, headers=headers, **text))
        return self

    def ask(self, method: str | None = None, *, settings: Mapping[str, Any] | None = None, **fields: Any) -> Hit | Miss:
        return run(Prospeo, method=method, settings=settings, http=self.http(), **fields)

    def balance(self) -> Credits | None:
        return asyncio.run(Prospeo().balance(self.http()))

    def http(self) -> AttemptHttp:
        home = ProviderHttp(
            Prospeo(), transport=self, base_url=None, key="a-key", user_agent="tests", offline=False, wall=lambda: 0.0
        )
        return home.attempt()

    async def send(
        self, request: httpx.Request, watch: Watch, *, connect_timeout: float, max_body: int
    ) -> httpx.Response:
        self.asked.append(request)
        watch.wire = Wire.ANSWERED
        return self._answers.popleft()

    async def forget(self) -> None:
        """Nothing is kept."""

    async def aclose(self) -> None:
        pass


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()
