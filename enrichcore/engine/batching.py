"""Batches: in a bulk run, queries of one provider and method that wait at the same time go out in one request.

Every record keeps what is its own: its intent, which is in the journal before the request, its outcome and its cost.
Common are the gate, the request, and what the request says of the provider's health: it counts once.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import TypeVar

import attrs

from enrichcore.engine import call
from enrichcore.engine.admission import Admission
from enrichcore.engine.channel import NO_HTTP, Channel, NoHttp
from enrichcore.engine.http import AttemptHttp
from enrichcore.engine.plan import Step
from enrichcore.engine.run import Options, Run, Slots
from enrichcore.engine.tally import Voice
from enrichcore.engine.transport import Wire
from enrichcore.errors import ProviderError, RequestRefused
from enrichcore.model import Hit, Job, Miss, Query, SkipReason
from enrichcore.runtime import Runtime

Outcome = tuple[Hit | Miss | Job | ProviderError, Wire]
T = TypeVar("T")
_NO_LIMIT = sys.maxsize
_APART, _CLOSE = 1e-6, 0.1
"""Seconds between the times of two batches that begin at once, and up to which they count as that."""
_BY_TIME = (SkipReason.NO_TIME, SkipReason.PACED)


class Seat:
    """The place of one record in a batch."""

    def __init__(self, batch: "_Batch", run: Run) -> None:
        loop = asyncio.get_running_loop()
        self.batch = batch
        self.run = run
        self.admitted: asyncio.Future[SkipReason | None] = loop.create_future()
        """Done once the gate has let the batch through, or has not."""
        self.answered: asyncio.Future[Outcome] = loop.create_future()
        self.query: Query | None = None
        self.job: Job | None = None
        self.refused_with_others = False
        """The vendor refused the request, and nobody knows for whose sake: each may be asked for alone."""

    @property
    def voice(self) -> Voice:
        """What counts the request once."""
        return self.batch.voice

    @property
    def started(self) -> float:
        """The wall time of the request, which is the one of every intent for it."""
        return self.batch.started

    def leave(self) -> None:
        """Go on without this record: nothing is lost for the others."""
        self.batch.leave(self)


class _Batch:
    """Records that are asked for with one request. The gate sees one record with the shortest of their deadlines."""

    def __init__(self, key: tuple[object, ...], run: Run, step: Step, channel: Channel, size: int) -> None:
        self.key = key
        self.step = step
        self.channel = channel
        self.size = size
        self.options: Options = run.options
        self.slots: Slots | None = run.slots
        self.seats: dict[Run, Seat] = {}
        self.voice = Voice(channel.health, channel.retries)
        self.full = asyncio.Event()
        self.ready = asyncio.Event()
        self.started = 0.0
        self.task: asyncio.Task[None] | None = None
        self.closed = False
        self._missing: int | None = None
        """How many may still write an intent; None before the gate."""
        self.counts_records = step.batch is not None and step.batch.counts == "records"

    @property
    def stop(self) -> bool:
        """Whether nobody waits for any of them any more."""
        return all(run.stop for run in self.seats)

    @property
    def deadline_at(self) -> float | None:
        """The earliest of their deadlines."""
        return min((run.deadline_at for run in self.seats if run.deadline_at is not None), default=None)

    @property
    def calls(self) -> int:
        """How many calls the request is to the vendor's rate limits."""
        return len(self.seats) if self.counts_records else 1

    def fits(self, now: float, seconds: float) -> bool:
        """Whether waiting so long leaves any of them time before its deadline."""
        return self.deadline_at is None or now + seconds < self.deadline_at

    def join(self, run: Run) -> Seat:
        """Take a place."""
        seat = self.seats[run] = Seat(self, run)
        if len(self.seats) >= self.size:
            self.full.set()
        return seat

    def refuse(self, reason: SkipReason) -> bool:
        """Tell those why the gate did not let the batch through whom it was for; whether anybody is left.

        Where it was for want of time, it was for those who have the least.
        """
        shortest = self.deadline_at
        by_time = reason in _BY_TIME and not self.options.skips_paced
        for run, seat in list(self.seats.items()):
            if not by_time or run.deadline_at == shortest:
                del self.seats[run]
                _tell(seat.admitted, reason)
        return bool(self.seats)

    def pass_gate(self) -> None:
        """Everybody may write an intent now, and the request waits for them all."""
        self._missing = sum(seat.query is None for seat in self.seats.values())
        for seat in self.seats.values():
            _tell(seat.admitted, None)
        if not self._missing:
            self.ready.set()

    def board(self, seat: Seat, query: Query) -> None:
        """The intent is written: this record goes."""
        seat.query = query
        self._one_less()

    def leave(self, seat: Seat) -> None:
        """Give a place up. When all have left, nobody wants the answer."""
        if self.seats.get(seat.run) is not seat or seat.answered.done():
            return
        del self.seats[seat.run]
        if self._missing is not None and seat.query is None:
            self._one_less()
        elif not self.seats and self.task is not None:
            self.closed = True
            self.task.cancel()

    def _one_less(self) -> None:
        assert self._missing is not None
        self._missing -= 1
        if not self._missing:
            self.ready.set()

    def fail(self, error: BaseException) -> None:
        """Hand what ended the batch to everybody who waits for it."""
        for seat in self.seats.values():
            for future in (seat.admitted, seat.answered):
                if future.done():
                    continue
                if isinstance(error, Exception):
                    future.set_exception(error)
                    future.exception()  # whoever does not wait for it any more need not
                else:
                    future.cancel()


@attrs.define(eq=False)
class Batches:
    """The batches of one tenant. `calls` is where the watchdog sees what is under way."""

    _runtime: Runtime
    _admission: Admission
    _calls: dict[Run, tuple[float, Step]]
    _begun: float = attrs.field(default=0.0, init=False)
    _seats: dict[Run, Seat] = attrs.field(factory=dict, init=False)
    _filling: dict[tuple[object, ...], _Batch] = attrs.field(factory=dict, init=False)
    _tasks: set[asyncio.Task[None]] = attrs.field(factory=set, init=False)

    @staticmethod
    def takes(run: Run, step: Step) -> bool:
        """Whether this query goes into a batch: only a bulk run waits for others."""
        return step.batch is not None and run.options.patient and run.slots is not None

    async def seat(self, run: Run, step: Step, channel: Channel) -> tuple[Seat | None, SkipReason | None]:
        """A place in the next batch, once that may be sent, or why it may not."""
        assert step.batch is not None
        assert run.slots is not None
        batch = self._batch((run.slots, step), run, step, channel, step.batch.size)
        seat = self._seats[run] = batch.join(run)
        if batch.full.is_set():
            self._close(batch)
        if batch.task is None:
            self._start(batch, self._ask(batch))
        async with run.slots.parked():
            refused = await seat.admitted
        return (seat, None) if refused is None else (None, refused)

    async def call(self, seat: Seat, query: Query) -> Outcome:
        """The answer for one record, once its batch has been sent."""
        seat.batch.board(seat, query)
        return await seat.answered

    async def poll(self, run: Run, step: Step, query: Query, channel: Channel, job: Job) -> Outcome | None:
        """What one poll of a job that answers many records comes to for one of them; None where the time is over."""
        batch = self._batch((run.slots, step, job.id), run, step, channel, _NO_LIMIT)
        seat = self._seats[run] = batch.join(run)
        seat.query, seat.job = query, job
        if batch.task is None:
            self._start(batch, self._collect(batch))
        return await seat.answered if await seat.admitted is None else None

    def leave(self, run: Run) -> None:
        """Take a record out whose enrichment is over, however it ended."""
        seat = self._seats.pop(run, None)
        if seat is not None:
            seat.leave()

    def end(self) -> None:
        """End what is still there when everybody has left: plugins that ignore their cancellation."""
        for task in list(self._tasks):
            call.end(task)

    def _batch(self, key: tuple[object, ...], run: Run, step: Step, channel: Channel, size: int) -> _Batch:
        batch = self._filling.get(key)
        if batch is None or batch.closed:
            batch = self._filling[key] = _Batch(key, run, step, channel, size)
        return batch

    def _close(self, batch: _Batch) -> None:
        """Let nobody join any more."""
        batch.closed = True
        if self._filling.get(batch.key) is batch:
            del self._filling[batch.key]

    def _start(self, batch: _Batch, work: Coroutine[object, object, None]) -> None:
        batch.task = asyncio.get_running_loop().create_task(self._watch(batch, work))
        self._tasks.add(batch.task)
        batch.task.add_done_callback(self._tasks.discard)

    async def _watch(self, batch: _Batch, work: Coroutine[object, object, None]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001 - raised again where each record waits
            batch.fail(error)
        except asyncio.CancelledError as error:
            batch.fail(error)
            raise
        finally:
            self._close(batch)

    async def _fill(self, batch: _Batch) -> None:
        assert batch.step.batch is not None
        try:
            async with asyncio.timeout(batch.step.batch.wait):
                await batch.full.wait()
        except TimeoutError:
            return

    async def _ask(self, batch: _Batch) -> None:
        """Fill it, pass the gate, wait for the intents, ask."""
        await self._fill(batch)
        if batch.counts_records:  # so many and no more are asked for at the gate
            self._close(batch)
        while (refused := await self._admission.admit(batch, batch.step, batch.channel)) is not None:
            if not batch.refuse(refused):
                return
        self._close(batch)  # whoever came while it waited at the gate goes with it
        admitted, batch.started = self._runtime.monotonic(), self._moment()
        batch.pass_gate()
        await batch.ready.wait()
        seats = list(batch.seats.values())
        if not seats:
            batch.channel.health.neutral(admitted)
            return
        queries = [seat.query for seat in seats if seat.query is not None]
        provider = batch.channel.provider
        await self._send(batch, seats, lambda http: provider.ask_batch(queries, http), wire_of=call.wire_of)

    def _moment(self) -> float:
        """The wall time, but no two batches have the same: it tells them apart in the journal."""
        now = self._runtime.wall()
        self._begun = self._begun + _APART if 0 <= self._begun - now < _CLOSE else now
        return self._begun

    async def _collect(self, batch: _Batch) -> None:
        """Fill it with those whose poll is due, wait for the rate limit, poll."""
        await self._fill(batch)
        while not await self._admission.turn(batch, batch.channel):
            if not batch.refuse(SkipReason.STOPPED if self._admission.ended(batch) else SkipReason.PACED):
                return
        self._close(batch)
        batch.pass_gate()
        seats = list(batch.seats.values())
        jobs = [seat.job for seat in seats if seat.job is not None]
        queries = [seat.query for seat in seats if seat.query is not None]
        provider = batch.channel.provider
        await self._send(batch, seats, lambda http: provider.collect_batch(jobs, queries, http), wire_of=call.polled)

    async def _send(
        self,
        batch: _Batch,
        seats: Sequence[Seat],
        ask: Callable[[AttemptHttp | NoHttp], Awaitable[object]],
        *,
        wire_of: Callable[[object, AttemptHttp | NoHttp], Wire],
    ) -> None:
        channel = batch.channel
        http = channel.http.attempt(len(seats)) if channel.http is not None else NO_HTTP
        limit, now = channel.provider.timeout, self._runtime.monotonic()
        if batch.deadline_at is not None:
            limit = max(min(limit, batch.deadline_at - now), 0)
        for seat in seats:
            self._calls[seat.run] = (now + limit, batch.step)
        try:
            outcomes, mixed_up = await call.ask_many(ask, len(seats), http, limit)
        finally:
            for seat in seats:
                self._calls.pop(seat.run, None)
        batch.voice.health.hears(outcomes)
        refused = len(seats) > 1 and outcomes[0] is outcomes[-1] and isinstance(outcomes[0], RequestRefused)
        for seat, outcome in zip(seats, outcomes, strict=True):
            seat.refused_with_others = refused
            wire = wire_of(outcome, http)
            _tell(seat.answered, (outcome, Wire.MAYBE_SENT if mixed_up and wire is Wire.ANSWERED else wire))


def _tell(future: asyncio.Future[T], word: T) -> None:
    if not future.done():  # else its record was cancelled a moment ago
        future.set_result(word)
