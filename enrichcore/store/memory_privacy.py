"""The suppression list of a MemoryStore, and what is erased in it: a person, and what has expired."""

import abc
import secrets
from collections.abc import Collection, Iterator, Sequence

import attrs

from enrichcore.model import Outcome
from enrichcore.store.budgeting import FORGOTTEN, NOTHING
from enrichcore.store.judge import erased, given_up
from enrichcore.store.memory_tables import Tables
from enrichcore.store.protocol import QUESTION, Expiry, Forgotten, Row

DAY = 86_400.0
GRACE = 7 * DAY
"""Seconds for which a result is kept after it is no longer fresh."""


@attrs.define(eq=False)
class MemoryErasure:
    """One erasure in one tenant's rows."""

    _tables: Tables
    _tenant: str
    _now: float

    def forget(self, records: set[bytes], questions: set[bytes], people: Collection[int]) -> Forgotten:
        """Erase records, and every record that an attempt at one of the questions names."""
        tables = self._tables
        asked = [key for key in [*tables.settled.keys(), *tables.intents] if key[:QUESTION] in questions]
        records |= {row.record for key in asked for row in self._rows(key)}
        # A record that was answered from what was bought for another has no attempt of its own.
        records |= {
            record
            for (tenant, record), both in tables.results.items()
            if tenant == self._tenant
            and any(not questions.isdisjoint(parts_of(kept.fingerprint)) for kept in both if kept is not None)
        }
        recipients: set[str] = set()
        attempts = 0
        mine = [row for row in tables.settled if row.tenant == self._tenant and row.record in records]
        for key in {row.key for row in mine}:
            for row in tables.settled.pop(key):
                if row.tenant == self._tenant and row.record in records:
                    attempts += 1
                    recipients |= {row.provider} if row.outcome is not Outcome.SKIPPED else set()
                    self._keep(row)
                else:
                    tables.settled.keep(row)
        for intent in list(tables.open.values()):
            claim = intent.claim
            if claim.tenant == self._tenant and claim.record in records and not intent.forgotten:
                attempts += 1
                recipients.add(claim.provider)
                tables.intents.pop(claim.key, None)
                self._fold(claim.record)
                budgets = tuple((_scope(name, claim.record), limit) for name, limit in claim.budgets)
                intent.claim = attrs.evolve(
                    claim, key=_nobody(claim.key), record=_nobody(claim.record), budgets=budgets
                )
                intent.forgotten, intent.job = True, None
                tables.erased[intent.id] = intent.claim.key
        results = sum(tables.results.pop((self._tenant, record), None) is not None for record in records)
        numbers = tables.numbers.forget(self._tenant, people)
        day_ago = self._now - DAY
        tables.forgotten = {key: at for key, at in tables.forgotten.items() if at > day_ago}
        tables.forgotten |= {(self._tenant, key): self._now for key in records | questions}
        tables.epoch += 1
        return Forgotten(attempts=attempts, results=results, numbers=numbers, recipients=tuple(sorted(recipients)))

    def _rows(self, key: bytes) -> list[Row]:
        found = [row for row in self._tables.settled.at(key) if row.tenant == self._tenant]
        intent = self._tables.intents.get(key)
        if intent is not None and intent.claim.tenant == self._tenant:
            found.append(intent.row())
        return found

    def _keep(self, row: Row) -> None:
        self._fold(row.record)
        scopes = tuple(_scope(name, row.record) for name in row.scopes)
        gone = attrs.evolve(erased(row), key=_nobody(row.key), record=_nobody(row.record), scopes=scopes)
        self._tables.settled.keep(gone)
        self._tables.erased[gone.id] = gone.key

    def _fold(self, record: bytes) -> None:
        """Add what is known of a record's spending to that of all erased records."""
        budgets = self._tables.budgets
        spent, reserved = budgets.pop((self._tenant, f"record:{record.hex()}"), NOTHING)
        if spent or reserved:
            before = budgets.get((self._tenant, FORGOTTEN), NOTHING)
            budgets[self._tenant, FORGOTTEN] = before[0] + spent, before[1] + reserved

    def expire(self, rules: Sequence[Expiry]) -> int:
        """Empty what is too old, and delete results that have not been fresh for a week."""
        tables, done = self._tables, 0
        by = {rule.provider: rule for rule in rules}
        for row in list(tables.settled):
            rule = by.get(row.provider)
            if rule is None or row.tenant != self._tenant or (row.payload is None and row.job is None):
                continue
            before = rule.misses_before if row.outcome is Outcome.MISS else rule.hits_before
            if row.settled_at is not None and row.settled_at < before:
                tables.settled.replace(row, attrs.evolve(row, payload=None, job=None))
                done += 1
        for key, (known, last) in list(tables.results.items()):
            fresh_until = max(kept.fresh_until for kept in (known, last) if kept is not None)
            if key[0] == self._tenant and fresh_until < self._now - GRACE:
                del tables.results[key]
                done += 1
        return done

    def orphans(self) -> list[int]:
        """What dead owners left open of people who were erased."""
        tables = self._tables
        return [
            intent.id
            for intent in tables.open.values()
            if intent.forgotten and intent.claim.tenant == self._tenant and intent.owner not in tables.owners
        ]


def parts_of(fingerprint: bytes) -> Iterator[bytes]:
    """The questions that an identity is made of."""
    return (fingerprint[at : at + QUESTION] for at in range(0, len(fingerprint), QUESTION))


def _nobody(key: bytes) -> bytes:
    return secrets.token_bytes(len(key))


def _scope(name: str, record: bytes) -> str:
    return FORGOTTEN if name == f"record:{record.hex()}" else name


class MemoryPrivacy(abc.ABC):
    """The suppression list, erasure and expiry of a MemoryStore."""

    tables: Tables

    async def suppress(self, tenant: str, entries: Sequence[tuple[bytes, str]], now: float) -> int:  # noqa: ARG002
        """Put hashes on the suppression list."""
        before = len(self.tables.suppressed)
        for hashed, kind in entries:
            self.tables.suppressed.setdefault((tenant, hashed), kind)
        self.tables.epoch += 1
        return len(self.tables.suppressed) - before

    async def unsuppress(self, tenant: str, hashes: Collection[bytes]) -> int:
        """Take hashes off the suppression list."""
        self.tables.epoch += 1
        return sum(self.tables.suppressed.pop((tenant, hashed), None) is not None for hashed in set(hashes))

    async def suppressed(self, tenant: str) -> list[tuple[bytes, str]]:
        """The whole suppression list of a tenant."""
        return [(hashed, kind) for (owner, hashed), kind in self.tables.suppressed.items() if owner == tenant]

    async def epoch(self) -> int:
        """A number that grows with every suppression and erasure."""
        return self.tables.epoch

    async def forget(
        self, tenant: str, records: Collection[bytes], questions: Collection[bytes], people: Collection[int], now: float
    ) -> Forgotten:
        """Erase a person."""
        return MemoryErasure(self.tables, tenant, now).forget(set(records), set(questions), people)

    async def expire(self, tenant: str, rules: Sequence[Expiry], now: float) -> int:
        """Delete answers and results whose time is over, and give up what nobody would find any more."""
        erasure = MemoryErasure(self.tables, tenant, now)
        for attempt in erasure.orphans():
            await self.settle(given_up(self.tables.open[attempt].row(), now))
        return erasure.expire(rules)

    @abc.abstractmethod
    async def settle(self, row: Row) -> None:
        """Close an intent."""
