"""JSONL: one object per line, written back byte for byte with the results added before its closing brace."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from enrichcore.bulk.columns import contact_of, result_names, result_values
from enrichcore.bulk.source import Source
from enrichcore.bulk.table import Row, to_bytes
from enrichcore.model import PhoneResult


class JsonlTable:
    """A file of JSON objects, one per line."""

    def __init__(self, source: Source, *, prefix: str = "") -> None:
        self._source = source
        self._prefix = prefix
        self.notes: list[str] = []
        self.blank = 0
        for row in self.rows():
            if row.fault is None:
                names = self._names(row)
                moved = [f"{column} → {name}" for column, name in names.items() if name != prefix + column]
                if moved:
                    self.notes.append(
                        f"the input already has these keys, so the results are called: {', '.join(moved)}"
                    )
            break
        self.blank = 0

    def rows(self) -> Iterator[Row]:
        """Every line that is not blank."""
        text = self._source.text()
        try:
            while True:
                text.begin()
                if next(text, None) is None:
                    return
                raw = text.raw().strip()
                if not raw:
                    self.blank += 1
                    continue
                line = text.line
                try:
                    values = self._read(raw)
                except (ValueError, TypeError, RecursionError) as error:
                    fault = f"line {line}: {_why(error)}"
                    yield Row(contact={}, cells=[raw], line=line, fault=fault)
                else:
                    keys = tuple(values)
                    yield Row(contact=contact_of(keys, values), cells=[raw], line=line, keys=keys)
        finally:
            text.release()

    def head(self) -> bytes:
        """Nothing."""
        return b""

    def line(self, row: Row, result: PhoneResult) -> bytes:
        """The object as it was written, with the results as its last keys; a bad line inside an object of ours."""
        raw = row.cells[0]
        if row.fault is not None:
            names = result_names((), with_record_id=False, prefix=self._prefix)
            broken = {"line": row.line, "raw": raw}
            added = {names[column]: value for column, value in result_values(result, names).items()}
            return to_bytes(json.dumps(broken | added) + "\n")
        names = self._names(row)
        added = {names[column]: value for column, value in result_values(result, names).items()}
        glue = ", " if row.keys else ""
        return to_bytes(raw[:-1].rstrip() + glue + json.dumps(added, ensure_ascii=False)[1:] + "\n")

    def _names(self, row: Row) -> Mapping[str, str]:
        own = row.contact.get("record_id")
        lacks_id = own is None or (isinstance(own, str) and not own.strip())
        return result_names(row.keys, with_record_id=lacks_id, prefix=self._prefix)

    @staticmethod
    def _read(raw: str) -> dict[str, Any]:
        values = json.loads(raw)
        if not isinstance(values, dict):
            raise TypeError(f"expected an object, got {_KINDS.get(type(values), 'null')}")
        return values


_KINDS = {str: "text", int: "a number", float: "a number", list: "an array", bool: "true or false"}


def _why(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON: {error.msg} at column {error.colno}"
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)
