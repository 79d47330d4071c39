"""Engine: the same engine for code that does not await.

One daemon thread runs the async core. It starts on first use, so an engine made before a fork works in the child, and
calls work under a running loop, in notebooks and from many threads at once.
"""

import asyncio
import concurrent.futures
import os
import queue
import threading
from collections.abc import Coroutine, Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar

from enrichcore.engine.core import AsyncEngine
from enrichcore.errors import EngineClosed
from enrichcore.model import Contact, PhoneResult

T = TypeVar("T")


class Engine:
    """`AsyncEngine` without `await`: the same arguments, the same methods, the same results.

    Raises:
        ConfigError: a provider is not installed, a setting is unknown or wrong.
        StoreError: the store cannot be opened or trusted.
    """

    def __init__(self, **options: Any) -> None:
        self._options = options
        self._engine = AsyncEngine(**options)  # wrong arguments are said at once, not at the first call
        self._lock = threading.Lock()
        self._portal: _Portal | None = None
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
                self._portal = None  # a fork: threads do not survive one
                self._engine = AsyncEngine(**self._options)
            if self._portal is None:
                portal = _Portal()
                try:
                    portal.call(self._engine.__aenter__())
                except BaseException:
                    portal.stop()
                    raise
                self._portal = portal
            return self._portal

    def enrich_phone(self, contact: Contact | Mapping[str, Any], **options: Any) -> PhoneResult:
        """Find a phone number for one contact; options as for `AsyncEngine.enrich_phone`."""
        return self._running().call(self._engine.enrich_phone(contact, **options))

    def enrich_phones(self, contacts: Iterable[Contact | Mapping[str, Any]], **options: Any) -> Iterator[PhoneResult]:
        """Results for many contacts; options as for `AsyncEngine.enrich_phones`."""
        portal = self._running()
        results: queue.Queue[PhoneResult | BaseException | None] = queue.Queue(maxsize=1024)
        left = threading.Event()

        async def pump() -> None:
            stream = self._engine.enrich_phones(contacts, **options)
            try:
                async for result in stream:
                    await _put(results, result, left)
                    if left.is_set():
                        return
                await _put(results, None, left)
            except BaseException as error:  # noqa: BLE001 - handed to the thread that iterates
                await _put(results, error, left)
            finally:
                await stream.aclose()  # type: ignore[attr-defined]

        future = portal.submit(pump())
        try:
            while (item := results.get()) is not None:
                if isinstance(item, BaseException):
                    raise item
                yield item
        finally:
            left.set()
            future.result()

    def explain(self, record_id: str) -> PhoneResult | None:
        """The last finished enrichment of a record, with its story; None when there is none."""
        return self._running().call(self._engine.explain(record_id))

    def resume(self, provider: str) -> None:
        """Say that a parked or suspended provider works again."""
        portal = self._running()

        async def resume() -> None:
            self._engine.resume(provider)

        portal.call(resume())

    def close(self) -> None:
        """Let calls under way finish and be stored, then close. Closing twice is fine."""
        with self._lock:
            self._closed = True
            portal, self._portal = self._portal, None
        if portal is not None and portal.pid == os.getpid():
            try:
                portal.call(self._engine.aclose())
            finally:
                portal.stop()


async def _put(results: "queue.Queue[Any]", item: object, left: threading.Event) -> None:
    """Put without blocking the loop; give up when nobody reads any more."""
    while not left.is_set():
        try:
            results.put_nowait(item)
        except queue.Full:
            await asyncio.sleep(0.001)
        else:
            return


class _Portal:
    """A daemon thread with an event loop, and a way to call into it."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="enrichcore-portal", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.close()

    def submit(self, work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        future = self.submit(work)
        try:
            return future.result()
        except (KeyboardInterrupt, SystemExit):
            future.cancel()
            raise

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
