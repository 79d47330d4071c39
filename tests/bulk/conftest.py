"""Files and an engine for the tests of `enrichcore.bulk`."""

import asyncio
import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from enrichcore import Acceptance, AsyncEngine
from enrichcore.bulk import FileRun, Report
from enrichcore.model import EmailQuery, Hit, Miss, Number
from enrichcore.plugins import Http, Provider, hookimpl


class Phonebook(Provider):
    """Knows everybody at known.example under one number of fiction; counts what it is asked."""

    name = "phonebook"

    def __init__(self) -> None:
        self.asked: list[str] = []

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Hit | Miss:
        self.asked.append(query.email)
        return Hit(Number("+1 202-555-0143")) if query.email.endswith("@known.example") else Miss()


class Enriched:
    """What a run left behind."""

    def __init__(self, out: Path, report: Report, notes: list[str], asked: list[str]) -> None:
        self.out, self.report, self.notes, self.asked = out, report, notes, asked

    @property
    def data(self) -> bytes:
        return self.out.read_bytes()

    def rows(self, delimiter: str = ",") -> list[list[str]]:
        return list(csv.reader(io.StringIO(self.data.decode(), newline=""), delimiter=delimiter))

    def dicts(self, delimiter: str = ",") -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.data.decode(), newline=""), delimiter=delimiter))


Enrich = Callable[..., Enriched]


@pytest.fixture
def enrich(tmp_path: Path) -> Enrich:
    """Enrich a file of these bytes with the phonebook."""

    def run(data: bytes, *, name: str = "in.csv", out: str | None = None, **options: Any) -> Enriched:
        source = tmp_path / name
        source.write_bytes(data)
        target = tmp_path / (out or f"out{source.suffix}")
        provider = Phonebook()
        how = {key: options.pop(key) for key in ("format", "prefix", "reading", "choice") if key in options}

        async def work(file: FileRun) -> Report:
            accept = Acceptance(allow_fictional=True)
            async with AsyncEngine(providers=[provider], store="memory", acceptance=accept, env={}) as engine:
                return await file.enrich(engine, **options)

        with FileRun(str(source), str(target), **how) as file:
            report = asyncio.run(work(file))
            return Enriched(target, report, file.notes, provider.asked)

    return run


@pytest.fixture
def leftovers(tmp_path: Path) -> Callable[[], Sequence[str]]:
    """Names of files in the folder that are neither input nor output."""
    return lambda: sorted(p.name for p in tmp_path.iterdir() if p.suffix == ".part")
