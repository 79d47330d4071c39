"""Group commit: operations that arrive while one commit is under way share the next one. There is no timer."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from enrichcore.errors import StoreError

Op = TypeVar("Op")


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
        self.failure: StoreError | None = None

    def put(self, op: Op) -> None:
        """Queue an operation that nobody waits for."""
        if self.failure is None:
            self._ops.append(op)
            self._waiters.append(None)
            if self._runner is None:
                self._runner = asyncio.get_running_loop().create_task(self._run())

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
        while self._runner is not None:
            await asyncio.wait([self._runner])
        if self.failure is not None:
            raise _again(self.failure)

    async def _run(self) -> None:
        try:
            while self._ops:
                ops, waiters = self._ops, self._waiters
                self._ops, self._waiters = [], []
                try:
                    results = await self._commit(ops)
                except Exception as error:  # noqa: BLE001 - whatever it is, the callers must hear of it
                    results = [error] * len(ops)
                except asyncio.CancelledError:
                    self._deliver(ops, waiters, [StoreError("the journal was closed during a write")] * len(ops))
                    raise
                self._deliver(ops, waiters, results)
        finally:
            self._runner = None

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
