"""The people of a file, one after the other: CSV and JSON Lines. A broken row comes as the reason for skipping it."""

import csv
import json
from collections.abc import Generator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TextIO

from enrichcore.errors import ConfigError
from enrichcore_directory.columns import Columns, check_columns, map_columns
from enrichcore_directory.entry import Entry, Reader
from enrichcore_directory.text import Lines, TooLong

Rows = Generator[Entry | str, None, None]
"""Entries, and for every skipped row the reason with its place."""
Given = Mapping[str, tuple[str, ...]]
LONGEST_ROW: Final = 131_072
"""Characters of one CSV row. The module `csv` has a limit too, but it is the whole process's, and others set it."""
DELIMITERS: Final = (",", ";", "\t", "|")
NOBODY: Final = "has neither a name with a company or domain, nor an email, nor a LinkedIn id"


def open_text(path: Path, encoding: str) -> TextIO:
    """The file as text. What is no text in its encoding becomes a replacement mark and so belongs to no key."""
    return path.open(encoding=encoding, errors="replace", newline="")


def csv_rows(path: Path, encoding: str, given: Given) -> Rows:
    """The people of a CSV file with a header.

    A row with too few or too many cells is skipped: a number beside the wrong person is worse than none.

    Raises:
        ConfigError: the header cannot be read, or its columns cannot answer anything.
    """
    delimiter, header = _header(path, encoding, given)
    columns = map_columns(header, given)
    check_columns(str(path), header, columns, given)
    read, width = Reader(columns).read, len(header)
    with open_text(path, encoding) as file:
        lines = Lines(file, LONGEST_ROW)
        reader = csv.reader(lines, delimiter=delimiter)
        header_seen = False
        while True:
            lines.begin()
            first = lines.number + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except TooLong:
                yield f"line {first} runs on for {LONGEST_ROW:,} characters; is a quote left open?"
                continue
            except csv.Error as error:
                yield f"line {first} is not readable as CSV ({error}); is a quote left open?"
                continue
            if not cells or not any(cells):
                continue
            if not header_seen:
                header_seen = True
            elif len(cells) < width or any(cells[width:]):
                yield f"line {first} has {len(cells)} cells, the header has {width}"
            else:
                yield read(cells) or f"line {first} {NOBODY}"


def _header(path: Path, encoding: str, given: Given) -> tuple[str, list[str]]:
    """The delimiter under which the most columns are known, then the most columns; and the header."""
    best: tuple[tuple[int, int], str, list[str]] | None = None
    for delimiter in DELIMITERS:
        with open_text(path, encoding) as file:
            try:
                cells = next(
                    (row for row in csv.reader(Lines(file, LONGEST_ROW), delimiter=delimiter) if any(row)), None
                )
            except (csv.Error, TooLong) as error:
                reason = str(error) or f"it runs on for {LONGEST_ROW:,} characters"
                raise ConfigError(f"{path}: line 1, the header, cannot be read as CSV: {reason}") from None
        if cells is not None:
            score = (len(map_columns(cells, given).places), len(cells))
            if best is None or score > best[0]:
                best = (score, delimiter, cells)
    if best is None:
        raise ConfigError(f"{path} is empty: expected a header line such as first_name,last_name,company,phone")
    return best[1:]


def jsonl_rows(path: Path, encoding: str, given: Given) -> Rows:
    """The people of a file with one JSON object a line; keys mean what column names mean.

    Raises:
        ConfigError: the file is one JSON array, or no object in it could answer anything.
    """
    usable = False
    shapes: dict[str, None] = {}

    @lru_cache(maxsize=256)
    def shape(names: tuple[str, ...]) -> tuple[Columns, Reader]:
        columns = map_columns(names, given)
        return columns, Reader(columns)

    with open_text(path, encoding) as file:
        lines = Lines(file)
        while True:
            lines.begin()
            first = lines.number + 1
            try:
                line = next(lines).strip()
            except StopIteration:
                break
            except TooLong:
                yield f"line {first} is longer than a million characters"
                continue
            if not line:
                continue
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                value = None
            if not isinstance(value, dict):
                if first == 1 and line.startswith("["):
                    raise ConfigError(f"{path} is a JSON array; expected one object a line (jq -c '.[]' writes that)")
                yield f"line {first} is not a JSON object"
                continue
            columns, reader = shape(tuple(value))
            usable = usable or columns.has_phone
            shapes.update(dict.fromkeys(value))
            yield reader.read([_text(v) for v in value.values()]) or f"line {first} {NOBODY}"
    if not usable and shapes:
        names = list(shapes)
        check_columns(str(path), names, map_columns(names, given), given)


def _text(value: Any) -> str:
    """A JSON value as a cell. A list is joined; an object in a list says nothing that could be trusted."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "; ".join(text for item in value if not isinstance(item, list | dict) and (text := _text(item)))
    return str(value) if isinstance(value, int | float) else ""
