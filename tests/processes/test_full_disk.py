"""The disk is full: spending stops with a sentence that says what to do, and once there is room the run goes on.

A limit on the size of files works everywhere; where this process may mount, a disk that is really full is used too.
"""

import contextlib
import functools
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import attrs
import pytest

from tests.processes.killing import BUDGETS

if TYPE_CHECKING:
    from tests.processes.desk import Desk

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")

SYS_ADMIN = 1 << 21
ROWS = 300


def may_mount() -> bool:
    """Whether the kernel lets this process mount (capabilities(7): CAP_SYS_ADMIN)."""
    status = Path("/proc/self/status")
    if not status.exists():
        return False
    effective = next(line for line in status.read_text().splitlines() if line.startswith("CapEff:"))
    return bool(int(effective.split()[1], 16) & SYS_ADMIN)


@attrs.frozen
class Cramped:
    """A way to run the command with too little room in one folder."""

    start: Callable[..., Any]
    free: Callable[[], object]


@pytest.fixture
def desk(new_desk: Callable[..., "Desk"]) -> "Desk":
    """A desk with budgets that leave room."""
    return new_desk("sqlite", BUDGETS)


@pytest.fixture
def cramp(desk: "Desk", require: Callable[[str], NoReturn]) -> Iterator[Callable[[str, Path, int], Cramped]]:
    """Makes a folder too small for a file of `size` bytes: by a `limit` for the command, or by a small `disk`."""
    with contextlib.ExitStack() as stack:

        def make(kind: str, folder: Path, size: int) -> Cramped:
            if kind == "limit":
                return Cramped(functools.partial(desk.start, preexec_fn=limit(size)), lambda: None)
            mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
            if subprocess.run(mount, check=False, capture_output=True).returncode:
                require("this system does not let its administrator mount a tmpfs")
            stack.callback(subprocess.run, ["umount", "-l", str(folder)], check=True)
            grow = ["mount", "-o", f"remount,size={size + (64 << 20)}", str(folder)]
            return Cramped(desk.start, functools.partial(subprocess.run, grow, check=True))

        yield make


def limit(size: int) -> Callable[[], None]:
    """What a child does before it starts: no file of its may become larger than `size` bytes."""

    def apply() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return apply


@pytest.mark.parametrize(
    ("kind", "cause", "way_out"),
    [
        ("limit", "could not be read or written (SQLITE_IOERR", "check the disk's free space, quota and health"),
        *([("disk", "cannot grow: the disk or quota is full (SQLITE_FULL", "free some space")] if may_mount() else []),
    ],
)
def test_a_journal_that_cannot_grow_stops_the_spending(
    desk: "Desk", cramp: Callable[..., Cramped], kind: str, cause: str, way_out: str
) -> None:
    """No question leaves without its intent on the disk; with room again the run goes on and pays for nothing twice."""
    desk.write_contacts(ROWS)
    place = cramp(kind, desk.journal.parent, 500_000)
    process = place.start()
    said = process.communicate(timeout=120)[1].decode()
    assert process.returncode == 1, said
    assert f"the journal {desk.journal} {cause}" in said
    assert way_out in said
    assert "run again" in said
    assert "Traceback" not in said
    assert not desk.out.exists()
    assert not list(desk.folder.glob(".*.part"))
    email_of = {row["record_id"]: row["email"] for row in desk.contacts()}
    names = desk.record_ids()
    place.free()
    written = {(row.provider, email_of[names[row.record]]) for row in desk.attempts()}
    asked = {(vendor, email) for vendor, email in desk.vendors.admin("ledger")["asked"]}
    assert 0 < len(asked) < ROWS * 1.5  # the disk was full before the run was done
    assert asked <= written

    code, said = desk.run()
    figures = desk.audit()
    assert code == (3 if figures.status["incomplete"] else 0), said
    desk.reconcile()


@pytest.mark.parametrize(
    ("kind", "width", "size"),
    [
        pytest.param("limit", 25_000, 6_000_000, id="limit half-way"),
        *([pytest.param("disk", 1_000, 200_000, id="disk at the end")] if may_mount() else []),
    ],
)
def test_an_output_that_cannot_be_written_loses_no_answer(
    desk: "Desk", cramp: Callable[..., Cramped], kind: str, width: int, size: int
) -> None:
    """Nothing half-written is left, an earlier output stays as it was, and every answer so far is in the journal."""
    desk.write_contacts(ROWS, width=width)
    folder = desk.folder / "output"
    folder.mkdir()
    place = cramp(kind, folder, size)
    (folder / "out.csv").write_text("an earlier output\n")
    process = place.start(out="output/out.csv")
    said = process.communicate(timeout=120)[1].decode()
    assert process.returncode == 1, said
    assert "cannot write output/out.csv" in said
    assert "every answer so far is in the store: make room and run the same command again" in said
    assert "Traceback" not in said
    assert [file.name for file in folder.iterdir()] == ["out.csv"]
    assert (folder / "out.csv").read_text() == "an earlier output\n"
    assert {provider for provider, _ in desk.in_doubt()} <= {"jobber"}  # jobs that wait to be collected
    place.free()
    assert desk.run(out="output/out.csv")[0] == 0
    figures = desk.audit("output/out.csv")
    assert (figures.rows, figures.in_doubt) == (ROWS, 0)
