"""Serving the app with uvicorn: one process, which drains when it is told to end, and leaves when it is told again."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

import uvicorn

from enrichcore.errors import ConfigError
from enrichcore.service.deadlines import Patient

if TYPE_CHECKING:
    from enrichcore.engine.core import AsyncEngine

DRAIN: Final = 18.0
"""Seconds that requests under way have, after which they are ended: what was bought for them is in the journal."""
NOTICE: Final = 1.0
"""Seconds between saying that no more is wanted and taking no more, for whoever spreads requests over servers."""
CLOSING: Final = 4.0
"""Seconds that calls under way have after that to come back and be stored, while nobody waits for them any more."""
LONGEST: Final = 25.0
"""Seconds after which the process ends however far it has come."""
_KEEP_ALIVE: Final = 30
_BACKLOG: Final = 2048


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes a free one.

    Raises:
        ConfigError: the address cannot be had.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        found = socket.socket(family, kind, protocol)
    except OSError as error:
        raise ConfigError(f"cannot listen on {host}:{port}: {error.strerror or error}") from None
    try:
        if os.name == "posix":  # elsewhere it would let two servers have the same port
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(address)
        found.listen(_BACKLOG)
    except OSError as error:
        found.close()
        raise ConfigError(f"cannot listen on {host}:{port}: {error.strerror or error}; choose another --port") from None
    found.setblocking(False)
    return found


@contextlib.asynccontextmanager
async def closed_in_time(
    engine: "AsyncEngine", finish: Callable[[], Awaitable[object]], within: float = CLOSING
) -> "AsyncIterator[AsyncEngine]":
    """The engine, open inside; at the end `finish` and calls under way have `within` seconds, then they are cancelled.

    What is cancelled has its intent in the journal, so that it is collected or held for a person, never bought twice.
    """
    await engine.__aenter__()
    try:
        yield engine
    finally:

        async def work() -> None:
            await finish()
            await engine.aclose()

        closing = asyncio.get_running_loop().create_task(work())
        await asyncio.wait({closing}, timeout=within)
        try:
            await engine.aclose(force=True)
        finally:
            await asyncio.wait({closing}, timeout=within)
            closing.cancel()
            await asyncio.gather(closing, return_exceptions=True)
    if not closing.cancelled():
        closing.result()  # what went wrong is told


def settings(
    app: Any, *, protocol: "type[asyncio.Protocol]" = Patient, drain: float = DRAIN, lifespan: bool = True
) -> uvicorn.Config:
    """How uvicorn serves anything of ours: with deadlines, quietly, and without a word about itself."""
    return uvicorn.Config(
        app,
        http=protocol,
        ws="none",
        loop="asyncio",
        interface="asgi3",
        lifespan="on" if lifespan else "off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=max(round(drain), 1),
        backlog=_BACKLOG,
    )


class Server(uvicorn.Server):
    """uvicorn for one app.

    The first SIGTERM or Ctrl-C drains: `draining` is called, after `notice` seconds no new connection is taken, and
    requests under way have `drain` seconds. The second one ends the process at once, as a power cut would: what was
    committed is in the journal, and what was sent and not answered is found there as an intent.

    Args:
        app: an ASGI app.
        draining: called when it begins, so that `/readyz` says no from then on.
        ready: called once requests are taken.
        notice: seconds.
        drain: seconds.
        longest: seconds after which the process ends, whatever still hangs.
        protocol: a protocol of uvicorn.
        lifespan: whether the app's is run; without it, whoever calls opens and closes what the app needs.
    """

    def __init__(
        self,
        app: Any,
        *,
        draining: Callable[[], object] = bool,
        ready: Callable[[], object] = bool,
        notice: float = NOTICE,
        drain: float = DRAIN,
        longest: float = LONGEST,
        protocol: "type[asyncio.Protocol]" = Patient,
        lifespan: bool = True,
    ) -> None:
        super().__init__(settings(app, protocol=protocol, drain=drain, lifespan=lifespan))
        self._draining = draining
        self._ready = ready
        self._notice = notice
        self._longest = longest
        self._told = False
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the app, take connections, and say so."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets=sockets)
        if self.started:
            self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - a signal handler's
        """The first signal drains, the second leaves."""
        if self._told:
            _leave("told to end twice, so it ends now", 128 + sig)
        self._told = True
        if self._loop is None:  # nothing is open yet
            sys.exit(128 + sig)
        self._loop.call_soon_threadsafe(self._drain)

    def orphaned(self) -> None:
        """Drain when standard input ends, by whose other end somebody watches over this process."""
        if not os.read(0, 1):
            asyncio.get_running_loop().remove_reader(0)
            if not self._told:
                self.handle_exit(signal.SIGTERM, None)

    def _drain(self) -> None:
        self._draining()
        assert self._loop is not None
        self._loop.call_later(self._longest, _leave, "it took too long to end, so it ends now", 1)
        self._loop.call_later(self._notice, self._take_no_more)

    def _take_no_more(self) -> None:
        self.should_exit = True


def _leave(why: str, code: int) -> None:
    os.write(2, f"enrichcore: {why}; calls under way are in the journal\n".encode())
    os._exit(code)


class _ClassesOnly(logging.Handler):
    """Says of uvicorn's errors what kind they are: their texts may hold what a request held."""

    def emit(self, record: logging.LogRecord) -> None:
        kind = record.exc_info[0] if record.exc_info else None
        name = f" ({kind.__name__})" if kind is not None else ""
        sys.stderr.write(f"enrichcore: the server failed{name}\n")


def quiet_uvicorn() -> None:
    """Keep uvicorn's own messages to what is an error, without its text."""
    logger = logging.getLogger("uvicorn.error")
    logger.handlers = [_ClassesOnly()]
    logger.setLevel(logging.ERROR)
    logger.propagate = False
