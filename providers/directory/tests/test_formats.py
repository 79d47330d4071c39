"""Every format is read, in every encoding, and what is broken is skipped, counted and explained."""

import csv
import json
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from enrichcore_directory import Directory

from enrichcore.errors import ConfigError
from enrichcore.model import Hit, Miss

Ask = Callable[..., Hit | Miss]
Write = Callable[..., Path]
Opened = Callable[..., Directory]

HEAD = "first_name,last_name,company,email,mobile\n"
ZOE = "Zoë,Müller,Bäckerei,zoe@brot.example,+49 30 23125 100\n"


def _numbers(answer: Hit | Miss) -> list[str]:
    return [number.raw for number in answer.numbers] if isinstance(answer, Hit) else []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_encoding_is_found(write: Write, ask: Ask, encoding: str) -> None:
    answer = ask(write((HEAD + ZOE).encode(encoding)), first_name="Zoë", last_name="Müller", company="Bäckerei")
    assert _numbers(answer) == ["+49 30 23125 100"]


def test_the_encoding_can_be_said(write: Write, ask: Ask) -> None:
    path = write((HEAD + "Łukasz,Żak,Piekarnia,l@chleb.example,+1 202 555 0143\n").encode("cp1250"))
    answer = ask(path, {"encoding": "cp1250"}, first_name="Łukasz", last_name="Żak", company="Piekarnia")
    assert answer.person is not None
    assert answer.person.name == "Łukasz Żak"


def test_a_letter_that_is_cut_at_the_end_makes_the_file_another_encoding(write: Write, ask: Ask) -> None:
    assert _numbers(ask(write((HEAD + ZOE).encode() + b"\xc3"), email="zoe@brot.example"))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_delimiter_is_found(write: Write, ask: Ask, delimiter: str, end: str) -> None:
    text = "\n" + (HEAD + ZOE).replace(",", delimiter)
    assert _numbers(ask(write(text.replace("\n", end)), email="zoe@brot.example"))


@pytest.mark.parametrize("limit", [131_072, 64_000_000])
def test_broken_rows_are_skipped_and_counted(write: Write, opened: Opened, ask: Ask, limit: int) -> None:
    """Whatever limit another part of the process has set for cells of CSV."""
    csv.field_size_limit(limit)
    rows = [
        "Ada,Lovelace,Engines,ada@e.example,+447700900123",
        "",
        "Bob,Noyce,Chips,bob@e.example",  # too short
        "Cy,Young,Balls,cy@e.example,+447700900125,+447700900126",  # too long
        "Di,Prince,,n/a,+447700900127",  # nobody
        "Ed,Dijkstra,Paths,ed@e.example,+447700900128,,",  # empty cells too many do no harm
        '"Fay,Open,Quote,fay@e.example,+447700900129',
        "x" * 200_000,
    ]
    path = write(HEAD + "\n".join(rows) + "\nGus,Last,Rows,gus@e.example,+447700900130\n")
    directory = opened(path)
    assert (directory.rows, directory.skipped) == (3, 4)
    assert directory.first_skipped == "line 4 has 4 cells, the header has 5"
    assert _numbers(ask(path, email="gus@e.example")) == ["+447700900130"]
    assert ask(path, email="cy@e.example") == Miss()


def test_a_line_without_end_costs_one_row(write: Write, opened: Opened) -> None:
    path = write(HEAD + ZOE + '"' + "x" * 2_500_000 + "\n" + ZOE.replace("zoe@", "zoe2@"))
    assert (opened(path).rows, opened(path).skipped) == (2, 1)


def test_a_cell_with_several_numbers(write: Write, ask: Ask) -> None:
    path = write("email,phone\na@e.example,+447700900123; 202-555-0143 | tel:+1-202-555-0144;ext=5\nb@e.example,n/a\n")
    assert _numbers(ask(path, email="a@e.example")) == ["+447700900123", "202-555-0143", "+1-202-555-0144;ext=5"]
    assert isinstance(ask(path, email="b@e.example"), Miss)


def test_a_name_in_one_column(write: Write, ask: Ask) -> None:
    path = write('name,company,phone\n"Lovelace, Ada",Engines,+447700900123\nGrace Murray Hopper,Navy,202-555-0143\n')
    assert _numbers(ask(path, first_name="Ada", last_name="Lovelace", company="Engines"))
    for first, last in (("Grace", "Murray Hopper"), ("Grace Murray", "Hopper")):
        assert _numbers(ask(path, first_name=first, last_name=last, company="Navy"))


def test_json_lines(write: Write, ask: Ask, opened: Opened) -> None:
    people: list[Any] = [
        {
            "firstName": "Ada",
            "lastName": "Lovelace",
            "companyName": "Engines",
            "mobile": ["+447700900123"],
            "x": {"y": 1},
        },
        {"email": "bob@e.example", "phone": 12025550143, "doNotCall": True, "owner": {"name": "x"}},
        {"email": "cy@e.example"},
        {"phone": "202-555-0145"},
        ["not", "an", "object"],
    ]
    path = write("\n\n".join(map(json.dumps, people)) + '\n{"broken": \n' + "[" * 100_000 + "\n", "crm.jsonl")
    assert _numbers(ask(path, first_name="Ada", last_name="Lovelace", company="Engines")) == ["+447700900123"]
    bob = ask(path, email="bob@e.example")
    assert isinstance(bob, Hit)
    assert (bob.numbers[0].raw, bob.numbers[0].do_not_call) == ("12025550143", True)
    directory = opened(path)
    assert (directory.rows, directory.skipped) == (3, 4)
    assert directory.first_skipped.startswith("line 7 has neither")


def test_json_that_is_no_json_lines(write: Write, opened: Opened) -> None:
    with pytest.raises(ConfigError, match=r"crm.jsonl is a JSON array; expected one object a line"):
        opened(write('[{"email": "a@e.example"}]', "crm.jsonl"))
    with pytest.raises(ConfigError, match="no column holds phone numbers; the columns are 'email', 'owner'"):
        opened(write('{"email": "a@e.example", "owner": "x"}\n', "crm.jsonl"))
    with pytest.raises(ConfigError, match="nobody in it can be used; line 1 is not a JSON object"):
        opened(write("hello\n", "crm.jsonl"))


VCARDS = """\
BEGIN:VCARD
VERSION:3.0
N:Lovelace;Ada;;;
FN:Ada Lovelace
ORG:Engines\\, Ltd;Research
TEL;TYPE=CELL:+44 7700 900123
TEL;TYPE=WORK,FAX:+44 20 7946 0999
TEL;TYPE=MAIN:+44 20 7946 0001
EMAIL;TYPE=INTERNET:ada@engines.example
URL:https://www.linkedin.com/in/ada-lovelace
URL:https://engines.example/
ADR;TYPE=WORK:;;1 Mill;London;;N1;United Kingdom
END:VCARD
BEGIN:VCARD
VERSION:4.0
FN:Grace Hopper
ORG:Compilers
TEL;VALUE=uri;TYPE="voice,work":tel:+1-202-555-0143
END:VCARD
BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;Zo=C3=AB
ORG;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:B=C3=A4ckerei
TEL;CELL:+49 30 23125 100
END:VCARD
BEGIN:VCARD
VERSION:3.0
this is no property
END:VCARD
BEGIN:VCARD
VERSION:3.0
FN:Cut Off
"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_vcards_of_three_versions(write: Write, ask: Ask, opened: Opened, end: str) -> None:
    path = write(VCARDS.replace("\n", end), "people.vcf")
    ada = ask(path, first_name="Ada", last_name="Lovelace", domain="engines.example")
    assert isinstance(ada, Hit)
    assert [(n.raw, n.type, n.company_line) for n in ada.numbers] == [
        ("+44 7700 900123", "mobile", False),
        ("+44 20 7946 0001", "phone", True),
    ]
    assert ada.person is not None
    assert (ada.person.company, ada.person.country) == ("Engines, Ltd", "United Kingdom")
    assert ask(path, linkedin_id="ada-lovelace") == ada
    assert _numbers(ask(path, first_name="Grace", last_name="Hopper", company="Compilers")) == ["+1-202-555-0143"]
    assert _numbers(ask(path, first_name="Zoë", last_name="Müller", company="Bäckerei")) == ["+49 30 23125 100"]
    directory = opened(path)
    assert (directory.rows, directory.skipped) == (3, 2)
    assert directory.first_skipped.startswith("the card at line 26 is not readable")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "crm.db"
    with sqlite3.connect(path) as connection:
        connection.execute(
            'CREATE TABLE "my people" (id INTEGER, full_name TEXT, company TEXT, mobile TEXT, notes TEXT)'
        )
        connection.execute("INSERT INTO \"my people\" VALUES (1, 'Ada Lovelace', 'Engines', '+447700900123', 'x')")
        connection.execute("INSERT INTO \"my people\" VALUES (2, 'Nobody', NULL, NULL, NULL)")
        connection.execute('CREATE VIEW reachable AS SELECT * FROM "my people" WHERE mobile IS NOT NULL')
    connection.close()
    return path


BY_NAME = {"first_name": "Ada", "last_name": "Lovelace", "company": "Engines"}


@pytest.mark.parametrize("table", ["my people", "reachable", "main.reachable"])
def test_a_table_or_view_of_a_database(database: Path, ask: Ask, table: str) -> None:
    assert _numbers(ask(f"sqlite:///{database}#{table}", **BY_NAME)) == ["+447700900123"]


def test_a_table_is_read_again_unless_refresh_says_otherwise(database: Path, opened: Opened) -> None:
    url = f"sqlite:///{database}#my people"
    before = opened(url)
    assert (before.rows, before.skipped) == (1, 1)

    def change(statement: str) -> None:
        with sqlite3.connect(database) as connection:
            connection.execute(statement)
        connection.close()

    change("UPDATE \"my people\" SET notes = 'other'")
    assert opened(url).answer_version == before.answer_version  # notes answer nothing
    change("UPDATE \"my people\" SET mobile = '+447700900199'")
    assert opened(url, refresh="1h").answer_version == before.answer_version
    assert opened(url, refresh="0s").answer_version != before.answer_version


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("sqlite:///{db}", r"say which table after a #: my people, reachable"),
        ("sqlite:///{db}#leads", r"no table or view 'leads'; there are my people, reachable"),
        ("sqlite:///{db}.missing#leads", r"there is no database .*crm\.db\.missing"),
        ("sqlite:///{text}#leads", r"cannot read sqlite:///.*file is not a database"),
        ("nosuchdb://host/db#people", r"Can't load plugin|cannot read nosuchdb"),
        ("://", r"expected an SQLAlchemy URL such as sqlite:///crm.db#contacts"),
    ],
)
def test_a_database_that_cannot_be_read_is_said(
    database: Path, write: Write, opened: Opened, url: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        opened(url.format(db=database, text=write("hello " * 200, "text.db")))


def test_a_remote_database_is_not_asked_offline_and_its_password_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, opened: Opened
) -> None:
    monkeypatch.setenv("ENRICHCORE_OFFLINE", "1")
    with pytest.raises(ConfigError, match="ENRICHCORE_OFFLINE forbids reading postgresql") as caught:
        opened("postgresql+psycopg://ada:hunter2@db.engines.example/crm#people")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("path", "module", "extra"),
    [("sqlite:///x.db#t", "sqlalchemy", "sql"), ("people.vcf", "vobject", "vcard")],
)
def test_a_missing_extra_is_named(
    write: Write, opened: Opened, monkeypatch: pytest.MonkeyPatch, path: str, module: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    source = path if "://" in path else str(write(VCARDS, path))
    with pytest.raises(ConfigError, match=rf"needs {module}: pip install 'enrichcore-directory\[{extra}\]'"):
        opened(source)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("crm.csv", b"", "is empty: expected a header line"),
        ("crm.csv", b"\xef\xbb\xbf", "is empty"),
        ("crm.csv", b"\n \n\n", "is empty"),
        ("crm.csv", b"email,phone\n", "nobody in it can be used; there is nothing after the header"),
        ("crm.csv", b"email,phone\nx\n", "nobody in it can be used; line 2 has 1 cells, the header has 2"),
        ("crm.csv", b"PK\x03\x04\0\0\0", "is not text .*saved as CSV first"),
        ("crm.csv", b'"email,phone\n' + b"x" * 2_000_000, "line 1, the header, cannot be read as CSV"),
        ("crm.xlsx", b"PK", "expected a .csv, .tsv, .jsonl or .vcf file, got 'crm.xlsx'"),
        ("people.vcf", b"hello", "nobody in it can be used"),
    ],
)
def test_a_file_that_cannot_be_used_is_said(
    write: Write, opened: Opened, name: str, content: bytes, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        opened(write(content, name))


def test_a_missing_file_and_a_folder(tmp_path: Path, opened: Opened) -> None:
    with pytest.raises(ConfigError, match=r"cannot read .*missing\.csv.*No such file"):
        opened(tmp_path / "missing.csv")
    with pytest.raises(ConfigError, match="looked for in"):
        opened("missing-too.csv")
    with pytest.raises(ConfigError, match="is a folder"):
        opened(tmp_path)
