"""How transactions survive what happens to connections, without a server; and what errors are told as."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from enrichcore.errors import ConfigError, StoreError
from enrichcore.store.postgres import link
from enrichcore.store.postgres.link import Link
from enrichcore.store.postgres.server import Connection
from enrichcore.store.postgres.trouble import Clash, Kind, explain, kind_of, refused


class PostgresSays(Exception):
    """An error as asyncpg raises it for what a server says; behind its message may stand values."""

    def __init__(self, sqlstate: str, message: str = "as the server says") -> None:
        super().__init__(message)
        self.sqlstate = sqlstate

    def __str__(self) -> str:
        return f"{self.args[0]}\nDETAIL:  canary-7931"


LOST = PostgresSays("08006")


class FakeConnection:
    """Remembers what it is asked, and raises what `fails` says of a statement, once."""

    def __init__(self, fails: dict[str, BaseException]) -> None:
        self.said: list[str] = []
        self.fails = fails

    async def execute(self, query: str, *_: Any) -> None:
        self.said.append(query.split(";", 1)[0].split(" ", 1)[0])
        error = self.fails.pop(self.said[-1], None)
        if error is not None:
            raise error

    async def fetch(self, query: str, *_: Any) -> list[Any]:
        await self.execute(query)
        return []

    async def fetchrow(self, query: str, *_: Any) -> None:
        await self.execute(query)

    def is_closed(self) -> bool:
        return False

    def terminate(self) -> None:
        self.said.append("terminate")


class FakeSource:
    """Lends one connection after another; `refuses` are errors of the first attempts to connect."""

    name = "postgresql://db.example/x"

    def __init__(
        self,
        fails: dict[str, BaseException] | None = None,
        *,
        refuses: list[BaseException] | None = None,
        pooled: bool = False,
    ) -> None:
        self.pooled = pooled
        self.refuses = refuses or []
        self.connection = FakeConnection(fails or {})
        self.broken = 0

    async def take(self) -> Connection:
        if self.refuses:
            raise self.refuses.pop(0)
        return self.connection

    async def give(self, connection: Connection, *, broken: bool) -> None:
        self.broken += broken

    async def close(self) -> None:
        pass


def write(source: FakeSource, work: Callable[[Any], Awaitable[Any]] | None = None, **options: Any) -> Any:
    """What comes of a transaction that says WORK."""

    async def say(connection: Any) -> str:
        await connection.execute("WORK")
        return "done"

    async def run() -> Any:
        lane = Link(source, **options)
        lane.was_up = True
        return await lane.write(work or say)

    return asyncio.run(run())


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "_BACKOFF", (0.0, 0.0))
    monkeypatch.setattr(link, "_CLASHES", 3)


@pytest.mark.parametrize(
    ("fails", "said", "broken"),
    [
        ({}, ["BEGIN", "WORK", "COMMIT"], 0),
        ({"BEGIN": LOST}, ["BEGIN", "BEGIN", "WORK", "COMMIT"], 1),
        ({"WORK": LOST}, ["BEGIN", "WORK", "BEGIN", "WORK", "COMMIT"], 1),
        ({"COMMIT": LOST}, ["BEGIN", "WORK", "COMMIT", "BEGIN", "WORK", "COMMIT"], 1),
        ({"WORK": OSError()}, ["BEGIN", "WORK", "BEGIN", "WORK", "COMMIT"], 1),
        ({"WORK": TimeoutError()}, ["BEGIN", "WORK", "BEGIN", "WORK", "COMMIT"], 1),
        ({"WORK": Clash()}, ["BEGIN", "WORK", "ROLLBACK", "BEGIN", "WORK", "COMMIT"], 0),
        ({"WORK": PostgresSays("40P01")}, ["BEGIN", "WORK", "ROLLBACK", "BEGIN", "WORK", "COMMIT"], 0),
        ({"WORK": PostgresSays("26000")}, ["BEGIN", "WORK", "ROLLBACK", "BEGIN", "WORK", "COMMIT"], 1),
    ],
)
def test_what_passes_by_itself_is_done_again(fails: dict[str, BaseException], said: list[str], broken: int) -> None:
    """A lost connection is replaced, a clash is rolled back on the same one."""
    source = FakeSource(dict(fails))
    assert write(source) == "done"
    assert (source.connection.said, source.broken) == (said, broken)


def test_a_server_is_waited_for() -> None:
    """Whatever kept it from taking connections."""
    refusals = [ConnectionRefusedError(), PostgresSays("57P03"), PostgresSays("53300"), socket.gaierror(-3, "later")]
    assert write(FakeSource(refuses=list(refusals))) == "done"
    with pytest.raises(StoreError, match=r"nothing listens there"):
        write(FakeSource(refuses=list(refusals)), patience=0.0)


@pytest.mark.parametrize("error", [socket.gaierror(-2, "unknown"), ssl.SSLError(1, "certificate")])
def test_a_wrong_address_is_not_waited_for_at_first(error: OSError) -> None:
    """A host that nobody knows, or one that is not who it says: told at once while the store is being opened."""

    async def run() -> None:
        await Link(FakeSource(refuses=[error])).read(lambda c: c.fetchrow("SELECT"))

    with pytest.raises(StoreError, match=r"the journal at postgresql://db\.example/x"):
        asyncio.run(run())


def test_clashes_have_an_end() -> None:
    """After three more tries it is told."""
    tries = []

    async def clash(_: Any) -> None:
        tries.append(1)
        raise Clash

    with pytest.raises(StoreError, match=r"each other's way, over and over \(40001: Clash\)"):
        write(FakeSource(), clash)
    assert len(tries) == 4


def test_a_fault_of_ours_is_not_blamed_on_the_server() -> None:
    """It is raised as it is, after a rollback; so is what the store itself says."""
    for error in (ZeroDivisionError(), ConfigError("said"), ValueError("bad value")):
        source = FakeSource({"WORK": error})
        with pytest.raises(type(error)):
            write(source)
        assert source.connection.said == ["BEGIN", "WORK", "ROLLBACK"]


def test_a_pooler_that_was_overlooked_is_found_out_once() -> None:
    """Prepared statements that are missing mean a pooler; from a source that knows it, they are an error."""
    source = FakeSource({"WORK": PostgresSays("42P05")})
    assert write(source) == "done"
    assert source.pooled
    with pytest.raises(StoreError, match=r"make the pool with statement_cache_size=0"):
        write(FakeSource({"WORK": PostgresSays("42P05")}, pooled=True))


@pytest.mark.parametrize("obey", [True, False])
@pytest.mark.parametrize("turns", range(1, 8))
def test_a_cancellation_is_obeyed_or_seen_through(*, obey: bool, turns: int) -> None:
    """A reader goes at once; the commit that others wait for is done, whenever its task is cancelled."""

    async def slowly(connection: Any) -> str:
        for _ in range(3):
            await asyncio.sleep(0)
        return "done"

    async def run() -> None:
        source = FakeSource(refuses=[OSError()])
        lane = Link(source)
        lane.was_up = True
        task = asyncio.create_task(lane.write(slowly, obey=obey))
        for _ in range(turns):
            await asyncio.sleep(0)
        cancelled = task.cancel()
        await asyncio.wait([task])
        assert task.cancelled() is (obey and cancelled)
        if not task.cancelled():
            assert task.result() == "done"
        assert await lane.write(slowly) == "done"

    asyncio.run(run())


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PostgresSays("53100"), r"cannot write: its disk is full \(53100: as the server says\); free some space"),
        (PostgresSays("25006"), r"takes only reads: it is a standby .*; name the primary"),
        (PostgresSays("XX001"), r"holds damaged data \(XX001: .*; restore it from a backup"),
        (PostgresSays("0Z999"), r"failed \(0Z999: as the server says\)$"),
        (TimeoutError(), r"does not answer in time \(timeout\)"),
        (ssl.SSLError(1, "x"), r"could not agree with us on TLS"),
        (OSError(113, "No route to host"), r"cannot be reached \(No route to host\)"),
        (EOFError("closed"), r"broke off \(EOFError: closed\); see whether it is up"),
    ],
)
def test_errors_name_the_server_the_cause_and_the_way_out(error: BaseException, said: str) -> None:
    """And no value: what stands behind a server's message is left out."""
    message = str(explain("postgresql://db.example/x", error))
    assert message.startswith("the journal at postgresql://db.example/x ")
    with pytest.raises(StoreError, match=said):
        raise StoreError(message)
    assert "canary" not in message


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (PostgresSays("57P01"), Kind.LOST),
        (asyncio.CancelledError(), Kind.LOST),
        (PostgresSays("55P03"), Kind.CLASH),
        (PostgresSays("22021"), Kind.REFUSED),
        (OverflowError(), Kind.REFUSED),
        (PostgresSays("42501"), Kind.FATAL),
        (KeyError(), Kind.FATAL),
    ],
)
def test_what_an_error_means(error: BaseException, kind: Kind) -> None:
    """Gone, in the way, not storable, or for a person."""
    assert kind_of(error) is kind


def test_a_refused_value_is_not_shown() -> None:
    """Only what kind of error it was."""
    for error in (PostgresSays("22021", "canary"), ValueError("canary")):
        assert "canary" not in str(refused("postgresql://db.example/x", "Put", error))
