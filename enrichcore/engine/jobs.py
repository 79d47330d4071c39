"""Jobs: what vendors work on for this process, so that a vendor's word brings the answer before the next poll would.

An event is a hint and no answer: whoever waits for the job polls it at once, and for a job that nobody waits for any
more the attempt that was left is seen through, as the next caller's would be.
"""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Final

import attrs

from enrichcore.errors import EnrichcoreError
from enrichcore.model import Job
from enrichcore.plugins import Provider

_KEPT: Final = 10_000
"""Jobs that a process remembers to have left; beyond it the oldest wait for the next caller."""
_EARLY: Final = 1_000
"""Events kept whose job is not known here: one that ends before its id has come back is not known yet."""

Fetch = Callable[[], Coroutine[Any, Any, None]]


@attrs.define(eq=False)
class Ear:
    """Somebody who waits for a job."""

    told: bool = False


@attrs.define(eq=False)
class Jobs:
    """The vendors' jobs of one engine, by the keyed hash that `_mark` makes of a provider's name and a vendor's id."""

    _mark: Callable[[str, str], bytes]
    _waiting: dict[bytes, list[Ear]] = attrs.field(factory=dict)
    _left: "OrderedDict[bytes, list[tuple[object, Fetch]]]" = attrs.field(factory=OrderedDict)
    _early: "OrderedDict[bytes, None]" = attrs.field(factory=OrderedDict)
    _fetching: dict[bytes, asyncio.Task[None]] = attrs.field(factory=dict)

    @property
    def expected(self) -> bool:
        """Whether any vendor may have something to say to this process."""
        return bool(self._waiting or self._left)

    @contextlib.contextmanager
    def awaited(self, provider: Provider, job: Job) -> Iterator[Ear]:
        """Hear inside what the vendor says of a job."""
        if provider.webhook_url is None:
            yield Ear()
            return
        mark = self._mark(provider.name, provider.vendor_job(job))
        ear = Ear(self._early.pop(mark, False) is None)
        ears = self._waiting.setdefault(mark, [])
        ears.append(ear)
        try:
            yield ear
        finally:
            ears.remove(ear)
            if not ears:
                del self._waiting[mark]

    def leave(self, provider: Provider, job: Job, whose: object, fetch: Fetch) -> None:
        """Remember a job that nobody waits for any more, if its vendor will say when it has ended."""
        if provider.webhook_url is None:
            return
        mark = self._mark(provider.name, provider.vendor_job(job))
        self._left.setdefault(mark, []).append((whose, fetch))
        self._left.move_to_end(mark)
        if len(self._left) > _KEPT:
            self._left.popitem(last=False)

    def hear(self, provider: str, job: str) -> bytes | None:
        """A vendor says that a job has ended, maybe again. Returned is its mark if it is none that is known here."""
        mark = self._mark(provider, job)
        if self.told(mark):
            return None
        self._early[mark] = None
        if len(self._early) > _EARLY:
            self._early.popitem(last=False)
        return mark

    def told(self, mark: bytes) -> bool:
        """Have the job of this mark collected; whether it is one of this process."""
        ears = self._waiting.get(mark, ())
        for ear in ears:
            ear.told = True
        left = self._left.pop(mark, None)
        if left is not None:
            task = asyncio.get_running_loop().create_task(_fetch(left))
            self._fetching[mark] = task
            task.add_done_callback(lambda done: self._fetched(mark, done))
        return bool(ears) or mark in self._fetching

    def _fetched(self, mark: bytes, task: asyncio.Task[None]) -> None:
        if self._fetching.get(mark) is task:
            del self._fetching[mark]
        error = None if task.cancelled() else task.exception()
        if error is not None:  # its text may hold a person
            said = f"collecting a vendor's job failed: {type(error).__name__}"
            task.get_loop().call_exception_handler({"message": said})

    def forget(self, whose: object) -> None:
        """Forget what was left for one tenant: it holds whom its questions are about."""
        for mark in list(self._left):
            kept = [left for left in self._left[mark] if left[0] is not whose]
            if kept:
                self._left[mark] = kept
            else:
                del self._left[mark]

    async def finish(self, *, force: bool) -> None:
        """Let what is being fetched come to its end; `force` cancels it."""
        self._left.clear()
        while self._fetching:
            tasks = list(self._fetching.values())
            if force:
                for task in tasks:
                    task.cancel()
            await asyncio.wait(tasks, timeout=1.0)
            if force:
                break


async def _fetch(left: list[tuple[object, Fetch]]) -> None:
    for ended in await asyncio.gather(*(fetch() for _, fetch in left), return_exceptions=True):
        if isinstance(ended, BaseException) and not isinstance(ended, EnrichcoreError):
            raise ended  # trouble with the journal meets the next caller too, who is told
