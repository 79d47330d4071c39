"""Files in, files out: every row of a CSV or JSONL file enriched, in constant memory and with an atomic output."""

from enrichcore.bulk.columns import NEEDED, RESULT_COLUMNS, map_columns
from enrichcore.bulk.report import Report, Tally
from enrichcore.bulk.run import FileRun

__all__ = ["NEEDED", "RESULT_COLUMNS", "FileRun", "Report", "Tally", "map_columns"]
