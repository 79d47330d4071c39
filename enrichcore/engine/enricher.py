"""Enricher: what can be asked of an engine, whether for itself or for one of its tenants."""

import abc
from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

import attrs

from enrichcore.engine.asking import asked_anew, bulk_options, seconds
from enrichcore.engine.erasure import targets
from enrichcore.engine.pool import Pool
from enrichcore.engine.run import Options
from enrichcore.engine.suppression import Entry
from enrichcore.engine.tenant import Tenant
from enrichcore.errors import ConfigError
from enrichcore.model import Acceptance, Billed, Contact, Outcome, PhoneResult
from enrichcore.model.attempt import ZERO
from enrichcore.model.money import amount
from enrichcore.store import Forgotten, Row
from enrichcore.store.judge import BY_HAND

__all__ = ["UNSET", "Enricher", "Entry", "Forgotten", "Row", "seconds"]

UNSET: Any = object()
"""An argument that was not given, where None says something."""


class Enricher(abc.ABC):
    """Finds numbers for one tenant: the engine itself, or what `for_tenant` gives."""

    acceptance: Acceptance
    deadline: float | None
    run_id: str
    """What spending counts in when no run is named: everything one engine does from its start to its end."""
    _tenant: Tenant | None = None

    @abc.abstractmethod
    async def _ready(self) -> Tenant:
        """The tenant, once it may be asked.

        Raises:
            EngineClosed: the engine is not open.
            StoreError: the journal has failed, so nothing may be bought.
        """

    # --- one contact ------------------------------------------------------------------------------------------------

    async def enrich_phone(
        self,
        contact: Contact | Mapping[str, Any],
        *,
        acceptance: Acceptance | None = None,
        deadline: float | None = UNSET,
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
        tenant = self._tenant
        if tenant is None or tenant.life.closing or tenant.life.failure is not None:
            tenant = await self._ready()
        if not isinstance(contact, Contact):
            contact = Contact.from_dict(contact)
        policy = self.acceptance if acceptance is None else acceptance
        if not refresh and max_age is None:
            known = tenant.runner.cached(contact, policy)
            if known is not None:
                return known
        options = Options(
            acceptance=policy,
            deadline=self.deadline if deadline is UNSET else deadline,
            max_age=seconds(max_age),
            refresh=refresh,
            run_id=self.run_id,
        )
        return await tenant.runner.one(contact, options)

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
        retry: Collection[str] = (),
        since: float | None = None,
        when_paced: str = "wait",
        when_parked: str = "continue",
        run_id: str | None = None,
        on_waiting: Callable[[str, str, float], None] | None = None,
        on_done: Callable[[PhoneResult], object] | None = None,
    ) -> AsyncIterator[PhoneResult]:
        """Results for many contacts, in completion order, or in input order when `ordered`.

        A contact that cannot be one gets a result with status `invalid`; nothing aborts the others. Memory is
        constant.

        Args:
            contacts: whom to look up.
            concurrency: how many at once.
            ordered: whether results come in the order of the input.
            acceptance: which numbers count, instead of the engine's policy.
            deadline: seconds for each contact; None waits as long as it takes.
            max_age: use no answer older than this: seconds, or text such as `30d`.
            refresh: ask again, whatever is known.
            retry: what to ask again although it is known: `misses`, and `errors` that were billed without a usable
                answer. `incomplete` is always asked for the rest.
            since: the wall second from which on an answer counts for `refresh` and `retry`; None: from now on. A run
                that is continued passes its own beginning, so that nothing is asked again twice.
            when_paced: `wait` for a provider that asks us to slow down, or `skip` it for the next one.
            when_parked: `continue` without a provider that is out of credits, or `pause` until it has some.
            run_id: names the run for its budget, the same one when it is resumed.
            on_waiting: `on_waiting(provider, reason, seconds)` is told when the run waits for a provider.
            on_done: is told of each result as soon as it is there, whatever has to come before it.

        Raises:
            ConfigError: an option has a value that it cannot have.
            StoreError: the journal cannot be written, so nothing more may be bought.
        """
        tenant = await self._ready()
        if concurrency < 1:
            raise ConfigError(f"concurrency must be 1 or more, got {concurrency}")
        options = bulk_options(
            acceptance=self.acceptance if acceptance is None else acceptance,
            deadline=deadline,
            max_age=max_age,
            anew=asked_anew(refresh=refresh, retry=retry, since=tenant.runner.wall() if since is None else since),
            when_paced=when_paced,
            when_parked=when_parked,
            run_id=run_id or self.run_id,
        )
        row = tenant.runner.row

        def enrich(index: int, item: Any, pool: Pool) -> Awaitable[PhoneResult]:
            return row(index, item, options, pool)

        pool = Pool(contacts, enrich, concurrency=concurrency, ordered=ordered, on_waiting=on_waiting, on_done=on_done)
        results = pool.results()
        try:
            async for result in results:
                yield result
        finally:
            await results.aclose()  # type: ignore[attr-defined]

    async def run_of(self, output: str) -> str:
        """The `run_id` of the run that writes `output`: the same for every run that does, and nothing of its name."""
        tenant = await self._ready()
        return tenant.keyer.record(f"\0run\0{output}").hex()

    # --- looking back -----------------------------------------------------------------------------------------------

    async def explain(self, record_id: str) -> PhoneResult | None:
        """The last finished enrichment of a record, with its story; None when there is none."""
        tenant = await self._ready()
        stored = await tenant.store.last_result(tenant.name, tenant.keyer.record(record_id))
        return None if stored is None else stored.read()

    async def ledger(
        self, *, since: float = 0.0, until: float = float("inf"), everyone: bool = False
    ) -> AsyncIterator[Row]:
        """Every attempt that was started in a time, oldest first: what an accountant reads.

        Args:
            since: wall seconds.
            until: wall seconds.
            everyone: of all tenants of the store, not of this one alone.
        """
        tenant = await self._ready()
        async for row in tenant.store.ledger(None if everyone else tenant.name, since=since, until=until):
            yield row

    async def spending(self, scopes: Collection[str]) -> dict[str, tuple[Decimal, Decimal]]:
        """What is spent and what is reserved in each budget; a scope that nobody has used is left out."""
        tenant = await self._ready()
        found = await tenant.store.spending(tenant.name, scopes)
        return {scope: (amount(spent), amount(reserved)) for scope, (spent, reserved) in found.items()}

    async def in_doubt(self) -> list[Row]:
        """Attempts whose billing is unknown, oldest first: what a person should compare with the vendor's invoice."""
        tenant = await self._ready()
        return await tenant.store.in_doubt(tenant.name, tenant.runner.wall())

    async def decide(self, attempt: int, *, billed: bool) -> Row:
        """A person's word on an attempt in doubt: whether the vendor's invoice has it.

        Raises:
            ConfigError: no attempt of this id is in doubt.
        """
        tenant = await self._ready()
        row = next((row for row in await self.in_doubt() if row.id == attempt), None)
        if row is None:
            raise ConfigError(f"no attempt {attempt:016x} is in doubt; `enrichcore ledger --in-doubt` lists those")
        counted, channel = row.charged or row.reserved, tenant.channels.get(row.provider)
        credits_, cost = row.credits, row.cost
        if not credits_:  # of a call that a process left behind: the most that it can have cost
            credits_ = ZERO if channel is None else channel.member.price.credits
            cost = None if channel is None else channel.member.worst
        unanswered = row.outcome in (None, Outcome.ERROR)
        row = attrs.evolve(
            row,
            settled_at=row.settled_at or tenant.runner.wall(),
            outcome=Outcome.ERROR if unanswered else row.outcome,
            reason=BY_HAND if unanswered else row.reason,
            billed=Billed.YES if billed else Billed.NO,
            credits=credits_ if billed else ZERO,
            cost=(amount(counted) if counted else cost) if billed else ZERO,
        )
        await tenant.store.settle(row)
        tenant.budgets.ask_again()
        return row

    # --- privacy ----------------------------------------------------------------------------------------------------

    async def suppress(self, entries: Iterable[Entry]) -> int:
        """Put people, companies or numbers on the suppression list: they are never looked up nor given again.

        Returned is how many were new. Other processes on the same store know within a second, and no paid call that
        the store grants after this returns is about them.
        """
        tenant = await self._ready()
        hashes = [pair for entry in entries for pair in entry.hashes(tenant.keyer)]
        added = await tenant.store.suppress(tenant.name, hashes, tenant.runner.wall())
        await tenant.reload()
        return added

    async def unsuppress(self, entries: Iterable[Entry]) -> int:
        """Take them off the list; how many were on it."""
        tenant = await self._ready()
        hashes = [hashed for entry in entries for hashed, _ in entry.hashes(tenant.keyer)]
        removed = await tenant.store.unsuppress(tenant.name, hashes)
        await tenant.reload()
        return removed

    async def suppression(self) -> dict[str, int]:
        """How many entries of each kind are on the list, which holds nothing but keyed hashes."""
        tenant = await self._ready()
        return dict(Counter(kind for _, kind in await tenant.store.suppressed(tenant.name)))

    async def forget(self, person: Contact | str) -> Forgotten:
        """Erase a person, given as a contact or as a record_id: results, answers, jobs and numbers.

        What was spent stays, without a link to anybody. Suppressions stay too. Every process on the store has dropped
        the person within a second.

        Raises:
            InvalidContact: there is nothing by which the person could be found.
        """
        tenant = await self._ready()
        found = targets(person, tenant.keyer)
        now = tenant.runner.wall()
        forgotten = await tenant.store.forget(tenant.name, found.records, found.questions, found.people, now)
        await tenant.reload()
        return forgotten

    async def expire(self) -> int:
        """Delete answers that are older than they may be kept; how many. An engine does so every hour by itself."""
        tenant = await self._ready()
        return await tenant.expire()
