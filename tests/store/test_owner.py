"""When an owner counts as alive."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import attrs
import pytest

from enrichcore.store import owner
from enrichcore.store.owner import STALE, Owner, lives, this_owner

NOW = 1_790_000_000.0


@contextmanager
def here(number: int) -> Iterator[Owner]:
    """An owner that this process holds."""
    owner.opened(number)
    try:
        yield this_owner(number, NOW)
    finally:
        owner.closed(number)


def test_an_owner_of_this_process_lives_while_it_is_open() -> None:
    """Heartbeats do not matter where we can look: a loop that was blocked for an hour is not dead."""
    with here(1) as me:
        assert lives(me, NOW + 3600)
    assert not lives(me, NOW)


def test_another_machine_lives_by_its_heartbeat() -> None:
    """Where the process table is not ours to read, 30 seconds of silence are death, and a pid means nothing."""
    with here(1) as me:
        far = attrs.evolve(me, host="elsewhere.example")
    assert lives(far, NOW + STALE - 1)
    assert not lives(far, NOW + STALE)


@pytest.mark.skipif(sys.platform != "linux", reason="start marks are read from /proc")
def test_a_pid_that_was_given_away_again_is_another_process() -> None:
    """The start mark tells the owner's process from a later one under the same pid."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        mark = owner._start_mark(child.pid)
        assert mark is not None
        same = attrs.evolve(this_owner(1, NOW), pid=child.pid, started=mark)
        assert lives(same, NOW + 3600)
        assert not lives(attrs.evolve(same, started="1"), NOW)
        child.kill()
    assert not lives(same, NOW)


def test_without_start_marks_pid_and_heartbeat_must_both_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a system that does not tell when a process began, a living pid counts only with a fresh heartbeat."""
    unmarked = attrs.evolve(this_owner(1, NOW), pid=os.getppid() or 1, started=None)
    assert lives(unmarked, NOW + STALE - 1)
    assert not lives(unmarked, NOW + STALE)
    monkeypatch.setattr(owner, "_may_exist", lambda _pid: False)
    assert not lives(unmarked, NOW)


def test_process_names_may_hold_anything() -> None:
    """The start mark is read behind the last parenthesis of /proc/<pid>/stat; this process has one on Linux."""
    mark = owner._start_mark(os.getpid())
    assert (mark is not None and mark.isdigit()) is (sys.platform == "linux")
