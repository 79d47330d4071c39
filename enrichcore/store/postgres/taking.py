"""Answering the claims of one batch: what earlier ones of the batch took is seen by the later ones."""

from collections.abc import Iterable, Iterator

import attrs

from enrichcore.store.judge import doubt_to_repeat, given_up, newest_blocking
from enrichcore.store.postgres import ops
from enrichcore.store.postgres.budgets import Budgets
from enrichcore.store.postgres.columns import Columns, Scribe, given_up_columns, intent, intent_columns, transposed
from enrichcore.store.postgres.server import Connection
from enrichcore.store.postgres.sql import Statements
from enrichcore.store.postgres.trouble import Clash
from enrichcore.store.protocol import (
    Claim,
    ClaimAnswer,
    Granted,
    InFlight,
    Known,
    Row,
    Suppressed,
    TakenOver,
)


class Taking:
    """The claims of one batch. An intent is written ahead for each question: it locks it, and most are granted."""

    def __init__(self, connection: Connection, sql: Statements, scribe: Scribe, owner: int, budgets: Budgets) -> None:
        self._connection = connection
        self._sql = sql
        self._scribe = scribe
        self._owner = owner
        self._budgets = budgets
        self._at_key: dict[bytes, list[Row]] = {}
        self._ahead: set[int] = set()
        self._granted: dict[int, Claim] = {}
        self._given_up: list[Row] = []
        self._taken_over: list[int] = []
        self._repeated: list[int] = []
        self._suppressed: set[tuple[str, bytes]] = set()
        self.orphans: set[int] = set()
        """Attempts whose owner is dead."""
        self.doubts: set[int] = set()
        """Settled attempts whose repeat is free."""

    async def look(self, takes: list[ops.Take]) -> None:
        """Lock each question that has no open attempt, then read what is stored at all of them."""
        first: dict[bytes, ops.Take] = {}
        for take in takes:
            first.setdefault(take.claim.key, take)
        keys = sorted(first)
        ahead = [intent_columns(first[key].id, self._owner, first[key].claim) for key in keys]
        self._ahead = {row[0] for row in await self._connection.fetch(self._sql.intents, *transposed(ahead))}
        for columns in await self._connection.fetch(self._sql.by_keys, keys):
            if columns[0] not in self._ahead:
                self._at_key.setdefault(columns[1], []).append(self._scribe.sealed(columns))
        for take in takes:
            doubt = doubt_to_repeat(take.claim, self._at_key.get(take.claim.key, ()))
            if doubt is not None:
                self.doubts.add(doubt.id)

    def open_elsewhere(self) -> Iterator[Row]:
        """The open attempts that are not this owner's."""
        for rows in self._at_key.values():
            for row in rows:
                if row.outcome is None and row.owner != self._owner:
                    yield row

    def orphans_of(self, dead: set[int]) -> None:
        """Note which open attempts belong to these owners."""
        self.orphans = {row.id for row in self.open_elsewhere() if row.owner in dead}

    def replace(self, locked: dict[int, Row]) -> None:
        """Take orphans and doubts as they are now, locked: others may have been faster."""
        for rows in self._at_key.values():
            for index, row in enumerate(rows):
                if row.id in self.doubts:
                    rows[index] = locked[row.id]
                elif row.id in self.orphans:
                    now = locked.get(row.id)
                    if now is None:
                        raise Clash  # withdrawn meanwhile
                    if now.outcome is not None or now.owner != row.owner:
                        self.orphans.discard(row.id)
                    rows[index] = now

    async def find_suppressed(self, takes: list[ops.Take]) -> None:
        """Read which of the persons asked for are on the suppression list."""
        asked = {(take.claim.tenant, hash_) for take in takes for hash_ in take.claim.suppression}
        if asked:
            found = await self._connection.fetch(self._sql.hits, *transposed(list(asked)))
            self._suppressed = {(row[0], row[1]) for row in found}

    def judge(self, take: ops.Take) -> ClaimAnswer:
        """The answer to one claim."""
        claim = take.claim
        at_key = self._at_key.setdefault(claim.key, [])
        known = newest_blocking(claim, at_key)
        if known is not None:
            return Known(known)
        index = next((index for index, row in enumerate(at_key) if row.outcome is None), None)
        if index is not None:
            row = at_key[index]
            if row.id not in self.orphans:
                return InFlight(row)
            self.orphans.discard(row.id)
            if row.job is not None:
                row.owner = self._owner
                self._taken_over.append(row.id)
                return TakenOver(row)
            at_key[index] = settled = self._give_up(row, claim.now)
            if settled.started_at < claim.repeats_since:
                return Known(settled)
        if any((claim.tenant, hash_) in self._suppressed for hash_ in claim.suppression):
            return Suppressed()
        doubt = doubt_to_repeat(claim, at_key)
        if doubt is not None:
            return self._repeat(doubt)
        refusal = self._budgets.refuses(claim)
        if refusal is not None:
            return refusal
        granted = intent(take.id, self._owner, claim)
        at_key.append(granted)
        self._granted[take.id] = claim
        self._budgets.move(claim.tenant, granted.scopes, reserved=claim.reserve)
        return Granted(take.id)

    def _repeat(self, row: Row) -> Granted:
        """Open a doubt again whose repeat is free: what it was charged is reserved once more, and nothing else."""
        self._budgets.move(row.tenant, row.scopes, spent=-row.charged, reserved=row.reserved)
        row.owner, row.outcome, row.settled_at, row.charged = self._owner, None, None, 0
        self._repeated.append(row.id)
        return Granted(row.id)

    def _give_up(self, row: Row, now: float) -> Row:
        """An orphan as it is settled: what it had reserved counts as spent."""
        self._budgets.move(row.tenant, row.scopes, spent=row.reserved, reserved=-row.reserved)
        settled = attrs.evolve(given_up(row, now), charged=row.reserved)
        self._given_up.append(settled)
        return settled

    async def write(self) -> None:
        """Write what came of it: the intents written ahead that were not granted are taken back."""
        back = sorted(self._ahead.difference(self._granted))
        if back:
            await self._connection.execute(self._sql.delete_intents, back)
        if self._given_up:
            await self._connection.execute(self._sql.given_up, *_columns(given_up_columns(r) for r in self._given_up))
        if self._repeated:
            await self._connection.execute(self._sql.repeat, self._repeated, self._owner)
        if self._taken_over:
            await self._connection.execute(
                self._sql.take_over, *_columns((attempt, self._owner) for attempt in self._taken_over)
            )
        late = [
            intent_columns(attempt, self._owner, claim)
            for attempt, claim in self._granted.items()
            if attempt not in self._ahead
        ]
        if late:
            late.sort(key=lambda columns: columns[1])
            if len(await self._connection.fetch(self._sql.intents, *transposed(late))) != len(late):
                raise Clash  # somebody else was granted it meanwhile


def _columns(rows: Iterable[Columns]) -> list[Columns]:
    return transposed(list(rows))
