"""Connections that survive a fork of the process: no transaction is carried into the child, and no lock is imagined.

SQLite counts the locks of a process inside the process. A child that inherits this count believes to hold locks which
only its parent has: when the parent closes the journal, it takes the write-ahead log away from under a connection that
the child has opened since, and what the child commits then is lost. So a fork waits until no connection is at work, and
the child closes what it inherited before it can open anything.
"""

import contextlib
import os
import sqlite3
import threading
import weakref
from typing import Any

_made: "weakref.WeakSet[Connection]" = weakref.WeakSet()
_making = threading.Lock()
_held: list["Connection"] = []


class Connection(sqlite3.Connection):
    """A connection that is closed in a forked child. Whoever works with it holds its `lock`, so that a fork waits."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.lock = threading.RLock()
        with _making:
            super().__init__(*arguments, **options)
            _made.add(self)


def _before() -> None:
    _making.acquire()
    _held.extend(_made)
    for connection in _held:
        connection.lock.acquire()


def _after() -> None:
    for connection in _held:
        connection.lock.release()
    _held.clear()
    _making.release()


def _after_in_child() -> None:
    for connection in _held:
        with contextlib.suppress(sqlite3.Error):
            connection.close()
    _after()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_after, after_in_child=_after_in_child)
