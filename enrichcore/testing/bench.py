"""Bench: asks the provider under test, by its hooks alone or through a real engine, and says what came of it."""

import asyncio
import contextlib
import copy
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Mapping
from typing import Any, Final, TypeVar

import attrs

from enrichcore.engine import call
from enrichcore.engine.hook import bind
from enrichcore.engine.http import AttemptHttp
from enrichcore.engine.transport import Kind, Wire, make_transport
from enrichcore.errors import ProviderError
from enrichcore.model import Attempt, Contact, Hit, Job, Method, Miss, PhoneResult, Query, Subject
from enrichcore.plugins import Provider
from enrichcore.plugins.registry import HOOKS, Plugin, Registry
from enrichcore.runtime import Runtime
from enrichcore.testing.act import Act
from enrichcore.testing.cases import Case, Cases, Exchange
from enrichcore.testing.checks import skip
from enrichcore.testing.clock import FrozenClock, HastyClock
from enrichcore.testing.script import Asked, Script
from enrichcore.testing.transport import ScriptedTransport, WatchedTransport
from enrichcore.testing.vendor import client_of, engine_of, new, own_settings

T = TypeVar("T")

MOST_POLLS: Final = 20
DEADLINE: Final = 300.0
"""Seconds of a lookup: longer than any provider's time-out, shorter than a `Retry-After` of an hour."""
FIELDS: Final[Mapping[Method, tuple[str, ...]]] = {
    Method.NAME: ("first_name", "last_name", "company", "domain", "country"),
    Method.LINKEDIN: ("linkedin_id", "first_name", "last_name", "country"),
    Method.EMAIL: ("email", "first_name", "last_name", "country"),
}
"""What a query of each method holds: its key and its hints."""


@attrs.frozen(kw_only=True)
class Told:
    """What one question to the hooks came to."""

    outcome: Hit | Miss | Job | ProviderError
    wire: Wire
    asked: list[Asked]
    seconds: float

    @property
    def word(self) -> str:
        """`hit`, `miss`, `job`, or the code of the error."""
        return self.outcome.code if isinstance(self.outcome, ProviderError) else type(self.outcome).__name__.lower()


@attrs.frozen(kw_only=True)
class Looked:
    """What one lookup through an engine came to."""

    result: PhoneResult
    attempt: Attempt
    asked: list[Asked]
    state: str
    """Of the provider: `closed`, `paced`, `parked`, `suspended` or `open`."""

    @property
    def word(self) -> str:
        """`hit`, `miss`, the code of an error, or why an answer was rejected."""
        if self.attempt.reason is None or self.attempt.outcome.value == "hit":
            return self.attempt.outcome.value
        return self.attempt.reason if self.attempt.outcome.value == "error" else f"rejected ({self.attempt.reason})"


class Bench:
    """One provider with its cases. Every check gets one of its own."""

    def __init__(self, kind: Provider | type[Provider], cases: Cases, settings: Mapping[str, Any]) -> None:
        self.kind, self.cases, self.settings = kind, cases, settings
        self.clock = FrozenClock()
        self.provider = self.fresh()
        own_settings(self.provider, settings)
        registry = Registry()
        [added] = registry.add(self.provider)
        registry.resolve()
        self.plugin: Plugin = registry.plugins[added.name]
        self._hooks = {method: bind(lookup) for method, lookup in self.plugin.lookups.items()}

    @property
    def speaks_http(self) -> bool:
        """Whether its requests go through the engine's client, where they can be scripted and seen."""
        return bool(self.settings.get("base_url") or self.provider.base_url)

    def fresh(self) -> Provider:
        """A provider that no engine has had."""
        return new(self.kind) if isinstance(self.kind, type) else copy.copy(self.kind)

    # --- what to ask ----------------------------------------------------------------------------------------------

    def http_cases(self) -> list[Case]:
        """The cases whose vendor can be scripted; the check is skipped when there is none."""
        if not self.speaks_http:
            skip("the provider makes no HTTP request that could be scripted: it has no base_url")
        return list(self.cases.cases)

    def job_cases(self) -> list[Case]:
        """The cases whose vendor takes a job."""
        jobs = [case for case in self.http_cases() if case.pending]
        return jobs or skip("no case has an answer that means `pending`: the vendor answers at once")

    def paid(self) -> bool:
        """Whether a call can cost anything."""
        return self.provider.price.paid

    @staticmethod
    def fields(case: Case, fields: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The fields of a contact that the query of this case is made of."""
        given = case.fields if fields is None else fields
        return {name: given[name] for name in FIELDS[case.method] if name in given}

    def query(self, case: Case, fields: Mapping[str, str] | None = None) -> Query:
        """The query of a case, or of the same method for somebody else."""
        subject = Subject.of(Contact(**self.fields(case, fields)))
        if case.method not in subject.queries:
            raise LookupError(f"the fields of case {case} make no query: {subject.missing()}")
        return subject.queries[case.method]

    # --- by its hooks alone ---------------------------------------------------------------------------------------

    def run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What `work` comes to, on an opened provider, in time that passes at once."""

        async def opened() -> T:
            async with self.opened():
                return await work()

        return self.clock.run(opened())

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[Provider]:
        """The provider between `setup` and `aclose`."""
        await self.provider.setup()
        try:
            yield self.provider
        finally:
            await self.provider.aclose()

    def tell(self, case: Case, exchange: Exchange = (), fields: Mapping[str, str] | None = None) -> Told:
        """Ask one question and collect its job, if it becomes one."""
        return self.tell_all(case, [exchange], fields)[0]

    def tell_all(
        self, case: Case, exchanges: Iterable[Exchange], fields: Mapping[str, str] | None = None
    ) -> list[Told]:
        """Ask the same question once for each exchange, one after the other."""
        query = self.query(case, fields)

        async def work() -> list[Told]:
            return [await self.ask(query, exchange) for exchange in exchanges]

        return self.run(work)

    async def ask(self, query: Query, exchange: Exchange = ()) -> Told:
        """Ask an opened provider, and collect its job."""
        transport = ScriptedTransport(*exchange)
        http = client_of(self.provider, transport, self.settings)
        began = self.clock.now
        blocking = self.plugin.lookups[query.method].blocking
        limit = self.provider.timeout
        outcome = await call.ask(self._hooks[query.method], query, http, limit, self.clock, blocking=blocking)
        for _ in range(MOST_POLLS):
            if not isinstance(outcome, Job) or len(transport.asked) >= len(exchange) > 0:
                break
            http = client_of(self.provider, transport, self.settings)
            outcome = await call.collect(self.provider, outcome, query, http, limit)
        wire = http.wire if isinstance(http, AttemptHttp) else Wire.ANSWERED
        return Told(outcome=outcome, wire=wire, asked=transport.asked, seconds=self.clock.now - began)

    # --- through an engine ----------------------------------------------------------------------------------------

    def look_up(
        self,
        case: Case,
        *scripts: Exchange,
        fields: Mapping[str, str] | None = None,
        deadline: float = DEADLINE,
        kind: Kind = "plain",
        real: Callable[[Exchange], contextlib.AbstractContextManager[Any]] | None = None,
    ) -> list[Looked]:
        """One lookup for each script, by one engine that asks this provider by this method only.

        With `real` the engine talks to a real server that plays the script, over the transport `kind`.
        """
        provider = self._only(case)
        given = self.fields(case, fields)
        transport = ScriptedTransport()

        async def lookup(engine: Any, number: int) -> Looked:
            result = await engine.enrich_phone(Contact(record_id=str(number), **given), deadline=deadline)
            attempt = next(a for a in result.attempts if a.method is case.method)
            state = engine.channels[provider.name].health.state.value
            return Looked(result=result, attempt=attempt, asked=transport.asked, state=state)

        async def played(settings: Mapping[str, Any], way: Any, clock: Runtime) -> list[Looked]:
            looked = []
            async with engine_of(provider, way, clock, settings, self.cases.acceptance) as engine:
                for number, exchange in enumerate(scripts or ((),)):
                    transport.script = Script(*exchange)
                    looked.append(await lookup(engine, number))
            return looked

        if real is None:
            return self.clock.run(played(self.settings, transport, self.clock))
        with real(scripts[0]) as server:
            transport.script = server.script
            settings = {**self.settings, "base_url": self.at(server.url)}

            async def over_sockets() -> list[Looked]:
                clock = HastyClock()
                way = WatchedTransport(make_transport(kind), clock)
                try:
                    return await played(settings, way, clock)
                finally:
                    await way.aclose()

            return asyncio.run(over_sockets())

    def look_up_many(self, case: Case, exchange: Exchange, people: Iterable[Mapping[str, Any]]) -> list[Looked]:
        """A bulk run of several people, in their order, by an engine that asks this provider by this method only."""
        provider, transport = self._only(case), ScriptedTransport(*exchange)
        contacts = [Contact(record_id=str(n), **fields) for n, fields in enumerate(people)]

        async def work() -> list[Looked]:
            async with engine_of(provider, transport, self.clock, self.settings, self.cases.acceptance) as engine:
                found = engine.enrich_phones(contacts, ordered=True, deadline=DEADLINE)
                results = [result async for result in found]
                state = engine.channels[provider.name].health.state.value
            attempts = [next(a for a in result.attempts if a.method is case.method) for result in results]
            return [
                Looked(result=result, attempt=attempt, asked=transport.asked, state=state)
                for result, attempt in zip(results, attempts, strict=True)
            ]

        return self.clock.run(work())

    def _only(self, case: Case) -> Provider:
        """A fresh provider with the method of this case and no other."""
        provider = self.fresh()
        for method, hook in HOOKS.items():
            if method is not case.method:
                setattr(provider, hook, None)  # one that pluggy does not see
        return provider

    def at(self, url: str) -> str:
        """The base URL of the provider with another host."""
        base = str(self.settings.get("base_url") or self.provider.base_url)
        path = base.partition("://")[2].partition("/")[2]
        return f"{url}/{path}".rstrip("/")

    def found(self) -> Iterator[tuple[Case, Exchange]]:
        """Every case with every exchange that brings what it looks for."""
        for case in self.cases.cases:
            yield from ((case, exchange) for exchange in case.found or ((),))


def asked_bytes(asked: Iterable[Asked]) -> bytes:
    """Every byte of several requests."""
    return b"\n".join(one.everything for one in asked)


def last(exchange: Exchange, act: Act) -> Exchange:
    """The exchange with another end."""
    return (*exchange[:-1], act)
