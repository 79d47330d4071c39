"""The demo as a script: a made-up customer list through two providers, offline and without a key."""

import csv
from pathlib import Path

from enrichcore import Acceptance, Engine

HERE = Path(__file__).parent

with (
    (HERE / "contacts.csv").open(newline="", encoding="utf-8") as file,
    Engine(
        providers=["directory", "echo"],
        settings={"directory": {"path": str(HERE / "crm.csv")}},
        acceptance=Acceptance(allow_fictional=True),  # the demo's numbers are reserved for fiction
        store="memory",
    ) as engine,
):
    found = tried = 0
    for result in engine.enrich_phones(csv.DictReader(file), ordered=True):
        tried += 1
        found += result.found
        print(f"{result.record_id:<12} {result.status:<10} {result.phone or '-':<16} {result.provider or '-'}")
print(f"{found} of {tried} found")
