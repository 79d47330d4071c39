"""The watchdog: heartbeats, clock jumps, plugins that ignore their cancellation, and plugins that block the loop."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping

from enrichcore.engine.tenant import Tenant
from enrichcore.errors import StoreError
from enrichcore.runtime import Runtime
from enrichcore.store import Store

TICK = 1.0
HEARTBEAT = 5.0
TIDY = 3600.0
"""Seconds between two looks at what may no longer be kept."""
GRACE = 5.0
"""Seconds that a plugin gets to obey its cancellation."""
LATE = 2.0
"""Seconds by which the watchdog must be late to say that the loop was blocked."""
JUMP = 30.0
"""Seconds by which the clocks must drift apart between two ticks to count as a jump (a laptop that slept)."""


class Watchdog:
    """Looks after one engine, once a second."""

    def __init__(
        self,
        runtime: Runtime,
        store: Store,
        tenants: Mapping[tuple[object, ...], Tenant],
        forget: Callable[[], Awaitable[None]],
        hear: Callable[[], Awaitable[None]],
        epoch: int,
    ) -> None:
        self._runtime = runtime
        self._store = store
        self._tenants = tenants
        self._forget = forget
        self._hear = hear
        self._epoch = epoch
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.get_running_loop().create_task(self._watch())

    async def stop(self) -> None:
        """End, and wait for that."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _watch(self) -> None:
        runtime = self._runtime
        beat = tidied = runtime.monotonic()
        offset = runtime.wall() - runtime.monotonic()
        while True:
            asleep = runtime.monotonic()
            await runtime.sleep(TICK)
            now = runtime.monotonic()
            late = now - asleep - TICK
            if late > LATE:
                self._excuse(now, late)
            drift = runtime.wall() - now - offset
            if abs(drift) > JUMP:
                offset += drift
                self._void(now)
                await self._forget()  # connections that looked alive before the jump
            if now - beat >= HEARTBEAT:
                beat = now
                with contextlib.suppress(StoreError):  # a store that fails says so at the next claim
                    await self._store.heartbeat(runtime.wall())
                    for tenant in list(self._tenants.values()):
                        await tenant.refresh()
            await self._look_at_lists()
            with contextlib.suppress(StoreError):
                await self._hear()
            if now - tidied >= TIDY:
                tidied = now
                for tenant in list(self._tenants.values()):
                    with contextlib.suppress(StoreError):
                        await tenant.expire()
            for tenant in list(self._tenants.values()):
                for run, (due, step) in list(tenant.asker.calls.items()):
                    if now > due + GRACE and not run.abandoned:  # once: a person may say that the provider works again
                        with contextlib.suppress(StoreError):
                            await tenant.abandon(run, step)

    async def _look_at_lists(self) -> None:
        """Notice within a second that another process has suppressed or forgotten somebody."""
        tenants = list(self._tenants.values())
        try:
            epoch = await self._store.epoch()
            for tenant in tenants:
                if epoch != self._epoch or not tenant.listing.is_known:
                    await tenant.reload()
            self._epoch = epoch
        except StoreError:  # a list that may be out of date lets nobody through
            for tenant in tenants:
                tenant.listing.lose()

    def _excuse(self, now: float, late: float) -> None:
        """Something blocked the loop: no call could get its answer meanwhile, so none of them is to blame."""
        for tenant in self._tenants.values():
            for run, (due, step) in tenant.asker.calls.items():
                tenant.asker.calls[run] = (due + late, step)
        self._void(now)

    def _void(self, now: float) -> None:
        for tenant in self._tenants.values():
            for channel in tenant.channels.values():
                channel.health.void(now)
