"""A file, a directory over it, and a question in one line."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from enrichcore_directory import Directory, DirectorySettings

from enrichcore.model import Hit, Miss
from enrichcore.testing import run

CSV = """\
first_name,last_name,company,domain,email,linkedin_id,mobile,phone,company phone,title,country
Ada,Lovelace,Engines Ltd,engines.example,ada@engines.example,ada-lovelace,+44 7700 900123,,,Analyst,GB
Grace,Hopper,Compilers,,grace@compilers.example,,,202-555-0143,202-555-0100,Admiral,US
Alan,Turing,Machines,machines.example,alan@machines.example,,,,,,GB
"""

Write = Callable[..., Path]
Ask = Callable[..., Hit | Miss]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file and say where it is."""

    def write_file(text: str | bytes = CSV, name: str = "crm.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write_file


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test writes to the cache of whoever runs it."""
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "cache"))
    monkeypatch.delenv("ENRICHCORE_OFFLINE", raising=False)


@pytest.fixture
def ask() -> Ask:
    """Ask a directory over `path` one question."""

    def ask_once(path: Path | str, settings: dict[str, Any] | None = None, **fields: Any) -> Hit | Miss:
        return run(Directory, settings={"path": str(path), **(settings or {})}, **fields)

    return ask_once


@pytest.fixture
def opened() -> Callable[..., Directory]:
    """A directory after setup and close: what it counted and which version it has."""

    def open_once(path: Path | str, **settings: Any) -> Directory:
        directory = Directory()
        directory.settings = DirectorySettings(path=str(path), **settings)

        async def start() -> None:
            await directory.setup()
            await directory.aclose()

        asyncio.run(start())
        return directory

    return open_once
