"""A corpus of nasty inputs: each is refused with a message, or every row of it comes out with the documented status."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from enrichcore.errors import ConfigError

Enrich = Callable[..., Any]
HEAD = "record_id,email,note\n"
ADA, BOB = "1,ada@known.example,x\n", "2,bob@other.example,y\n"
F, N, X, S = "found", "not_found", "invalid", "skipped"
MAC = "record_id,email\r1,ada@known.example\r2,bob@other.example\r"

TEXT: dict[str, tuple[str | bytes, list[str]]] = {
    "a first line for spreadsheets": ("sep=;\r\nrecord_id;email\r\n1;ada@known.example\r\n", [F]),
    "a first line for spreadsheets, in UTF-16": ("sep=;\nrecord_id;email\n1;ada@known.example\n".encode("utf-16"), [F]),
    "a first line for spreadsheets, and nothing else said": ("sep=#\nemail#note\nada@known.example#a;b\n", [F]),
    # encodings
    "a byte order mark": ("\ufeff" + HEAD + ADA, [F]),
    "two byte order marks": ("\ufeff\ufeffemail,note\nada@known.example,x\n", [F]),
    "UTF-16 with a mark": ((HEAD + ADA).encode("utf-16"), [F]),
    "UTF-16 little-endian without a mark": ((HEAD + ADA).encode("utf-16-le"), [F]),
    "UTF-16 big-endian without a mark": ((HEAD + ADA).encode("utf-16-be"), [F]),
    "UTF-16 cut off in the middle of a character": ((HEAD + ADA + BOB).encode("utf-16")[:-3], [F, N]),
    "Windows-1252": ((HEAD + "1,ada@known.example,Zoë €\n").encode("cp1252"), [F]),
    "Latin-1 in the last byte": ((HEAD + ADA + "2,bob@other.example,é").encode("latin-1"), [F, N]),
    "one bad byte in UTF-8, in a note": ((HEAD + "1,ada@known.example,é").encode() + b"\xff\n", [F]),
    "one bad byte in UTF-8, in an email": ((HEAD + "1,é@x.example,é\n2,a").encode() + b"\xff@known.example,\n", [N, X]),
    "a lone surrogate in UTF-8": (HEAD.encode() + b"1,ada@known.example,\xed\xa0\x80\xc3\xa9\n", [F]),
    "an overlong NUL": (HEAD.encode() + b"1,ada@known.example,\xc0\x80\xc3\xa9\n", [F]),
    "NUL in a note": (HEAD + "1,ada@known.example,a\0b\n", [F]),
    "NUL in an email": (HEAD + "1,a\0da@known.example,\n", [X]),
    "NUL at the end, as of a copied disk image": (HEAD + ADA + "\0" * 64, [F, X]),
    "control characters": (HEAD + "1,ada@known.example,\x01\x02\x1b[31m\n", [F]),
    "a form feed between rows": (HEAD + ADA + "\x0c\n" + BOB, [F, X, N]),
    "the end-of-file mark of old systems": (HEAD + ADA + "\x1a", [F, X]),
    "right-to-left marks": (HEAD + "1,ada@known.example,\u202eabc\n", [F]),
    "zero-width spaces around an email": (HEAD + "1,\u200bada@known.example\u200b,\n", [X]),
    "a no-break space around an email": (HEAD + "1,\u00a0ada@known.example\u00a0,\n", [F]),
    "line separators of Unicode in a note": (HEAD + "1,ada@known.example,a\u2028b\u2029c\x85d\n", [F]),
    "emoji of many parts": (HEAD + "1,ada@known.example,👩‍👩‍👧‍👦\n", [F]),
    # dialects
    "semicolons": ((HEAD + ADA).replace(",", ";"), [F]),
    "tabs": ((HEAD + ADA).replace(",", "\t"), [F]),
    "pipes": ((HEAD + ADA).replace(",", "|"), [F]),
    "semicolons with commas in the cells": ('record_id;email;note\n1;ada@known.example;"a, b, c, d"\n', [F]),
    "old Mac line ends": (MAC, [F, N]),
    "Windows line ends": ((HEAD + ADA + BOB).replace("\n", "\r\n"), [F, N]),
    "mixed line ends": ("record_id,email\r\n1,ada@known.example\n2,bob@other.example\r\n", [F, N]),
    "no line end at the end": ((HEAD + ADA).rstrip(), [F]),
    "many line ends at the end": (HEAD + ADA + "\n" * 50, [F]),
    "blank lines before the header": ("\n\n\n" + HEAD + ADA, [F]),
    "blank lines everywhere": ("\n" + HEAD + "\n\n" + ADA + "\n" + BOB, [F, N]),
    "everything quoted": ('"record_id","email","note"\n"1","ada@known.example","x"\n', [F]),
    "quotes inside quotes": (HEAD + '1,ada@known.example,"say ""hi"", twice"\n', [F]),
    "a quote in the middle of a cell": (HEAD + '1,ada@known.example,5" disk\n' + BOB, [F, N]),
    "newlines in quotes": (HEAD + '1,ada@known.example,"a\nb\r\nc"\n' + BOB, [F, N]),
    "a quote that is never closed": (HEAD + ADA + '2,bob@other.example,"y\n' + BOB * 30, [F, N]),
    "a quote that is never closed, in the id": (HEAD + ADA + '"2,bob@other.example,y\n' + BOB * 30, [F, X]),
    "text after a closing quote": (HEAD + '1,"ada@known.example"x,\n' + BOB, [N, N]),
    "spaces after the delimiter": ("record_id, email\n1, ada@known.example\n", [F]),
    # columns and cells
    "a header and nothing else": (HEAD, []),
    "a header without a line end": (HEAD.rstrip(), []),
    "one column": ("email\nada@known.example\nbob@other.example\n", [F, N]),
    "two columns of one name": ("email,email\nada@known.example,bob@other.example\n", [F]),
    "columns without a name": ("email,,\nada@known.example,a,b\n", [F]),
    "a name of 10,000 characters": (f"email,{'n' * 10_000}\nada@known.example,x\n", [F]),
    "5,000 columns": ("email" + ",c" * 5000 + "\nada@known.example" + "," * 5000 + "\n", [F]),
    "too few cells": (HEAD + "1,ada@known.example\n" + BOB, [X, N]),
    "too many cells": (HEAD + "1,ada@known.example,x,y,z\n" + BOB, [X, N]),
    "a delimiter at the end of each row but not of the header": (HEAD + "1,ada@known.example,x,\n", [X]),
    "the header again in the middle": (HEAD + ADA + HEAD + BOB, [F, X, N]),
    "a total below the table": (HEAD + ADA + "Total,1,\n", [F, X]),
    "cells of nothing but spaces": (HEAD + "1,   ,\t\n", [X]),
    "words for nothing": (HEAD + "1,n/a,\n2,NULL,\n3,-,\n4,none,\n", [X, X, X, X]),
    "an email of two": (HEAD + "1,ada@known.example; bob@other.example,\n", [X]),
    "an email in angle brackets": (HEAD + "1,Ada Lovelace <ada@known.example>,\n", [X]),
    "a mailto link": (HEAD + "1,mailto:ada@known.example,\n", [F]),
    "an email without a domain": (HEAD + "1,ada@,\n", [X]),
    "an email of 3 MB": (HEAD + f"1,{'a' * 3_000_000}@known.example,\n" + BOB, [X, N]),
    "a note of 3 MB": (HEAD + f"1,ada@known.example,{'x' * 3_000_000}\n" + BOB, [F, N]),
    "an id of 2,000 characters": (HEAD + f"{'i' * 2000},ada@known.example,\n", [X]),
    "ids that are all the same": (HEAD + "7,ada@known.example,\n7,ada@known.example,\n", [F, F]),
    "an id that becomes somebody else": (HEAD + "7,ada@known.example,\n7,bob@other.example,\n", [F, N]),
    "an id as a spreadsheet writes it": (HEAD + "1.0E+12,ada@known.example,\n", [F]),
    "formulas in every cell": (HEAD + "=1+1,ada@known.example,=cmd|'/c calc'!A0\n", [F]),
    "a formula as an email": (HEAD + "1,=HYPERLINK(1),\n", [X]),
    "markup in every cell": (HEAD + "<b>1</b>,ada@known.example,<script>x</script>\n", [F]),
    "SQL in every cell": (HEAD + "1'; DROP TABLE attempts; --,ada@known.example,' OR 1=1\n", [F]),
    "the same row a thousand times": (HEAD + ADA * 1000, [F] * 1000),
    "everybody has a phone": ("email,phone\nada@known.example,202-555-0143\n", [S]),
    "a phone that is none": ("email,phone\nada@known.example,n/a\nbob@other.example,ext. 12\n", [F, N]),
    "names of our own result columns": ("email,status,phone,cost\nada@known.example,old,,9\n", [F]),
    "an output of ours as an input": ("email,phone,status,reason\nada@known.example,+12025550143,found,\n", [S]),
    "a domain as a company": ("first name,last name,company\nAda,Lovelace,https://engines.example/\n", [N]),
    "a whole name that is a company's": ("name,email\nEngines Ltd,ada@known.example\n", [F]),
    "a country that is none": ("email,country\nada@known.example,Atlantis\n", [F]),
}  # fmt: skip

JSON: dict[str, tuple[str | bytes, list[str]]] = {
    "objects": ('{"email": "ada@known.example"}\n{"email": "bob@other.example"}\n', [F, N]),
    "a byte order mark": ('\ufeff{"email": "ada@known.example"}\n', [F]),
    "Windows line ends": ('{"email": "ada@known.example"}\r\n\r\n', [F]),
    "no line end": ('{"email": "ada@known.example"}', [F]),
    "an empty object": ("{}\n", [X]),
    "an object cut off": ('{"email": "ada@known.example"}\n{"email": "bo', [F, X]),
    "two objects on a line": ('{"email": "ada@known.example"}{"email": "x"}\n', [X]),
    "a comma behind the object": ('{"email": "ada@known.example"},\n', [X]),
    "an email that is a number": ('{"email": 5}\n', [X]),
    "an email that is a list": ('{"email": ["ada@known.example"]}\n', [X]),
    "null everywhere": ('{"email": null, "company": null}\nnull\n', [X, X]),
    "a key twice": ('{"email": "bob@other.example", "email": "ada@known.example"}\n', [F]),
    "a lone surrogate": ('{"email": "ada@known.example", "n": "\\ud800"}\n{"email": "\\ud800@x.example"}\n', [F, X]),
    "NaN": ('{"email": "ada@known.example", "n": NaN}\n', [F]),
    "a number of 5,000 digits": ('{"email": "ada@known.example", "n": ' + "9" * 5000 + "}\n", [X]),
    "nested a hundred thousand deep": ('{"email": "ada@known.example", "n": ' + "[" * 100_000 + "\n", [X]),
    "keys that change from line to line": ('{"email": "ada@known.example"}\n{"E-Mail": "bob@other.example"}\n', [F, N]),
    "a line of 3 MB": ('{"email": "ada@known.example", "n": "' + "x" * 3_000_000 + '"}\n', [F]),
}  # fmt: skip

REFUSED: dict[str, tuple[str, bytes, str]] = {
    "0 bytes": ("in.csv", b"", "is empty"),
    "nothing but line ends": ("in.csv", b"\n\r\n\n", "is empty"),
    "no header": ("in.csv", b"1,ada@known.example\n2,bob@other.example\n", "no usable columns"),
    "columns that help nobody": ("in.csv", b"Segment,Total\nGold,1\n", "no usable columns"),
    "a web page": ("in.csv", b"<!doctype html><html><body>Please log in</body></html>", "no usable columns"),
    "random bytes": ("in.csv", bytes(range(129, 255)), "no usable columns"),
    "gzip": ("in.csv.gz", b"\x1f\x8b\x08\x00rest", "gzip-compressed: unpack it first"),
    "bzip2": ("in.csv", b"BZh91AY", "bzip2-compressed"),
    "xz": ("in.csv", b"\xfd7zXZ\x00", "xz-compressed"),
    "zstd": ("in.csv", b"\x28\xb5\x2f\xfd", "zstd-compressed"),
    "a PDF": ("in.csv", b"%PDF-1.7", "is a PDF"),
    "a database": ("in.csv", b"SQLite format 3\0", "an SQLite database"),
    "a zip that is broken": ("in.xlsx", b"PK\x03\x04rest", "cut off or broken"),
    "a workbook with a password": ("in.xlsx", b"\xd0\xcf\x11\xe0rest", "or one with a password"),
    "CSV that is called .xlsx": ("in.xlsx", b"email\nada@known.example\n", "is not an Excel workbook"),
    "CSV that is called .parquet": ("in.parquet", b"email\nada@known.example\n", "is not a Parquet file"),
    "Parquet that is cut off": ("in.parquet", b"PAR1rest", "the Parquet file cannot be read"),
    "Parquet that is encrypted": ("in.parquet", b"PAREthing", "an encrypted Parquet file"),
    "one JSON array": ("in.json", b'[{"email": "ada@known.example"}]', "is one JSON array"),
    "JSON objects that are called .csv": ("in.csv", b'{"email": "ada@known.example"}\n', "no usable columns"),
}


def _bytes(data: str | bytes) -> bytes:
    return data.encode() if isinstance(data, str) else data


def test_there_are_a_hundred_of_them() -> None:
    assert len(TEXT) + len(JSON) + len(REFUSED) >= 100


@pytest.mark.parametrize("case", TEXT)
def test_every_row_of_a_nasty_table_comes_out_with_its_status(enrich: Enrich, case: str) -> None:
    data, statuses = TEXT[case]
    done = enrich(_bytes(data))
    text = done.data.decode("utf-8", "replace")
    hint, text = (text.split("\n", 1)[0], text.split("\n", 1)[1]) if text.startswith("sep=") else ("", text)
    delimiter = hint.strip()[4:] or max(",;\t|", key=text.splitlines()[0].count)
    head, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    place = len(head) - 1 - head[::-1].index("enrichcore_status" if "enrichcore_status" in head else "status")
    assert [row[place] for row in rows] == statuses
    assert done.report.rows == len(statuses)


@pytest.mark.parametrize("case", JSON)
def test_every_line_of_nasty_json_comes_out_with_its_status(enrich: Enrich, case: str) -> None:
    data, statuses = JSON[case]
    done = enrich(_bytes(data), name="in.jsonl")
    assert [json.loads(line, parse_int=str)["status"] for line in done.data.decode().splitlines()] == statuses


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_refused_and_leaves_no_output(enrich: Enrich, tmp_path: Any, case: str) -> None:
    name, data, needle = REFUSED[case]
    with pytest.raises(ConfigError, match=needle):
        enrich(data, name=name, out="out.csv")
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_bytes() == data
