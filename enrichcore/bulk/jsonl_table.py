"""JSONL: one object per line, written back byte for byte with the results added before its closing brace."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from enrichcore.bulk.columns import TRUE_OR_FALSE, Reading, columns_of, contact_of, result_names, unknown_columns
from enrichcore.bulk.mapping import listed, mapping_notes, moved_note
from enrichcore.bulk.output import Output
from enrichcore.bulk.source import Source
from enrichcore.bulk.table import Lines, Row, Values, to_bytes


class JsonlTable:
    """A file of JSON objects, one per line."""

    def __init__(self, source: Source, reading: Reading | None = None) -> None:
        self._source = source
        self._reading = how = reading or Reading()
        self._prefix = how.prefix
        self.notes: list[str] = []
        self.names: tuple[str, ...] | None = None
        self.blank = 0
        for row in self.rows():
            if row.fault is None:
                if lost := unknown_columns(row.keys, how.given):
                    self.notes.append(f"the first object has no {listed(lost)}")
                self.notes += mapping_notes(row.keys, columns_of(row.keys, how.given))
                self.notes += moved_note(self._names(row), how.prefix, "keys")
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
                    keys, given = tuple(values), self._reading
                    yield Row(
                        contact=contact_of(keys, values, given),
                        cells=[raw],
                        line=line,
                        keys=keys,
                        values=list(values.values()),
                        phone=columns_of(keys, given.given).has_phone(list(values.values())),
                    )
        finally:
            text.release()

    def head(self) -> bytes:
        """Nothing."""
        return b""

    def line(self, row: Row, values: Values) -> bytes:
        """The object as it was written, with the results as its last keys; a bad line inside an object of ours."""
        raw = row.cells[0]
        if row.fault is not None:
            names = result_names((), with_record_id=False, prefix=self._prefix)
            broken = {"line": row.line, "raw": raw}
            return to_bytes(json.dumps(broken | _added(names, values)) + "\n")
        added = _added(self._names(row), values)
        glue = ", " if row.keys else ""
        return to_bytes(raw[:-1].rstrip() + glue + json.dumps(added, ensure_ascii=False)[1:] + "\n")

    def writer(self, output: Output) -> Lines:
        """What writes lines of JSON."""
        return Lines(self, output)

    def _names(self, row: Row) -> Mapping[str, str]:
        own = row.contact.get("record_id")
        lacks_id = own is None or (isinstance(own, str) and not own.strip()) or self._reading.namespace is not None
        return result_names(row.keys, with_record_id=lacks_id, prefix=self._prefix)

    @staticmethod
    def _read(raw: str) -> dict[str, Any]:
        values = json.loads(raw)
        if not isinstance(values, dict):
            raise TypeError(f"expected an object, got {_KINDS.get(type(values), 'null')}")
        return values


def _added(names: Mapping[str, str], values: Values) -> dict[str, Any]:
    """The results under their names; what is true or false is so in JSON."""
    return {
        name: values.get(column) if column not in TRUE_OR_FALSE else _TRUTH.get(values.get(column) or "")
        for column, name in names.items()
    }


_TRUTH = {"yes": True, "no": False}
_KINDS = {str: "text", int: "a number", float: "a number", list: "an array", bool: "true or false"}


def _why(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON: {error.msg} at column {error.colno}"
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)
