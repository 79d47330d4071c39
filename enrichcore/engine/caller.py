"""Calls of a provider as the engine makes them: bounded, watched, and polled until a vendor's job has answered."""

import attrs

from enrichcore.engine import call
from enrichcore.engine.admission import Admission
from enrichcore.engine.batching import Batches
from enrichcore.engine.call import Started
from enrichcore.engine.channel import NO_HTTP, Channel, NoHttp
from enrichcore.engine.http import AttemptHttp
from enrichcore.engine.jobs import Ear, Jobs
from enrichcore.engine.plan import Step
from enrichcore.engine.retry import DEFAULT_PACE
from enrichcore.engine.run import Run
from enrichcore.engine.transport import Wire
from enrichcore.errors import (
    JobFailed,
    KeyRefused,
    MaybeSent,
    OutOfCredits,
    PluginFault,
    ProviderError,
    RateLimited,
    Unreadable,
)
from enrichcore.model import Hit, Job, Miss, Query
from enrichcore.runtime import Runtime

Outcome = Hit | Miss | ProviderError


class Begun:
    """A hook that has been called: its answer, or the call that waits, or None where a thread is to call it."""

    __slots__ = ("first", "http")

    def __init__(self, http: AttemptHttp | NoHttp, first: Hit | Miss | Job | ProviderError | Started | None) -> None:
        self.http = http
        self.first = first


@attrs.define(eq=False)
class Caller:
    """Makes calls. `calls` holds those under way and when each should be over: what the watchdog reads."""

    _runtime: Runtime
    _admission: Admission
    _jobs: Jobs
    calls: dict[Run, tuple[float, Step]] = attrs.field(factory=dict)
    batches: Batches = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Calls that ask for many go the same way."""
        self.batches = Batches(self._runtime, self._admission, self.calls)

    @staticmethod
    def begin(step: Step, query: Query, channel: Channel) -> Begun:
        """Call a lookup hook as far as it goes without waiting; a blocking one is left to its worker thread."""
        http = channel.http.attempt() if channel.http is not None else NO_HTTP
        if step.blocking or step.hook is None:
            return Begun(http, None)
        return Begun(http, call.start(step.hook, query, http))

    async def call(
        self, run: Run, step: Step, query: Query, channel: Channel, begun: Begun | None
    ) -> tuple[Hit | Miss | Job | ProviderError, Wire]:
        """Ask a lookup hook once, or see a call through that has begun; the verdict on the wire comes beside."""
        if begun is None:
            begun = self.begin(step, query, channel)
        http, outcome = begun.http, begun.first
        if outcome is None or isinstance(outcome, Started):
            outcome = await self._wait(run, step, query, channel, http, outcome)
        return outcome, call.wire_of(outcome, http)

    async def _wait(
        self,
        run: Run,
        step: Step,
        query: Query,
        channel: Channel,
        http: AttemptHttp | NoHttp,
        started: Started | None,
    ) -> Hit | Miss | Job | ProviderError:
        limit = channel.provider.timeout
        now = self._runtime.monotonic()
        if run.deadline_at is not None:
            limit = min(limit, run.deadline_at - now)
        assert step.hook is not None
        self.calls[run] = (now + limit, step)
        try:
            return await call.ask(step.hook, query, http, limit, self._runtime, blocking=step.blocking, started=started)
        finally:
            self.calls.pop(run, None)

    async def collect(
        self, run: Run, step: Step, query: Query, channel: Channel, job: Job, submitted: float | None
    ) -> tuple[Hit | Miss | ProviderError, Wire] | None:
        """Poll a vendor's job until it answers; None while it is still pending at the deadline.

        `submitted` is the wall time at which it was submitted before, and left; None when we have, a moment ago.
        """
        with self._jobs.awaited(channel.provider, job) as ear:
            return await self._collect(run, step, query, channel, job, submitted, ear)

    async def _collect(
        self, run: Run, step: Step, query: Query, channel: Channel, job: Job, submitted: float | None, ear: Ear
    ) -> tuple[Hit | Miss | ProviderError, Wire] | None:
        poll = channel.provider.poll
        delay = poll.first if job.ready_in is None else job.ready_in
        age = 0.0 if submitted is None else max(self._runtime.wall() - submitted, 0.0)
        wait = 0.0 if ear.told or run.fetching else max(delay - age, 0.0)  # an old one may have ended long ago
        born = self._runtime.monotonic() - age  # from here on by the clock that never jumps
        while True:
            now = self._runtime.monotonic()
            if self._admission.ended(run) or not run.fits(now, wait):
                return None
            if run.slots is not None:
                async with run.slots.parked():
                    await self._admission.pause(run, wait, ear)
            else:
                await self._admission.pause(run, wait, ear)
            ear.told = False
            poll_once = self._poll if job.row is None else self.batches.poll
            polled = await poll_once(run, step, query, channel, job)
            if polled is None:
                return None
            outcome, wire = polled
            if isinstance(outcome, Hit | Miss | JobFailed | OutOfCredits | Unreadable | PluginFault):
                return outcome, wire
            if isinstance(outcome, KeyRefused):
                channel.health.suspend(outcome.code)
                return None
            if self._runtime.monotonic() - born > poll.give_up:
                return MaybeSent("the vendor's job did not end in time"), wire
            wait = delay = min(max(delay, 0.1) * poll.factor, poll.every)
            if isinstance(outcome, RateLimited):
                wait = delay = max(delay, outcome.retry_after or DEFAULT_PACE)

    async def _poll(
        self, run: Run, step: Step, query: Query, channel: Channel, job: Job
    ) -> tuple[Hit | Miss | Job | ProviderError, Wire] | None:
        """What one poll comes to; None where the time is over before."""
        if not await self._admission.turn(run, channel):
            return None
        http = channel.http.attempt() if channel.http is not None else NO_HTTP
        limit, now = channel.provider.timeout, self._runtime.monotonic()
        if run.deadline_at is not None:
            limit = min(limit, max(run.deadline_at - now, 0))
        self.calls[run] = (now + limit, step)
        try:
            outcome = await call.collect(channel.provider, job, query, http, limit)
        finally:
            self.calls.pop(run, None)
        return outcome, call.polled(outcome, http)
