"""Many who ask at once: the same question is paid for once, and a budget for one call pays for one call."""

import json
import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

import pytest

from tests.processes.desk import Desk

NewDesk = Callable[..., Desk]

ASKS = """
    import asyncio, json, sys
    from collections import Counter
    from enrichcore import AsyncEngine, Budget, Contact

    async def main():
        wish = json.loads(sys.argv[1])
        budget = Budget(**wish["budget"])
        async with AsyncEngine(config="test.toml", providers=["holdfast"], budget=budget) as engine:
            print("ready", flush=True)
            sys.stdin.readline()
            contacts = [Contact(record_id=record, email=email) for record, email in wish["contacts"]]
            results = await asyncio.gather(*map(engine.enrich_phone, contacts))
        print(json.dumps(Counter(f"{result.status} {result.reason} {result.phone}" for result in results)))

    asyncio.run(main())
"""
ONE_CALL = {"month": "0.01 USD"}
CROWDS: Final = [(kind, processes, "one contact") for kind in ("sqlite", "postgres") for processes in (1, 2)] + [
    ("sqlite", 1, "one person under many ids"),
    ("postgres", 2, "one person without an id"),
]


def record(form: str, number: int) -> str | None:
    """The id that a request gives."""
    return {"one contact": "r", "one person under many ids": f"r{number}"}.get(form)


def known(desk: Desk, count: int) -> dict[str, str]:
    """People whom the first vendor knows, with their numbers."""
    desk.write_contacts(4 * count + 10)
    truth = desk.vendors.admin("truth", [row["email"] for row in desk.contacts()])["holdfast"]
    return dict([(email, phone.replace(" ", "")) for email, phone in truth.items() if phone][:count])


def ask(desk: Desk, wishes: list[dict[str, Any]], wait_until: Callable[..., None]) -> list[Counter[str]]:
    """What programs that ask at the same time are told, each by what it counted; the vendor answers when all have."""
    programs = []
    for wish in wishes:
        command = [sys.executable, "-c", textwrap.dedent(ASKS), json.dumps(wish)]
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        program: Any = subprocess.Popen(command, cwd=desk.folder, env=desk.environment, text=True, **pipes)  # type: ignore[call-overload]
        desk.started.append(program)
        programs.append(program)
    for program in programs:
        assert program.stdout.readline() == "ready\n", program.stderr.read()
    desk.vendors.admin("gate", value=False)
    for program in programs:
        program.stdin.write("go\n")
        program.stdin.flush()
    wait_until(lambda: desk.vendors.calls() > 0)
    desk.vendors.admin("gate", value=True)
    told = []
    for program in programs:
        said, errors = program.communicate(timeout=120)
        assert (program.returncode, errors) == (0, "")
        told.append(Counter(json.loads(said)))
    return told


@pytest.mark.parametrize(("kind", "processes", "form"), CROWDS)
def test_a_thousand_identical_requests_are_one_paid_call(
    new_desk: NewDesk, wait_until: Callable[..., None], kind: str, processes: int, form: str
) -> None:
    """In one process or in two: one question, one entry on the invoice, and the same answer for all."""
    desk = new_desk(kind)
    [(email, phone)] = known(desk, 1).items()
    each = 1000 // processes
    contacts = [[(record(form, n), email) for n in range(each)] for _ in range(processes)]
    told = ask(desk, [{"contacts": some, "budget": ONE_CALL} for some in contacts], wait_until)
    assert told == [Counter({f"found None {phone}": each})] * processes
    ledger = desk.vendors.admin("ledger")
    assert ledger["asked"] == ledger["billed"] == [["holdfast", email]]
    [row] = [row for row in desk.attempts() if row.provider == "holdfast" and row.outcome != 5]
    assert row.charged == 10_000_000


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
@pytest.mark.parametrize("processes", [1, 2])
def test_of_a_hundred_requests_with_a_budget_for_one_exactly_one_spends(
    new_desk: NewDesk, wait_until: Callable[..., None], kind: str, processes: int
) -> None:
    """A hundred people whom the vendor knows: one is found, the others are incomplete, and not one more is asked."""
    desk = new_desk(kind)
    each = 100 // processes
    people = list(known(desk, 100).items())
    shares = [people[n * each : (n + 1) * each] for n in range(processes)]
    wishes = [{"contacts": [(email, email) for email, _ in share], "budget": ONE_CALL} for share in shares]
    told = sum(ask(desk, wishes, wait_until), Counter())
    assert told.pop("incomplete over_budget None") == 99
    [(answer, times)] = told.items()
    assert (answer.split()[0], times) == ("found", 1)
    ledger = desk.vendors.admin("ledger")
    assert len(ledger["asked"]) == len(ledger["billed"]) == 1
    [(email, phone)] = [(email, phone) for email, phone in people if email == ledger["billed"][0][1]]
    assert answer == f"found None {phone}", email
    assert [row.charged for row in desk.attempts() if row.charged] == [10_000_000]
