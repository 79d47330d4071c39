"""AsyncEngine: the async core that every face uses."""

import asyncio
import os
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, get_args

import attrs

from enrichcore import log
from enrichcore.config import Config, Order, OrderBy
from enrichcore.engine.assembly import apply_settings, frozen_order, merged_config, open_channel, start_provider
from enrichcore.engine.attempt import Asker
from enrichcore.engine.cache import AttemptCache, ResultCache
from enrichcore.engine.cascade import Cascade
from enrichcore.engine.channel import Channel
from enrichcore.engine.codec import decode_result
from enrichcore.engine.keys import Keyer
from enrichcore.engine.observers import Observers
from enrichcore.engine.plan import Member, Plan, Step, choose_members, make_plan
from enrichcore.engine.pool import Pool
from enrichcore.engine.results import Results
from enrichcore.engine.run import Options, Run
from enrichcore.engine.runner import Runner
from enrichcore.engine.states import States
from enrichcore.engine.transport import Kind, Transport, make_transport
from enrichcore.engine.watchdog import GRACE, Watchdog
from enrichcore.errors import ConfigError, EngineClosed, PluginFault
from enrichcore.model import (
    Acceptance,
    Attempt,
    Contact,
    PhoneResult,
)
from enrichcore.plugins import Provider
from enrichcore.plugins.registry import Registry
from enrichcore.runtime import Runtime
from enrichcore.store import Row, Store
from enrichcore.store.open import open_store
from enrichcore.store.secret import load_secret

LOOKUP_DEADLINE = 60.0
"""Seconds one lookup may take by default; a bulk run has no deadline."""
DEFAULT_TENANT = "default"
_UNSET: Any = object()
_CACHE_SIZE = 65_536


def seconds(age: float | str | None) -> float | None:
    """A duration in seconds, from a number or from text such as `30d`, `12h`, `90s`.

    Raises:
        ConfigError: the text has another form.
    """
    if age is None:
        return None
    units = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 7 * 86400.0}
    try:
        found = float(age[:-1]) * units[age[-1:].lower()] if isinstance(age, str) else float(age)
    except (KeyError, ValueError, TypeError):
        found = -1.0
    if not 0 <= found < float("inf"):
        raise ConfigError(f"expected an age such as '30d', '12h' or seconds as a number, got {age!r}")
    return found


class AsyncEngine:
    """Finds phone numbers by asking providers in a cascade; use it as an async context manager.

    Args:
        config: a `Config`, or the path of a configuration file. None reads no file: what is not given has defaults.
        providers: names of installed providers, provider objects, or both. None: configured directories and every
            installed provider that has a key.
        order: names in the order to ask, or one list per method; those not named follow, free ones first.
        order_by: `method` asks name, LinkedIn, email in turn; `cost` asks the cheapest first, whatever the method.
        store: `memory`, `sqlite:///path`, or a store object. None: `memory`, which is refused for paid providers
            unless it is named.
        settings: per provider, what `[providers.<name>]` of a file would say.
        credentials: per provider, its key.
        acceptance: which numbers count as found.
        deadline: seconds a lookup may take; 60 by default.
        on_attempt: called after every attempt; what it raises is ignored.
        offline: forbid every call that leaves the machine. None: when ENRICHCORE_OFFLINE is 1.
        transport: `auto`, `plain`, `fast`, or a transport object.
        runtime: clocks, randomness and threads; only tests pass their own.

    Raises:
        ConfigError: a provider is not installed, a setting is unknown or wrong.
        StoreError: the store cannot be opened or trusted.
    """

    def __init__(
        self,
        *,
        config: Config | str | None = None,
        providers: Sequence[str | Provider | type[Provider]] | None = None,
        order: Sequence[str] | Mapping[str, Sequence[str]] | None = None,
        order_by: OrderBy | None = None,
        store: str | Store | None = None,
        settings: Mapping[str, Mapping[str, Any]] | None = None,
        credentials: Mapping[str, str] | None = None,
        acceptance: Acceptance | None = None,
        deadline: float | None = _UNSET,
        on_attempt: Callable[[Attempt], object] | None = None,
        offline: bool | None = None,
        transport: Kind | Transport = "auto",
        runtime: Runtime | None = None,
        secret: bytes | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        env = os.environ if env is None else env
        self._config = merged_config(config, settings, env)
        self.acceptance = self._config.acceptance if acceptance is None else acceptance
        self.deadline = (self._config.deadline or LOOKUP_DEADLINE) if deadline is _UNSET else deadline
        self._on_attempt = on_attempt
        self._runtime = runtime or Runtime()
        self._transport = transport
        self._wire: Transport | None = None
        self._env = env
        self._given_secret = secret
        self.offline = env.get("ENRICHCORE_OFFLINE", "") not in ("", "0") if offline is None else offline
        self.registry = Registry()
        names = None if providers is None else [p for p in providers if isinstance(p, str)]
        objects = [] if providers is None else [p for p in providers if not isinstance(p, str)]
        if providers is None or names:
            raw = {name: dict(c.own) for name, c in self._config.provider.items()}
            self.registry.load_installed(raw)
        added = [plugin.name for thing in objects for plugin in self.registry.add(thing)]
        self.registry.resolve()
        self._order: Order | None = frozen_order(order) if order is not None else self._config.order
        self._order_by = self._config.order_by if order_by is None else order_by
        if self._order_by not in get_args(OrderBy):
            raise ConfigError(f"order_by: expected 'method' or 'cost', got {order_by!r}")
        if self._order_by == "cost" and self._order is not None:
            raise ConfigError("order and order_by='cost' exclude each other: leave out the one you do not want")
        self._members = choose_members(
            self.registry,
            attrs.evolve(self._config, order=self._order),
            providers=names,
            objects=added,
            credentials=credentials or {},
            env=env,
            offline=self.offline,
        )
        for name, plugin in self.registry.plugins.items():  # one that nobody asks for may lack what it needs
            own = self._config.for_provider(name)
            if name in self._members or (name in self._config.provider and own.enabled):
                apply_settings(plugin.provider, own, required=name in added)
        url = store if isinstance(store, str) else (self._config.store if store is None else None)
        self.store_url = url or ("memory" if store is None else "an object")
        if store is None and url is None:
            paid = sorted(m.name for m in self._members.values() if m.price.paid and m.skip is None)
            if paid:
                raise ConfigError(
                    f"{', '.join(paid)} cost money, and without a store every answer would be bought again: pass "
                    "store='sqlite:///enrich.db', or store='memory' to accept that"
                )
        self._store: Store = open_store(url or "memory") if store is None or isinstance(store, str) else store
        self._opened = self._closed = self._closing = False
        self._closer: asyncio.Task[None] | None = None
        self.plan: Plan = Plan({}, ())
        self.channels: dict[str, Channel] = {}

    # --- life -----------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        """Open the store, index directories, and be ready."""
        if self._opened or self._closed:
            raise EngineClosed("this engine was opened or closed before; make a new one")
        self._opened = True
        self.observers = Observers(self.registry.manager, self._on_attempt)
        self.events = self.observers.events
        self._states = States(self._runtime, self._store, self.events)
        for failure in self.registry.failures.values():
            self.events.warning(
                log.PLUGIN_FAILED,
                provider=failure.name,
                distribution=failure.distribution,
                version=failure.version,
                error_class=failure.error_class,
            )
        try:
            await self._store.open(self._runtime.wall())
        except BaseException:
            self._closed = True
            raise
        try:
            secret = self._given_secret
            if secret is None:
                secret = load_secret(self._store, configured=self._config.secret, env=self._env)
            self._keyer = Keyer(secret, DEFAULT_TENANT)
            if isinstance(self._transport, str):
                self._wire = make_transport(self._transport)
            else:
                self._wire = self._transport
            started = (self._start(member) for member in self._members.values())
            for failed in await asyncio.gather(*started, return_exceptions=True):
                if failed is not None:
                    raise failed
            self.plan = make_plan(self._members, self._order, self._order_by)
            await self._states.restore(self.channels)
        except BaseException:
            self._closed = True
            await self._release()
            raise
        self._cache = AttemptCache(size=_CACHE_SIZE)
        self._asker = Asker(
            runtime=self._runtime,
            store=self._store,
            keyer=self._keyer,
            tenant=DEFAULT_TENANT,
            channels=self.channels,
            cache=self._cache,
            on_attempt=self.observers.attempted,
            is_closing=lambda: self._closing or self._runner.failure is not None,
        )
        cascade = Cascade(self.plan, self._asker, self.channels, self._runtime)
        results = Results(
            DEFAULT_TENANT,
            self._runtime,
            self._store,
            self._keyer,
            self.plan,
            self.channels,
            cascade,
            ResultCache(size=_CACHE_SIZE, timer=self._runtime.wall),
        )
        self._runner = Runner(self._runtime, self._keyer, cascade, results, self.observers)
        self._watchdog = Watchdog(
            self._runtime, self._store, self.channels, self._asker.calls, self._abandon, self._wire.forget
        )
        self._watchdog.start()
        return self

    async def _start(self, member: Member) -> None:
        if await start_provider(member, self.events) and member.plugin is not None and self._wire is not None:
            self.channels[member.name] = open_channel(
                member,
                member.plugin.provider,
                transport=self._wire,
                keyer=self._keyer,
                states=self._states,
                runtime=self._runtime,
                offline=self.offline,
            )

    async def aclose(self, *, force: bool = False) -> None:
        """Let every call under way finish and be stored, then close; `force` cancels the calls instead."""
        if self._closer is None:
            if not self._opened or self._closed:
                self._closed = True
                return
            self._closed = self._closing = True
            self._closer = asyncio.get_running_loop().create_task(self._close(force=force))
        elif force and not self._closer.done():
            await self._runner.finish(force=True)
        cancelled: asyncio.CancelledError | None = None
        while not self._closer.done():  # whoever stops waiting must not cut it short: it holds paid answers
            try:
                await asyncio.shield(self._closer)
            except asyncio.CancelledError as error:
                cancelled = error
        if cancelled is not None:
            raise cancelled
        self._closer.result()

    async def _close(self, *, force: bool) -> None:
        await self._runner.finish(force=force)
        await self._watchdog.stop()
        await self._release()

    async def _release(self) -> None:
        """Give back what an engine holds while it is open."""
        for channel in self.channels.values():
            try:
                async with asyncio.timeout(GRACE):
                    await channel.provider.aclose()
            except (Exception, SystemExit):  # noqa: BLE001 - a plugin may raise anything
                self.observers.failures += 1
        try:
            await self._store.aclose()
        finally:
            if isinstance(self._transport, str) and self._wire is not None:
                await self._wire.aclose()
            self._runtime.close()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close, letting calls under way finish."""
        await self.aclose()

    def _check(self) -> None:
        if not self._opened or self._closed:
            raise EngineClosed("use the engine inside `async with AsyncEngine(...) as engine:`")
        if self._runner.failure is not None:
            raise self._runner.failure

    # --- one contact ------------------------------------------------------------------------------------------------

    async def enrich_phone(
        self,
        contact: Contact | Mapping[str, Any],
        *,
        acceptance: Acceptance | None = None,
        deadline: float | None = _UNSET,
        max_age: float | str | None = None,
        refresh: bool = False,
    ) -> PhoneResult:
        """Find a phone number for one contact.

        Args:
            contact: the person, as a `Contact` or a mapping with its fields.
            acceptance: which numbers count, instead of the engine's policy.
            deadline: seconds until an answer is due; None waits as long as it takes.
            max_age: use no answer older than this: seconds, or text such as `30d`.
            refresh: ask again, whatever is known.

        Raises:
            InvalidContact: the contact cannot be one.
            StoreError: the journal cannot be written, so nothing may be bought.
            EngineClosed: the engine is not open.
        """
        if self._closed or not self._opened or self._runner.failure is not None:
            self._check()
        if not isinstance(contact, Contact):
            contact = Contact.from_dict(contact)
        policy = self.acceptance if acceptance is None else acceptance
        if not refresh and max_age is None:
            known = self._runner.cached(contact, policy)
            if known is not None:
                return known
        options = Options(
            acceptance=policy,
            deadline=self.deadline if deadline is _UNSET else deadline,
            max_age=seconds(max_age),
            refresh=refresh,
        )
        return await self._runner.one(contact, options)

    # --- many contacts ----------------------------------------------------------------------------------------------

    async def enrich_phones(
        self,
        contacts: Iterable[Contact | Mapping[str, Any]] | AsyncIterable[Contact | Mapping[str, Any]],
        *,
        concurrency: int = 200,
        ordered: bool = False,
        acceptance: Acceptance | None = None,
        deadline: float | None = None,
        max_age: float | str | None = None,
        refresh: bool = False,
        on_waiting: Callable[[str, str, float], None] | None = None,
    ) -> AsyncIterator[PhoneResult]:
        """Results for many contacts, in completion order, or in input order when `ordered`.

        A contact that cannot be one gets a result with status `invalid`; nothing aborts the others. Memory is
        constant. `on_waiting(provider, reason, seconds)` is told when the run waits for a provider.

        Raises:
            StoreError: the journal cannot be written, so nothing more may be bought.
        """
        self._check()
        if concurrency < 1:
            raise ConfigError(f"concurrency must be 1 or more, got {concurrency}")
        options = Options(
            acceptance=self.acceptance if acceptance is None else acceptance,
            deadline=deadline,
            max_age=seconds(max_age),
            refresh=refresh,
            patient=True,
        )

        def enrich(index: int, item: Any, pool: Pool) -> Awaitable[PhoneResult]:
            return self._runner.row(index, item, options, pool)

        pool = Pool(contacts, enrich, concurrency=concurrency, ordered=ordered, on_waiting=on_waiting)
        results = pool.results()
        try:
            async for result in results:
                yield result
        finally:
            await results.aclose()  # type: ignore[attr-defined]

    async def _abandon(self, run: Run, step: Step) -> None:
        self.channels[step.name].health.suspend(PluginFault.code)
        intent = self._asker.leave(run)
        self._runner.abandon(run, step)
        if intent:  # in doubt from now on: no other process may wait for it as long as this one lives
            await self._store.release(intent)

    # --- looking back -----------------------------------------------------------------------------------------------

    async def explain(self, record_id: str) -> PhoneResult | None:
        """The last finished enrichment of a record, with its story; None when there is none."""
        self._check()
        stored = await self._store.last_result(DEFAULT_TENANT, self._keyer.record(record_id))
        return None if stored is None else decode_result(stored.payload)

    async def in_doubt(self) -> list[Row]:
        """Attempts whose billing is unknown, oldest first: what a person should compare with the vendor's invoice."""
        self._check()
        return await self._store.in_doubt(DEFAULT_TENANT, self._runtime.wall())

    def resume(self, provider: str) -> None:
        """Say that a parked or suspended provider works again.

        Raises:
            ConfigError: no such provider takes part.
        """
        self._check()
        if provider not in self.channels:
            raise ConfigError(f"no provider {provider!r} takes part; there are {', '.join(sorted(self.channels))}")
        self.channels[provider].health.resume()
