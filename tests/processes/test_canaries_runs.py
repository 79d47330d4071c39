"""Whole runs with a canary in every field of contacts, answers, errors and keys: none gets where it does not belong.

The vendors err in every way, plugins and observers raise what they know, and every logger is open.
"""

import contextlib
import csv
import json
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import attrs
import pytest

from enrichcore.testing import VendorServer, fault, reply
from tests.processes.canaries import Canaries, Sighting, find_canaries, plant
from tests.processes.desk import HERE
from tests.processes.journals import KEY, PostgresJournal, SqliteJournal

ROOT: Final = HERE.parents[1]
PLANTED: Final = plant("runs")
VENDORS: Final = (
    "erring", "refusing", "redirecting", "cutting", "garbling", "hostile", "quitting", "telling", "misreading",
    "mistaking", "missing", "working", "finding",
)  # fmt: skip
OUTSIDE: Final = ("home", "temp", "cache", "data", "state", "here")
"""Folders of the cage in which nothing may be found."""
STORES: Final = ("sqlite", "sqlite encrypted", "postgres")
FIELDS: Final = ("record_id", "first_name", "last_name", "company", "domain", "email", "linkedin_id", "country")

LIBRARY: Final = """
    import asyncio, json, logging, sys, traceback, warnings

    logging.basicConfig(level=1, filename="log.txt")
    logging.captureWarnings(True)
    if sys.argv[1] == "structlog":
        import structlog

        out = open("structlog.txt", "w")
        structlog.configure(
            processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer(default=repr)],
            logger_factory=structlog.PrintLoggerFactory(out),
        )

    from enrichcore import AsyncEngine, Contact
    from enrichcore.engine.suppression import Entry
    from enrichcore.errors import ResultErrors
    from tests.processes.canaries import plant

    planted = plant("runs")
    raised = open("raised.txt", "w", errors="backslashreplace")

    def told(error):
        raised.write("".join(traceback.format_exception(error)) + repr(error) + repr(vars(error)) + chr(10))

    async def failing(work):
        try:
            await work
        except Exception as error:
            told(error)
        else:
            raise AssertionError(work)

    def observer(attempt):
        raise RuntimeError(f"{attempt} {planted.body()}")

    async def main():
        contact = planted.contact()
        given = {name: getattr(contact, name) for name in FIELDS}
        async with AsyncEngine(config="test.toml", on_attempt=observer) as engine:
            found = await engine.enrich_phone(contact, deadline=60)
            assert found.phone == planted.numbers["answer.number"], found.attempts
            assert (await engine.enrich_phone(contact)).cached
            assert (await engine.explain(contact.record_id)).phone == found.phone
            [refreshed] = [result async for result in engine.enrich_phones([given], refresh=True)]
            assert refreshed.phone == found.phone
            told(ResultErrors(found.attempts))
            for name in FIELDS:
                word = planted.words["contact." + name]
                for bad in (word + chr(0), word * 400, word + chr(0xD800), [word], {word: word}):
                    await failing(engine.enrich_phone({**given, name: bad}))
                    try:
                        Contact.from_dict({**given, name: bad})
                    except Exception as error:
                        told(error)
            await failing(engine.forget(Contact(country=planted.words["contact.country"])))
            for kind in ("phone", "email", "linkedin_id", "domain"):
                try:
                    Entry(kind, "@" + planted.words["contact.email"] + chr(0))
                except Exception as error:
                    told(error)
            other = {**given, "email": "somebody@else.example", "linkedin_id": None, "first_name": "Some"}
            await failing(engine.enrich_phone({**other, "last_name": "Body", "company": "Else"}))
            await engine.in_doubt()
            [row async for row in engine.ledger()]
        await failing(engine.enrich_phone(contact))

    FIELDS = json.loads(sys.argv[2])
    asyncio.run(main(), debug=True)
"""


AGAIN: Final = """
    import asyncio, sys
    from enrichcore import AsyncEngine
    from tests.processes.canaries import plant

    async def main():
        contact = plant("runs").contact()
        loop = asyncio.get_running_loop()
        async with AsyncEngine(config="test.toml", providers=["canary_finding"]) as engine:
            result = await engine.enrich_phone(contact)
            assert result.found and not result.cached
            assert (await engine.enrich_phone(contact)).cached
            print("known", flush=True)
            await loop.run_in_executor(None, sys.stdin.readline)
            while (await engine.enrich_phone(contact)).cached:
                await asyncio.sleep(0.05)
            print("asked again", flush=True)
            await loop.run_in_executor(None, sys.stdin.readline)

    asyncio.run(main())
"""


@attrs.frozen
class Cage:
    """A folder with one for everything that a process may write to, and a store beside it."""

    folder: Path
    store: SqliteJournal | PostgresJournal
    environment: dict[str, str]
    began: float = attrs.field(factory=lambda: time.time() - 2)

    @property
    def here(self) -> Path:
        return self.folder / "here"

    def run(self, *command: str, code: int = 0) -> str:
        """Run a program to its end; everything that it says, in which no canary may be."""
        done = subprocess.run(
            command, cwd=self.here, env=self.environment, capture_output=True, check=False, timeout=300
        )
        said = (done.stdout + done.stderr).decode()
        assert done.returncode == code, said
        assert find_canaries(PLANTED, said) == [], said
        return said

    def cli(self, *arguments: str, code: int = 0) -> str:
        return self.run(sys.executable, "-m", "enrichcore.cli", *arguments, "--config", "test.toml", code=code)

    def escaped(self) -> list[Sighting]:
        """Canaries outside of the store, of what came in, and of what was asked for."""
        return find_canaries(PLANTED, *(self.folder / name for name in OUTSIDE))

    @property
    def place(self) -> Path:
        """Where the store is: the folder of SQLite's files, or that of the whole server, its log of writes included."""
        if isinstance(self.store, PostgresJournal):
            self.store.query("CHECKPOINT")
            return self.store.server.folder
        return self.folder / "store"

    def kept(self) -> set[str]:
        """Which canaries any byte of the store holds, in any file that was written to since the cage was made."""
        files = []
        for path in self.place.rglob("*"):
            with contextlib.suppress(FileNotFoundError):  # a server removes its temporary files
                if path.is_file() and path.stat().st_mtime >= self.began:
                    files.append(path)
        return {sighting.canary for sighting in find_canaries(PLANTED, *files)}

    def every_byte(self, below: str = "") -> bytes:
        """All that the files of the store hold, one after the other."""
        return b"\0".join(path.read_bytes() for path in (self.place / below).rglob("*") if path.is_file())


@pytest.fixture(scope="session")
def vendor() -> Iterator[VendorServer]:
    """A vendor whose every answer is full of canaries, whatever its status."""
    body, text = PLANTED.body(), json.dumps(PLANTED.body())
    half = fault("half a body").with_json(body)
    answers = {
        "/good/*": reply(200, json=body),
        "/error/*": reply(500, json=body),
        "/refused/*": reply(401, json=body),
        "/redirect/*": reply(302, json=body, headers={"Location": f"https://elsewhere.example/{PLANTED.key()}"}),
        "/cut/*": half,
        "/html/*": reply(200, text=f"<html>{text}</html>"),
    }
    with VendorServer(answers) as server:
        yield server


@pytest.fixture
def cage(request: pytest.FixtureRequest, tmp_path: Path, vendor: VendorServer, kind: str) -> Iterator[Cage]:
    """A cage with a configuration, the plugins installed, and nothing else."""
    for name in (*OUTSIDE, "store", "files", "plugins"):
        (tmp_path / name).mkdir()
    store: SqliteJournal | PostgresJournal
    if kind == "postgres":
        store = PostgresJournal(request.getfixturevalue("postgres"), f"cage_{os.getpid()}_{vendor.url[-5:]}")
        store.query(f"DROP SCHEMA IF EXISTS {store.schema} CASCADE")
    else:
        store = SqliteJournal(tmp_path / "store" / "enrich.db", key=KEY if "encrypted" in kind else None)
    names = [f'"canary_{name}"' for name in VENDORS]
    order = ", ".join(names)
    config = f'[engine]\nproviders = [{order}]\norder = [{order}]\non_changed_record = "reject"\n'
    config += f'[store]\nurl = "{store.url}"\n[acceptance]\nallow_fictional = true\n'
    for name in names:
        config += f'[providers.{name}]\nbase_url = "{vendor.url}"\ncredit_price = "0.01"\nkey_env = "CANARY_KEY"\n'
    (tmp_path / "here" / "test.toml").write_text(config)
    info = tmp_path / "plugins" / "canary_plugins-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: canary-plugins\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[enrichcore]\ncanaries = tests.processes.canary_plugins\n")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ENRICHCORE_")}
    environment |= {
        "HOME": str(tmp_path / "home"),
        **{name: str(tmp_path / "temp") for name in ("TMPDIR", "TEMP", "TMP")},
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "PYTHONPATH": os.pathsep.join([str(tmp_path / "plugins"), str(ROOT)]),
        "CANARIES": "runs",
        "CANARY_KEY": PLANTED.key(),
        **store.environment,
    }
    yield Cage(tmp_path, store, environment)
    store.close()


def contact_file(path: Path, planted: Canaries) -> None:
    """A file with one row for the person, and one for somebody who has only an address."""
    contact = planted.contact()
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*FIELDS, "note"])
        writer.writerow([*(getattr(contact, name) for name in FIELDS), "a note"])
        writer.writerow(["x" + str(contact.record_id), *[""] * 4, f"x{contact.email}", "", "", ""])


def identity(planted: Canaries) -> list[str]:
    """The contact as options of the command line."""
    contact = planted.contact()
    options = [(f"--{name.replace('_', '-')}", getattr(contact, name)) for name in FIELDS[1:-1]]
    return [str(contact.record_id), *(text for option in options for text in option)]


@pytest.mark.parametrize(
    ("kind", "log"), [("sqlite", "stdlib"), ("sqlite encrypted", "structlog"), ("postgres", "stdlib")]
)
def test_a_program_that_logs_everything_logs_nothing_of_a_person(cage: Cage, kind: str, log: str) -> None:
    """Neither log nor output, exceptions with causes and fields, temporary and cache folders hold a canary."""
    cage.run(sys.executable, "-X", "dev", "-c", textwrap.dedent(LIBRARY), log, json.dumps(FIELDS))
    written = {path.name: path.read_text() for path in cage.here.iterdir() if path.suffix == ".txt"}
    assert "enrichcore.attempt_finished" in written["structlog.txt" if log == "structlog" else "log.txt"]
    assert written["raised.txt"].count("Traceback") >= 10
    assert cage.escaped() == []
    assert bool(cage.kept()) == (kind == "sqlite")  # only a journal in clear may hold what was bought


@pytest.mark.parametrize("kind", STORES)
def test_a_run_on_the_command_line_leaves_a_person_in_its_output_alone(cage: Cage, kind: str) -> None:
    """With all its events shown; and after `forget` no byte of the store, its log included, holds a canary."""
    source, out = cage.folder / "files" / "in.csv", cage.folder / "files" / "out.csv"
    contact_file(source, PLANTED)
    said = cage.cli("enrich", str(source), "--out", str(out), "--yes", "--log-level", "debug", code=3)
    assert "enrichcore.attempt_finished" in said
    assert sorted(path.name for path in source.parent.iterdir()) == ["in.csv", "out.csv"]
    assert PLANTED.numbers["answer.number"] in out.read_text()
    for command in (["ledger"], ["ledger", "--in-doubt"], ["providers", "list"], ["store", "check"]):
        cage.cli(*command)
    assert cage.escaped() == []
    assert b"canary_finding" in cage.every_byte()  # what may be found is found
    before = cage.kept()
    assert before >= {"answer.number", "contact.email", "answer.job"} if kind == "sqlite" else before == set()

    contact = PLANTED.contact()
    assert "made nameless" in cage.cli("forget", *identity(PLANTED), "--yes")
    cage.cli("forget", "x" + str(contact.record_id), "--email", f"x{contact.email}", "--yes")
    assert cage.kept() == set()
    assert cage.escaped() == []
    spent = cage.store.query("SELECT count(*), sum(billed) FROM attempts")
    assert spent[0][0] >= len(VENDORS)  # the amounts stay
    assert spent[0][1] > 0


@pytest.mark.parametrize("kind", STORES)
def test_what_one_process_forgets_no_other_serves_from_memory(cage: Cage, vendor: VendorServer, kind: str) -> None:
    """A process that has the answer in memory asks anew; while it lives, no byte of its store holds the person."""
    command = [sys.executable, "-c", textwrap.dedent(AGAIN)]
    pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(command, cwd=cage.here, env=cage.environment, text=True, **pipes) as running:
        other: Any = running
        try:
            assert other.stdout.readline() == "known\n", other.stderr.read()
            assert "made nameless" in cage.cli("forget", *identity(PLANTED), "--yes")
            assert cage.kept() == set()
            asked = len(vendor.asked)
            other.stdin.write("go on\n")
            other.stdin.flush()
            assert other.stdout.readline() == "asked again\n", other.stderr.read()
            assert len(vendor.asked) == asked + 1
            cage.cli("forget", *identity(PLANTED), "--yes")
            assert cage.kept() == set()
        finally:
            said = other.communicate("end\n", timeout=60)
    assert (other.returncode, said) == (0, ("", ""))


@pytest.mark.parametrize("kind", ["postgres"])
def test_what_a_server_keeps_of_a_forgotten_person_is_sealed_and_can_be_removed(cage: Cage, kind: str) -> None:
    """Its tables let go of the sealed values at once, its files with VACUUM FULL; its log of writes in its own time."""
    source = cage.folder / "files" / "in.csv"
    contact_file(source, PLANTED)
    cage.cli("enrich", str(source), "--out", str(cage.folder / "files" / "out.csv"), "--yes", code=3)
    sealed = (
        "SELECT payload FROM attempts UNION ALL SELECT job FROM attempts UNION ALL SELECT last_payload FROM results"
    )
    values = [value for (value,) in cage.store.query(sealed) if value]
    assert len(values) > 5
    assert all(value[:1] == b"\xf8" for value in values)
    assert all(value[:64] in cage.every_byte("data/base") for value in values)
    contact = PLANTED.contact()
    cage.cli("forget", *identity(PLANTED), "--yes")
    cage.cli("forget", "x" + str(contact.record_id), "--email", f"x{contact.email}", "--yes")
    assert [value for (value,) in cage.store.query(sealed) if value] == []
    for table in ("attempts", "results"):
        cage.store.query(f"VACUUM FULL {table}")
    kept = cage.every_byte("data/base")
    assert not any(value[:64] in kept for value in values)
