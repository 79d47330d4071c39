"""An engine as a service asks it: what is known at once, a lookup that outlives its caller, a result by its key."""

import hashlib

from enrichcore.engine.enricher import Enricher
from enrichcore.engine.run import Hold, Options
from enrichcore.engine.tenant import Tenant
from enrichcore.model import Contact, PhoneResult, Status, Subject
from enrichcore.store.protocol import StoredResult

_MARK = 8


class Serving:
    """One tenant of an engine, for the HTTP service."""

    def __init__(self, enricher: Enricher) -> None:
        self.enricher = enricher
        self._tenant: Tenant | None = None

    def known(self, contact: Contact) -> PhoneResult | None:
        """The result that this process has of the same contact, if it is fresh."""
        tenant = self._tenant
        if tenant is None or tenant.life.closing or tenant.life.failure is not None:
            return None
        return tenant.runner.cached(contact, self.enricher.acceptance)

    async def look_up(
        self, contact: Contact, hold: Hold, *, deadline: float, refresh: bool, ask: bool, reject_changed: bool
    ) -> PhoneResult:
        """Enrich one contact; without `ask`, from what is stored alone. `hold` says more about it, and can end it.

        Raises:
            StoreError: the journal cannot be written, so nothing may be bought.
            RecordChanged: the record stands for somebody else, and that is refused.
            EngineClosed: the engine is not open.
        """
        tenant = await self.ready()
        options = Options(
            acceptance=self.enricher.acceptance,
            deadline=deadline,
            refresh=refresh,
            run_id=self.enricher.run_id,
            ask=ask,
            reject_changed=reject_changed,
        )
        return await tenant.runner.one(contact, options, hold)

    async def ready(self) -> Tenant:
        """The tenant, once it may be asked."""
        self._tenant = await self.enricher._ready()  # noqa: SLF001 - the other half of the same thing
        return self._tenant

    async def key(self, contact: Contact) -> tuple[bytes, bytes]:
        """Keyed hashes of a record and of whom it stands for: what finds its result without naming anybody."""
        keyer = (await self.ready()).keyer
        subject = Subject.of(contact)
        identity = b"".join(keyer.query(query.key) for query in subject.queries.values())
        return keyer.record(subject.record_id), _mark(identity)

    async def last(self, record: bytes, identity: bytes) -> tuple[PhoneResult, float] | None:
        """The stored definite result of a record and when it was finished, if it is about the same person."""
        tenant = await self.ready()
        stored: StoredResult | None = await tenant.store.last_result(tenant.name, record)
        if stored is None or stored.status not in (Status.FOUND, Status.NOT_FOUND):
            return None
        return (stored.read(), stored.finished_at) if _mark(stored.fingerprint) == identity else None


def _mark(identity: bytes) -> bytes:
    return hashlib.blake2b(identity, digest_size=_MARK).digest()
