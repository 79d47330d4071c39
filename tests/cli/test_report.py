"""`enrichcore report`: every number of it against SQL on the journal, and what must not be in it."""

import base64
import hashlib
import html.parser
import json
import math
import re
import shutil
import sqlite3
import subprocess
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

import pytest

from enrichcore.cli import runs
from tests.cli import report_run

Cli = Callable[..., Any]
OUTCOMES = {"hit": 1, "miss": 2, "rejected": 3, "error": 4}


class Tables(html.parser.HTMLParser):
    """The tables of a page, by the heading above them: for each line its cells by the head of their column."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = defaultdict(list)
        self.tags: list[str] = []
        self._heading = ""
        self._into: list[str] | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        self.tags.append(tag)
        if tag == "h2":
            self._heading, self._into = "", []
        elif tag == "tr":
            self.tables[self._heading].append([])
        elif tag in ("th", "td"):
            self._into = []

    def handle_endtag(self, tag: str) -> None:
        if tag == "h2":
            self._heading = "".join(self._into or ())
        elif tag in ("th", "td"):
            self.tables[self._heading][-1].append("".join(self._into or ()))
        if tag in ("h2", "th", "td"):
            self._into = None

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._into.append(data)

    def lines(self, heading: str) -> dict[str, dict[str, str]]:
        head, *rest = self.tables[heading]
        return {line[0]: dict(zip(head[1:], line[1:], strict=True)) for line in rest}


@pytest.fixture
def store(here: Path) -> str:
    """The journal of the runs."""
    return f"sqlite:///{here / 'test.db'}"


@pytest.fixture
def page(here: Path, store: str, cli: Cli) -> Callable[..., str]:
    """The page of a run."""

    def make(*which: str) -> str:
        done = cli("report", *which, "--store", store, "--html", "report.html")
        assert done.exit_code == 0, done.output
        return (here / "report.html").read_text("utf-8")

    return make


def ask(here: Path, question: str, *parameters: object) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(here / "test.db")) as connection:
        return connection.execute(question, parameters).fetchall()


def number(text: str) -> int:
    return int(text.replace(",", ""))


def test_every_number_of_the_page_is_what_sql_says_of_the_journal(here: Path, page: Callable[..., str]) -> None:
    report_run.run(here)
    found = Tables(page())
    calls = found.lines("Calls and what an accepted number cost")
    providers = [name for (name,) in ask(here, "SELECT DISTINCT provider FROM attempts")]
    assert set(calls) == {*providers, "all"}
    for name, told in calls.items():
        where = "outcome != 5 AND (? = 'all' OR provider = ?)"
        counted = dict(ask(here, f"SELECT outcome, count(*) FROM attempts WHERE {where} GROUP BY 1", name, name))
        assert {word: number(told[word]) for word in OUTCOMES} == {w: counted.get(n, 0) for w, n in OUTCOMES.items()}
        assert number(told["calls"]) == sum(counted.values())
        # A lost answer may have been billed: it counts for what one call can cost.
        costs = ask(here, f"SELECT cost, charged, billed FROM attempts WHERE {where}", name, name)
        spent = sum((Decimal(cost) for cost, _, _ in costs), Decimal(0))
        assert Decimal(told["cost"]) == spent
        doubt = sum((Decimal(cost) for cost, _, billed in costs if billed == 2), Decimal(0))
        assert Decimal(told["of it in doubt"] or 0) == doubt
        hits = counted.get(1, 0)
        assert Decimal(told["an accepted number"].split()[0]) == round(spent / hits, 4)

    for name, told in found.lines("How long an answer took, in ms").items():
        rows = ask(
            here, "SELECT duration_ms FROM attempts WHERE provider = ? AND outcome < 5 AND tries > 0 ORDER BY 1", name
        )
        for head, percent in (("median", 50), ("90%", 90), ("95%", 95), ("99%", 99), ("longest", 100)):
            assert told[head] == f"{rows[math.ceil(len(rows) * percent / 100) - 1][0]:,.1f}"

    for heading, outcome in (("Numbers that were refused, by reason", 3), ("Errors, by reason", 4)):
        why = "SELECT provider || ': ' || reason, count(*) FROM attempts WHERE outcome = ? GROUP BY 1"
        lines = found.lines(heading)
        assert {said: number(line["calls"]) for said, line in lines.items()} == dict(ask(here, why, outcome))
        assert lines

    rows_told = {said: number(line["rows"]) for said, line in found.lines("Rows").items()}
    status = "SELECT coalesce(last_status, known_status), count(*) FROM results GROUP BY 1"
    for name, count in ask(here, status):
        assert rows_told[name.replace("_", " ")] == count
    assert rows_told["looked up"] == ask(here, "SELECT count(*) FROM results")[0][0] + rows_told["invalid"]


def test_what_is_said_of_rows_is_what_their_stories_in_the_journal_say(here: Path, page: Callable[..., str]) -> None:
    """The cascade, what each provider added and what is open, against the results that `explain` reads."""
    report_run.run(here)
    found = Tables(page())
    results = [
        json.loads(payload) for (payload,) in ask(here, "SELECT coalesce(last_payload, known_payload) FROM results")
    ]
    assert len(results) > 200
    text = json.dumps(results)
    cascade = found.lines("The cascade")
    added = found.lines("What each provider added")
    for name in cascade:
        assert name in text
        finders = [result for result in results if name in finder_of(result)]
        assert number(added[name]["rows with its number"]) == len(finders)
        assert number(cascade[name]["rows"]) == sum(number(cascade[name][word]) for word in OUTCOMES)
    for what in ("country", "method"):
        lines = found.lines(f"Fill rate by {what}")
        for line in lines.values():
            assert line["fill rate"] == f"{number(line['found']) / number(line['tried']):.1%}"
    tried = sum(number(line["tried"]) for line in found.lines("Fill rate by country").values())
    assert tried == len(results)
    hits = sum(number(line["found"]) for line in found.lines("Fill rate by country").values())
    assert hits == sum(bool(finder_of(result)) for result in results)


def finder_of(result: Any) -> str:
    """Who gave the number of a stored result."""
    from enrichcore.store.codec import decode_result

    read = decode_result(json.dumps(result).encode())
    return read.provider or "" if read.found else ""


def test_text_and_page_tell_the_same(here: Path, store: str, cli: Cli, page: Callable[..., str]) -> None:
    report_run.run(here)
    told = " ".join(cli("report", "--store", store).stdout.split())
    for line in Tables(page()).tables["Calls and what an accepted number cost"][1:]:
        assert " ".join(cell for cell in line if cell) in told.replace(" USD", " USD")


def test_nobody_is_named_in_it(here: Path, store: str, cli: Cli, page: Callable[..., str]) -> None:
    """No name, company, email, number or record id of the file, and no folder of the machine in the page."""
    report_run.run(here)
    said = page()
    assert str(here) not in said
    for text in (said, cli("report", "--store", store).stdout):
        for canary in (
            "canary",
            "crm-",
            ".example",
            "firm",
            "202555",
            "202 555",
            "+1",
            *map(str.lower, report_run.FIRST),
        ):
            assert canary not in text.lower()


def test_the_page_needs_nothing_but_itself(here: Path, page: Callable[..., str]) -> None:
    """No script, no address, and a policy that forbids both; its style has the hash that the policy names."""
    report_run.run(here)
    said = page()
    assert not {"script", "img", "link", "iframe", "a", "form"} & set(Tables(said).tags)
    assert "url(" not in said
    assert "//" not in said
    style = re.search("<style>(.*?)</style>", said, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in said


def test_a_run_that_is_continued_is_one_run_and_another_one_is_not_in_it(here: Path, page: Callable[..., str]) -> None:
    """Calls of a second command on the same output are added; those of another output on the same journal are not."""
    report_run.run(here, 100)
    first = number(Tables(page()).lines("Calls and what an accepted number cost")["all"]["calls"])
    assert first == ask(here, "SELECT count(*) FROM attempts WHERE outcome != 5")[0][0]
    other = here / "other"
    other.mkdir()
    report_run.write_contacts(other / "in.csv", 150)
    report_run.run(other, again=True, store=here / "test.db")
    report_run.run(here, again=True)
    whole = ask(here, "SELECT count(*) FROM attempts WHERE outcome != 5")[0][0]
    told = [
        number(Tables(page(which)).lines("Calls and what an accepted number cost")["all"]["calls"])
        for which in (str(here / "out.csv"), str(other / "out.csv"))
    ]
    assert sum(told) == whole
    assert first < told[0] < whole


def test_a_run_that_no_command_finished_tells_of_its_calls_alone(here: Path, store: str, cli: Cli) -> None:
    report_run.run(here, 60, ended=False)
    told = cli("report", "--store", store).stdout
    assert "not finished" in told
    assert "nothing to say of its rows" in told
    assert "Calls of this run" in told
    assert "Fill rate" not in told
    assert cli("report", "--store", store, "--html", "r.html").exit_code == 0


def test_the_last_run_is_told_unless_another_is_named(here: Path, store: str, cli: Cli) -> None:
    report_run.run(here, 20)
    (entry,) = runs.entries()
    shown = cli("runs", "--store", store).stdout
    assert entry.run[: runs.SHORT] in shown
    for which in ((), (entry.run[: runs.SHORT],), ("out.csv",)):
        assert str(here / "out.csv") in cli("report", *which, "--store", store).stdout
    unknown = cli("report", "nothing.csv", "--store", store)
    assert unknown.exit_code == 2
    assert "there is no run 'nothing.csv'" in unknown.stderr
    nowhere = cli("report", "--store", "sqlite:///elsewhere.db")
    assert nowhere.exit_code == 2
    assert "no run yet" in nowhere.stderr


def test_the_name_of_a_file_is_text(here: Path, store: str, page: Callable[..., str]) -> None:
    report_run.run(here, 20)
    (entry,) = runs.entries()
    import attrs

    runs.write(attrs.evolve(entry, source="/x/<script>alert(1)<b>.csv", out="/x/<img src=x onerror=alert(1)>"))
    said = page()
    assert "<script" not in said
    assert "<img" not in said


def test_chromium_shows_every_picture_and_complains_of_nothing(
    here: Path, page: Callable[..., str], require: Callable[[str], NoReturn]
) -> None:
    """What the browser has of the page is what was written; the policy stops nothing that the page needs."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        require("needs Chromium on PATH")
    report_run.run(here)
    said = page()
    shot = here / "shot.png"
    done = subprocess.run(
        [
            chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={here / 'chrome'}",
            "--enable-logging=stderr", "--window-size=1000,2000", f"--screenshot={shot}", "--virtual-time-budget=2000",
            (here / "report.html").as_uri(),
        ],
        check=False, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "CONSOLE" not in done.stderr
    assert shot.read_bytes().startswith(b"\x89PNG")
    assert shot.stat().st_size > 20_000  # an empty page has a tenth of it
    assert said.count("<svg") >= 8
