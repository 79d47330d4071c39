"""Desks, and what waits for other processes."""

import importlib.util
import itertools
import os
import textwrap
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from tests.processes.desk import CASCADE, HERE, Desk, Environment, Vendors
from tests.processes.journals import Journal, PostgresJournal, SqliteJournal
from tests.store.postgres_server import PostgresServer, binaries

CONFIG = """
[engine]
providers = ["holdfast", "jobber", "repeatable"]
order = ["holdfast", "jobber", "repeatable"]
[store]
url = "{url}"
[acceptance]
allow_fictional = true
"""
_SCHEMAS = itertools.count(1)


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


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer | None]:
    """A real Postgres server for the session, None where the system has none."""
    if binaries() is None or not all(map(importlib.util.find_spec, ("asyncpg", "cryptography"))):
        yield None
        return
    server = PostgresServer()
    yield server
    server.close()


@pytest.fixture
def postgres(postgres_server: PostgresServer | None, require: Callable[[str], NoReturn]) -> PostgresServer:
    """The Postgres server of the session."""
    if postgres_server is None:
        require("needs Postgres (initdb and postgres on PATH or in /usr/lib/postgresql), asyncpg and cryptography")
    return postgres_server


@pytest.fixture
def new_desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Desk]]:
    """Makes desks with vendors of their own; at the end of the test both are gone, with all that was started.

    `kind` is that of the journal, sqlite or postgres, and `config` what the configuration says beyond the usual.
    """
    made: list[Desk] = []

    def make(kind: str = "sqlite", config: str = "", *, key: str | None = None) -> Desk:
        folder = tmp_path_factory.mktemp("desk")
        store: Journal = SqliteJournal(folder / "journal" / "enrich.db", key=key)
        if kind == "postgres":
            store = PostgresJournal(request.getfixturevalue("postgres"), f"desk{next(_SCHEMAS)}")
        vendors = Vendors()
        made.append(Desk(folder, vendors, store, _prepare(folder, vendors.port, store, config)))
        return made[-1]

    yield make
    for desk in made:
        for process in desk.started:
            with process:  # waits for it and closes its pipes
                process.kill()
        desk.vendors.close()
        desk.store.close()


@pytest.fixture
def desk(new_desk: Callable[[], Desk]) -> Desk:
    """A desk with nothing on it but the configuration."""
    return new_desk()


def install(folder: Path, module: str, source: str, names: Iterable[str]) -> None:
    """Make a distribution of one module in a folder, with a provider class for each name."""
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / f"{module}.py").write_text(textwrap.dedent(source), "utf-8")
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    entries = "".join(f"{name} = {module}:{name.title()}\n" for name in names)
    (info / "entry_points.txt").write_text(f"[enrichcore]\n{entries}")


def _prepare(folder: Path, port: int, store: Journal, more: str) -> Environment:
    """Install the plugins and write the configuration; the answer is the environment for the command."""
    plugins = folder / "plugins"
    install(plugins, "proof_vendors", (HERE / "vendor_plugins.py").read_text("utf-8"), CASCADE)
    (folder / "journal").mkdir()
    config = CONFIG.format(url=store.url)
    for name in CASCADE:
        config += f'[providers.{name}]\nbase_url = "http://127.0.0.1:{port}/{name}"\ncredit_price = "0.01"\n'
    (folder / "test.toml").write_text(config + more)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ENRICHCORE_")}
    environment |= {f"{name.upper()}_KEY": "key-of-the-proof" for name in CASCADE} | dict(store.environment)
    environment |= {"HOME": str(folder / "home"), "XDG_DATA_HOME": str(folder / "home" / "data")}
    environment["PYTHONPATH"] = os.pathsep.join([str(plugins), *filter(None, [os.environ.get("PYTHONPATH")])])
    return environment
