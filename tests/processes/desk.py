"""A desk to work at: three vendors in a process of their own, a file, a journal, and the real command."""

import asyncio
import csv
import hashlib
import http.client
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs

from enrichcore.engine.core import AsyncEngine
from enrichcore.engine.keys import Keyer
from enrichcore.model.money import amount, nano
from tests.processes import journals
from tests.processes.journals import Entry, Journal

HERE = Path(__file__).parent
CASCADE = ("holdfast", "jobber", "repeatable")
PRICES = {"holdfast": Decimal("0.01"), "jobber": Decimal("0.02"), "repeatable": Decimal("0.03")}
"""What a number costs: the credits that the plugins declare, at a cent each."""
NOTES = ("", "a, b", 'say "hi"', "zwei\nZeilen", " Zoë 李雷 ", "=1+1", "'")
Environment = Mapping[str, str]


class Vendors:
    """The vendors as the test sees them: what they were asked, what they billed, how slow they are."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "vendor_server.py"), "1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())
        self._line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def admin(self, word: str, value: object = None) -> Any:
        """Tell or ask something behind the counter."""
        self._line.request("POST", f"/admin/{word}", json.dumps(value))
        return json.loads(self._line.getresponse().read())

    def calls(self) -> int:
        """How many questions have arrived so far; polls do not count."""
        calls: int = self.admin("calls")
        return calls

    def close(self) -> None:
        self._line.close()
        self.process.communicate()


@attrs.frozen
class Figures:
    """What an audit counted: `doubles` are questions of one vendor about one person that were billed twice.

    `in_doubt` are the attempts that the engine reports as such.
    """

    rows: int
    asked: int
    billed: int
    doubles: int
    in_doubt: int
    status: Counter[str]


@attrs.frozen
class Books:
    """What was spent, in money: by the vendors' invoices, by the journal, and what it declares as in doubt."""

    invoice: Decimal
    paid: Decimal
    doubt: Decimal


@attrs.frozen
class Desk:
    """A folder with a configuration, a file of contacts and a journal, and the command that works on them."""

    folder: Path
    vendors: Vendors
    store: Journal
    environment: Environment
    started: list["subprocess.Popen[bytes]"] = attrs.field(factory=list)

    @property
    def journal(self) -> Path:
        """The file, where the journal is one."""
        return self.folder / "journal" / "enrich.db"

    @property
    def out(self) -> Path:
        return self.folder / "out.csv"

    def write_contacts(self, count: int, *, width: int = 0) -> None:
        """`count` people, each known by an email; `width` characters of ballast in each row."""
        with (self.folder / "in.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["record_id", "note", "email", "ballast"])
            for n in range(count):
                note = NOTES[n % len(NOTES)]
                writer.writerow([f"r{n}", note, f"p{n}@firm{n % 7}.example", "x" * width])

    def start(
        self,
        *arguments: str,
        source: str = "in.csv",
        out: str = "out.csv",
        concurrency: int = 50,
        yes: bool = True,
        **more: Any,
    ) -> Any:
        """Start `enrichcore enrich` as a process of its own."""
        command = [
            "enrich",
            source,
            "--out",
            out,
            "--config",
            "test.toml",
            *(("--yes",) if yes else ()),
            "--concurrency",
            str(concurrency),
        ]
        process = subprocess.Popen(
            [sys.executable, "-m", "enrichcore.cli", *command, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            **more,
        )
        self.started.append(process)
        return process

    def run(self, *arguments: str, **more: Any) -> tuple[int, str]:
        """Run it to its end: the exit code, and what it said to the person."""
        process = self.start(*arguments, **more)
        errors = process.communicate(timeout=600)[1].decode()
        assert "Traceback" not in errors, errors
        return process.returncode, errors

    def contacts(self) -> list[dict[str, str]]:
        with (self.folder / "in.csv").open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def results(self, out: str = "out.csv") -> list[dict[str, str]]:
        with (self.folder / out).open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def attempts(self) -> list[Entry]:
        """The rows of the journal."""
        return journals.attempts(self.store)

    def owners(self) -> int:
        """How many processes have the journal open."""
        counted = self.store.query("SELECT count(*) FROM owners")
        return int(counted[0][0]) if counted else 0

    def record_ids(self) -> dict[bytes, str]:
        """What the hashed records of the journal stand for."""
        if self.store.kind == "sqlite":
            secret = bytes.fromhex(self.journal.with_name("enrich.db.secret").read_text())
        else:
            secret = hashlib.sha256(journals.SECRET.encode()).digest()
        keyer = Keyer(secret, "default")
        return {keyer.record(row["record_id"]): row["record_id"] for row in self.contacts()}

    def in_doubt(self) -> Counter[tuple[str, str]]:
        """Provider and record_id of what the engine reports as in doubt."""

        async def ask() -> Counter[tuple[str, str]]:
            async with AsyncEngine(providers=[], store=self.store.url, env=self.store.environment) as engine:
                names = self.record_ids()
                return Counter((row.provider, names[row.record]) for row in await engine.in_doubt())

        return asyncio.run(ask())

    def expected(
        self,
        cascade: Collection[str],
        truth: Mapping[str, Mapping[str, str | None]],
        doubts: Collection[tuple[str, str]],
    ) -> Iterator[dict[str, str]]:
        """What the output must say of each row: status, phone, provider, method and reason."""
        for row in self.contacts():
            hidden = {vendor for vendor in cascade if (vendor, row["record_id"]) in doubts}
            finder = next((v for v in cascade if v not in hidden and truth[v][row["email"]]), None)
            if finder is not None:
                phone = (truth[finder][row["email"]] or "").replace(" ", "")
                yield {"status": "found", "phone": phone, "provider": finder, "method": "email", "reason": ""}
            else:
                status, reason = ("incomplete", "in_doubt") if hidden else ("not_found", "")
                yield {"status": status, "phone": "", "provider": "", "method": "", "reason": reason}

    def audit(self, out: str = "out.csv", cascade: Collection[str] = CASCADE) -> Figures:
        """Compare the output with the truth and the journal with the vendors' ledger, row by row."""
        contacts, results = self.contacts(), self.results(out)
        truth = self.vendors.admin("truth", [row["email"] for row in contacts])
        ledger = self.vendors.admin("ledger")
        names, email_of = self.record_ids(), {row["record_id"]: row["email"] for row in contacts}
        attempts = self.attempts()
        assert [row for row in attempts if row.outcome is None] == []
        unknown = {(row.provider, names[row.record]) for row in attempts if row.billed == "unknown"}
        answered = {(row.provider, names[row.record]) for row in attempts if row.answered}
        unresolved, reported = unknown - answered, self.in_doubt()
        assert unresolved <= reported.keys() <= unknown
        assert not any(provider == "repeatable" for provider, _ in unresolved)

        assert [{key: row[key] for key in contacts[0]} for row in results] == contacts
        got = [{key: row[key] for key in ("status", "phone", "provider", "method", "reason")} for row in results]
        assert got == list(self.expected(cascade, truth, unresolved))

        asked, billed = (Counter((v, e) for v, e in ledger[word]) for word in ("asked", "billed"))
        doubtful = {(provider, email_of[record]) for provider, record in unknown}
        paid = Counter((row.provider, email_of[names[row.record]]) for row in attempts if row.billed == "yes")
        doubles = sum(times - 1 for times in billed.values())
        assert doubles == 0, [pair for pair, times in billed.items() if times > 1]
        assert paid.keys() <= billed.keys() <= paid.keys() | doubtful
        assert set(paid.values()) <= {1}
        # What is not declared repeatable is not even asked twice, whoever died in between.
        assert [pair for pair, times in asked.items() if times > 1 and pair[0] != "repeatable"] == []
        status = Counter(row["status"] for row in results)
        return Figures(len(results), sum(asked.values()), sum(billed.values()), doubles, reported.total(), status)

    def reconcile(self) -> Books:
        """Compare what the journal says was spent with what the vendors' invoices say, and with its own budgets."""
        rows = self.attempts()
        invoice = sum((PRICES[vendor] for vendor, _ in self.vendors.admin("ledger")["billed"]), Decimal(0))
        paid = sum((row.cost or Decimal(0) for row in rows if row.billed == "yes"), Decimal(0))
        doubt = sum((amount(row.charged) for row in rows if row.billed == "unknown"), Decimal(0))
        assert paid <= invoice <= paid + doubt
        assert all(row.charged == nano(row.cost or Decimal(0)) for row in rows if row.billed == "yes")
        charged: Counter[str] = Counter()
        held: Counter[str] = Counter()
        for row in rows:
            charged.update(dict.fromkeys(row.scopes, row.charged))
            held.update(dict.fromkeys(row.scopes, row.reserved if row.outcome is None else 0))
        spending = journals.spending(self.store)
        assert spending == {scope: (charged[scope], held[scope]) for scope in spending}
        assert {scope for scope in charged if charged[scope] or held[scope]} <= spending.keys()
        return Books(invoice, paid, doubt)
