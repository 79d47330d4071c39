"""A run of a few hundred made-up rows by four providers that do all there is to do, written down as a command does."""

import asyncio
import csv
import hashlib
import random
from pathlib import Path
from typing import Any

from enrichcore import Acceptance, AsyncEngine
from enrichcore.bulk import FileRun, Report
from enrichcore.cli import runs
from enrichcore.errors import MaybeSent, OutOfCredits, RequestRefused
from enrichcore.model import Hit, Miss, Number, Price, Query
from enrichcore.testing import FakeProvider

FIRST = ("Ada", "Grace", "Amara", "Liam", "Noor", "Zoë", "Ioana", "Björn", "Mei", "Tomás")
LAST = ("Canaryson", "Canarywood", "Canaryfield", "Canaryman", "Canaryer")
COUNTRIES = ("US", "GB", "Germany", "FR", "", "Ireland")
LOST, REFUSED, WRONG = 0.01, 0.04, 0.08


def lot(provider: str, email: str) -> float:
    """A number from 0 to 1 that is always the same for a provider and a person."""
    return int.from_bytes(hashlib.sha256(f"{provider} {email}".encode()).digest()[:4], "big") / 2**32


def write_contacts(path: Path, rows: int) -> None:
    """People with a phone already, people twice, people by name alone, and one who cannot be looked up."""
    rng = random.Random(7)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["record_id", "first_name", "last_name", "company", "email", "country", "phone"])
        for n in range(rows):
            who = n if n % 10 else max(n - 1, 0)  # every tenth is the one before once more
            first, last = FIRST[who % len(FIRST)], f"{LAST[who % len(LAST)]}{who}"
            email = f"{first.lower()}.{who}@firm{who % 9}.example" if who % 4 else ""
            phone = "+1 202 555 0101" if rng.random() < 0.2 else ""
            writer.writerow([f"crm-{n}", first, last, f"Firm {who % 9}", email, COUNTRIES[who % 6], phone])
        writer.writerow(["crm-last", "", "", "", "nobody", "", ""])


def provider(name: str, knows: float, *, credits: int | None = None, faults: bool = False, **facts: Any) -> Any:
    """One that knows a share of all people, until its credits are gone."""
    left = [credits]

    def answer(query: Query) -> Any:
        who = str(getattr(query, "email", "") or getattr(query, "full_name", ""))
        place = lot(name, who)
        if faults and place > 1 - LOST:
            return MaybeSent("the connection broke")
        if faults and place > 1 - REFUSED:
            return RequestRefused("no such domain")
        if place > 1 - WRONG:
            return Hit(Number("+1 900 555 0123"))  # premium rate: nobody's own
        if place > knows:
            return Miss()
        if left[0] is not None:
            if not left[0]:
                return OutOfCredits("the account is empty")
            left[0] -= 1
        return Hit(Number(f"+1 202 555 01{int(lot('phone', who) * 100):02d}"))

    return FakeProvider(answer, name=name, **facts)


def providers() -> list[Any]:
    return [
        provider("crm_directory", 0.22, typical=0.001),
        provider("northlight", 0.35, price=Price.per_hit(1), methods=("email",), faults=True),
        provider("parley", 0.3, price=Price.per_attempt(1, errors_billed=False), faults=True),
        provider("zenith", 0.5, price=Price.per_hit(4), credits=25, methods=("name",)),
    ]


def run(folder: Path, rows: int = 300, *, again: bool = False, ended: bool = True, store: Path | None = None) -> Report:
    """Enrich `in.csv` to `out.csv` by a journal in `test.db`; `again` goes on with the same input."""
    source, out = folder / "in.csv", folder / "out.csv"
    url = f"sqlite:///{store or folder / 'test.db'}"
    if not again:
        write_contacts(source, rows)

    async def work() -> Report:
        settings = {name: {"credit_price": "0.05"} for name in ("northlight", "parley", "zenith")}
        engine = AsyncEngine(
            providers=providers(),
            order=["crm_directory", "northlight", "parley", "zenith"],
            store=url,
            settings=settings,
            acceptance=Acceptance(allow_fictional=True),
            env={},
        )
        with FileRun(str(source), str(out)) as file:
            async with engine:
                entry = runs.begin(source=str(source), out=str(out), store=url, tenant="default", owner=engine.owner)
                report = await file.enrich(engine, concurrency=20)
                if ended:
                    runs.end(entry, report, "USD")
        return report

    return asyncio.run(work())
