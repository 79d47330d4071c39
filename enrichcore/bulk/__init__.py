"""Files in, files out: every row of a table enriched, in constant memory and with an atomic output."""

import importlib
from typing import TYPE_CHECKING, Any

from enrichcore.bulk.choice import Choice, Condition
from enrichcore.bulk.columns import NEEDED, RESULT_COLUMNS, Reading, map_columns
from enrichcore.bulk.report import Report, Tally
from enrichcore.bulk.run import FileRun

if TYPE_CHECKING:
    from enrichcore.bulk.arrow_table import enrich_batch
    from enrichcore.bulk.frames import enrich_table

__all__ = [
    "NEEDED", "RESULT_COLUMNS", "Choice", "Condition", "FileRun", "Reading", "Report", "Tally", "enrich_batch",
    "enrich_table", "map_columns",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """What needs the extra `files` comes when it is asked for."""
    if name in _ARROW:
        return getattr(importlib.import_module(_ARROW[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


_ARROW = {"enrich_batch": "enrichcore.bulk.arrow_table", "enrich_table": "enrichcore.bulk.frames"}
