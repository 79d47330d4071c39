"""Bad input: a clear message or a status on its row; the rest goes on and nothing is lost."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Cli = Callable[..., Result]
Config = Callable[..., str]
Calls = Callable[[], list[str]]


def _rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


BAD_CONFIGS: dict[str, tuple[str, list[str]]] = {
    "an unknown key": ("[engine]\nprovider = ['echo']", ["[engine] has no key 'provider'. Did you mean 'providers'?"]),
    "an unknown section": ("[engin]", ["there is no section [engin]. Did you mean 'engine'?"]),
    "no TOML": ("[engine", ["not valid TOML"]),
    "a wrong type": ("[engine]\ndeadline = 'soon'", ["[engine] deadline: expected seconds, got 'soon'"]),
    "a provider in order that is not installed": (
        "[engine]\nproviders = ['clitest_known']\norder = ['clitest_knwon']",
        [
            "provider 'clitest_knwon' is named but not installed. Did you mean 'clitest_known'?",
            "pip install enrichcore-",
        ],
    ),
    "one in the order of a method": (
        "[engine]\nproviders = ['clitest_known']\norder = { email = ['vendor_x'] }",
        ["provider 'vendor_x' is named but not installed", "pip install enrichcore-vendor-x"],
    ),
    "one that is configured": (
        "[providers.vendor_x]\napi_key = 'k'",
        ["provider 'vendor_x' is named but not installed"],
    ),
    "a key of its own that a provider lacks": (
        "[engine]\nproviders = ['clitest_known']\n[providers.clitest_known]\npath = 'x'",
        ["[providers.clitest_known] has no key 'path'"],
    ),
    "a rate that is none": (
        "[engine]\nproviders = ['clitest_known']\n[providers.clitest_known]\nrate = 'fast'",
        ["[providers.clitest_known] rate: expected rates such as '5/s'"],
    ),
    "a store that is none": ("[store]\nurl = 'mysql://x'", ["store: ", "memory"]),
    "a short secret": ("[store]\nurl = 'memory'\nsecret = 'short'", ["[store] secret: expected 16 characters or more"]),
}


@pytest.mark.parametrize("case", BAD_CONFIGS)
@pytest.mark.parametrize(
    "command", [["lookup", "--email", "ada@known.example"], ["enrich", "in.csv", "--out", "out.csv"]]
)
def test_a_configuration_that_cannot_be_is_one_line_that_says_what_to_change(
    cli: Cli, here: Path, calls: Calls, case: str, command: list[str]
) -> None:
    (here / "in.csv").write_text("email\nada@known.example\n")
    text, needles = BAD_CONFIGS[case]
    (here / "enrichcore.toml").write_text(text)
    result = cli(*command)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    *notes, line = result.stderr.splitlines()
    assert line.startswith("enrichcore: ")
    assert all(note.startswith("answers are kept in") for note in notes)
    for needle in needles:
        assert needle in line
    assert calls() == []
    assert not (here / "out.csv").exists()


def test_rows_of_every_kind_of_bad_come_out_once_in_order_with_what_was_wrong(
    cli: Cli, config: Config, here: Path, calls: Calls
) -> None:
    big = "x" * 3_000_000
    rows = [
        ("1", "Ada", "ada@known.example", "", "found", ""),
        ("i" * 10_000, "Bea", "bea@known.example", "", "invalid", "record_id: expected at most 1,024 characters"),
        ("3", "🦊 Zoë", "fox@known.example", "", "found", ""),
        ("4", "\u05d0\u05d3\u05d4 \u202e", "rtl@known.example", "", "found", ""),
        ("5", "nul\0nul", "nul@known.example", "", "invalid", "first_name: expected text without NUL characters"),
        ("6", "Big", "big@known.example", big, "found", ""),
        ("7", big, "huge@known.example", "", "invalid", "first_name: expected at most 10,000 characters"),
        ("8", "No", "no mail", "", "invalid", "(sent, but not usable: email)"),
        ("", "", "", "", "invalid", "insufficient_data"),
        ("10", "two\nlines", "lines@known.example", 'say "hi", she said', "found", ""),
        ("11", "=cmd()", "=HYPERLINK(1)@known.example", "+1", "invalid", ""),
        ("12", "Last", "last@known.example", "", "found", ""),
    ]
    with (here / "in.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["record_id", "first_name", "email", "note"])
        writer.writerows(row[:4] for row in rows)
    result = cli("enrich", "in.csv", "--out", "out.csv", "--config", config("clitest_known"))
    assert result.exit_code == 0, result.stderr
    out = _rows((here / "out.csv").read_bytes())
    assert [tuple(row.values())[:4] for row in out] == [row[:4] for row in rows]
    assert [row["status"] for row in out] == [row[4] for row in rows]
    for row, told in zip(rows, out, strict=True):
        assert row[5] in told["reason"]
    assert len(calls()) == sum(row[4] == "found" for row in rows)
    assert f"{len(rows)} rows" in result.stderr


def test_a_table_without_a_usable_column_says_what_it_saw_and_what_is_needed(
    cli: Cli, config: Config, here: Path
) -> None:
    (here / "in.csv").write_text("Full Name;Telephone\nAda Lovelace;1\n")
    result = cli("enrich", "in.csv", "--out", "out.csv", "--config", config("clitest_known"))
    assert result.exit_code == 2
    for part in ("no usable columns", "'Full Name', 'Telephone'", "first_name + last_name", "with --map"):
        assert part in result.stderr
    assert not (here / "out.csv").exists()


ENCODED = {
    "UTF-8 with a mark": "email,name\nada@known.example,Zoë\n".encode("utf-8-sig"),
    "UTF-16 with a mark": "email,name\nada@known.example,Zoë\n".encode("utf-16"),
    "UTF-16 without one": "email,name\nada@known.example,Zoë\n".encode("utf-16-le"),
    "UTF-16 the other way round": "email,name\nada@known.example,Zoë\n".encode("utf-16-be"),
    "what Excel saves": "email;name\r\nada@known.example;Zoë\r\n".encode("cp1252"),
    "old Mac lines": "email,name\rada@known.example,Zoë\r".encode(),
    "tabs": "email\tname\nada@known.example\tZoë\n".encode(),
    "pipes": "email|name\nada@known.example|Zoë\n".encode(),
}


@pytest.mark.parametrize("case", ENCODED)
def test_files_of_many_origins_are_read_without_being_told(cli: Cli, config: Config, here: Path, case: str) -> None:
    (here / "in.csv").write_bytes(ENCODED[case])
    result = cli("enrich", "in.csv", "--out", "out.csv", "--config", config("clitest_known"))
    assert result.exit_code == 0, result.stderr
    text = (here / "out.csv").read_bytes().decode()
    assert "Zoë" in text
    assert "+12025550143" in text
    assert "1 row · 1 found" in result.stderr


@pytest.mark.parametrize(
    ("source", "out", "needle"),
    [
        ("nowhere.csv", "out.csv", "nowhere.csv: cannot read the input: No such file or directory"),
        (".", "out.csv", ".: cannot read the input: Is a directory"),
        ("in.csv", "in.csv", "in.csv is the input: expected another file to write"),
        ("in.csv", "./in.csv", "is the input"),
        ("in.csv", ".", "is a folder: expected the name of a file to write"),
        ("in.csv", "missing/out.csv", "there is no folder"),
        ("in.csv", "out.jsonl", "out.jsonl should be jsonl, but an input that is csv is written as csv"),
        ("in.csv", "out.xlsx", "out.xlsx should be xlsx, but an input that is csv is written as csv"),
        ("in.csv", "out.csv.gz", "out.csv.gz should be gz"),
        ("empty.csv", "out.csv", "empty.csv is empty: expected a header line with columns such as"),
        ("blank.csv", "out.csv", "blank.csv is empty"),
        ("sheet.xlsx", "out.csv", "sheet.xlsx is a zip archive that is cut off or broken: fetch it again"),
        ("array.json", "out.jsonl", "is one JSON array: expected one object per line"),
    ],
)
def test_files_that_cannot_be_used_are_refused_before_anybody_is_asked(
    cli: Cli, config: Config, here: Path, calls: Calls, source: str, out: str, needle: str
) -> None:
    (here / "in.csv").write_text("email\nada@known.example\n")
    (here / "empty.csv").touch()
    (here / "blank.csv").write_text("\n\r\n\n")
    (here / "sheet.xlsx").write_bytes(b"PK\x03\x04rest")
    (here / "array.json").write_text('[{"email": "ada@known.example"}]')
    before = sorted(p.name for p in here.iterdir())
    result = cli("enrich", source, "--out", out, "--config", config("clitest_known"))
    assert result.exit_code == 2, result.output
    assert needle in result.stderr
    assert result.stderr.count("\n") == 1
    assert calls() == []
    assert sorted(p.name for p in here.iterdir()) == sorted([*before, "test.toml"])


def test_a_name_that_promises_nothing_is_fine(cli: Cli, config: Config, here: Path) -> None:
    (here / "people.dat").write_text("email\nada@known.example\n")
    (here / "objects").write_text('{"email": "ada@known.example"}\n')
    path = config("clitest_known")
    assert cli("enrich", "people.dat", "--out", "out", "--config", path).exit_code == 0
    assert cli("enrich", "objects", "--out", "out.json", "--config", path).exit_code == 0
    assert json.loads((here / "out.json").read_text())["status"] == "found"


def test_columns_of_one_name_are_said(cli: Cli, config: Config, here: Path) -> None:
    (here / "in.csv").write_text("email,Email,note\nada@known.example,bob@other.example,x\n")
    result = cli("enrich", "in.csv", "--out", "out.csv", "--config", config("clitest_known"))
    assert "more than one column is called email: the first is read" in result.stderr
    row = (here / "out.csv").read_text().splitlines()[1]
    assert row.startswith("ada@known.example,bob@other.example,x,+12025550143,found")


@pytest.mark.parametrize(
    ("field", "value", "needle"),
    [
        ("record_id", "x" * 10_000, "record_id: expected at most 1,024 characters, got 10,000"),
        ("email", 5, "email: expected text or None, got a value of type int"),
        ("first_name", "nul\0", "first_name: expected text without NUL characters"),
        ("company", "\ud800", "company: expected valid Unicode"),
        ("last_name", "x" * 10_001, "last_name: expected at most 10,000 characters"),
    ],
)
def test_a_lookup_of_what_is_no_contact_is_usage(
    cli: Cli, config: Config, field: str, value: object, needle: str
) -> None:
    record = {"email": "ada@known.example", field: value}
    result = cli("lookup", "--config", config("clitest_known"), stdin=json.dumps(record))
    assert result.exit_code == 2
    assert needle in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_directory_that_does_not_parse_is_named_and_the_others_are_asked(
    cli: Cli, config: Config, here: Path
) -> None:
    """The rows whose own directory could not be asked are not passed off as final misses."""
    (here / "in.csv").write_text("record_id,email\n1,ada@known.example\n2,bob@other.example\n")
    (here / "crm.csv").write_bytes(b"\x00\x01\x02 nothing like a header")
    path = config("directory", "clitest_known", more='[providers.directory]\npath = "crm.csv"\n')
    result = cli("enrich", "in.csv", "--out", "out.csv", "--config", path)
    assert result.exit_code == 3
    assert "directory is not asked: " in result.stderr
    assert "crm.csv" in result.stderr
    assert [row["status"] for row in _rows((here / "out.csv").read_bytes())] == ["found", "incomplete"]


def test_a_key_less_provider_is_a_skip_with_the_variable_to_set(cli: Cli, config: Config) -> None:
    path = config("clitest_known", "clitest_paid")
    told = json.loads(cli("lookup", "--json", "--config", path, "--email", "bob@other.example").stdout)
    [paid] = [a for a in told["attempts"] if a["provider"] == "clitest_paid"]
    assert (paid["outcome"], paid["reason"]) == ("skipped", "no_key")
    assert paid["detail"] == "set CLITEST_KEY, or api_key in [providers.clitest_paid]"
    assert told["status"] == "not_found"


@pytest.mark.parametrize("age", ["soon", "5", "d", "", "-5d", "nand", "infs", "1e400d", "5 fortnights"])
def test_an_age_that_is_none_buys_nothing(cli: Cli, config: Config, calls: Calls, age: str) -> None:
    """An age that no answer can have would make every answer too old, and all of them would be bought again."""
    result = cli("lookup", "--config", config("clitest_known"), "--email", "ada@known.example", f"--max-age={age}")
    assert result.exit_code == 2
    assert "expected an age such as '30d', '12h' or seconds as a number" in result.stderr
    assert calls() == []
