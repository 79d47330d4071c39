"""Parquet and XLSX: typed cells are read as text, Parquet comes back with the types that it had."""

import asyncio
import csv
import io
import sys
import tracemalloc
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from enrichcore import AsyncEngine
from enrichcore.bulk import Choice, FileRun, Reading
from enrichcore.bulk.cells import as_text
from enrichcore.errors import ConfigError

Enrich = Callable[..., Any]
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def parquet(columns: dict[str, Any], **options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, **options)
    return sink.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return "<c/>"
    if isinstance(value, bool):
        return f'<c t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f"<c><v>{value}</v></c>"
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def workbook(**sheets: Sequence[Sequence[Any]]) -> bytes:
    """A workbook with these sheets, as a spreadsheet saves it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        parts = "".join(
            f'<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType="{TYPES}.worksheet+xml"/>'
            for i in range(1, len(sheets) + 1)
        )
        archive.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{TYPES}.sheet.main+xml"/>{parts}</Types>',
        )
        package = "http://schemas.openxmlformats.org/package/2006/relationships"
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}"><Relationship Id="r1" Type="{RELATIONS}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        named = "".join(f'<sheet name="{name}" sheetId="{i}" r:id="r{i}"/>' for i, name in enumerate(sheets, 1))
        archive.writestr(
            "xl/workbook.xml", f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{named}</sheets></workbook>'
        )
        linked = "".join(
            f'<Relationship Id="r{i}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{i}.xml"/>'
            for i in range(1, len(sheets) + 1)
        )
        archive.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{package}">{linked}</Relationships>')
        for i, rows in enumerate(sheets.values(), 1):
            lines = "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in rows)
            archive.writestr(
                f"xl/worksheets/sheet{i}.xml", f'<worksheet xmlns="{MAIN}"><sheetData>{lines}</sheetData></worksheet>'
            )
    return file.getvalue()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (7, "7"),
        (7.0, "7"),
        (0.5, "0.5"),
        (1e300, "1e+300"),
        (True, "true"),
        (Decimal("1.50"), "1.50"),
        (date(2026, 11, 25), "2026-11-25"),
        (datetime(2026, 11, 25, 9, 30, tzinfo=UTC), "2026-11-25 09:30:00+00:00"),
        (time(9, 30), "09:30:00"),
        (b"a\xff", "a\ufffd"),
        ("007", "007"),
    ],
)
def test_a_cell_has_one_text(value: object, text: str) -> None:
    assert as_text(value) == text


# --- Parquet ------------------------------------------------------------------------------------------------------

PEOPLE = {
    "id": pa.array([7, 8, None], pa.int64()),
    "email": pa.array(["ada@known.example", "bob@other.example", None]),
    "score": pa.array([Decimal("1.5"), None, Decimal("2.5")], pa.decimal128(5, 1)),
    "seen": pa.array([datetime(2026, 11, 25, tzinfo=UTC)] * 3, pa.timestamp("ms", "UTC")),
    "kind": pa.array(["a", "b", "a"]).dictionary_encode(),
}


def test_parquet_comes_back_with_its_columns_and_typed_results(enrich: Enrich) -> None:
    data = parquet(PEOPLE)
    done = enrich(data, name="in.parquet")
    before, after = pq.read_table(io.BytesIO(data)), pq.read_table(done.out)
    assert after.select(before.column_names).equals(before)
    rows = after.to_pylist()
    assert [row["status"] for row in rows] == ["found", "not_found", "invalid"]
    assert rows[0]["phone"] == "+12025550143"
    assert rows[0]["cost"] == Decimal(0)
    assert rows[0]["cached"] is False
    assert rows[0]["found_at"].tzinfo is not None
    assert rows[0]["do_not_call"] is None
    assert [row["record_id"] for row in rows] == ["7", "8", None]


@pytest.mark.parametrize("rows", [0, 1, 2047, 2048, 2049, 5000])
def test_every_row_comes_out_in_order_whatever_the_batches_are(enrich: Enrich, rows: int) -> None:
    emails = [f"p{i}@{'known' if i % 3 else 'other'}.example" for i in range(rows)]
    data = parquet({"email": pa.array(emails, pa.string()), "n": pa.array(range(rows), pa.int64())}, row_group_size=700)
    done = enrich(data, name="in.parquet")
    table = pq.read_table(done.out)
    assert table["n"].to_pylist() == list(range(rows))
    assert table["status"].to_pylist() == ["found" if i % 3 else "not_found" for i in range(rows)]
    assert done.report.rows == rows


def test_parquet_may_be_written_as_csv_and_sorted(enrich: Enrich) -> None:
    done = enrich(parquet(PEOPLE), name="in.parquet", out="out.csv", choice=Choice(sort_by="-score"))
    rows = done.dicts()
    assert [row["id"] for row in rows] == ["7", "8", ""]
    assert [row["score"] for row in rows] == ["1.5", "", "2.5"]
    assert rows[0]["status"] == "found"
    again = enrich(parquet(PEOPLE), name="in.parquet", out="out.parquet", choice=Choice(sort_by="-score"))
    assert pq.read_table(again.out)["id"].to_pylist() == [7, 8, None]


def test_nested_columns_are_refused_by_name(enrich: Enrich) -> None:
    data = parquet({"email": ["a@known.example"], "tags": [["x"]], "address": [{"city": "Denver"}]})
    with pytest.raises(ConfigError, match=r"nested columns.*'tags', 'address'"):
        enrich(data, name="in.parquet")


@pytest.mark.parametrize("damage", [lambda d: d[:-20], lambda d: d[:200], lambda d: b"PAR1" + b"\0" * 400])
def test_a_damaged_parquet_file_is_said_to_be_one(enrich: Enrich, damage: Callable[[bytes], bytes]) -> None:
    with pytest.raises(ConfigError, match="the Parquet file cannot be read"):
        enrich(damage(parquet(PEOPLE)), name="in.parquet")


def test_text_that_is_called_parquet_is_refused(enrich: Enrich) -> None:
    with pytest.raises(ConfigError, match="is not a Parquet file, whatever its name says"):
        enrich(b"email\nada@known.example\n", name="in.parquet")


def test_parquet_is_found_by_its_content(enrich: Enrich) -> None:
    done = enrich(parquet(PEOPLE), name="in.csv", out="out.parquet")
    assert pq.read_table(done.out).num_rows == 3


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    """Python's own memory, between a file of 3,000 rows and one of 9,000: Arrow reads and writes batch by batch."""

    def peak(rows: int) -> int:
        source = tmp_path / f"{rows}.parquet"
        source.write_bytes(parquet({"record_id": [str(i) for i in range(rows)], "email": [""] * rows}))

        async def work(run: FileRun) -> None:
            async with AsyncEngine(providers=[], store="memory", env={}) as engine:
                await run.enrich(engine, concurrency=20)

        with FileRun(str(source), str(tmp_path / "out.parquet")) as run:
            tracemalloc.start()
            try:
                asyncio.run(work(run))
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

    assert peak(9_000) < peak(3_000) + 1_500_000


# --- XLSX ---------------------------------------------------------------------------------------------------------

SHEET: list[list[Any]] = [
    ["ID", "Full Name", "Company", "E-Mail", "Size"],
    [7, "Ada Lovelace", "Engines", "ada@known.example", 40.5],
    [None, None, None, None, None],
    [8, "Bob Reed", "Mills", "bob@other.example", True],
]


def test_a_workbook_is_read_and_written_as_csv(enrich: Enrich) -> None:
    done = enrich(workbook(People=SHEET), name="in.xlsx", out="out.csv")
    rows = done.dicts()
    assert [row["ID"] for row in rows] == ["7", "8"]
    assert [row["Size"] for row in rows] == ["40.5", "true"]
    assert [row["status"] for row in rows] == ["found", "not_found"]
    assert done.report.blank == 1


def test_a_workbook_may_be_written_as_parquet(enrich: Enrich) -> None:
    table = pq.read_table(enrich(workbook(People=SHEET), name="in.xlsx", out="out.parquet").out)
    assert table["ID"].to_pylist() == ["7", "8"]
    assert table["cached"].to_pylist() == [False, False]


def test_only_the_first_sheet_with_rows_is_read_and_that_is_said(enrich: Enrich) -> None:
    done = enrich(workbook(Empty=[], People=[[], *SHEET], Notes=[["x"]]), name="in.xlsx", out="out.csv")
    assert [row["ID"] for row in done.dicts()] == ["7", "8"]
    assert any("only the sheet 'People' is read, not 'Notes'" in note for note in done.notes)


def test_cells_that_look_like_formulas_come_out_as_they_are(enrich: Enrich) -> None:
    done = enrich(workbook(A=[["email", "note"], ["ada@known.example", "=1+1"]]), name="in.xlsx", out="out.csv")
    names, values = csv.reader(io.StringIO(done.data.decode()))
    assert dict(zip(names, values, strict=True))["note"] == "=1+1"


def _zip(**files: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "needle"),
    [
        (_zip(people=b"email\nada@known.example\n"), "is a zip archive but no Excel workbook"),
        (workbook(A=SHEET)[:300], "is a zip archive that is cut off or broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "an old Excel workbook, or one with a password"),
        (workbook(A=[], B=[]), "has no sheet with rows"),
        (workbook(A=[["Name", "Phone"], ["Ada", 1]]), "no usable columns"),
        (b"email\nada@known.example\n", "whatever its name says"),
        (b"", "is empty: expected an Excel workbook"),
    ],
)
def test_what_is_no_workbook_is_refused_before_anything_is_written(
    enrich: Enrich, tmp_path: Path, data: bytes, needle: str
) -> None:
    with pytest.raises(ConfigError, match=needle):
        enrich(data, name="in.xlsx", out="out.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["in.xlsx"]


def test_an_archive_that_would_fill_the_memory_is_refused(enrich: Enrich, monkeypatch: pytest.MonkeyPatch) -> None:
    from enrichcore.bulk import xlsx_table

    monkeypatch.setattr(xlsx_table, "_MOST", 1000)
    with pytest.raises(ConfigError, match="GB once it is unpacked"):
        enrich(workbook(A=SHEET), name="in.xlsx", out="out.csv")


@pytest.mark.parametrize(
    ("name", "out", "needle"),
    [
        ("in.xlsx", "out.xlsx", "an input that is xlsx is written as csv or parquet"),
        ("in.xlsx", "out.jsonl", "call the output .csv or .parquet"),
        ("in.parquet", "out.jsonl", "an input that is parquet is written as parquet or csv"),
    ],
)
def test_an_output_that_cannot_be_written_from_this_input_is_refused(
    enrich: Enrich, name: str, out: str, needle: str
) -> None:
    data = workbook(A=SHEET) if name == "in.xlsx" else parquet(PEOPLE)
    with pytest.raises(ConfigError, match=needle):
        enrich(data, name=name, out=out)


def test_a_format_that_the_content_contradicts_is_refused(enrich: Enrich) -> None:
    with pytest.raises(ConfigError, match="is not csv: its content is an Excel workbook"):
        enrich(workbook(A=SHEET), name="in.xlsx", out="out.csv", format="csv")


def test_ids_of_typed_columns_take_a_namespace(enrich: Enrich) -> None:
    done = enrich(parquet(PEOPLE), name="in.parquet", out="out.csv", reading=Reading(namespace="crm"))
    assert [row["record_id"] for row in done.dicts()] == ["crm:7", "crm:8", ""]


@pytest.mark.parametrize(
    ("module", "name", "out"),
    [
        ("pyarrow", "in.parquet", "out.parquet"),
        ("python_calamine", "in.xlsx", "out.csv"),
        ("pyarrow", "in.xlsx", "out.parquet"),
    ],
)
def test_a_library_that_is_not_installed_is_named_with_what_brings_it(
    enrich: Enrich, monkeypatch: pytest.MonkeyPatch, module: str, name: str, out: str
) -> None:
    data = workbook(A=SHEET) if name == "in.xlsx" else parquet(PEOPLE)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ConfigError, match=rf"{module}, which is not installed: pip install 'enrichcore\[files\]'"):
        enrich(data, name=name, out=out)


def test_whole_names_need_their_library_only_where_nothing_else_would_do(
    enrich: Enrich, monkeypatch: pytest.MonkeyPatch
) -> None:
    from enrichcore.bulk import names

    monkeypatch.setattr(names, "has_parser", lambda: False)
    names.split_name.cache_clear()
    with pytest.raises(ConfigError, match="whole names, which nameparser splits"):
        enrich(b"Full Name,Company\nAda Lovelace,Engines\n")
    assert enrich(b"Full Name,Email\nAda Lovelace,ada@known.example\n").dicts()[0]["status"] == "found"
    names.split_name.cache_clear()
