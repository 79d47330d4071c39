"""Run: one enrichment in progress, and the options it was asked with."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

import attrs

from enrichcore.model import Acceptance, Attempt, Learned, Method, PhoneResult, Subject


class Slots(Protocol):
    """The pool of a bulk run: a record that waits for a vendor's job gives its place to another."""

    def parked(self) -> AbstractAsyncContextManager[None]:
        """Free the place inside, take one again on leaving."""
        ...

    def waiting(self, provider: str, reason: str, seconds: float) -> None:
        """Say that the run waits, and for whom."""
        ...


@attrs.frozen
class Anew:
    """From when on, in wall seconds, an answer must be to count: what is older is asked for again.

    `errors` are calls that were billed without a usable answer, or perhaps billed more than a day ago.
    """

    hits: float = float("-inf")
    misses: float = float("-inf")
    errors: float = float("-inf")


NOTHING_ANEW: Final = Anew()


@attrs.frozen(kw_only=True)
class Options:
    """How one enrichment is asked for. `max_age` is in seconds; `deadline` too, None for none."""

    acceptance: Acceptance
    deadline: float | None = None
    max_age: float | None = None
    refresh: bool = False
    anew: Anew = NOTHING_ANEW
    run_id: str = ""
    """What this enrichment's spending counts in, beside everything else: a bulk run, or all of an engine's lookups."""
    patient: bool = False
    """A bulk run: waits for a paced or open provider instead of going on without an answer."""
    skips_paced: bool = False
    """Whether a patient run goes on to the next provider all the same, and waits for a paced one only when nobody else
    can be asked."""
    waits_for_credits: bool = False
    """Whether a patient run waits for a provider that is out of credits."""
    ask: bool = True
    """Whether providers may be asked; else only what is stored counts."""
    reject_changed: bool = False
    """Whether a record that stands for somebody else than before is refused."""

    @property
    def demanding(self) -> bool:
        """Whether an answer that is fresh for others may be too old."""
        return self.refresh or self.max_age is not None or self.anew is not NOTHING_ANEW


class Waiter(Protocol):
    """What the gate sees of one enrichment, or of a batch of them that are to be asked for with one request."""

    @property
    def options(self) -> Options:
        """How it is asked for."""
        ...

    @property
    def slots(self) -> Slots | None:
        """The pool of its bulk run."""
        ...

    @property
    def stop(self) -> bool:
        """Whether nobody waits for it any more."""
        ...

    @property
    def deadline_at(self) -> float | None:
        """When it has to be over."""
        ...

    @property
    def calls(self) -> int:
        """How many calls of the vendor's rate limits it takes."""
        ...

    def fits(self, now: float, seconds: float) -> bool:
        """Whether waiting so long leaves any time."""
        ...


class Run:
    """One enrichment in progress. Callers wait for it through `waiters`; when the last one leaves, `stop` is set."""

    # What is seldom set is an attribute of the class: a bulk run makes a million of these.
    learned: Learned | None = None
    stop = False
    calls = 1
    finished: PhoneResult | BaseException | None = None
    abandoned = False
    listed: tuple[bytes, ...] | None = None
    """Keyed hashes of all that could be on the suppression list; None until somebody asks."""
    settling: tuple[asyncio.Future[None], ...] = ()
    """Outcomes that are queued and not known to be durable yet: awaited before a result is given."""
    outdated = False
    """Somebody was forgotten or suppressed meanwhile: nothing of this enrichment is kept in memory."""
    changed = False
    """The record was somebody else before."""
    replayed = False
    """A finished result stood: nothing was looked up."""
    unheard = False
    """Whether the journal held nothing about this contact when this run began."""
    told = False
    """Whether the log hears of this run: asked once, so that silence costs nothing."""
    fetching = False
    """Whether only a vendor's job that was left is to be collected: nothing is asked and nothing bought."""
    on_abandon: Callable[[PhoneResult], None] | None = None

    def __init__(
        self,
        run_id: int,
        subject: Subject,
        record: bytes,
        asked: Mapping[Method, bytes],
        options: Options,
        started: float,
        slots: Slots | None,
    ) -> None:
        self.id = run_id
        self.subject = subject
        self.record = record
        self.asked = asked
        """What is asked by each method, as the first part of a key."""
        self.identity = b"".join(asked.values())
        """The normalised identity as a key: what a stored result is bound to."""
        self.options = options
        self.started = started
        self.deadline_at = None if options.deadline is None else started + options.deadline
        self.slots = slots
        self.attempts: list[Attempt] = []
        self.waiters: list[asyncio.Future[PhoneResult]] = []

    def fits(self, now: float, seconds: float) -> bool:
        """Whether waiting so long leaves any time before the deadline."""
        return self.deadline_at is None or now + seconds < self.deadline_at

    def finish(self, outcome: PhoneResult | BaseException) -> None:
        """Hand the outcome to every waiter, once."""
        if self.finished is not None:
            return
        self.finished = outcome
        for waiter in self.waiters:
            if not waiter.done():
                if isinstance(outcome, BaseException):
                    waiter.set_exception(outcome)
                else:
                    waiter.set_result(outcome)
        self.waiters.clear()


class Hold:
    """One caller's hold on an enrichment, for who must hear how it ends even when nobody waits for it any more."""

    run: Run | None = None
    joined = False
    """Whether the enrichment was somebody else's."""
    _left = False

    def take(self, run: Run, *, joined: bool) -> None:
        """Hold this enrichment."""
        self.run, self.joined = run, joined
        if self._left:
            self.leave()

    def leave(self) -> None:
        """Want no more than what is under way: the current call is finished and no other is started."""
        self._left = True
        if self.run is not None and len(self.run.waiters) <= 1:
            self.run.stop = True
