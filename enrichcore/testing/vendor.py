"""Vendor: one provider, and a vendor that says what a test tells it to say."""

import asyncio
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Self

from enrichcore.engine.assembly import apply_settings, merged_config
from enrichcore.engine.channel import NO_HTTP, NoHttp
from enrichcore.engine.core import AsyncEngine
from enrichcore.engine.http import AttemptHttp, ProviderHttp
from enrichcore.model import Acceptance, Answer, Attempt, Contact, Credits, Job, Method, PhoneResult, Query
from enrichcore.plugins import Provider
from enrichcore.runtime import Runtime
from enrichcore.testing.act import Act
from enrichcore.testing.clock import FrozenClock
from enrichcore.testing.run import run
from enrichcore.testing.script import Answers, Asked
from enrichcore.testing.transport import ScriptedTransport

KEY = "canary-key-0001"
"""The key that every scripted vendor is asked with."""
GENERAL = frozenset({"api_key", "key_env", "base_url", "price", "credit_price", "rate", "enabled"})
"""Keys of `[providers.<name>]` that every provider has."""


class Vendor:
    """A scripted vendor for one provider: give it acts, ask a question, and look at what was asked.

    The acts are played in order and the last one stands for all later requests; `says` puts more behind them. They go
    through the client, the table of statuses and the limits that the engine uses.
    """

    key = KEY
    """The key that the vendor is asked with."""

    def __init__(
        self,
        provider: Provider | type[Provider],
        *acts: Act | Mapping[str, Answers] | Callable[[Asked], Act],
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self._provider = provider
        self._settings = dict(settings or {})
        self.transport = ScriptedTransport(*acts)

    @property
    def asked(self) -> list[Asked]:
        """Every request, in order."""
        return self.transport.asked

    def says(self, *acts: Act | Mapping[str, Answers] | Callable[[Asked], Act]) -> Self:
        """Put acts behind those that are there."""
        self.transport.script.add(*acts)
        return self

    def http(self) -> AttemptHttp | NoHttp:
        """The client that a hook gets; a provider without a base URL gets one that refuses."""
        provider = self._new()
        return client_of(provider, self.transport, self._settings)

    def ask(
        self, method: Method | str | None = None, *, settings: Mapping[str, Any] | None = None, **fields: Any
    ) -> Answer:
        """What the provider answers, without the engine's cache, retries and judgement: see `run`."""
        own = {k: v for k, v in {**self._settings, **(settings or {})}.items() if k not in GENERAL}
        return run(self._new(), method=method, settings=own or None, http=self.http(), **fields)

    def collect(self, job: Job | str, query: Query) -> Answer | Job:
        """What one poll of a job comes to."""
        job = Job(job) if isinstance(job, str) else job
        return asyncio.run(self._set_up().collect(job, query, self.http()))

    def balance(self) -> Credits | None:
        """What the provider reads of the account."""
        return asyncio.run(self._set_up().balance(self.http()))

    def enrich(
        self,
        *,
        deadline: float | None = 60.0,
        acceptance: Acceptance | None = None,
        clock: FrozenClock | None = None,
        **fields: Any,
    ) -> PhoneResult:
        """What a real engine makes of it, in time that passes at once; numbers that are kept for fiction are taken."""
        clock = clock or FrozenClock()

        async def work() -> PhoneResult:
            async with engine_of(self._new(), self.transport, clock, self._settings, acceptance) as engine:
                return await engine.enrich_phone(Contact(**fields), deadline=deadline)

        return clock.run(work())

    def enrich_many(
        self,
        contacts: Iterable[Contact | Mapping[str, Any]],
        *,
        deadline: float | None = None,
        acceptance: Acceptance | None = None,
        clock: FrozenClock | None = None,
    ) -> list[PhoneResult]:
        """What a bulk run of a real engine makes of many, in their order: see `enrich`. A `batch` is used here."""
        clock = clock or FrozenClock()

        async def work() -> list[PhoneResult]:
            async with engine_of(self._new(), self.transport, clock, self._settings, acceptance) as engine:
                found = engine.enrich_phones(contacts, ordered=True, deadline=deadline)
                return [result async for result in found]

        return clock.run(work())

    def attempt(self, method: Method | str | None = None, **options: Any) -> Attempt:
        """The first attempt that was made, or the one of `method`: see `enrich`."""
        attempts = self.enrich(**options).attempts
        if method is None:
            return next((a for a in attempts if a.tries), attempts[0])
        return next(a for a in attempts if a.method == Method(method))

    def _new(self) -> Provider:
        return new(self._provider)

    def _set_up(self) -> Provider:
        provider = self._new()
        own_settings(provider, self._settings)
        return provider


def new(provider: Provider | type[Provider]) -> Provider:
    """A provider object; a class is built anew each time."""
    return provider() if inspect.isclass(provider) else provider


def own_settings(provider: Provider, settings: Mapping[str, Any]) -> None:
    """Give a provider the keys of its own, as the engine does."""
    own = {key: value for key, value in settings.items() if key not in GENERAL}
    config = merged_config(None, {provider.name: own}, {})
    apply_settings(provider, config.for_provider(provider.name), required=True)


def client_of(
    provider: Provider, transport: ScriptedTransport, settings: Mapping[str, Any], *, key: str = KEY
) -> AttemptHttp | NoHttp:
    """The client of one attempt, through `transport`."""
    base_url = settings.get("base_url") or provider.base_url
    if base_url is None:
        return NO_HTTP
    return ProviderHttp(
        provider,
        transport=transport,
        base_url=base_url,
        key=key if provider.auth is not None else None,
        user_agent="enrichcore-testing",
        offline=False,
        wall=lambda: 0.0,
    ).attempt()


def engine_of(
    provider: Provider,
    transport: Any,
    clock: Runtime,
    settings: Mapping[str, Any],
    acceptance: Acceptance | None = None,
    **options: Any,
) -> AsyncEngine:
    """An engine with this provider alone and a memory for its journal; a credit costs 0.05."""
    given = {"credit_price": "0.05", **settings} if provider.price.paid else dict(settings)
    options = {"store": "memory", "secret": b"enrichcore-testing-secret-of-32-b", **options}
    return AsyncEngine(
        providers=[provider],
        settings={provider.name: given},
        credentials={} if provider.key_env is None else {provider.name: options.pop("key", KEY)},
        acceptance=acceptance or Acceptance(allow_fictional=True),
        transport=transport,
        runtime=clock,
        offline=False,
        env={},
        **options,
    )
