"""ScriptedTransport: a vendor without a network. The engine takes it in place of its own transport."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from enrichcore.engine.reply import Reply, unpack
from enrichcore.engine.transport import Transport, Watch, Wire, lost, too_long
from enrichcore.errors import Unsent
from enrichcore.testing.act import Act
from enrichcore.testing.clock import HastyClock
from enrichcore.testing.script import Answers, Asked, Script


class ScriptedTransport:
    """Plays a script, in the same process and without waiting for anything but what the script says.

    It keeps the promises of a real transport: the verdict on the wire, the size limit, one layer of compression.
    """

    def __init__(self, *acts: Act | Mapping[str, Answers] | Callable[[Asked], Act] | Script) -> None:
        scripts = [act for act in acts if isinstance(act, Script)]
        self.script = scripts[0] if scripts else Script(*(act for act in acts if not isinstance(act, Script)))

    @property
    def asked(self) -> list[Asked]:
        """Every request, in order."""
        return self.script.asked

    async def send(self, request: Any, watch: Watch, *, connect_timeout: float, max_body: int) -> Reply:  # noqa: ARG002 - the protocol's signature
        """See `engine.transport.Transport.send`."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        act = self.script.next(Asked(request.method, str(request.url), headers, request.content))
        if act.fault == "refused":
            raise Unsent("no connection: it was refused")
        watch.wire = Wire.MAYBE_SENT
        if act.after:
            await asyncio.sleep(act.after)
        if act.fault in ("never", "stalls"):
            await asyncio.Event().wait()
        if act.fault is not None:
            raise lost()
        watch.wire = Wire.ANSWERED
        if len(act.body) > max_body:
            raise too_long(act.status, max_body)
        fields = dict(act.headers)
        coding = next((fields.pop(name) for name in list(fields) if name.lower() == "content-encoding"), "")
        return Reply(act.status, list(fields.items()), unpack(coding, act.body, max_body), request)

    async def forget(self) -> None:
        """There is no connection to forget."""

    async def aclose(self) -> None:
        """There is no connection to close."""


class WatchedTransport:
    """A real transport that tells a hasty clock when a request is under way."""

    def __init__(self, transport: Transport, clock: HastyClock) -> None:
        self._transport, self._clock = transport, clock

    async def send(self, request: Any, watch: Watch, *, connect_timeout: float, max_body: int) -> Any:
        """See `engine.transport.Transport.send`."""
        self._clock.works += 1
        try:
            return await self._transport.send(request, watch, connect_timeout=connect_timeout, max_body=max_body)
        finally:
            self._clock.works -= 1

    async def forget(self) -> None:
        """See `engine.transport.Transport.forget`."""
        await self._transport.forget()

    async def aclose(self) -> None:
        """See `engine.transport.Transport.aclose`."""
        await self._transport.aclose()
