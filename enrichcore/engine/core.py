"""AsyncEngine: the async core that every face uses."""

import asyncio
import functools
import os
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, get_args

import attrs

from enrichcore import log
from enrichcore.config import Config, Order, OrderBy, suggest
from enrichcore.engine.assembly import apply_settings, frozen_order, merged_config, open_channel, start_provider
from enrichcore.engine.budgets import check_prices
from enrichcore.engine.channel import Channel
from enrichcore.engine.enricher import UNSET, Enricher
from enrichcore.engine.jobs import Jobs
from enrichcore.engine.keys import Keyer
from enrichcore.engine.life import Life
from enrichcore.engine.observers import Observers
from enrichcore.engine.plan import Member, Plan, choose_members, make_plan
from enrichcore.engine.relay import Relay
from enrichcore.engine.states import States
from enrichcore.engine.tenant import DEFAULT_TENANT, Shared, Tenant
from enrichcore.engine.tenant_engine import TenantEngine, checked_name
from enrichcore.engine.transport import Kind, Transport, make_transport
from enrichcore.engine.watchdog import GRACE, Watchdog
from enrichcore.engine.webhooks import Door, Webhooks
from enrichcore.errors import ConfigError, EngineClosed
from enrichcore.model import Acceptance, Attempt, Budget
from enrichcore.plugins import Provider
from enrichcore.plugins.registry import Registry
from enrichcore.runtime import Runtime
from enrichcore.store import Store
from enrichcore.store.cipher import load_cipher
from enrichcore.store.currency import check_currency
from enrichcore.store.open import open_store
from enrichcore.store.secret import check_secret, load_secret

LOOKUP_DEADLINE = 60.0
"""Seconds one lookup may take by default; a bulk run has no deadline."""


class AsyncEngine(Enricher):
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
        budget: what may be spent, by run, record, time window and provider.
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
        budget: Budget | None = None,
        deadline: float | None = UNSET,
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
        self.deadline = (self._config.deadline or LOOKUP_DEADLINE) if deadline is UNSET else deadline
        self.budget = self._config.budget if budget is None else budget
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
        self._named, self._added, self._credentials = names, added, dict(credentials or {})
        self._members = self._choose(self._credentials)
        self.run_id = f"{self._runtime.rng.getrandbits(64):016x}"
        self._check_prices(self._members)
        for name, plugin in self.registry.plugins.items():  # one that nobody asks for may lack what it needs
            own = self._config.for_provider(name)
            if name in self._members or (name in self._config.provider and own.enabled):
                apply_settings(plugin.provider, own, required=name in added)
        if self.offline:  # what leaves the machine may depend on its settings
            self._members = self._choose(self._credentials)
        url = store if isinstance(store, str) else (self._config.store if store is None else None)
        self.store_url = url or ("memory" if store is None else "an object")
        if store is None and url is None:
            paid = sorted(m.name for m in self._members.values() if m.price.paid and m.skip is None)
            if paid:
                raise ConfigError(
                    f"{', '.join(paid)} cost money, and without a store every answer would be bought again: pass "
                    "store='sqlite:///enrich.db', or store='memory' to accept that"
                )
        if store is None or isinstance(store, str):
            store = open_store(url or "memory", cipher=load_cipher(self._config.store_key, env))
        self._store: Store = store
        self._opened = self._closed = False
        self._life = Life()
        self._tenants: dict[tuple[object, ...], Tenant] = {}
        self._opening = asyncio.Lock()
        self._set_up: set[str] = set()
        self._closer: asyncio.Task[None] | None = None
        self.plan: Plan = Plan({}, ())
        self.channels: dict[str, Channel] = {}

    def _choose(self, credentials: Mapping[str, str]) -> dict[str, Member]:
        return choose_members(
            self.registry,
            attrs.evolve(self._config, order=self._order),
            providers=self._named,
            objects=self._added,
            credentials=credentials,
            env=self._env,
            offline=self.offline,
        )

    def _check_prices(self, members: dict[str, Member]) -> None:
        check_prices(members.values(), self.budget, self.registry.plugins.keys() | self.registry.failures.keys())

    # --- life -----------------------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether it may be asked: it was opened, and neither has been closed nor has lost its journal."""
        return self._tenant is not None and not self._closed and self._life.failure is None

    @property
    def members(self) -> Mapping[str, Member]:
        """The providers that take part, as they are configured, by name."""
        return self._members

    @property
    def owner(self) -> int:
        """Under which number the attempts of this engine are in the journal, once it is open."""
        return self._store.owner

    @property
    def writes_waiting(self) -> int:
        """How many operations of the journal wait for the next commit; 0 for a store that queues none."""
        return int(getattr(self._store, "writes_waiting", 0))

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
                await check_secret(self._store, secret)
            await check_currency(self._store, self.budget.currency)
            self._keyer = Keyer(secret, DEFAULT_TENANT)
            self._jobs = Jobs(self._keyer.job)
            if isinstance(self._transport, str):
                self._wire = make_transport(self._transport)
            else:
                self._wire = self._transport
            self._shared = Shared(
                self._runtime,
                self._store,
                secret,
                self._wire,
                self._states,
                self.observers,
                self._life,
                self.offline,
                self._config.max_people,
                self.budget,
                self._config.on_changed_record == "reject",
                self._config.serve_stale,
                self._jobs,
            )
            relay = Relay(self._runtime, self._store, self._jobs)
            self._webhooks = Webhooks(secret, self._config.service.public_url, relay)
            started = (self._start(member, self.channels) for member in self._members.values())
            for failed in await asyncio.gather(*started, return_exceptions=True):
                if failed is not None:
                    raise failed
            self.plan = make_plan(self._members, self._order, self._order_by)
            await self._states.restore(self.channels)
            self._tenant = Tenant(DEFAULT_TENANT, self._shared, self.plan, self.channels)
            epoch = await self._store.epoch()
            await self._tenant.reload()
            await self._tenant.refresh()
        except BaseException:
            self._closed = True
            await self._release()
            raise
        self._tenants[(DEFAULT_TENANT,)] = self._tenant
        self._watchdog = Watchdog(self._runtime, self._store, self._tenants, self._wire.forget, relay.look, epoch)
        self._watchdog.start()
        return self

    async def _start(self, member: Member, channels: dict[str, Channel]) -> None:
        if member.plugin is not None and member.name not in self._set_up:
            member.plugin.provider.webhook_url = self._webhooks.address(member.plugin.provider)
        if member.name not in self._set_up and await start_provider(member, self.events):
            self._set_up.add(member.name)
        if member.name in self._set_up and member.skip is None and member.plugin is not None:
            channels[member.name] = open_channel(
                member,
                member.plugin.provider,
                transport=self._shared.wire,
                keyer=self._keyer,
                states=self._states,
                runtime=self._runtime,
                store=self._store,
                offline=self.offline,
            )

    async def aclose(self, *, force: bool = False) -> None:
        """Let every call under way finish and be stored, then close; `force` cancels the calls instead."""
        if self._closer is None:
            if not self._opened or self._closed:
                self._closed = True
                return
            self._closed = self._life.closing = True
            self._closer = asyncio.get_running_loop().create_task(self._close(force=force))
        elif force and not self._closer.done():
            await self._finish(force=True)
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
        await self._finish(force=force)
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

    async def _finish(self, *, force: bool) -> None:
        await asyncio.gather(*(tenant.runner.finish(force=force) for tenant in self._tenants.values()))
        await self._jobs.finish(force=force)

    def _check(self) -> Tenant:
        if self._closed or self._tenant is None:
            raise EngineClosed("use the engine inside `async with AsyncEngine(...) as engine:`")
        if self._life.failure is not None:
            raise self._life.failure
        return self._tenant

    async def _ready(self) -> Tenant:
        return self._check()

    # --- tenants ----------------------------------------------------------------------------------------------------

    def for_tenant(
        self, name: str, *, credentials: Mapping[str, str] | None = None, acceptance: Acceptance | None = None
    ) -> TenantEngine:
        """This engine for one of its tenants, who has records, answers and vendor accounts of its own.

        What is stored for one tenant is never found by another, not even for the same person. Providers whose key is
        not in `credentials` are asked with the engine's key, under the rates and the state that all share who use it.

        Args:
            name: who it is; always the same, as every stored answer is found by it.
            credentials: per provider, the tenant's own key.
            acceptance: which numbers count as found, instead of the engine's policy.

        Raises:
            ConfigError: the name is empty or odd, or a provider is not installed.
            EngineClosed: the engine is not open.
        """
        self._check()
        checked_name(name)
        own = dict(credentials or {})
        for provider in own:
            if provider not in self.registry.plugins:
                raise ConfigError(
                    f"credentials name a provider {provider!r} that is not installed. "
                    + suggest(provider, self.registry.plugins.keys())
                )
        return TenantEngine(
            name,
            acceptance or self.acceptance,
            self.deadline,
            self.run_id,
            functools.partial(self._open_tenant, name, own),
        )

    async def _open_tenant(self, name: str, credentials: dict[str, str]) -> Tenant:
        async with self._opening:
            mine = self._check()
            if name == DEFAULT_TENANT and not credentials:
                return mine
            key = (name, *sorted(credentials.items()))
            known = self._tenants.get(key)
            if known is None:
                plan, channels = self.plan, self.channels
                if credentials:
                    plan, channels = await self._accounts(credentials)
                known = Tenant(name, self._shared, plan, channels)
                await known.reload()
                await known.refresh()
                self._tenants[key] = known
            return known

    async def _accounts(self, credentials: dict[str, str]) -> tuple[Plan, dict[str, Channel]]:
        """The plan and the channels of a tenant with keys of its own; with the engine's keys they are the engine's."""
        members = self._choose({**self._credentials, **credentials})
        self._check_prices(members)
        channels: dict[str, Channel] = {}
        own: dict[str, Channel] = {}
        for name, member in members.items():
            before = self._members.get(name)
            if before is not None and before.key == member.key:
                members[name] = before
                if name in self.channels:
                    channels[name] = self.channels[name]
            else:
                if before is None and member.plugin is not None:
                    apply_settings(member.plugin.provider, self._config.for_provider(name), required=False)
                await self._start(member, own)
        await self._states.restore(own)
        return make_plan(members, self._order, self._order_by), channels | own

    def webhook(self, provider: str) -> Door | None:
        """Where the events of a provider's vendor come in; None if it sends none to us."""
        if not self.is_open:
            return None
        return self._webhooks.door(provider, (c for t in self._tenants.values() for c in t.channels.values()))

    def resume(self, provider: str) -> None:
        """Say that a parked or suspended provider works again.

        Raises:
            ConfigError: no such provider takes part.
        """
        self._check().resume(provider)
