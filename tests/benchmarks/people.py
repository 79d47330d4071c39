"""The records and providers of the benchmarks: those of the hand-written loop, for the engine.

Five providers; record i is answered by provider i % 4, so that a record takes 2.5 attempts on average.
"""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

from enrichcore import Contact
from enrichcore.model import Hit, Miss, NameQuery, Number, Price
from enrichcore.plugins import Http, Provider, hookimpl

NAMES = tuple(f"p{index}" for index in range(5))
DELAY = 0.05
"""Seconds that a slow provider takes."""
_COMPANY = "engines "


def contacts(count: int, *, first: int = 0) -> Iterator[Contact]:
    """`count` records from number `first` on, made as they are taken."""
    for i in range(first, first + count):
        yield Contact(record_id=str(i), first_name="ada", last_name="lovelace", company=f"{_COMPANY}{i}")


def number_of(query: NameQuery) -> int:
    """Which record a query is about."""
    assert query.company is not None
    return int(query.company[len(_COMPANY) :])


def answer(index: int, i: int) -> str | None:
    """What provider `index` knows of record `i`."""
    return f"+1650253{i % 10000:04d}" if index >= i % 4 else None


class Instant(Provider):
    """Answers at once, with no more ado than the yardstick's provider."""

    def __init__(self, index: int, *, paid: bool) -> None:
        self.index = index
        self.price = Price.per_hit(credits=1) if paid else Price.free()

    @hookimpl
    async def phone_by_name(self, query: Any) -> Hit | Miss:
        """The number, or nothing."""
        i = int(query.company[8:])
        return Hit(Number(f"+1650253{i % 10000:04d}")) if self.index >= i % 4 else Miss()


class Slow(Instant):
    """Answers after 50 ms."""

    @hookimpl
    async def phone_by_name(self, query: Any) -> Hit | Miss:
        """The number, or nothing."""
        await asyncio.sleep(DELAY)
        return await super().phone_by_name(query)


class Remote(Provider):
    """Asks a vendor on this machine."""

    def __init__(self, index: int, base_url: str) -> None:
        self.index, self.base_url = index, base_url

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Hit | Miss:
        """POST the record and the provider, read the number."""
        reply = await http.post("/phone", json={"provider": self.index, "record": number_of(query)})
        found = reply.json()["phone"]
        return Hit(Number(found)) if found else Miss()


def _named(kind: type[Provider], index: int) -> type[Provider]:
    return type(f"{kind.__name__}{index}", (kind,), {"name": NAMES[index]})


def instant(*, paid: bool = False) -> Sequence[Provider]:
    """The five providers, in process."""
    return [_named(Instant, index)(index, paid=paid) for index in range(len(NAMES))]  # type: ignore[call-arg]


def slow(*, paid: bool) -> Sequence[Provider]:
    """The same, each answer after 50 ms."""
    return [_named(Slow, index)(index, paid=paid) for index in range(len(NAMES))]  # type: ignore[call-arg]


def remote(base_url: str) -> Sequence[Provider]:
    """The five providers, over HTTP."""
    return [_named(Remote, index)(index, base_url) for index in range(len(NAMES))]  # type: ignore[call-arg]
