"""The gate before every call: deadline, health, credits and rate limit. What passes may call at once."""

import asyncio
from collections.abc import Callable
from typing import Final

import attrs

from enrichcore.engine.breaker import State
from enrichcore.engine.channel import NO_HTTP, Channel
from enrichcore.engine.plan import Step
from enrichcore.engine.run import Run
from enrichcore.model import SkipReason
from enrichcore.runtime import Runtime

_CLOSED: Final = State.CLOSED
WORTH_SAYING = 1.0
"""Seconds; a bulk run that waits longer for a rate limit says so."""


@attrs.define(eq=False)
class Admission:
    """Lets calls through one by one, after whatever wait fits the deadline."""

    runtime: Runtime
    is_closing: Callable[[], bool]

    def ended(self, run: Run) -> bool:
        """Whether nobody waits for this run any more."""
        return run.stop or self.is_closing()

    def at_once(self, run: Run, channel: Channel) -> bool:
        """Whether `admit` would let a call through without a wait and without a trace: the common case, asked first."""
        return (
            run.deadline_at is None
            and not run.stop
            and channel.health.state is _CLOSED
            and not channel.limiter.limits
            and not self.is_closing()
        )

    async def admit(self, run: Run, step: Step, channel: Channel) -> SkipReason | None:
        """Wait for the rate limit; None lets one call through now."""
        health = channel.health
        # No paid call starts with less time left than it usually takes.
        needs = channel.provider.typical if channel.member.price.paid else 0.0
        while True:
            if self.ended(run):
                return SkipReason.STOPPED
            now = self.runtime.monotonic()
            if run.deadline_at is not None and (now >= run.deadline_at or run.deadline_at - now < needs):
                return SkipReason.NO_TIME
            reason = health.gate(now)
            if reason is SkipReason.PACED:
                wait = (health.until or now) - now
                if not run.fits(now, wait + needs):
                    return reason
                if run.slots is not None:
                    run.slots.waiting(step.name, reason, wait)
                spread = wait * (1 + 0.05 * self.runtime.rng.random()) + 0.001
                if run.deadline_at is not None:
                    spread = min(spread, run.deadline_at - needs - now)
                await self.pause(run, spread)
                continue
            if reason is not None:
                return reason
            probing = health.probing
            try:
                refused = await self._after_gate(run, step, channel, needs)
            except BaseException:
                if probing:
                    health.neutral()
                raise
            if refused is not None:
                if probing:
                    health.neutral()
                return refused
            if probing or health.gate(self.runtime.monotonic()) is None:
                return None

    async def _after_gate(self, run: Run, step: Step, channel: Channel, needs: float) -> SkipReason | None:
        """Ask a parked account for its balance, then wait for the rate limit."""
        latest = None if run.deadline_at is None else run.deadline_at - needs
        if channel.health.probing_account and not await self._has_credits(channel, latest):
            return SkipReason.PARKED
        # What all processes share comes first: the wait for it would spoil the start that our own limiter gives.
        if channel.leases is not None and (refused := await self.lease(run, channel, latest)) is not None:
            return refused
        now = self.runtime.monotonic()
        start = channel.limiter.take(now, latest=latest)
        if start is None:
            return SkipReason.PACED
        if start > now:
            if run.slots is not None and start - now > WORTH_SAYING:
                run.slots.waiting(step.name, SkipReason.PACED, start - now)
            await self.pause(run, start - now)
            if self.ended(run):
                return SkipReason.STOPPED
        return None

    async def lease(self, run: Run, channel: Channel, latest: float | None) -> SkipReason | None:
        """Wait for a call of those that all processes share; None once there is one."""
        assert channel.leases is not None
        while (wait := await channel.leases.take(self.runtime.wall())) > 0:
            now = self.runtime.monotonic()
            if latest is not None and now + wait > latest:
                return SkipReason.PACED
            if run.slots is not None and wait > WORTH_SAYING:
                run.slots.waiting(channel.member.name, SkipReason.PACED, wait)
            spread = wait * (1 + 0.05 * self.runtime.rng.random())
            await self.pause(run, spread if latest is None else min(spread, latest - now))
            if self.ended(run):
                return SkipReason.STOPPED
        return SkipReason.STOPPED if self.ended(run) else None  # the store has taken its time

    async def pause(self, run: Run, seconds: float) -> None:
        """Sleep, but notice within a second that nobody waits any more."""
        end = self.runtime.monotonic() + seconds
        while not self.ended(run) and (left := end - self.runtime.monotonic()) > 0:
            await self.runtime.sleep(min(left, 1.0))

    async def _has_credits(self, channel: Channel, latest: float | None) -> bool:
        """Probe a parked account: a balance above zero, or no free way to ask, lets one call through."""
        http = channel.http.attempt() if channel.http is not None else NO_HTTP
        limit = channel.provider.timeout
        if latest is not None:
            limit = min(limit, latest - self.runtime.monotonic())
        try:
            async with asyncio.timeout(limit):
                left = await channel.provider.balance(http)
            empty = left is not None and left.remaining is not None and left.remaining <= 0
        except (Exception, SystemExit):  # noqa: BLE001 - a plugin may raise anything; no answer means no credits known
            empty = channel.http is not None and http.requests > 0
        if empty:
            channel.health.park(self.runtime.monotonic())
        return not empty
