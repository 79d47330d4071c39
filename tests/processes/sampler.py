"""Looks at the budgets in a journal over and over, from a process of its own, until its standard input ends.

Run as a program with the URL of the journal. It prints a line when it is ready and, at the end, as JSON, how often it
looked and the most that it saw spent and reserved in each budget, in billionths; all records count as one.
"""

import asyncio
import contextlib
import importlib
import json
import sqlite3
import sys
import threading
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, urlsplit

GENERAL = "SELECT scope, spent + reserved FROM budgets WHERE scope NOT LIKE 'record:%'"
RECORDS = "SELECT 'record', max(spent + reserved) FROM budgets WHERE scope LIKE 'record:%'"
PAUSE = 0.004
NOW_AND_THEN = 20


class Sampler:
    """The most that was seen."""

    def __init__(self) -> None:
        self.samples = 0
        self.most: dict[str, int] = {}

    def see(self, rows: Iterable[Any]) -> None:
        """One look."""
        self.samples += 1
        for scope, amount in rows:
            self.most[scope] = max(self.most.get(scope, 0), amount or 0)

    @property
    def statement(self) -> str:
        """What to look at next: all the records only now and then."""
        return GENERAL if self.samples % NOW_AND_THEN else RECORDS


async def in_file(path: str, sampler: Sampler, done: threading.Event) -> None:
    """Look at a SQLite file."""
    with contextlib.ExitStack() as stack:
        connection: sqlite3.Connection | None = None
        while not done.is_set():
            try:
                if connection is None:
                    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)
                    stack.enter_context(contextlib.closing(connection))
                sampler.see(connection.execute(sampler.statement).fetchall())
            except sqlite3.OperationalError:
                if sampler.samples:  # else it is being made
                    raise
            await asyncio.sleep(PAUSE)


async def on_server(url: str, schema: str, sampler: Sampler, done: threading.Event) -> None:
    """Look at a schema of a Postgres server."""
    asyncpg: Any = importlib.import_module("asyncpg")
    names = ("PostgresConnectionError", "OperatorInterventionError", "InterfaceError", "InternalClientError")
    lost = (OSError, *(getattr(asyncpg, name) for name in names))
    connection: Any = None
    while not done.is_set():
        try:
            if connection is None:
                connection = await asyncpg.connect(url)
                await connection.execute(f"SET search_path = {schema}")
            sampler.see(await connection.fetch(sampler.statement))
        except asyncpg.UndefinedTableError:
            pass  # it is being made
        except lost:  # the server was killed
            if connection is not None:
                connection.terminate()
                connection = None
        await asyncio.sleep(PAUSE)
    if connection is not None:
        await connection.close()


def main(url: str) -> None:
    """Look until the input ends."""
    sampler, done = Sampler(), threading.Event()

    def wait() -> None:
        sys.stdin.read()
        done.set()

    threading.Thread(target=wait).start()
    print("ready", flush=True)
    if url.startswith("sqlite:///"):
        asyncio.run(in_file(url.removeprefix("sqlite:///"), sampler, done))
    else:
        schema = parse_qs(urlsplit(url).query)["schema"][0]
        asyncio.run(on_server(url.partition("?")[0], schema, sampler, done))
    print(json.dumps({"samples": sampler.samples, "most": sampler.most}))


if __name__ == "__main__":
    main(sys.argv[1])
