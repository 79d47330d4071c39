"""The writing side of the SQLite journal: what one batch of operations does, in one transaction."""

import contextlib
import random
import secrets
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from enrichcore.errors import StoreError
from enrichcore.store import clearing, crediting, erasing, leasing, noting, ops, putting, rows, sql, suppressing
from enrichcore.store.balance import Balance
from enrichcore.store.judge import RELEASED
from enrichcore.store.owner import Owner, closed, lives, opened, this_owner
from enrichcore.store.schema import BUSY_MS, connect
from enrichcore.store.taking import Taking
from enrichcore.store.trouble import explain

T = TypeVar("T")

_YIELD: Final = 0.001
"""Seconds left to other processes after a commit; without it the fastest writer starves the others."""
_LOOK: Final = 1.0
"""Seconds between two looks at whether other owners live."""
_VIOLATIONS: Final = (
    sqlite3.IntegrityError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
    sqlite3.DataError,
    OverflowError,
    TypeError,
    ValueError,  # also a lone surrogate, which UTF-8 cannot hold
)
"""What one bad operation raises, unlike a disk that fails."""
# What a caller did not wait for was queued before what it asked next: settled attempts come before claims. Who is put
# on the suppression list is not asked about in the same batch; who is forgotten loses what was queued before.
_PHASES: Final = (
    ops.Beat,
    ops.Put,
    ops.NoteJob,
    ops.Release,
    ops.Withdraw,
    ops.Suppress,
    ops.Unsuppress,
    ops.Take,
    ops.Lease,
    ops.Within,
    ops.Spend,
    ops.Reserve,
    ops.SaveResult,
    ops.SaveState,
    ops.NoteNumbers,
    ops.Expire,
    ops.Forget,
)
_ANSWERS: Final[dict[type, Callable[[sqlite3.Connection, Any], Any]]] = {
    ops.Suppress: suppressing.suppress,
    ops.Unsuppress: suppressing.unsuppress,
    ops.Lease: leasing.lease,
    ops.Within: lambda connection, op: op.work(connection),
    ops.Reserve: crediting.reserve,
    ops.Expire: erasing.empty,
    ops.Forget: erasing.forget,
}
_WITH_BALANCE: Final = frozenset({ops.Put, ops.Withdraw, ops.Take})


class Journal:
    """The writing connection of one owner. All methods belong to one thread.

    Every method raises `StoreError` when the file cannot be written; nothing of that transaction is kept then.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = connect(path)
        self._connection.execute("PRAGMA busy_timeout = 0")  # _begin waits, more evenly than SQLite does
        self._owner = this_owner(RELEASED, 0)
        self._not_before = self._look_at = 0.0
        self._owners = 0
        self._has_marks = False
        self._has_company = False
        self._has_budgets = False
        """Whether an intent of this owner counts in a budget."""
        self._remains = False
        """Whether something was erased whose bytes may still be in the file."""

    def register(self, now: float) -> Owner:
        """A new owner id for this process; owners that died are struck off."""
        self._owner = self._transaction(lambda: self._register(now))
        return self._owner

    def commit(self, batch: list[ops.Op]) -> list[Any]:
        """Carry out a batch in one durable transaction: one result an operation, an exception for a bad one."""
        try:
            results = self._transaction(lambda: self._together(batch))
        except _VIOLATIONS:
            results = self._transaction(lambda: self._one_by_one(batch))
        self._remains = self._remains or any(isinstance(op, ops.Forget) for op in batch)
        with contextlib.suppress(StoreError):  # tried again after the next commit
            self.clear()
        return results

    def empty_log(self) -> bool:
        """Bring what is in the write-ahead log into the file; False while another process keeps an old state of it."""
        return self._clearing(clearing.empty_log)

    def clear(self) -> bool:
        """Leave no byte of what was erased in the file and its write-ahead log; False as for `empty_log`."""
        if self._remains and self._clearing(lambda connection: clearing.clear(connection, self._path)):
            self._remains = False
        return not self._remains

    def close(self) -> None:
        """Strike this owner off and close; its open intents become orphans."""
        closed(self._owner.id)
        with contextlib.suppress(StoreError):
            self.clear()
        with contextlib.suppress(StoreError):  # the end of the process says the same
            self._transaction(lambda: self._connection.execute(sql.STRIKE_OFF, (self._owner.id,)))
        with self._connection.lock:
            self._connection.close()

    # --- transactions ---------------------------------------------------------------------------------------------

    def _transaction(self, work: Callable[[], T]) -> T:
        with self._connection.lock:
            return self._alone(work)

    def _alone(self, work: Callable[[], T]) -> T:
        try:
            self._begin()
            try:
                self._look_around()
                result = work()
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # SQLite rolls back by itself after some errors
                    with contextlib.suppress(sqlite3.Error):
                        self._connection.execute("ROLLBACK")
                raise
        except _VIOLATIONS:
            raise
        except sqlite3.Error as error:
            raise explain(self._path, error) from error
        self._not_before = time.monotonic() + _YIELD if self._has_company else 0.0
        return result

    def _begin(self) -> None:
        if self._not_before:
            time.sleep(max(self._not_before - time.monotonic(), 0))
        until = time.monotonic() + BUSY_MS / 1000
        while True:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
                time.sleep(random.uniform(0.2, 1.0) * _YIELD)  # noqa: S311 - spreads the tries of several writers
            else:
                return

    def _look_around(self) -> None:
        """Whether somebody was erased lately and, once a second or when one comes or goes, whether others live."""
        owners, self._has_marks = self._connection.execute(sql.LOOK).fetchall()[0]
        now = time.monotonic()
        if owners != self._owners or now >= self._look_at:
            self._owners, self._look_at = owners, now + _LOOK
            others = self._connection.execute(sql.OTHERS, (self._owner.id,)).fetchall()
            self._has_company = any(lives(Owner(*columns), self._owner.heartbeat) for columns in others)

    # --- erasing --------------------------------------------------------------------------------------------------

    def _clearing(self, work: Callable[[sqlite3.Connection], bool]) -> bool:
        with self._connection.lock:
            try:
                return work(self._connection)
            except sqlite3.Error as error:
                raise explain(self._path, error) from error
            except OSError as error:
                raise StoreError(
                    f"the journal {self._path} could not be swept ({error.strerror or error}); what was erased may "
                    "still be read from its free pages: correct that, and run again"
                ) from error

    # --- batches --------------------------------------------------------------------------------------------------

    def _together(self, batch: list[ops.Op]) -> list[Any]:
        by: dict[type, list[Any]] = {}
        for op in batch:
            by.setdefault(type(op), []).append(op)
        balance = Balance(self._connection) if not _WITH_BALANCE.isdisjoint(by) else None
        for kind in _PHASES:
            if kind in by:
                if balance is not None and kind in _WITH_BALANCE:
                    self._move(kind, by[kind], balance)
                    balance.write()
                else:
                    self._carry_out(kind, by[kind])
        return [getattr(op, "answer", None) for op in batch]

    def _move(self, kind: type, batch: list[Any], balance: Balance) -> None:
        """Carry out what may move money."""
        connection, owner = self._connection, self._owner.id
        if kind is ops.Put:
            putting.put(connection, batch, balance, None if self._has_budgets else owner, marks=self._has_marks)
        elif kind is ops.Withdraw:
            attempts = [withdraw.id for withdraw in batch]
            if self._has_budgets:
                balance.withdraw(attempts)
            connection.executemany(sql.WITHDRAW, [(attempt,) for attempt in attempts])
            connection.executemany(sql.WITHDRAW_REPEAT, [(attempt,) for attempt in attempts])
        else:
            Taking(connection, owner, balance).take(batch)
            self._has_budgets = self._has_budgets or any(take.claim.budgets for take in batch)

    def _carry_out(self, kind: type, batch: list[Any]) -> None:
        connection = self._connection
        if kind is ops.SaveResult:
            putting.save(connection, batch, marks=self._has_marks)
        elif kind is ops.NoteJob:
            connection.executemany(sql.NOTE_JOB, [(note.job, note.id) for note in batch])
        elif kind is ops.Release:
            connection.executemany(sql.TAKE_OVER, [(RELEASED, release.id) for release in batch])
        elif kind is ops.SaveState:
            for save in batch:
                self._save_state(save)
        elif kind is ops.Beat:
            for beat in batch:
                self._beat(beat.owner)
        elif kind is ops.Spend:
            for ended in batch:
                crediting.spend(connection, ended)
        elif kind is ops.NoteNumbers:
            for seen in batch:
                noting.note(connection, seen, marks=self._has_marks)
        else:
            for op in batch:
                op.answer = _ANSWERS[kind](connection, op)

    def _one_by_one(self, batch: list[ops.Op]) -> list[Any]:
        results: dict[int, Any] = {}
        for op in sorted(batch, key=lambda op: _PHASES.index(type(op))):
            self._connection.execute("SAVEPOINT one")
            try:
                results[id(op)] = self._together([op])[0]
            except _VIOLATIONS as error:
                self._connection.execute("ROLLBACK TO one")
                results[id(op)] = StoreError(f"the journal {self._path} refused one {type(op).__name__}: {error}")
            self._connection.execute("RELEASE one")
        return [results[id(op)] for op in batch]

    def _register(self, now: float) -> Owner:
        execute = self._connection.execute
        for columns in execute(sql.OWNERS).fetchall():
            if not lives(Owner(*columns), now):
                execute(sql.STRIKE_OFF, columns[:1])
        erasing.end_marks(self._connection, now)
        while True:
            number = secrets.randbits(31)
            used = execute(sql.IDS_USED, (number << 32, (number + 1) << 32)).fetchall()
            if number != RELEASED and not used:
                break
        owner = this_owner(number, now)
        opened(number)  # before others can see the row: they would strike off an owner that nobody here holds
        self._beat(owner)
        return owner

    def _beat(self, owner: Owner) -> None:
        self._owner = owner
        self._connection.execute(sql.BEAT, rows.owner_columns(owner))

    def _save_state(self, save: ops.SaveState) -> None:
        state = save.state
        if state.state == "closed":
            self._connection.execute(sql.FORGET_STATE, (state.provider, state.credential))
        else:
            self._connection.execute(sql.SAVE_STATE, rows.state_columns(state))
