"""Providers that do what a provider must not do; the tests install them from a copy of this file."""

import asyncio
import sys
import time
from typing import Any

from enrichcore.engine import watchdog
from enrichcore.model import EmailQuery, Hit, Miss, Number, Price
from enrichcore.plugins import Provider, hookimpl

GOOD = Hit(Number("+1 202-555-0177"))


class Blocks(Provider):
    """Stops the loop for longer than it may take."""

    name = "clitest_blocks"
    when_named = True
    timeout = 0.05

    @hookimpl
    async def phone_by_email(self, query: EmailQuery) -> Hit:
        time.sleep(0.15)  # noqa: ASYNC251 - the point
        return GOOD


class Hangs(Provider):
    """Never answers."""

    name = "clitest_hangs"
    when_named = True
    timeout = 0.1

    @hookimpl
    async def phone_by_email(self, query: EmailQuery) -> Hit:
        await asyncio.sleep(3600)
        return GOOD


class Swallows(Provider):
    """Never answers, and does not care that it is cancelled."""

    name = "clitest_swallows"
    when_named = True
    timeout = 0.1

    async def setup(self) -> None:
        watchdog.TICK, watchdog.GRACE = 0.05, 0.1  # five seconds of patience are not what is tested

    @hookimpl
    async def phone_by_email(self, query: EmailQuery) -> Hit:
        while True:
            try:  # noqa: SIM105 - as it is written in the wild
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                pass


class Garbage(Provider):
    """Returns something else each time."""

    name = "clitest_garbage"
    when_named = True
    price = Price.per_hit(1)
    answers: tuple[Any, ...] = (None, "+12025550143", 5, {"phone": "x"}, Hit, object())
    asked = 0

    @hookimpl
    async def phone_by_email(self, query: EmailQuery) -> Any:
        self.asked += 1
        return self.answers[self.asked % len(self.answers)]


class Leaves(Provider):
    """Tries to end the program."""

    name = "clitest_leaves"
    when_named = True

    @hookimpl
    async def phone_by_email(self, query: EmailQuery) -> Hit:
        sys.exit(7)


class Cancels(Provider):
    """Raises what only the loop should raise."""

    name = "clitest_cancels"
    when_named = True

    @hookimpl
    async def phone_by_email(self, query: EmailQuery) -> Hit:
        raise asyncio.CancelledError


class Prints(Provider):
    """Writes where the answer goes."""

    name = "clitest_prints"
    when_named = True

    @hookimpl
    async def phone_by_email(self, query: EmailQuery) -> Miss:
        print("noise")
        return Miss()


class Unready(Provider):
    """Cannot start, and cannot close either."""

    name = "clitest_unready"
    when_named = True

    async def setup(self) -> None:
        raise RuntimeError("no \x1b[31mfile")

    async def aclose(self) -> None:
        raise RuntimeError("never")

    @hookimpl
    async def phone_by_email(self, query: EmailQuery) -> Hit:
        return GOOD


class Balance(Provider):
    """Says of its balance what is no balance."""

    name = "clitest_balance"
    when_named = True

    @hookimpl
    async def phone_by_email(self, query: EmailQuery) -> Hit:
        return GOOD

    async def balance(self, http: object) -> Any:
        return "plenty"


class Misspelt(Provider):
    """Means another hook."""

    name = "clitest_misspelt"

    @hookimpl
    async def phone_by_mail(self, query: EmailQuery) -> Hit:
        return GOOD
