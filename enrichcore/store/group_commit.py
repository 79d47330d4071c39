"""Group commit: operations that arrive while one commit is under way share the next one.

An operation that somebody waits for starts a commit at once. Those that nobody waits for start one when there are many
of them, or after a moment.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, Final, Generic, TypeVar

from enrichcore.errors import StoreError

Op = TypeVar("Op")

MANY: Final = 512
"""Queued operations that nobody waits for with which a commit begins all the same."""
MOMENT: Final = 0.005
"""Seconds after which it begins with fewer."""
BIG: Final = 64
"""Operations from which on new work had better wait until a batch is written."""


class GroupCommit(Generic[Op]):
    """Turns single operations into batches for `commit`, in the order in which they were queued.

    `commit(batch)` returns one result an operation; a result that is an exception fails that operation alone, and an
    exception that `commit` raises fails the whole batch. When an operation fails that nobody waits for, what it would
    have written is lost and nobody was told: from then on every operation is refused with that failure.

    Args:
        commit: makes a batch durable.
        abandoned: called with an operation and its result when whoever waited for it was cancelled meanwhile.
    """

    def __init__(
        self,
        commit: Callable[[list[Op]], Awaitable[list[Any]]],
        *,
        abandoned: Callable[[Op, Any], None] | None = None,
    ) -> None:
        self._commit = commit
        self._abandoned = abandoned
        self._ops: list[Op] = []
        self._waiters: list[asyncio.Future[Any] | None] = []
        self._runner: asyncio.Task[None] | None = None
        self._enough: asyncio.Event | None = None
        self._is_big = False
        self._outside: list[asyncio.Future[None]] = []
        self.failure: StoreError | None = None

    def put(self, op: Op) -> None:
        """Queue an operation that nobody waits for."""
        if self.failure is None:
            self._ops.append(op)
            self._waiters.append(None)
            if self._runner is None:
                self._runner = asyncio.get_running_loop().create_task(self._run())
            elif len(self._ops) == MANY:
                self._begin()

    def submit(self, op: Op) -> asyncio.Future[Any]:
        """Queue an operation whose result is awaited later: what is queued after it is durable no sooner."""
        loop = asyncio.get_running_loop()
        waiter = loop.create_future()
        if self.failure is not None:
            waiter.set_exception(_again(self.failure))
            return waiter
        self._ops.append(op)
        self._waiters.append(waiter)
        if self._runner is None:
            self._runner = loop.create_task(self._run())
        self._begin()
        return waiter

    @property
    def waiting(self) -> int:
        """How many operations are queued for the next commit."""
        return len(self._ops)

    @property
    def is_full(self) -> bool:
        """Whether so much is queued that who has something new had better wait for `room`."""
        return self._is_big or len(self._ops) >= MANY

    def room(self) -> asyncio.Future[None]:
        """Resolves when the batch that is being written, or else the next one, is through or has failed."""
        waiter = asyncio.get_running_loop().create_future()
        self._outside.append(waiter)
        return waiter

    async def do(self, op: Op) -> Any:
        """The result of an operation, once it is durable. A cancelled caller does not take it back.

        Raises:
            StoreError: the batch or this operation failed, or an earlier queued write was lost.
        """
        waiter = self.submit(op)
        try:
            return await waiter
        except asyncio.CancelledError:
            # The result may have come in the same turn of the loop as the cancellation: then `_deliver` knew nothing.
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None and self._abandoned is not None:
                self._abandoned(op, waiter.result())
            raise

    async def flush(self) -> None:
        """Wait until nothing is queued.

        Raises:
            StoreError: a queued write was lost.
        """
        self._begin()
        while self._runner is not None:
            await asyncio.wait([self._runner])
        if self.failure is not None:
            raise _again(self.failure)

    def _begin(self) -> None:
        """Collect no longer."""
        if self._enough is not None:
            self._enough.set()

    async def _collect(self) -> None:
        """Wait for more, as long as nobody waits for what there is."""
        if len(self._ops) >= MANY or any(waiter is not None for waiter in self._waiters):
            return
        self._enough = asyncio.Event()
        timer = asyncio.get_running_loop().call_later(MOMENT, self._enough.set)
        # A loop that ends without closing the store cancels this: then what is queued is written all the same.
        with contextlib.suppress(asyncio.CancelledError):
            await self._enough.wait()
        timer.cancel()
        self._enough = None

    async def _run(self) -> None:
        try:
            await self._collect()
            while self._ops:
                ops, waiters = self._ops, self._waiters
                self._ops, self._waiters = [], []
                self._is_big = len(ops) >= BIG
                try:
                    results = await self._commit(ops)
                except Exception as error:  # noqa: BLE001 - whatever it is, the callers must hear of it
                    results = [error] * len(ops)
                except asyncio.CancelledError:
                    self._deliver(ops, waiters, [StoreError("the journal was closed during a write")] * len(ops))
                    raise
                self._deliver(ops, waiters, results)
                self._let_in()
        finally:
            self._runner = None
            self._let_in()

    def _let_in(self) -> None:
        self._is_big = False
        waiting, self._outside = self._outside, []
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)

    def _deliver(self, ops: list[Op], waiters: list[asyncio.Future[Any] | None], results: list[Any]) -> None:
        for op, waiter, result in zip(ops, waiters, results, strict=True):
            if waiter is None:
                if isinstance(result, Exception) and self.failure is None:
                    self.failure = _lost(result)
            elif waiter.done():
                if self._abandoned is not None and not isinstance(result, Exception):
                    self._abandoned(op, result)
            elif isinstance(result, Exception):
                waiter.set_exception(_again(result))
            else:
                waiter.set_result(result)
        if self.failure is not None and self._ops:
            ops, waiters = self._ops, self._waiters
            self._ops, self._waiters = [], []
            self._deliver(ops, waiters, [self.failure] * len(ops))


def _lost(error: Exception) -> StoreError:
    return StoreError(f"a queued write was lost, so nothing more is bought: {error}")


def _again(error: Exception) -> Exception:
    """A fresh exception that says the same: one instance raised in many tasks would grow one endless traceback."""
    return StoreError(*error.args) if isinstance(error, StoreError) else error
