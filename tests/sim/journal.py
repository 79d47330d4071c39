"""The real MemoryStore over shared tables, made to wait, to fail and to die.

*Direct* is MemoryStore as it is. *Grouped* puts the real group commit in front of it, with commits that take time, as
the journals on disk do.
"""

import contextvars
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any, Final

import attrs

from enrichcore.store import (
    Claim,
    ClaimAnswer,
    Expiry,
    Forgotten,
    Granted,
    Row,
    SharedNumber,
    StoredResult,
    StoredState,
    TakenOver,
)
from enrichcore.store.group_commit import GroupCommit
from enrichcore.store.memory import MemoryStore
from enrichcore.store.memory_tables import Tables
from tests.sim.history import History
from tests.sim.mishap import Mishap, Trouble

if TYPE_CHECKING:
    from tests.sim.process import Process

_QUEUED: Final = ("record", "save_result", "save_state", "note_number")


@attrs.define(eq=False)
class Op:
    """One operation, on its way to the tables."""

    name: str
    argument: Any
    more: tuple[Any, ...] = ()


class MemoryLedger:
    """The journal of all processes, in memory."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._tables = Tables()

    def store(self, process: "Process", *, latency: float | None, trouble: Trouble | None) -> "SimStore":
        """A store for one process."""
        mishap = Mishap(self._history, process, trouble, latency or 0.0)
        return SimStore(MemoryStore(tables=self._tables, owner=process.number + 1), mishap, grouped=latency is not None)

    def intent(self, key: bytes, owner: int, provider: str) -> int | None:
        """The open intent of an owner for a question, or one of somebody who was forgotten meanwhile."""
        intent = self._tables.intents.get(key)
        if intent is not None and intent.owner == owner:
            return intent.id
        mine = [i for i in self._tables.open.values() if i.owner == owner]
        forgotten = (i.id for i in mine if i.forgotten and i.claim.provider == provider)
        return next((i.id for i in mine if i.claim.key == key), None) or next(forgotten, None)

    def open_ids(self) -> set[int]:
        """All open intents."""
        return set(self._tables.open)

    def settled(self) -> list[Row]:
        """All settled attempts."""
        return list(self._tables.settled)

    def open_rows(self) -> list[Row]:
        """All open intents as rows."""
        return [intent.row() for intent in self._tables.open.values()]

    def results(self) -> list[StoredResult]:
        """Everything that is kept as a result."""
        return [kept for both in self._tables.results.values() for kept in dict.fromkeys(both) if kept is not None]

    def people(self, tenant: str) -> set[int]:
        """The hashes of all people for whom numbers are counted."""
        return {who for (owner, _), people in self._tables.numbers.people.items() if owner == tenant for who in people}

    def budget(self, tenant: str, scope: str) -> tuple[int, int]:
        """What is spent and what is reserved in one budget."""
        return self._tables.budgets.get((tenant, scope), (0, 0))

    def rate(self, provider: str, credential: bytes, seconds: float) -> tuple[float, int]:
        """When the window of a rate began, in wall seconds, and how many of its calls are taken."""
        return self._tables.rates[provider, credential, seconds]

    def budgets(self) -> dict[tuple[str, str], tuple[int, int]]:
        """What is spent and what is reserved, by tenant and scope."""
        return dict(self._tables.budgets)

    def known(self, tenant: str, record: bytes) -> bytes | None:
        """The definite result that is kept for a record."""
        kept = self._tables.results.get((tenant, record), (None, None))[0]
        return None if kept is None else kept.written()

    def lost(self, tenant: str) -> list[Row]:
        """What dead owners left open of people who were erased."""
        mine = (i for i in self._tables.open.values() if i.forgotten and i.claim.tenant == tenant)
        return [intent.row() for intent in mine if intent.owner not in self._tables.owners]

    def bury(self, owner: int, after: float) -> None:
        """After so many seconds nobody takes a dead owner for alive any more."""
        self._history.loop.call_later(after, self._tables.owners.discard, owner, context=contextvars.Context())

    def close(self) -> None:
        """Nothing is held."""


class SimStore:
    """Implements `store.Store` for one process."""

    def __init__(self, inner: MemoryStore, mishap: Mishap, *, grouped: bool) -> None:
        self.durable = True
        self.owner = 0
        self.mishap = mishap
        self._inner = inner
        self._grouped = grouped
        self._group: GroupCommit[Op] = GroupCommit(self._commit, abandoned=self._abandoned)

    def next_id(self) -> int:
        return self._inner.next_id()

    async def open(self, now: float) -> None:
        await self._inner.open(now)
        self.owner = self._inner.owner

    async def aclose(self) -> None:
        try:
            await self._group.flush()
        finally:
            await self._inner.aclose()

    async def keep_currency(self, currency: str) -> str:
        return await self._inner.keep_currency(currency)

    # --- what is awaited ----------------------------------------------------------------------------------------------

    async def heartbeat(self, now: float) -> None:
        await self._do(Op("heartbeat", now))

    async def claim(self, claim: Claim) -> ClaimAnswer:
        answer: ClaimAnswer = await self._do(Op("claim", claim))
        return answer

    def settle(self, row: Row) -> Awaitable[None]:
        op = Op("settle", row)
        return self._group.submit(op) if self._grouped else self._do(op)

    async def note_job(self, attempt: int, job: str) -> None:
        await self._do(Op("note_job", attempt, (job,)))

    async def release(self, attempt: int) -> None:
        await self._do(Op("release", attempt))

    async def suppress(self, tenant: str, entries: Sequence[tuple[bytes, str]], now: float) -> int:
        new: int = await self._do(Op("suppress", tenant, (entries, now)))
        return new

    async def unsuppress(self, tenant: str, hashes: Collection[bytes]) -> int:
        gone: int = await self._do(Op("unsuppress", tenant, (hashes,)))
        return gone

    async def forget(
        self, tenant: str, records: Collection[bytes], questions: Collection[bytes], people: Collection[int], now: float
    ) -> Forgotten:
        done: Forgotten = await self._do(Op("forget", tenant, (records, questions, people, now)))
        return done

    async def expire(self, tenant: str, rules: Sequence[Expiry], now: float) -> int:
        done: int = await self._do(Op("expire", tenant, (rules, now)))
        return done

    async def lease_rate(
        self, provider: str, credential: bytes, calls: int, seconds: float, want: int, now: float
    ) -> tuple[int, float]:
        granted: tuple[int, float] = await self._do(Op("lease_rate", provider, (credential, calls, seconds, want, now)))
        return granted

    # --- what is queued -----------------------------------------------------------------------------------------------

    def record(self, row: Row) -> None:
        self.mishap.history.row(self.mishap.process, row)
        self._put(Op("record", row))

    def save_result(self, result: StoredResult) -> None:
        self._put(Op("save_result", result))

    def save_state(self, state: StoredState) -> None:
        self._put(Op("save_state", state))

    def note_number(
        self, tenant: str, phone: int, person: int | None, now: float, limit: int, told: Callable[[SharedNumber], None]
    ) -> None:
        self._put(Op("note_number", tenant, (phone, person, now, limit, told)))

    # --- what is read -------------------------------------------------------------------------------------------------

    async def known(self, claim: Claim) -> Row | None:
        await self._look()
        return await self._inner.known(claim)

    async def load_result(self, tenant: str, record: bytes) -> StoredResult | None:
        await self._look()
        return await self._inner.load_result(tenant, record)

    async def last_result(self, tenant: str, record: bytes) -> StoredResult | None:
        await self._look()
        return await self._inner.last_result(tenant, record)

    async def in_doubt(self, tenant: str, now: float) -> list[Row]:
        return await self._inner.in_doubt(tenant, now)

    async def calls_since(self, provider: str, since: float) -> list[float]:
        return await self._inner.calls_since(provider, since)

    async def load_states(self) -> list[StoredState]:
        return await self._inner.load_states()

    async def shared_numbers(self, tenant: str, after: int = 0) -> list[SharedNumber]:
        return await self._inner.shared_numbers(tenant, after)

    async def spending(self, tenant: str, scopes: Collection[str]) -> dict[str, tuple[int, int]]:
        await self._look()
        return await self._inner.spending(tenant, scopes)

    def ledger(self, tenant: str | None, *, since: float = 0.0, until: float = float("inf")) -> AsyncIterator[Row]:
        return self._inner.ledger(tenant, since=since, until=until)

    async def suppressed(self, tenant: str) -> list[tuple[bytes, str]]:
        if self.mishap.process.up:  # an engine that cannot open its store is no engine
            await self._look()
        return await self._inner.suppressed(tenant)

    async def epoch(self) -> int:
        return await self._inner.epoch()

    # --- how it happens -----------------------------------------------------------------------------------------------

    async def _do(self, op: Op) -> Any:
        if self._grouped:
            return await self._group.do(op)
        death = self.mishap.next()
        if death == "before":
            await self.mishap.die(op.name)
        answer = await self._apply(op)
        if death == "after":
            await self.mishap.die(op.name)
        return answer

    def _put(self, op: Op) -> None:
        if self._grouped:
            self._group.put(op)
        elif not self.mishap.process.dead:
            self._apply_queued(op)

    async def _look(self) -> None:
        if self.mishap.next() is not None:
            await self.mishap.die("read")

    async def _commit(self, batch: list[Op]) -> list[Any]:
        """Make a batch durable: all of it or nothing."""
        await self.mishap.wait()
        deaths = {death: op.name for op in batch if (death := self.mishap.next()) is not None}
        if "before" in deaths:
            await self.mishap.die(deaths["before"])
        answers = [await self._apply(op) for op in batch]
        if "after" in deaths:
            await self.mishap.die(deaths["after"])
        await self.mishap.wait()
        return answers

    async def _apply(self, op: Op) -> Any:
        if op.name in _QUEUED:
            return self._apply_queued(op)
        answer: Any = None
        if op.name == "withdraw":
            self._inner.withdraw(op.argument)
        else:
            answer = await getattr(self._inner, op.name)(op.argument, *op.more)
        history, process = self.mishap.history, self.mishap.process
        if op.name == "settle":
            history.row(process, op.argument)
        elif op.name == "claim":
            history.answered_claim(process, answer)
        history.wrote(process, op.name, op.argument if op.name != "lease_rate" else (op.argument, *op.more), answer)
        return answer

    def _apply_queued(self, op: Op) -> None:
        getattr(self._inner, op.name)(op.argument, *op.more)
        if op.name == "save_result":
            kept = self._inner.tables.results.get((op.argument.tenant, op.argument.record), ())
            if any(one is op.argument for one in kept):
                self.mishap.history.saved(op.argument)

    def _abandoned(self, _op: Op, result: Any) -> None:
        """As the journals on disk do: nothing was sent under a claim that nobody waits for."""
        if isinstance(result, Granted):
            self._group.put(Op("withdraw", result.id))
        elif isinstance(result, TakenOver):
            self._group.put(Op("release", result.row.id))
