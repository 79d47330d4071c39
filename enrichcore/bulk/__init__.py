"""Files in, files out: every row of a table enriched, in constant memory and with an atomic output."""

from enrichcore.bulk.choice import Choice, Condition
from enrichcore.bulk.columns import NEEDED, RESULT_COLUMNS, Reading, map_columns
from enrichcore.bulk.report import Report, Tally
from enrichcore.bulk.run import FileRun

__all__ = ["NEEDED", "RESULT_COLUMNS", "Choice", "Condition", "FileRun", "Reading", "Report", "Tally", "map_columns"]
