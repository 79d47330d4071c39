"""What a server does at its beginning and its end, apart from signals: those are tested with real processes."""

import asyncio
import contextlib
import logging
import socket
from typing import Any, Self

import pytest

pytest.importorskip("uvicorn")

from enrichcore.errors import ConfigError, StoreError
from enrichcore.service.server import closed_in_time, listen, quiet_uvicorn


class Engine:
    """Closes when its call is over; by force, at once."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.over = asyncio.Event()

    async def __aenter__(self) -> Self:
        self.said.append("open")
        return self

    async def aclose(self, *, force: bool = False) -> None:
        """Close."""
        if force:
            self.over.set()
        await self.over.wait()
        self.said.append("forced" if force else "closed")


def test_calls_under_way_are_waited_for() -> None:
    """The app finishes first, then the engine closes, and only then it is over."""

    async def work() -> None:
        engine: Any = Engine()

        async def finish() -> None:
            engine.said.append("finished")
            engine.over.set()

        async with closed_in_time(engine, finish, within=30):
            assert engine.said == ["open"]
        assert engine.said[:3] == ["open", "finished", "closed"]

    asyncio.run(work())


@pytest.mark.parametrize("hangs", ["app", "engine"])
def test_what_hangs_is_cancelled(hangs: str) -> None:
    """Whoever does not come to an end in time is ended by force, after an error inside as well."""

    async def work() -> None:
        engine: Any = Engine()

        async def finish() -> None:
            if hangs == "app":
                await asyncio.Event().wait()

        with contextlib.suppress(ZeroDivisionError):
            async with closed_in_time(engine, finish, within=0.01):
                raise ZeroDivisionError
        assert "forced" in engine.said

    asyncio.run(work())


def test_a_failure_at_the_end_is_told() -> None:
    """What the app could not write is not kept from whoever runs the server."""

    async def work() -> None:
        engine: Any = Engine()

        async def finish() -> None:
            raise StoreError("the disk is full")

        async with closed_in_time(engine, finish, within=30):
            pass

    with pytest.raises(StoreError, match="the disk is full"):
        asyncio.run(work())


def test_an_address_that_cannot_be_had_is_named() -> None:
    """A taken port and an unknown host are told by address, with a way out."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"cannot listen on 127\.0\.0\.1:{port}: .*choose another --port"):
            listen("127.0.0.1", port)
    with pytest.raises(ConfigError, match=r"cannot listen on nowhere\.invalid:80"):
        listen("nowhere.invalid", 80)


def test_uvicorn_says_what_kind_of_error_it_was_and_no_more(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither the text of an error nor what is no error reaches standard error."""
    logger = logging.getLogger("uvicorn.error")
    before = logger.handlers, logger.level, logger.propagate
    try:
        quiet_uvicorn()
        logger.warning("Invalid HTTP request received from ada@engines.example")
        try:
            raise KeyError("ada@engines.example")
        except KeyError:
            logger.exception("Exception in ASGI application for ada@engines.example")
        logger.error("something about ada@engines.example")
    finally:
        logger.handlers, logger.level, logger.propagate = before
    assert capsys.readouterr().err == ("enrichcore: the server failed (KeyError)\nenrichcore: the server failed\n")
