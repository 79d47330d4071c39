"""Owners: which process holds an intent, and whether that process still lives."""

import contextlib
import functools
import os
import socket
import sys
from pathlib import Path
from typing import Final

import attrs

STALE: Final = 30.0
"""Seconds without a heartbeat after which an owner that cannot be looked at counts as dead."""

_here: set[int] = set()
"""The owners of this very process that are open now."""


@attrs.frozen
class Owner:
    """One opening of a store by one process.

    `host` names the machine, its boot and its process table, so that a pid is only ever looked up where it was given.
    `started` is the start mark of the process, None where the system does not tell. `heartbeat` is wall seconds.
    """

    id: int
    host: str
    pid: int
    started: str | None
    heartbeat: float


def this_owner(owner: int, now: float) -> Owner:
    """The present process as an owner."""
    pid = os.getpid()
    return Owner(owner, _host(), pid, _start_mark(pid), now)


def opened(owner: int) -> None:
    """Note that this process holds `owner`."""
    _here.add(owner)


def closed(owner: int) -> None:
    """Note that this process no longer holds `owner`."""
    _here.discard(owner)


def lives(owner: Owner, now: float) -> bool:
    """Whether the process behind `owner` still runs.

    On the same machine the process table decides, so a killed process is known to be dead at once; elsewhere the
    heartbeat decides, which takes up to `STALE` seconds.
    """
    fresh = now - owner.heartbeat < STALE
    if owner.host != _host():
        return fresh
    if owner.pid == os.getpid() and owner.started == _start_mark(owner.pid):
        return owner.id in _here
    if owner.started is not None:
        return _start_mark(owner.pid) == owner.started
    return fresh and _may_exist(owner.pid)


@functools.cache
def _host() -> str:
    """Host name, boot and pid namespace: containers may share the first two and still number processes anew."""
    boot = namespace = ""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        with contextlib.suppress(OSError):
            namespace = str(Path("/proc/self/ns/pid").readlink())
    return f"{socket.gethostname()} {boot} {namespace}".strip()


def _start_mark(pid: int) -> str | None:
    """When the process started, in clock ticks after boot (proc(5): field 22 of stat); None if it does not run."""
    if sys.platform != "linux":
        return None
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return None
    fields = stat[stat.rindex(")") + 2 :].split()  # the name before it may hold blanks and parentheses
    return None if fields[0] in "ZX" else fields[19]  # a killed process stays a zombie until its parent looks


def _may_exist(pid: int) -> bool:
    if os.name == "nt":
        return True  # there, signal 0 is Ctrl-C: only the heartbeat can tell
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
