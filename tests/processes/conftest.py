"""A desk to work at: three vendors in a process of their own, their plugins installed, a file, and the real command."""

import asyncio
import csv
import http.client
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import attrs
import pytest

from enrichcore.engine.core import AsyncEngine
from enrichcore.engine.keys import Keyer
from enrichcore.store.rows import ATTEMPT, attempt

HERE = Path(__file__).parent
CASCADE = ("holdfast", "jobber", "repeatable")
CONFIG = """
[engine]
providers = ["holdfast", "jobber", "repeatable"]
order = ["holdfast", "jobber", "repeatable"]
[store]
url = "sqlite:///{journal}"
[acceptance]
allow_fictional = true
"""
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
class Desk:
    """A folder with a configuration, a file of contacts and a journal, and the command that works on them."""

    folder: Path
    vendors: Vendors
    environment: Environment
    started: list["subprocess.Popen[bytes]"] = attrs.field(factory=list)

    @property
    def journal(self) -> Path:
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

    def start(self, *arguments: str, out: str = "out.csv", concurrency: int = 50, **more: Any) -> Any:
        """Start `enrichcore enrich` as a process of its own."""
        command = [
            "enrich",
            "in.csv",
            "--out",
            out,
            "--config",
            "test.toml",
            "--yes",
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

    def attempts(self) -> list[Any]:
        """The rows of the journal."""
        with closing(sqlite3.connect(self.journal)) as connection:
            return [attempt(row) for row in connection.execute(f"SELECT {ATTEMPT} FROM attempts")]

    def owners(self) -> int:
        """How many processes have the journal open."""
        if not self.journal.exists():
            return 0
        with closing(sqlite3.connect(self.journal)) as connection, suppress(sqlite3.OperationalError):
            return int(connection.execute("SELECT count(*) FROM owners").fetchone()[0])
        return 0  # it is being made

    def record_ids(self) -> dict[bytes, str]:
        """What the hashed records of the journal stand for."""
        secret = bytes.fromhex(self.journal.with_name("enrich.db.secret").read_text())
        keyer = Keyer(secret, "default")
        return {keyer.record(row["record_id"]): row["record_id"] for row in self.contacts()}

    def in_doubt(self) -> Counter[tuple[str, str]]:
        """Provider and record_id of what the engine reports as in doubt."""

        async def ask() -> Counter[tuple[str, str]]:
            async with AsyncEngine(providers=[], store=f"sqlite:///{self.journal}") as engine:
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
        answered = {(row.provider, names[row.record]) for row in attempts if row.payload is not None}
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


def until(ready: Callable[[], object], what: str = "the other process never came so far") -> None:
    """Wait for a state of another process; the limit only ends a test that hangs."""
    end = time.monotonic() + 120
    while not ready():
        if time.monotonic() > end:
            pytest.fail(what)
        time.sleep(0.005)


@pytest.fixture
def wait_until() -> Callable[..., None]:
    return until


@pytest.fixture
def new_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Desk]]:
    """Makes desks with vendors of their own; at the end of the test both are gone, with all that was started."""
    made: list[Desk] = []

    def make() -> Desk:
        folder, vendors = tmp_path_factory.mktemp("desk"), Vendors()
        made.append(Desk(folder, vendors, _prepare(folder, vendors.port)))
        return made[-1]

    yield make
    for desk in made:
        for process in desk.started:
            with process:  # waits for it and closes its pipes
                process.kill()
        desk.vendors.close()


@pytest.fixture
def desk(new_desk: Callable[[], Desk]) -> Desk:
    """A desk with nothing on it but the configuration."""
    return new_desk()


def _prepare(folder: Path, port: int) -> Environment:
    """Install the plugins and write the configuration; the answer is the environment for the command."""
    plugins = folder / "plugins"
    info = plugins / "proof_vendors-1.0.dist-info"
    info.mkdir(parents=True)
    shutil.copy(HERE / "vendor_plugins.py", plugins / "proof_vendors.py")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: proof-vendors\nVersion: 1.0\n")
    entries = "".join(f"{name} = proof_vendors:{name.title()}\n" for name in CASCADE)
    (info / "entry_points.txt").write_text(f"[enrichcore]\n{entries}")
    (folder / "journal").mkdir()
    config = CONFIG.format(journal=(folder / "journal" / "enrich.db").as_posix())
    for name in CASCADE:
        config += f'[providers.{name}]\nbase_url = "http://127.0.0.1:{port}/{name}"\ncredit_price = "0.01"\n'
    (folder / "test.toml").write_text(config)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ENRICHCORE_")}
    environment |= {f"{name.upper()}_KEY": "key-of-the-proof" for name in CASCADE}
    environment["PYTHONPATH"] = os.pathsep.join([str(plugins), *filter(None, [os.environ.get("PYTHONPATH")])])
    return environment
