"""A suppression list from CSV: what a row lists, and that a broken row is told and stops nothing."""

import csv
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrichcore.bulk import suppression_csv
from enrichcore.bulk.csv_table import MAX_CELL
from enrichcore.bulk.source import Source
from enrichcore.bulk.suppression_csv import BATCH, MAX_FAULTS, ImportReport, RowFault, SuppressionFile
from enrichcore.engine.keys import Keyer
from enrichcore.engine.suppression import Entry
from enrichcore.engine.suppression_index import SuppressionIndex
from enrichcore.errors import ConfigError, StoreError

KEYER = Keyer(b"s" * 32, "default")
Read = Callable[..., tuple[list[tuple[bytes, str]], ImportReport]]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[[bytes], SuppressionFile]]:
    """Opens files of these bytes."""
    sources = []

    def open_file(data: bytes) -> SuppressionFile:
        path = tmp_path / "list.csv"
        path.write_bytes(data)
        sources.append(Source.open(str(path)))
        return SuppressionFile(sources[-1])

    yield open_file
    for source in sources:
        source.close()


@pytest.fixture
def read(opened: Callable[[bytes], SuppressionFile]) -> Read:
    """What a file of these bytes lists, and its report."""

    def read_file(data: bytes, known: SuppressionIndex | None = None) -> tuple[list[tuple[bytes, str]], ImportReport]:
        file = opened(data)
        found = [pair for batch in file.batches(KEYER, index() if known is None else known) for pair in batch]
        return found, file.report

    return read_file


def index(*entries: Entry) -> SuppressionIndex:
    made = SuppressionIndex()
    made.load(pair for entry in entries for pair in entry.hashes(KEYER))
    return made


def hashes(*entries: tuple[str, str]) -> list[tuple[bytes, str]]:
    return [pair for kind, value in entries for pair in Entry(kind, value).hashes(KEYER)]


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.imported, report.duplicates, report.broken, report.blank


ADA = ("email", "ada@engines.example")
PHONE = ("phone", "+12025550143")
SLUG = ("linkedin_id", "ada-l")
NAME = ("name_and_domain", "Ada Lovelace, engines.example")
DOMAIN = ("domain", "engines.example")
OTHER = ("domain", "looms.example")


@pytest.mark.parametrize(
    ("data", "listed"),
    [
        ("email\nADA@engines.example\n", [ADA]),
        ("E-Mail Address,Notes\nada@engines.example,asked to\n", [ADA]),
        ("Notes;Phone Number\nx;+1 202-555-0143\n", [PHONE]),
        ("Mobile\tLinkedIn URL\n+12025550143\thttps://www.linkedin.com/in/Ada-L/\n", [PHONE, SLUG]),
        ("phone|mobile\n+12025550143|+447700900123\n", [PHONE, ("phone", "+447700900123")]),
        ("email,work email\nada@engines.example,a@looms.example\n", [ADA, ("email", "a@looms.example")]),
        ("website\nhttps://www.engines.example/x\n", [DOMAIN]),
        ("First Name,Last Name,Company Domain\nAda,Lovelace,engines.example\n", [NAME]),
        ("last,first,domain,website\nLovelace,Ada,engines.example,n/a\n", [NAME]),
        ("first,last,domain\n,,engines.example\n", [DOMAIN]),
        ("first,last,domain,email\nAda,Lovelace,engines.example,ada@engines.example\n", [ADA, NAME]),
        ("first,last,domain,email\nAda,,engines.example,ada@engines.example\n", [ADA]),
        ("first,last,domain,email\nAda,Lovelace,N/A,ada@engines.example\n", [ADA]),
        ("first,last,domain,email\nAda,Lovelace,gmail.com,ada@gmail.com\n", [("email", "ada@gmail.com")]),
        ("email,domain\nada@engines.example,engines.example\n,looms.example\n", [ADA, OTHER]),
        ("domain,domain\nengines.example,looms.example\n", [DOMAIN, OTHER]),
        ("ada@engines.example\n+12025550143\n", [ADA, PHONE]),
        ("+1 (202) 555-0143", [PHONE]),
        ('\n\n"ada@engines.example"\n', [ADA]),
        ("email\r\nada@engines.example\r\n", [ADA]),
        ("email\rada@engines.example\r", [ADA]),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_lists_what_its_columns_say(read: Read, data: str, listed: list[tuple[str, str]], encoding: str) -> None:
    found, report = read(data.encode(encoding))
    assert found == hashes(*listed)
    assert report.broken == 0
    assert report.entries == len(listed)
    assert report.faults == []


def test_a_domain_beside_a_person_does_not_list_everybody_there(read: Read) -> None:
    _, report = read(b"email,domain\nada@engines.example,engines.example\n,looms.example\nbob@looms.example,\n")
    assert (report.beside, report.imported) == (1, 3)
    assert "put it into a row of its own" in report.sentences()[1]


def test_a_name_with_umlauts_is_listed_in_both_spellings(read: Read) -> None:
    found, report = read("first,last,domain\nJürgen,Müller,engines.example\n".encode("cp1252"))
    assert len(found) == report.entries == 2
    assert report.imported == 1
    assert found == hashes(("name_and_domain", "Jürgen Müller, engines.example"))


def test_what_is_listed_already_is_a_duplicate(read: Read) -> None:
    data = (
        b"email,phone\nada@engines.example,\nADA@ENGINES.example,\nada@engines.example,+12025550143\nbob@x.example,\n"
    )
    found, report = read(data, index(Entry("email", "bob@x.example")))
    assert found == hashes(ADA, PHONE)
    assert counts(report) == (2, 2, 0, 0)
    assert report.rows == 4


def test_nothing_is_imported_beside_a_list_that_could_not_be_read(read: Read) -> None:
    with pytest.raises(StoreError):
        read(b"email\nada@engines.example\n", SuppressionIndex())


BROKEN = [
    ("email,phone\nada,+12025550143\n", "email", "expected an address such as", [PHONE]),
    ("email,phone\nada@engines.example,12\n", "phone", "got text that is no number", [ADA]),
    ("phone\n202 555 0143\n", "phone", "got a number without its country code", []),
    ("phone\n+12025550143; +447700900123\n", "phone", "got more than one number", []),
    ("linkedin\nhttps://www.linkedin.com/company/x\n", "linkedin_id", "got the page of a company", []),
    ("domain\ngmail.com\n", "domain", "got a host of personal mail", []),
    ("domain\nco.uk\n", "domain", "got a public suffix", []),
    ("first,last,domain\nAda,Lovelace,-\n", "name_and_domain", "behind the last comma text that is no domain", []),
    ("first,last,domain\nAda,-,engines.example\n", "name_and_domain", "got no first and last name", []),
    ("first,last,domain\nAda,,engines.example\n", "name_and_domain", "got a part of them", []),
    ("first,last,domain\nAda,Lovelace,\n", "name_and_domain", "got a part of them", []),
    ("email,notes\n,only a note\n", None, "none of the known columns has a value", []),
    ("email,phone\nn/a,NULL\n", None, "none of the known columns has a value", []),
    ("email,phone\nada@engines.example\n", None, "expected 2 cells as in the header, got 1", []),
    ("email\nada@engines.example,x,y\n", None, "expected 1 cells as in the header, got 3", []),
    ("ada@engines.example\nbob\n", "phone", "got text that is no number", [ADA]),
    ("email\nada\0@engines.example\n", "email", "got text with a NUL character", []),
    ("first,last,domain\nA\0da,Lovelace,engines.example\n", "name_and_domain", "a NUL character", []),
    ('email\n=HYPERLINK("https://x.example")\n', "email", "got text that is no address", []),
    ("phone\n=cmd|' /C calc'!A0\n", "phone", "got text that is no number", []),
    ("phone\n@SUM(1+1)*cmd\n", "phone", "got a number with hidden digits", []),
]


@pytest.mark.parametrize(("data", "column", "reason", "listed"), BROKEN)
def test_a_broken_row_is_told_by_line_column_and_reason(
    read: Read, data: str, column: str | None, reason: str, listed: list[tuple[str, str]]
) -> None:
    found, report = read(data.encode())
    assert found == hashes(*listed)
    assert report.broken == 1
    [fault] = report.faults
    assert (fault.line, fault.column) == (2, column)
    assert reason in fault.reason
    for word in data.split("\n", 1)[1].replace(",", " ").split():
        assert len(word) < 4 or word not in fault.reason.partition("got ")[2]


def test_broken_rows_stop_nothing_and_every_one_is_counted(read: Read) -> None:
    rows = "".join(f"broken{i}\n" if i % 3 == 0 else f"p{i}@engines.example\n" for i in range(6000))
    found, report = read(f"email\n{rows}".encode())
    assert len(found) == report.imported == 4000
    assert report.broken == 2000
    assert len(report.faults) == MAX_FAULTS
    assert report.more_faults == 2000 - MAX_FAULTS
    assert [fault.line for fault in report.faults[:3]] == [2, 5, 8]
    told = report.sentences()
    assert told[0] == "6,000 rows: 4,000 imported, 0 listed before, 2,000 broken"
    assert told[1].startswith("line 2, email: expected an address such as ada@engines.example, got text")
    assert told[-1] == "and 1,000 faults more"
    assert len(told) == 1 + MAX_FAULTS + 1


def test_a_row_is_broken_once_however_many_values_are(read: Read) -> None:
    _, report = read(b"email,phone,linkedin\nx,y,\n")
    assert counts(report) == (0, 0, 1, 0)
    assert [fault.column for fault in report.faults] == ["email", "phone"]


def test_a_line_of_the_file_is_named_where_rows_have_several(read: Read) -> None:
    _, report = read(b'email,notes\n\nada@engines.example,"a\nb"\nbroken,x\n,\n')
    assert [fault.line for fault in report.faults] == [5]
    assert counts(report) == (1, 0, 1, 2)


def test_a_quote_left_open_is_told_with_the_lines_that_it_swallowed(read: Read) -> None:
    rows = "".join(f"p{i}@engines.example,\n" for i in range(100))
    found, report = read(f'email,notes\nada@engines.example,x\n"open,\n{rows}'.encode())
    assert found == hashes(ADA)
    assert [str(fault) for fault in report.faults] == [
        "line 3: expected 2 cells as in the header, got 1; the row has 101 lines: is a quote left open?"
    ]
    assert "quote" not in suppression_csv._ragged(2, 1, 19)
    assert suppression_csv._ragged(2, 1, 20).endswith("; the row has 21 lines: is a quote left open?")


def test_a_cell_that_is_too_long_for_csv_breaks_its_row_only(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suppression_csv, "MAX_CELL", 1)
    before = csv.field_size_limit(200)
    try:
        found, report = read(b"email\n" + b"x" * 300 + b"\nada@engines.example\n")
    finally:
        csv.field_size_limit(before)
    assert found == hashes(ADA)
    assert [str(fault) for fault in report.faults] == ["line 2: not readable as CSV; is a quote left open?"]


def test_cells_may_be_as_long_as_in_any_other_file(opened: Callable[[bytes], SuppressionFile]) -> None:
    before = csv.field_size_limit(200)
    try:
        opened(b"email\n")
        assert csv.field_size_limit() == MAX_CELL
        csv.field_size_limit(2 * MAX_CELL)
        opened(b"email\n")
        assert csv.field_size_limit() == 2 * MAX_CELL
    finally:
        csv.field_size_limit(before)


def test_a_megabyte_in_a_cell_is_one_broken_row(read: Read) -> None:
    huge = b"x" * 1_000_000
    found, report = read(
        b"email,phone,linkedin,first,last,domain\n" + b",".join([huge] * 6) + b"\n" + b",,,,,engines.example\n"
    )
    assert found == hashes(DOMAIN)
    assert [fault.column for fault in report.faults] == ["email", "phone", "linkedin_id", "name_and_domain"]
    assert all("1,000,000" in fault.reason or "2,000,00" in fault.reason for fault in report.faults)


def test_ten_thousand_columns_are_read_by_their_names(read: Read) -> None:
    header = ",".join([*(f"c{i}" for i in range(9999)), "email"])
    row = "," * 9999 + "ada@engines.example"
    found, report = read(f"{header}\n{row}\n{row},x\n".encode())
    assert found == hashes(ADA)
    assert [str(f) for f in report.faults] == ["line 3: expected 10,000 cells as in the header, got 10,001"]


def test_bytes_that_are_not_text_are_told_and_not_guessed(read: Read) -> None:
    data = b"first,last,domain\nJ\xc3\xbcrgen,M\xfcller,engines.example\nAda,Lovelace,engines.example\n"
    found, report = read(data)
    assert found == hashes(NAME)
    assert [(f.line, f.reason.rpartition("got ")[2]) for f in report.faults] == [
        (2, "text with bytes that could not be decoded")
    ]
    half = "first,last,domain\nAd\ud800,Lovelace,engines.example\n".encode("utf-16", "surrogatepass")
    assert "could not be decoded" in read(half)[1].faults[0].reason


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", r"list\.csv is empty: expected a header line with columns such as email, phone, linkedin, domain, or "),
        (b"\n \n", "is empty"),
        (b"\xef\xbb\xbf\n\n", "is empty"),
        (
            b"name,company\nAda,Engines\n",
            r"none of the 2 columns of its first line is known\. A suppression list needs",
        ),
        (b"ada@engines.example,bob@engines.example\n", "none of the 2 columns"),
        (b"first_name,last_name\nAda,Lovelace\n", "none of the 2 columns"),
        (b"n/a\nada@engines.example\n", "none of the 1 columns"),
        (b"202 555 0143\n", "one column of nothing but emails and phone numbers with their country codes"),
    ],
)
def test_a_file_without_known_columns_is_refused_without_a_word_of_it(
    opened: Callable[[bytes], SuppressionFile], data: bytes, message: str
) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        opened(data)
    assert not any(word in str(caught.value) for word in ("Ada", "ada@", "Lovelace", "bob", "202"))


def test_a_file_is_read_in_batches_and_can_be_read_again(opened: Callable[[bytes], SuppressionFile]) -> None:
    file = opened(("email\n" + "".join(f"p{i}@engines.example\n" for i in range(BATCH * 2 + 1))).encode())
    for _ in range(2):
        assert [len(batch) for batch in file.batches(KEYER, index())] == [BATCH, BATCH, 1]
        assert file.report.imported == BATCH * 2 + 1
    exact = opened(("email\n" + "".join(f"p{i}@engines.example\n" for i in range(BATCH))).encode())
    assert [len(batch) for batch in exact.batches(KEYER, index())] == [BATCH]


def test_an_import_that_is_cut_short_leaves_the_file_readable(opened: Callable[[bytes], SuppressionFile]) -> None:
    file = opened(("email\n" + "".join(f"p{i}@engines.example\n" for i in range(BATCH * 2))).encode())
    batches = file.batches(KEYER, index())
    next(batches)
    batches.close()
    assert file._source.head().startswith(b"email")


def test_memory_does_not_grow_with_the_file_but_for_the_hashes(
    opened: Callable[[bytes], SuppressionFile],
) -> None:
    def peak(rows: int) -> int:
        file = opened(b"email,notes\n" + b"".join(b"p%d@engines.example,%s\n" % (i, b"x" * 200) for i in range(rows)))
        tracemalloc.start()
        try:
            assert sum(map(len, file.batches(KEYER, index()))) == rows
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(100)
    assert peak(4000) - peak(2000) < 2000 * 100  # half of what the rows themselves take


def test_a_fault_is_a_line_for_people() -> None:
    assert str(RowFault(7, "email", "expected x")) == "line 7, email: expected x"
    assert str(RowFault(7, None, "expected x")) == "line 7: expected x"


@given(st.binary(max_size=400), st.sampled_from([b"email\n", b"email,phone\n", b"first,last,domain\n", b""]))
def test_any_bytes_are_a_list_or_a_clear_refusal(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, header: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(header + data)
    with Source.open(str(path)) as source:
        try:
            file = SuppressionFile(source)
        except ConfigError:
            return
        pairs = [pair for batch in file.batches(KEYER, index()) for pair in batch]
        report = file.report
    assert len(pairs) == len(set(pairs)) == report.entries
    assert len(report.faults) >= report.broken
    assert report.rows == report.imported + report.duplicates + report.broken


CELLS = st.sampled_from(["", "ada@engines.example", "ADA@engines.example", "x", "+12025550143", "engines.example"])


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=12))
def test_every_row_is_imported_a_duplicate_broken_or_blank(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "rows.csv"
    path.write_text("email,phone,domain\n" + "".join(",".join(row) + "\n" for row in rows))
    with Source.open(str(path)) as source:
        file = SuppressionFile(source)
        pairs: list[Any] = [pair for batch in file.batches(KEYER, index()) for pair in batch]
    assert sum(counts(file.report)) == len(rows)
    assert set(pairs) <= set(hashes(ADA, PHONE, DOMAIN))
