"""A folder to run an example in: a configuration, a customer list to find numbers in, and an environment."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import attrs
import pytest

from tests.store.postgres_server import PostgresServer, binaries

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "docs" / "examples"
CONFIG = """
[engine]
providers = ["directory"]
[store]
url = "sqlite:///enrich.db"
[acceptance]
allow_fictional = true
[providers.directory]
path = "people.csv"
"""
PEOPLE = """Email,Mobile Phone,Country
ada@engines.example,+353 20 915 0143,IE
bob@engines.example,+353 20 915 0142,IE
"""
FOUND = {"status": "found", "phone": "+353209150143"}


@attrs.frozen
class Folder:
    """Where an example runs."""

    path: Path
    environment: Mapping[str, str]

    def python(self, *arguments: str, **more: Any) -> str:
        """What Python says when it runs this here."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.path,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            **more,
        )
        assert done.returncode == 0, done.stderr
        return str(done.stdout)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A configuration with one directory, whose journal is a file; the examples are on the path."""
    (tmp_path / "enrichcore.toml").write_text(CONFIG, "utf-8")
    (tmp_path / "people.csv").write_text(PEOPLE, "utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ENRICHCORE_")}
    paths = [str(EXAMPLES), str(ROOT), *filter(None, [environment.get("PYTHONPATH")])]
    environment |= {"PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1", "HOME": str(tmp_path)}
    return Folder(tmp_path, environment)


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
