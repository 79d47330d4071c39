"""The input: how it is encoded, which format it has, and where it may come from."""

import csv
import io
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

from enrichcore.bulk import RESULT_COLUMNS, csv_table
from enrichcore.bulk.output import Output, OutputError
from enrichcore.bulk.source import Source, format_of_name
from enrichcore.errors import ConfigError

Enrich = Callable[..., Any]
ROWS = "email,name\nada@known.example,Zoë\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"", "utf-8"),
        (b"email\n", "utf-8"),
        (ROWS.encode(), "utf-8"),
        (ROWS.encode("utf-8-sig"), "utf-8-sig"),
        (ROWS.encode("utf-16"), "utf-16"),
        (ROWS.encode("utf-16-le"), "utf-16-le"),
        (ROWS.encode("utf-16-be"), "utf-16-be"),
        (ROWS.encode("cp1252"), "cp1252"),
        ("名前,email\n".encode("utf-16-le") + ROWS.encode("utf-16-le"), "utf-16-le"),
        (b"email,name\nada@known.example,a\0b\n", "utf-8"),
        (b"email,name\n" + b"\0" * 3000, "utf-8"),
        (b"\0" * 4096, "utf-8"),
        (b"\0", "utf-8"),
        (ROWS.encode() + b"\xff\n", "utf-8"),
        (b"a\x81\n", "utf-8"),  # no character in Windows-1252
    ],
)
def test_the_encoding_is_found(tmp_path: Path, data: bytes, encoding: str) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes(data)
    with Source.open(str(path)) as source:
        assert source.encoding == encoding
        assert (source.notes == []) is (encoding == "utf-8" and not {0xFF, 0x81} & set(data))


def test_a_character_that_two_blocks_share_is_read_as_one(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes(b"x" * ((1 << 20) - 1) + "ë".encode() + b"\n")
    with Source.open(str(path)) as source:
        assert source.encoding == "utf-8"
        assert source.notes == []


@pytest.mark.parametrize(
    ("name", "format_"),
    [
        ("a.csv", "csv"), ("a.TSV", "csv"), ("a.tab", "csv"), ("a.jsonl", "jsonl"), ("a.ndjson", "jsonl"),
        ("a.xlsx", "xlsx"), ("a.csv.gz", "gz"), ("a.parquet", "parquet"),
        ("a", None), ("a.txt", None), ("a.json", None), ("csv", None), ("-", None),
    ],
)  # fmt: skip
def test_a_name_promises_a_format_or_nothing(name: str, format_: str | None) -> None:
    assert format_of_name(name) == format_


@pytest.mark.parametrize(
    ("magic", "kind"),
    [
        (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
        (b"\x1f\x8b", "gzip-compressed"),
        (b"%PDF", "a PDF"),
    ],
)
def test_what_is_something_else_is_called_by_its_name(tmp_path: Path, magic: bytes, kind: str) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes(magic + b"rest")
    with Source.open(str(path)) as source, pytest.raises(ConfigError, match=f"is {kind}"):
        source.format(None)


def test_standard_input_can_be_read_more_than_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(ROWS.encode())))
    with Source.open("-") as source:
        assert source.name == "standard input"
        for _ in range(2):
            text = source.text()
            assert list(text) == ROWS.splitlines(keepends=True)
            text.release()


def test_a_named_pipe_is_an_input(tmp_path: Path, enrich: Enrich, require: Callable[[str], NoReturn]) -> None:
    if not hasattr(os, "mkfifo"):
        require("os.mkfifo")
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_text(ROWS))
    writer.start()
    with Source.open(str(pipe)) as source:
        assert source.format(None) == "csv"
        text = source.text()
        assert "".join(text) == ROWS
        text.release()
    writer.join()


def test_a_disk_that_is_full_is_said_with_what_to_do(require: Callable[[str], NoReturn]) -> None:
    if not Path("/dev/full").exists():
        require("/dev/full")
    with Output("/dev/full") as output:
        output.write(b"x")
        with pytest.raises(OutputError, match="make room and run the same command again"):
            output.commit()


@pytest.mark.parametrize("name", ["in.csv", "in.jsonl"])
def test_ids_derived_for_some_rows_are_in_a_column_of_their_own(enrich: Enrich, name: str) -> None:
    """The rows that have an id keep it, and the input's own column stays as it is."""
    if name == "in.csv":
        data = "ID,email\n7,ada@known.example\n ,bea@known.example\n,\n"
        done = enrich(data.encode(), name=name)
        rows = done.dicts()
        assert [row["ID"] for row in rows] == ["7", " ", ""]
        assert [bool(row["record_id"]) for row in rows] == [True, True, False]
        assert rows[0]["record_id"] == "7"
        assert rows[1]["record_id"].startswith("p-")
        assert "some rows have no id: those derived for them are in record_id" in done.notes
    else:
        data = '{"ID": 7, "email": "ada@known.example"}\n{"ID": null, "email": "bea@known.example"}\n'
        lines = enrich(data.encode(), name=name).data.splitlines()
        assert b"record_id" not in lines[0]
        assert b'"record_id": "p-' in lines[1]


@pytest.mark.parametrize(
    "data", ["id,email\n1,ada@known.example\n,\n", "id,email\n1,ada@known.example\n2\n\n3,x@known.example\n"]
)
def test_rows_without_anything_or_that_are_broken_need_no_id(enrich: Enrich, data: str) -> None:
    done = enrich(data.encode())
    assert done.rows()[0] == ["id", "email", *RESULT_COLUMNS]
    assert done.report.blank == data.count("\n\n")


def test_a_cell_beyond_all_bounds_costs_the_rows_it_swallowed_and_nothing_of_it_is_lost(
    enrich: Enrich, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_table, "MAX_CELL", 1000)
    limit = csv.field_size_limit(1000)
    try:
        big = "x" * 2000
        data = f"record_id,email,note\n1,ada@known.example,{big}\n2,bea@known.example,y\n"
        lines = enrich(data.encode()).data.decode().splitlines()
    finally:
        csv.field_size_limit(limit)
    assert big in lines[1]
    assert "invalid" in lines[1]
    assert "line 2: not readable as CSV (field larger than field limit" in lines[1]
    assert lines[2].startswith("2,bea@known.example,y,+12025550143,found")
