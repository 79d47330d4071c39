"""A task for a pipeline: yesterday's contacts in, enriched contacts out, safe to retry.

It is a plain function, so a scheduler takes it as it is: `task(enrich_contacts)` in Airflow or Prefect, `asset` in
Dagster. What is paid for is in the store, so a retry goes on where the last try ended and pays for nothing twice; the
output appears when it is complete, so no later task ever sees half of it.
"""

import sys
from pathlib import Path

import pyarrow.parquet as pq

from enrichcore import Engine
from enrichcore.bulk import enrich_table


def enrich_contacts(source: str, out: str, config: str) -> dict[str, int]:
    """Enrich a Parquet file; how many rows there are by their status is what the task reports."""
    with Engine(config=config) as engine:
        table = enrich_table(pq.read_table(source), engine, progress=False)
    part = Path(f"{out}.part")
    pq.write_table(table, part)
    part.replace(out)
    counts = table.column("status").value_counts().to_pylist()
    return {each["values"]: each["counts"] for each in counts}


if __name__ == "__main__":
    print(enrich_contacts(*sys.argv[1:4]))
