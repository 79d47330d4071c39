"""Enricher: what can be asked of an engine, whether for itself or for one of its tenants."""

import abc
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Any

from enrichcore.engine.pool import Pool
from enrichcore.engine.run import Options
from enrichcore.engine.tenant import Tenant
from enrichcore.errors import ConfigError
from enrichcore.model import Acceptance, Contact, PhoneResult
from enrichcore.store import Row

UNSET: Any = object()
"""An argument that was not given, where None says something."""


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
        run_id: str | None = None,
        on_waiting: Callable[[str, str, float], None] | None = None,
    ) -> AsyncIterator[PhoneResult]:
        """Results for many contacts, in completion order, or in input order when `ordered`.

        A contact that cannot be one gets a result with status `invalid`; nothing aborts the others. Memory is
        constant. `run_id` names the run for its budget, the same one when it is resumed.
        `on_waiting(provider, reason, seconds)` is told when the run waits for a provider.

        Raises:
            StoreError: the journal cannot be written, so nothing more may be bought.
        """
        tenant = await self._ready()
        if concurrency < 1:
            raise ConfigError(f"concurrency must be 1 or more, got {concurrency}")
        options = Options(
            acceptance=self.acceptance if acceptance is None else acceptance,
            deadline=deadline,
            max_age=seconds(max_age),
            refresh=refresh,
            run_id=run_id or self.run_id,
            patient=True,
        )
        row = tenant.runner.row

        def enrich(index: int, item: Any, pool: Pool) -> Awaitable[PhoneResult]:
            return row(index, item, options, pool)

        pool = Pool(contacts, enrich, concurrency=concurrency, ordered=ordered, on_waiting=on_waiting)
        results = pool.results()
        try:
            async for result in results:
                yield result
        finally:
            await results.aclose()  # type: ignore[attr-defined]

    # --- looking back -----------------------------------------------------------------------------------------------

    async def explain(self, record_id: str) -> PhoneResult | None:
        """The last finished enrichment of a record, with its story; None when there is none."""
        tenant = await self._ready()
        stored = await tenant.store.last_result(tenant.name, tenant.keyer.record(record_id))
        return None if stored is None else stored.read()

    async def in_doubt(self) -> list[Row]:
        """Attempts whose billing is unknown, oldest first: what a person should compare with the vendor's invoice."""
        tenant = await self._ready()
        return await tenant.store.in_doubt(tenant.name, tenant.runner.wall())
