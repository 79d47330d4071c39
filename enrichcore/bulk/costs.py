"""What each row of a run cost, so that the column adds up: a call is counted where it is first seen."""

import sqlite3
from collections.abc import Iterable
from decimal import Decimal

import attrs

from enrichcore.engine.enricher import Row
from enrichcore.model import Billed, Outcome, PhoneResult
from enrichcore.model.attempt import ZERO, Attempt


class Costs:
    """Rows about one person share their calls: the first has their cost, the others cost nothing and are `cached`.

    What is remembered is one number for each call that was billed, so money bounds it, and not the length of a file.
    """

    def __init__(self) -> None:
        self._counted: set[int] = set()

    def once(self, result: PhoneResult) -> PhoneResult:
        """The result without the calls that an earlier row has counted."""
        shared = False
        attempts: list[Attempt] = []
        for attempt in result.attempts:
            paid = attempt.billed is not Billed.NO or attempt.cost != ZERO
            if paid and attempt.id is not None:
                if attempt.id in self._counted:
                    shared = True
                    attempts.append(attrs.evolve(attempt, cached=True, billed=Billed.NO, credits=ZERO, cost=ZERO))
                    continue
                self._counted.add(attempt.id)
            attempts.append(attempt)
        return _with(result, attempts) if shared else result


class Resumed:
    """Tells the rows of a run that is continued as if it had never been interrupted.

    Calls that the run made before, from the wall second `began` on, count for the first row that they belong to, as
    they did then. `bought` are the run's attempts in the journal. Which calls were counted is kept in a temporary
    file.
    """

    def __init__(self, began: float, bought: Iterable[Row]) -> None:
        self._began = began
        self._bought = {row.id: row for row in bought if row.billed is not Billed.NO}
        self._file = sqlite3.connect("")
        self._file.execute("PRAGMA journal_mode = OFF")
        self._file.execute("CREATE TABLE seen (id INTEGER PRIMARY KEY)")

    def close(self) -> None:
        """Remove the temporary file."""
        self._file.close()

    def shown(self, result: PhoneResult) -> PhoneResult:
        """The result as its row shows it."""
        changed = False
        attempts: list[Attempt] = []
        for attempt in result.attempts:
            started = attempt.started_at
            if attempt.id is None or started is None or started.timestamp() < self._began or not self._first(attempt):
                attempts.append(attempt)
                continue
            row = self._bought.get(attempt.id)
            if not attempt.cached or attempt.outcome is Outcome.SKIPPED:
                attempts.append(attempt)
                continue
            changed = True
            if row is None:
                attempts.append(attrs.evolve(attempt, cached=False))
            else:
                attempts.append(
                    attrs.evolve(attempt, cached=False, billed=row.billed, credits=row.credits, cost=row.cost)
                )
        return _with(result, attempts) if changed else result

    def _first(self, attempt: Attempt) -> bool:
        """Whether no row before had this attempt."""
        number = attempt.id or 0
        signed = number - (1 << 64) if number >= 1 << 63 else number
        return self._file.execute("INSERT OR IGNORE INTO seen VALUES (?)", (signed,)).rowcount == 1


def _with(result: PhoneResult, attempts: list[Attempt]) -> PhoneResult:
    """The result with other attempts, and what follows from them."""
    costs = [attempt.cost for attempt in attempts]
    total = None if None in costs else sum((cost for cost in costs if cost is not None), Decimal(0))
    asked = any(a.outcome is not Outcome.SKIPPED and not a.cached for a in attempts)
    return attrs.evolve(result, attempts=tuple(attempts), cost=total, cached=not asked)
