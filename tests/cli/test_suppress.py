"""`enrichcore suppress`: who is on the list is neither asked about nor given, and nobody can read the list."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Cli = Callable[..., Result]
Config = Callable[..., str]
Calls = Callable[[], list[str]]


@pytest.fixture
def path(config: Config) -> str:
    return config("clitest_known", "clitest_everyone")


@pytest.mark.parametrize(
    ("listed", "asked"),
    [
        (("--email", "ADA@Known.example"), ("--email", "ada@known.example")),
        (("--domain", "known.example"), ("--email", "ada@mail.known.example")),
        (("--linkedin", "https://www.linkedin.com/in/ada-lovelace/"), ("--linkedin-id", "ada-lovelace")),
        (
            ("--name", "Lovelace Ada", "--at", "engines.example"),
            ("--first-name", "Ada", "--last-name", "Lovelace", "--domain", "engines.example"),
        ),
    ],
)
def test_who_is_listed_is_not_asked_about(
    cli: Cli, path: str, calls: Calls, listed: tuple[str, ...], asked: tuple[str, ...]
) -> None:
    added = cli("suppress", "add", *listed, "--config", path)
    assert (added.exit_code, added.stdout) == (0, "1 entry added to the suppression list\n")
    result = cli("lookup", *asked, "--config", path)
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "suppressed: suppressed")
    assert calls() == []
    assert cli("suppress", "remove", *listed, "--config", path).stdout == "1 entry taken off the suppression list\n"
    cli("lookup", *asked, "--config", path)
    assert calls() != []


def test_a_listed_number_is_not_given(cli: Cli, path: str) -> None:
    ada = ("lookup", "--email", "ada@known.example", "--config", path)
    assert cli(*ada).stdout.startswith("found +12025550143")
    cli("suppress", "add", "--phone", "+1 (202) 555-0143", "--config", path)
    again = cli(*ada)
    assert "2025550143" not in again.output
    assert again.stdout.startswith("suppressed")


def test_adding_twice_and_removing_what_is_not_there_does_nothing(cli: Cli, path: str) -> None:
    entry = ("--email", "ada@known.example", "--config", path)
    assert cli("suppress", "remove", *entry).stdout == "not listed; nothing to do\n"
    cli("suppress", "add", *entry)
    assert cli("suppress", "add", *entry).stdout == "listed before; nothing to do\n"


@pytest.mark.parametrize(
    ("options", "needle"),
    [
        ((), "say whom"),
        (("--name", "Ada Lovelace"), "--name and --at belong together"),
        (("--at", "engines.example"), "--name and --at belong together"),
        (("--email", "ada@known.example", "--phone", "twelve"), "phone: expected one number"),
        (("--domain", "gmail.com"), "personal mail"),
    ],
)
def test_what_cannot_be_listed_lists_nothing_and_is_not_repeated(
    cli: Cli, path: str, options: tuple[str, ...], needle: str
) -> None:
    result = cli("suppress", "add", *options, "--config", path)
    assert result.exit_code == 2
    assert needle in result.stderr
    assert "twelve" not in result.output
    assert json.loads(cli("suppress", "list", "--json", "--config", path).stdout)["email"] == 0


def test_a_file_is_imported_row_by_row_and_broken_rows_are_named_by_line(cli: Cli, path: str, here: Path) -> None:
    (here / "list.csv").write_text(
        "Email,Phone,Website\nada@known.example,,\n,12,\n,,bob.example\n\ncy@cy.example,+1 202-555-0143,\n"
    )
    result = cli("suppress", "import", "list.csv", "--config", path)
    assert result.exit_code == 1
    assert result.stdout == ""
    first, fault = result.stderr.splitlines()
    assert first == "4 rows: 3 imported, 0 listed before, 1 broken"
    assert fault.startswith("line 3, phone: expected one number")
    listed = json.loads(cli("suppress", "list", "--json", "--config", path).stdout)
    assert listed == {"phone": 1, "email": 2, "linkedin_id": 0, "domain": 1, "name_and_domain": 0}


def test_an_import_from_standard_input_says_what_was_listed_before(cli: Cli, path: str) -> None:
    for said in ("1 imported, 0 listed before", "0 imported, 1 listed before"):
        result = cli("suppress", "import", "-", "--config", path, stdin="email\nada@known.example\n")
        assert result.exit_code == 0, result.stderr
        assert said in result.stderr


@pytest.mark.parametrize("content", [b"", b"Full Name,Notes\nAda,x\n", None])
def test_a_file_that_is_no_list_is_usage(cli: Cli, path: str, here: Path, content: bytes | None) -> None:
    if content is not None:
        (here / "list.csv").write_bytes(content)
    result = cli("suppress", "import", "list.csv", "--config", path)
    assert result.exit_code == 2
    assert "list.csv" in result.stderr


def test_the_list_is_counted_and_never_shown(cli: Cli, path: str, here: Path) -> None:
    cli("suppress", "add", "--email", "ada@known.example", "--domain", "engines.example", "--config", path)
    result = cli("suppress", "list", "--config", path)
    assert [line.split() for line in result.stdout.splitlines()[1:3]] == [["phone", "0"], ["email", "1"]]
    assert "keyed hashes" in result.stdout
    stored = b"".join(file.read_bytes() for file in here.glob("test.db*"))
    for word in ("ada@known", "engines.example"):
        assert word not in result.output
        assert word.encode() not in stored


def test_each_tenant_has_a_list_of_its_own(cli: Cli, path: str) -> None:
    cli("suppress", "add", "--email", "ada@known.example", "--config", path, "--tenant", "globex")
    ada = ("lookup", "--email", "ada@known.example", "--config", path)
    assert cli(*ada).stdout.startswith("found")
    assert cli(*ada, "--tenant", "globex").stdout.startswith("suppressed")
    assert json.loads(cli("suppress", "list", "--json", "--config", path).stdout)["email"] == 0


def test_suppressed_rows_of_a_file_are_written_and_counted(cli: Cli, path: str, here: Path, calls: Calls) -> None:
    cli("suppress", "add", "--domain", "known.example", "--config", path)
    (here / "in.csv").write_text("email\nada@known.example\nbob@other.example\n")
    result = cli("enrich", "in.csv", "--out", "out.csv", "--config", path)
    assert result.exit_code == 0
    assert "1 suppressed" in result.stderr
    assert (here / "out.csv").read_text().splitlines()[1].startswith("ada@known.example,,suppressed,suppressed,")
    assert not any("ada@" in call for call in calls())
