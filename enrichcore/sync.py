"""Engine: the same engine for code that does not await.

One daemon thread runs the async core. It starts on first use and rests for a fork, so an engine made before one works
in both processes; calls work under a running loop, in notebooks and from many threads at once. An engine that nobody
closed is closed when the interpreter ends.
"""

import abc
import asyncio
import atexit
import concurrent.futures
import contextlib
import os
import queue
import threading
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterable, Iterator, Mapping
from decimal import Decimal
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from enrichcore.engine.core import AsyncEngine
from enrichcore.engine.enricher import Enricher, Entry, Forgotten, Row
from enrichcore.engine.tenant_engine import TenantEngine
from enrichcore.errors import EngineClosed
from enrichcore.model import Acceptance, Contact, PhoneResult

T = TypeVar("T")

_AHEAD: Final = 1024
"""Results that may wait for whoever iterates."""
_LAST_WORDS: Final = 5.0
"""Seconds that what still runs in the portal gets to end."""


class _Asking(abc.ABC):
    """What can be asked, whether of an engine or for one of its tenants."""

    @abc.abstractmethod
    def _engine(self) -> "Engine":
        """The engine that does the work."""

    @abc.abstractmethod
    def _asked(self, engine: AsyncEngine) -> Enricher:
        """Who is asked, of an async engine that is open."""

    def enrich_phone(self, contact: Contact | Mapping[str, Any], **options: Any) -> PhoneResult:
        """Find a phone number for one contact; options as for `AsyncEngine.enrich_phone`."""
        return self._engine()._call(lambda engine: self._asked(engine).enrich_phone(contact, **options))  # noqa: SLF001 - one module

    def enrich_phones(self, contacts: Iterable[Contact | Mapping[str, Any]], **options: Any) -> Iterator[PhoneResult]:
        """Results for many contacts; options as for `AsyncEngine.enrich_phones`.

        `contacts` is iterated in the engine's own thread.
        """
        return self._engine()._stream(lambda engine: self._asked(engine).enrich_phones(contacts, **options))  # noqa: SLF001 - one module

    def run(self, work: Callable[[Enricher], Coroutine[Any, Any, T]]) -> T:
        """What a coroutine comes to, which `work` makes of the engine that is awaited; in the engine's own thread."""
        return self._engine()._call(lambda engine: work(self._asked(engine)))  # noqa: SLF001 - one module

    def explain(self, record_id: str) -> PhoneResult | None:
        """The last finished enrichment of a record, with its story; None when there is none."""
        return self._engine()._call(lambda engine: self._asked(engine).explain(record_id))  # noqa: SLF001 - one module

    def ledger(self, **options: Any) -> list[Row]:
        """Every attempt that was started in a time, oldest first; options as for `AsyncEngine.ledger`."""

        async def read(engine: AsyncEngine) -> list[Row]:
            return [row async for row in self._asked(engine).ledger(**options)]

        return self._engine()._call(read)  # noqa: SLF001 - one module

    def spending(self, scopes: Collection[str]) -> dict[str, tuple[Decimal, Decimal]]:
        """What is spent and what is reserved in each budget."""
        return self._engine()._call(lambda engine: self._asked(engine).spending(scopes))  # noqa: SLF001 - one module

    def in_doubt(self) -> list[Row]:
        """Attempts whose billing is unknown, oldest first."""
        return self._engine()._call(lambda engine: self._asked(engine).in_doubt())  # noqa: SLF001 - one module

    def decide(self, attempt: int, *, billed: bool) -> Row:
        """A person's word on an attempt in doubt."""
        return self._engine()._call(lambda engine: self._asked(engine).decide(attempt, billed=billed))  # noqa: SLF001

    def suppress(self, entries: Iterable[Entry]) -> int:
        """Put people, companies or numbers on the suppression list; how many were new."""
        return self._engine()._call(lambda engine: self._asked(engine).suppress(entries))  # noqa: SLF001 - one module

    def unsuppress(self, entries: Iterable[Entry]) -> int:
        """Take them off the list; how many were on it."""
        return self._engine()._call(lambda engine: self._asked(engine).unsuppress(entries))  # noqa: SLF001 - one module

    def suppression(self) -> dict[str, int]:
        """How many entries of each kind are on the suppression list."""
        return self._engine()._call(lambda engine: self._asked(engine).suppression())  # noqa: SLF001 - one module

    def forget(self, person: Contact | str) -> Forgotten:
        """Erase a person, given as a contact or as a record_id."""
        return self._engine()._call(lambda engine: self._asked(engine).forget(person))  # noqa: SLF001 - one module

    def expire(self) -> int:
        """Delete answers that are older than they may be kept; how many."""
        return self._engine()._call(lambda engine: self._asked(engine).expire())  # noqa: SLF001 - one module


class Engine(_Asking):
    """`AsyncEngine` without `await`: the same arguments, the same methods, the same results.

    Raises:
        ConfigError: a provider is not installed, a setting is unknown or wrong.
        StoreError: the store cannot be opened or trusted.
    """

    def __init__(self, **options: Any) -> None:
        self._options = options
        self._made: AsyncEngine | None = AsyncEngine(**options)  # wrong arguments are said at once, not at first use
        self._lock = threading.Lock()
        self._portal: _Portal | None = None
        self._streams: set[_Stream] = set()
        self._closed = False

    def __enter__(self) -> Self:
        """Open the store and start the portal."""
        self._running()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close, letting calls under way finish."""
        self.close()

    def _running(self) -> "_Portal":
        with self._lock:
            if self._closed:
                raise EngineClosed("this engine is closed; make a new one")
            if self._portal is not None and self._portal.pid != os.getpid():
                raise EngineClosed(
                    "this process was forked while the engine was at work, and a journal that is open cannot be shared "
                    "that way; fork before the work or after it, or start the process another way (spawn)"
                )
            if self._portal is None:
                engine, self._made = self._made or AsyncEngine(**self._options), None
                portal = _Portal(engine)
                try:
                    portal.call(engine.__aenter__())
                except BaseException:
                    portal.stop()
                    raise
                self._portal = portal
                _OPEN.add(self)
            return self._portal

    def _call(self, work: Callable[[AsyncEngine], Coroutine[Any, Any, T]]) -> T:
        while True:
            portal = self._running()
            try:
                return portal.call(work(portal.engine))
            except _Stopped:  # between the two lines, by another thread
                continue

    def _asked(self, engine: AsyncEngine) -> Enricher:
        return engine

    def _engine(self) -> "Engine":
        return self

    def for_tenant(
        self, name: str, *, credentials: Mapping[str, str] | None = None, acceptance: Acceptance | None = None
    ) -> "Tenant":
        """This engine for one of its tenants; see `AsyncEngine.for_tenant`."""

        async def check(engine: AsyncEngine) -> None:
            engine.for_tenant(name, credentials=credentials)

        self._call(check)
        return Tenant(self, name, credentials, acceptance)

    def _stream(self, results: Callable[[AsyncEngine], AsyncIterator[PhoneResult]]) -> Iterator[PhoneResult]:
        portal = self._running()
        stream = _Stream()
        with self._lock:
            self._streams.add(stream)
        try:
            future = portal.submit(stream.fill(results(portal.engine)))
            try:
                yield from stream
            finally:
                stream.left.set()
                with contextlib.suppress(concurrent.futures.CancelledError):  # the engine was closed meanwhile
                    future.result()
        finally:
            self._streams.discard(stream)

    def resume(self, provider: str) -> None:
        """Say that a parked or suspended provider works again."""

        async def resume(engine: AsyncEngine) -> None:
            engine.resume(provider)

        self._call(resume)

    def close(self) -> None:
        """Let calls under way finish and be stored, then close. Closing twice is fine."""
        with self._lock:
            self._closed = True
            portal, self._portal = self._portal, None
            streams = list(self._streams)
        _OPEN.discard(self)
        if portal is not None and portal.pid == os.getpid():
            for stream in streams:
                stream.left.set()
            try:
                portal.call(portal.engine.aclose())
            finally:
                portal.stop()
                for stream in streams:
                    stream.queue.put(EngineClosed("the engine was closed before all results were read"))

    def _rest(self) -> None:
        """Close the journal for a fork, so that both processes open it anew: SQLite cannot be shared across one."""
        portal = self._portal
        if portal is not None and portal.pid == os.getpid() and portal.calls == 0 and not self._streams:
            self._portal = None
            _OPEN.discard(self)
            with contextlib.suppress(Exception):
                portal.call(portal.engine.aclose())
            portal.stop()


class Tenant(_Asking):
    """What `Engine.for_tenant` gives. It lives as long as its engine and needs no closing."""

    def __init__(
        self, engine: Engine, name: str, credentials: Mapping[str, str] | None, acceptance: Acceptance | None
    ) -> None:
        self.name = name
        self._of = engine
        self._credentials = credentials
        self._acceptance = acceptance

    def _engine(self) -> Engine:
        return self._of

    def _asked(self, engine: AsyncEngine) -> TenantEngine:
        return engine.for_tenant(self.name, credentials=self._credentials, acceptance=self._acceptance)

    def resume(self, provider: str) -> None:
        """Say that a provider which was parked or suspended for this tenant's account works again."""
        self._of._call(lambda engine: self._asked(engine).resume(provider))  # noqa: SLF001 - another face of it


class _Stopped(EngineClosed):
    """The portal has stopped; the engine may have another by now."""


class _Stream:
    """Results on their way from the portal's thread to whoever iterates."""

    def __init__(self) -> None:
        self.queue: queue.SimpleQueue[PhoneResult | BaseException | None] = queue.SimpleQueue()
        self.left = threading.Event()
        """Nobody reads any more."""

    async def fill(self, results: Any) -> None:
        try:
            async for result in results:
                await self._put(result)
                if self.left.is_set():
                    return
            await self._put(None)
        except BaseException as error:  # noqa: BLE001 - handed to the thread that iterates
            await self._put(error)
        finally:
            await results.aclose()

    async def _put(self, item: PhoneResult | BaseException | None) -> None:
        while self.queue.qsize() >= _AHEAD and not self.left.is_set():  # noqa: ASYNC110 - the reader is another thread
            await asyncio.sleep(0.001)
        if not self.left.is_set():
            self.queue.put(item)

    def __iter__(self) -> Iterator[PhoneResult]:
        while (item := self.queue.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item


class _Portal:
    """A daemon thread with an event loop, and a way to call into it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.pid = os.getpid()
        self._loop = asyncio.new_event_loop()
        self._lock = threading.Lock()
        self._stopped = False
        self.calls = 0
        """How many threads wait for an answer."""
        self._thread = threading.Thread(target=self._run, name="enrichcore-portal", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        left = asyncio.all_tasks(self._loop)  # calls of other threads that came as the engine closed
        for task in left:
            task.cancel()
        if left:
            self._loop.run_until_complete(asyncio.wait(left, timeout=_LAST_WORDS))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    def submit(self, work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        with self._lock:
            if not self._stopped:
                return asyncio.run_coroutine_threadsafe(work, self._loop)
        work.close()
        raise _Stopped("this engine is closed; make a new one")

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        if threading.current_thread() is self._thread:
            work.close()
            raise RuntimeError("called from the engine's own thread, such as by on_attempt: it would wait for itself")
        with self._lock:
            self.calls += 1
        try:
            return self._wait(self.submit(work))
        finally:
            with self._lock:
                self.calls -= 1

    def _wait(self, future: concurrent.futures.Future[T]) -> T:
        try:
            return future.result()
        except concurrent.futures.CancelledError:
            raise EngineClosed("the engine was closed during this call") from None
        except (KeyboardInterrupt, SystemExit):
            future.cancel()
            raise

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=_LAST_WORDS)


_OPEN: Final[set[Engine]] = set()
"""Engines whose portal runs."""


def _close_all() -> None:
    for engine in list(_OPEN):
        with contextlib.suppress(Exception):
            engine.close()


def _before_fork() -> None:
    for engine in list(_OPEN):
        engine._lock.acquire()  # noqa: SLF001 - one module; held until the fork is over
        engine._rest()  # noqa: SLF001
        _HELD.append(engine)


def _after_fork() -> None:
    while _HELD:
        _HELD.pop()._lock.release()  # noqa: SLF001 - one module


_HELD: Final[list[Engine]] = []
"""Engines whose lock is held by a fork that is under way."""

atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)
