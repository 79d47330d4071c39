"""CSV files: what goes in comes out, with the results beside it."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from enrichcore.bulk import FileRun
from enrichcore.bulk.csv_table import CsvTable
from enrichcore.bulk.table import Row
from enrichcore.errors import ConfigError

Enrich = Callable[..., Any]
RESULTS = ["phone", "status", "reason", "provider", "method", "line_type", "cost", "cached", "found_at", "do_not_call"]
GOOD = b"record_id,email\n1,ada@known.example\n2,bob@other.example\n"


def test_every_row_comes_out_once_in_order_with_its_results(enrich: Enrich) -> None:
    done = enrich(GOOD)
    header, ada, bob = done.rows()
    assert header == ["record_id", "email", *RESULTS]
    found_at = ada[2:][RESULTS.index("found_at")]
    assert datetime.fromisoformat(found_at).tzinfo is UTC
    words = ["+12025550143", "found", "", "phonebook", "email", "unknown", "0", "no", found_at, ""]
    assert ada == ["1", "ada@known.example", *words]
    assert bob == ["2", "bob@other.example", "", "not_found", "", "", "", "", "0", "no", "", ""]
    assert done.report.rows == 2
    assert done.report.fill_rate == 0.5
    assert done.report.providers["phonebook"].asked == 2
    assert done.report.providers["phonebook"].hits == 1


def test_order_holds_for_thousands_of_rows_and_a_small_pool(enrich: Enrich) -> None:
    rng = random.Random(7)
    ids = [str(rng.randrange(10**9)) for _ in range(3000)]
    data = "record_id,email\n" + "".join(f"{i},p{i}@{rng.choice(['known', 'other'])}.example\n" for i in ids)
    done = enrich(data.encode(), concurrency=7)
    assert [row["record_id"] for row in done.dicts()] == ids
    assert all(row["status"] == ("found" if "known" in row["email"] else "not_found") for row in done.dicts())


def test_input_cells_come_back_unchanged_whatever_is_in_them(enrich: Enrich) -> None:
    cells = [
        "=cmd()",
        "+44",
        "two\nlines",
        'say "hi"',
        " spaced ",
        "a,b",
        "\u202e\u05d0\u05d1",
        "🦊",
        "nul\0",
        "cr\rcr",
        "",
    ]
    header = ",".join(f"c{i}" for i in range(len(cells)))
    quoted = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    done = enrich(f"email,{header}\r\nada@known.example,{quoted}\r\n".encode())
    row = done.rows()[1]
    assert row[1 : 1 + len(cells)] == cells
    assert row[2 + len(cells)] == "found"


def test_a_file_without_ids_gets_a_column_with_the_ids_that_explain_takes(enrich: Enrich) -> None:
    done = enrich(b"email\nada@known.example\n")
    assert done.rows()[0] == ["email", *RESULTS, "record_id"]
    assert done.rows()[1][-1].startswith("p-")


@pytest.mark.parametrize(("delimiter", "name"), [(",", "in.csv"), (";", "in.csv"), ("\t", "in.tsv"), ("|", "in.txt")])
def test_the_delimiter_is_found_and_kept(enrich: Enrich, delimiter: str, name: str) -> None:
    data = f'note, with comma{delimiter}email\n"x{delimiter}y"{delimiter}ada@known.example\n'
    if delimiter == ",":
        data = 'note,email\n"x,y",ada@known.example\n'
    done = enrich(data.encode(), name=name)
    row = done.rows(delimiter)[1]
    assert row[:2] == [f"x{delimiter}y", "ada@known.example"]
    assert row[3] == "found"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_stay_what_they_were(enrich: Enrich, end: str) -> None:
    done = enrich(f"email{end}ada@known.example{end}".encode())
    assert done.data.decode().endswith("," + done.rows()[1][-1] + end)
    assert done.report.rows == 1


def test_a_byte_order_mark_is_read_dropped_and_said(enrich: Enrich) -> None:
    done = enrich(b"\xef\xbb\xbf" + GOOD)
    assert done.data.startswith(b"record_id,")
    assert any("byte order mark" in note for note in done.notes)


def test_windows_1252_is_recognised_and_becomes_utf_8(enrich: Enrich) -> None:
    done = enrich("email,name\nada@known.example,Zoë Müller €\n".encode("cp1252"))
    assert done.rows()[1][1] == "Zoë Müller €"
    assert any("Windows-1252" in note for note in done.notes)


def test_utf_16_from_a_spreadsheet_is_read(enrich: Enrich) -> None:
    done = enrich("email\tname\nada@known.example\tZoë\n".encode("utf-16"))
    assert done.rows("\t")[1][:3] == ["ada@known.example", "Zoë", "+12025550143"]


def test_a_broken_byte_in_a_utf_8_file_survives_and_harms_only_its_own_row(enrich: Enrich) -> None:
    good = "ada@known.example,Zoë\n".encode()
    done = enrich(b"email,name\n" + good + b"bob@known.example,\xff\n" + b"c\xff@known.example,x\n")
    lines = done.data.splitlines()
    assert lines[1].startswith("ada@known.example,Zoë,+12025550143,found,".encode())
    assert lines[2].startswith(b"bob@known.example,\xff,+12025550143,found,")
    assert lines[3].startswith(b"c\xff@known.example,x,,invalid,")


def test_ragged_rows_are_invalid_and_nothing_of_them_is_lost(enrich: Enrich) -> None:
    done = enrich(b"record_id,email\n1\n2,ada@known.example,extra,more\n3,bob@known.example\n")
    rows = done.rows()
    assert rows[1][:5] == ["1", "", "", "invalid", "line 2: expected 2 cells as in the header, got 1"]
    assert rows[2][:4] == ["2", "ada@known.example", "", "invalid"]
    assert rows[2][2 + len(RESULTS) :] == ["extra", "more"]
    assert rows[3][3] == "found"
    assert done.asked == ["bob@known.example"]


def test_bad_rows_are_invalid_with_a_reason_and_stop_nothing(enrich: Enrich) -> None:
    big = "x" * 3_000_000
    data = (
        "record_id,email,note\n"
        f"{'i' * 10_000},ada@known.example,too long an id\n"
        "2,,no data\n"
        "3,a\0da@known.example,nul\n"
        f"4,{big},a field of 3 MB\n"
        f"5,bob@known.example,{big}\n"
        '6,"Zoë 🦊 \u05d0\u05d1",not an email\n'
    )
    rows = enrich(data.encode()).dicts()
    assert [row["status"] for row in rows] == ["invalid", "invalid", "invalid", "invalid", "found", "invalid"]
    assert "at most 1,024 characters, got 10,000" in rows[0]["reason"]
    assert "insufficient_data" in rows[1]["reason"]
    assert "NUL" in rows[2]["reason"]
    assert "email" in rows[3]["reason"]
    assert rows[4]["note"] == big


def test_a_quote_left_open_costs_the_rows_it_swallowed_and_says_so(enrich: Enrich) -> None:
    swallowed = "".join(f"{i},p{i}@known.example\n" for i in range(50))
    done = enrich(f'record_id,email\n1,ada@known.example\n2,"bob@known.example\n{swallowed}'.encode())
    rows = done.dicts()
    assert [row["status"] for row in rows] == ["found", "invalid"]
    assert done.report.rows == 2


def test_rows_are_read_only_a_window_ahead_of_what_is_written(enrich: Enrich, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is constant: a file of any length holds no more rows than the engine's window."""
    read = written = widest = 0
    whole = CsvTable.rows

    def rows(table: CsvTable) -> Iterator[Row]:
        nonlocal read, widest
        read = widest = 0  # a quick pass over the ids comes first
        for row in whole(table):
            read += 1
            widest = max(widest, read - written)
            yield row

    def count(_: object) -> None:
        nonlocal written
        written += 1

    monkeypatch.setattr(CsvTable, "rows", rows)
    data = "record_id,email\n" + "".join(f"{i},p{i}@known.example\n" for i in range(5000))
    enrich(data.encode(), concurrency=5, on_result=count)
    assert written == 5000
    assert widest <= 1100


def test_blank_lines_are_passed_over_and_counted(enrich: Enrich) -> None:
    done = enrich(b"\nemail,note\n\nada@known.example,x\n\n")
    assert done.report.rows == 1
    assert done.report.blank == 2


def test_a_name_that_the_input_has_already_gets_a_prefix_and_that_is_said(enrich: Enrich) -> None:
    """`Phone` and `phone` are two names to us, and one to most of what the file is imported into."""
    done = enrich(b"email,status,Phone\nada@known.example,customer,none\n")
    assert done.rows()[0][:5] == ["email", "status", "Phone", "enrichcore_phone", "enrichcore_status"]
    assert done.rows()[1][:5] == ["ada@known.example", "customer", "none", "+12025550143", "found"]
    assert any("status → enrichcore_status" in note for note in done.notes)


def test_a_prefix_goes_before_every_result_column(enrich: Enrich) -> None:
    done = enrich(GOOD, prefix="new_")
    assert done.rows()[0][2:] == [f"new_{name}" for name in RESULTS]


def test_a_header_alone_gives_a_header_alone(enrich: Enrich) -> None:
    done = enrich(b"record_id,email\n")
    assert done.rows() == [["record_id", "email", *RESULTS]]
    assert done.report.fill_rate is None


def test_duplicate_header_names_stay_two_columns(enrich: Enrich) -> None:
    done = enrich(b"email,email\nada@known.example,bob@other.example\n")
    assert done.rows()[1][:3] == ["ada@known.example", "bob@other.example", "+12025550143"]


@pytest.mark.parametrize(
    ("data", "needle"),
    [
        (b"", "is empty"),
        (b"name,phone\nAda,1\n", "no usable columns"),
        (b"PK\x03\x04rest", "zip archive that is cut off"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_before_anything_is_written(
    enrich: Enrich, tmp_path: Path, data: bytes, needle: str
) -> None:
    with pytest.raises(ConfigError, match=needle):
        enrich(data)
    assert [p.name for p in tmp_path.iterdir()] == ["in.csv"]


def test_an_unusable_header_is_answered_with_what_was_seen_and_what_is_needed(enrich: Enrich) -> None:
    with pytest.raises(ConfigError) as caught:
        enrich(b"Full Name;Phone\nAda Lovelace;1\n")
    for part in ("'Full Name'", "'Phone'", "first_name + last_name", "linkedin_id", "email"):
        assert part in str(caught.value)


def test_the_input_can_be_counted_before_it_is_read(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes(b'email,note\na@known.example,"two\nlines"\nb@known.example,x\n')
    with FileRun(str(source), str(tmp_path / "out.csv")) as run:
        assert run.count() == 2
