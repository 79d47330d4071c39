"""The gate before every call: deadline, health, credits and rate limit. What passes may call at once."""

import asyncio
from collections.abc import Callable

import attrs

from enrichcore.engine.channel import NO_HTTP, Channel
from enrichcore.engine.plan import Step
from enrichcore.engine.run import Run
from enrichcore.model import SkipReason
from enrichcore.runtime import Runtime


@attrs.define(eq=False)
class Admission:
    """Lets calls through one by one, after whatever wait fits the deadline."""

    runtime: Runtime
    is_closing: Callable[[], bool]

    def ended(self, run: Run) -> bool:
        """Whether nobody waits for this run any more."""
        return run.stop or self.is_closing()

    async def admit(self, run: Run, step: Step, channel: Channel) -> SkipReason | None:
        """Wait for the rate limit; None lets one call through now."""
        price, provider = channel.member.price, channel.provider
        while True:
            if self.ended(run):
                return SkipReason.STOPPED
            now = self.runtime.monotonic()
            if run.deadline_at is not None:
                left = run.deadline_at - now
                if left <= 0 or (price.paid and left < provider.typical):
                    return SkipReason.NO_TIME
            health = channel.health
            reason = health.gate(now)
            if reason is SkipReason.PACED:
                wait = (health.until or now) - now
                if not run.fits(now, wait):
                    return reason
                if run.slots is not None:
                    run.slots.waiting(step.name, reason, wait)
                await self.pause(run, wait * (1 + 0.05 * self.runtime.rng.random()) + 0.001)
                continue
            if reason is not None:
                return reason
            if health.probing_account and not await self._has_credits(channel):
                return SkipReason.PARKED
            latest = None if run.deadline_at is None else run.deadline_at - (provider.typical if price.paid else 0)
            start = channel.limiter.take(now, latest=latest)
            if start is None:
                health.neutral()
                return SkipReason.PACED
            if start <= now:
                return None
            await self.pause(run, start - now)
            if self.ended(run):
                health.neutral()
                return SkipReason.STOPPED
            if health.gate(self.runtime.monotonic()) is None:
                return None

    async def pause(self, run: Run, seconds: float) -> None:
        """Sleep, but notice within a second that nobody waits any more."""
        end = self.runtime.monotonic() + seconds
        while not self.ended(run) and (left := end - self.runtime.monotonic()) > 0:
            await self.runtime.sleep(min(left, 1.0))

    async def _has_credits(self, channel: Channel) -> bool:
        """Probe a parked account: a balance above zero, or no free way to ask, lets one call through."""
        http = channel.http.attempt() if channel.http is not None else NO_HTTP
        try:
            async with asyncio.timeout(channel.provider.timeout):
                left = await channel.provider.balance(http)
        except (Exception, SystemExit):  # noqa: BLE001 - a plugin may raise anything; no answer means no credits known
            left = None
            if channel.http is not None and http.requests:
                channel.health.park(self.runtime.monotonic())
                return False
        if left is not None and left.remaining is not None and left.remaining <= 0:
            channel.health.park(self.runtime.monotonic())
            return False
        return True
