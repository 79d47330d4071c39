"""The time of day jumps while paid calls are under way: nothing is paid for twice, lost, or put in doubt by that."""

import subprocess
import sys
import textwrap
from collections.abc import Callable

import pytest

from tests.processes.desk import Desk
from tests.processes.killing import BUDGETS

NewDesk = Callable[..., Desk]
HOUR, TEN_YEARS = 3600, 10 * 365 * 86_400
ROWS = 300

JUMPS = """
    import asyncio, csv, sys, time
    from pathlib import Path
    from enrichcore import AsyncEngine
    from enrichcore.runtime import Runtime

    jump, rows = float(sys.argv[1]), int(sys.argv[2])

    class Jumping(Runtime):
        offset = 0.0

        def wall(self):
            return time.time() + self.offset

    async def main():
        runtime = Jumping()
        with open("in.csv", newline="", encoding="utf-8") as file:
            contacts = list(csv.DictReader(file))
        async with AsyncEngine(config="test.toml", runtime=runtime) as engine:
            print("ready", flush=True)
            sys.stdin.readline()
            done = 0
            async for result in engine.enrich_phones(contacts, concurrency=40, run_id="jump"):
                assert result.status in ("found", "not_found"), (result.status, result.reason)
                done += 1
                if done == rows // 3:
                    runtime.offset = jump
                    await asyncio.sleep(1.5)  # the watchdog looks at the clocks once a second
                if done == 2 * rows // 3:
                    runtime.offset = 0.0
                    await asyncio.sleep(1.5)
            assert done == rows
            assert not await engine.in_doubt()

    asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("kind", "jumps"),
    [
        *(pytest.param("sqlite", (jump,), marks=pytest.mark.proof) for jump in (HOUR, -HOUR, TEN_YEARS)),
        ("sqlite", (-TEN_YEARS,)),
        pytest.param("postgres", (TEN_YEARS,), marks=pytest.mark.proof),
        ("sqlite", (HOUR, 0)),
        ("postgres", (-HOUR, 0)),
    ],
)
def test_a_jump_of_the_clock_costs_nothing(new_desk: NewDesk, kind: str, jumps: tuple[int, ...]) -> None:
    """Forth and back in the middle of a run, alone or beside a process whose clock is right; the ledger is exact."""
    desk = new_desk(kind, BUDGETS)
    desk.write_contacts(ROWS)
    programs = []
    for jump in jumps:
        command = [sys.executable, "-c", textwrap.dedent(JUMPS), str(jump), str(ROWS)]
        program = subprocess.Popen(
            command, cwd=desk.folder, env=desk.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )  # fmt: skip
        desk.started.append(program)
        assert program.stdout is not None
        assert program.stdout.readline() == b"ready\n"
        programs.append(program)
    for program in programs:
        assert program.stdin is not None
        program.stdin.write(b"go\n")
        program.stdin.flush()
    for program in programs:
        errors = program.communicate(timeout=120)[1].decode()
        assert (program.returncode, errors) == (0, "")
    ledger = desk.vendors.admin("ledger")
    assert len(ledger["asked"]) == len({tuple(pair) for pair in ledger["asked"]})
    assert len(ledger["billed"]) == len({tuple(pair) for pair in ledger["billed"]})
    books = desk.reconcile()
    assert books.paid == books.invoice > books.doubt == 0
    if -TEN_YEARS in jumps:
        return  # now that the clock is right, answers of that time are ten years old, and are asked for again
    code, said = desk.run()
    assert code == 0, said
    figures = desk.audit()
    assert (figures.rows, figures.doubles, figures.in_doubt) == (ROWS, 0, 0)
