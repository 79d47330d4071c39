"""The gate before every call: deadline, health, credits and rate limit. What passes may call at once."""

import asyncio
from collections.abc import Callable
from typing import Final

import attrs

from enrichcore.engine.breaker import Health, State
from enrichcore.engine.channel import NO_HTTP, Channel
from enrichcore.engine.jobs import Ear
from enrichcore.engine.plan import Step
from enrichcore.engine.run import Waiter
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

    def ended(self, run: Waiter) -> bool:
        """Whether nobody waits for this run any more."""
        return run.stop or self.is_closing()

    def at_once(self, run: Waiter, channel: Channel) -> bool:
        """Whether `admit` would let a call through without a wait and without a trace: the common case, asked first."""
        return (
            run.deadline_at is None
            and not run.stop
            and channel.health.state is _CLOSED
            and not channel.limiter.limits
            and not self.is_closing()
        )

    async def admit(self, run: Waiter, step: Step, channel: Channel) -> SkipReason | None:
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
                if not run.fits(now, wait + needs) or (run.options.skips_paced and wait > WORTH_SAYING):
                    return reason
                if run.slots is not None:
                    run.slots.waiting(step.name, reason, wait)
                spread = wait * (1 + 0.05 * self.runtime.rng.random()) + 0.001
                if run.deadline_at is not None:
                    spread = min(spread, run.deadline_at - needs - now)
                await self.pause(run, spread)
                continue
            if reason is SkipReason.PARKED and run.options.waits_for_credits:
                if not await self._wait_for_credits(run, step, health, needs):
                    return reason
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
                if refused is SkipReason.PARKED and run.options.waits_for_credits:
                    continue
                return refused
            if probing or health.gate(self.runtime.monotonic()) is None:
                return None

    async def _after_gate(self, run: Waiter, step: Step, channel: Channel, needs: float) -> SkipReason | None:
        """Ask a parked account for its balance, then wait for the rate limit."""
        latest = None if run.deadline_at is None else run.deadline_at - needs
        if channel.health.probing_account and not await self._has_credits(channel, latest):
            return SkipReason.PARKED
        if run.options.skips_paced:  # a rate is kept to without any loss as long as nobody has to wait to speak of
            soon = self.runtime.monotonic() + WORTH_SAYING
            latest = soon if latest is None else min(latest, soon)
        # What all processes share comes first: the wait for it would spoil the start that our own limiter gives.
        if channel.leases is not None and (refused := await self.lease(run, channel, latest)) is not None:
            return refused
        now = self.runtime.monotonic()
        start = channel.limiter.take(now, latest=latest, calls=run.calls)
        if start is None:
            return SkipReason.PACED
        if start > now:
            if run.slots is not None and start - now > WORTH_SAYING:
                run.slots.waiting(step.name, SkipReason.PACED, start - now)
            await self.pause(run, start - now)
            if self.ended(run):
                return SkipReason.STOPPED
        return None

    async def _wait_for_credits(self, run: Waiter, step: Step, health: Health, needs: float) -> bool:
        """Wait until a parked account is asked for its balance again; False where a deadline does not allow that."""
        now = self.runtime.monotonic()
        wait = max((health.until or now) - now, WORTH_SAYING)
        if not run.fits(now, wait + needs):
            return False
        if run.slots is not None:
            run.slots.waiting(step.name, SkipReason.PARKED, wait)
        while health.state is State.PARKED and (left := now + wait - self.runtime.monotonic()) > 0:
            if self.ended(run):
                break
            await self.pause(run, min(left, 1.0))
        return True

    async def lease(self, run: Waiter, channel: Channel, latest: float | None) -> SkipReason | None:
        """Wait for as many calls as it takes of those that all processes share; None once they are there."""
        for _ in range(run.calls):
            refused = await self._lease_one(run, channel, latest)
            if refused is not None:
                return refused
        return None

    async def _lease_one(self, run: Waiter, channel: Channel, latest: float | None) -> SkipReason | None:
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

    async def turn(self, run: Waiter, channel: Channel) -> bool:
        """Wait until a vendor's job may be polled; false where the time is over before."""
        latest = run.deadline_at
        if channel.leases is not None and await self.lease(run, channel, latest) is not None:
            return False
        now = self.runtime.monotonic()
        start = channel.limiter.take(now, latest=latest)
        if start is None:
            return False
        if start > now:
            await self.pause(run, start - now)
        return not self.ended(run)

    async def pause(self, run: Waiter, seconds: float, ear: Ear | None = None) -> None:
        """Sleep, but notice within a second that nobody waits any more, or that `ear` has heard of its job."""
        end = self.runtime.monotonic() + seconds
        while not self.ended(run) and (left := end - self.runtime.monotonic()) > 0 and (ear is None or not ear.told):
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
