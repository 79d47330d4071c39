"""A journal that cannot be used, or a secret or key that does not fit: nobody is asked, and one sentence says why.

Every message names the file or server, the cause and the way out.
"""

import functools
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NoReturn

import attrs
import pytest

from tests.processes.desk import Desk
from tests.processes.journals import KEY, SECRET
from tests.processes.test_full_disk import may_mount

NewDesk = Callable[..., Desk]
ROWS = 20
OTHER_KEY = "/+7dzLuqmYh3ZlVEMyIRAP/u3cy7qpmId2ZVRDMiEQA="


def refused(desk: Desk, *words: str, code: int = 1) -> None:
    """Run the command: it must end with all these words in what it says, and no vendor may have been asked."""
    calls = desk.vendors.calls()
    ended, said = desk.run()
    assert ended == code, said
    assert [word for word in words if word not in said] == [], said
    assert desk.vendors.calls() == calls
    assert not desk.out.exists()


def with_answers(desk: Desk) -> None:
    """A journal that holds what a run has bought; its output is gone."""
    desk.write_contacts(ROWS)
    assert desk.run()[0] == 0
    desk.out.unlink()


def other_environment(desk: Desk, **changes: str | None) -> Desk:
    """The same desk for a person who has set these variables; None takes one away."""
    environment = {**desk.environment, **changes}
    return attrs.evolve(desk, environment={name: value for name, value in environment.items() if value is not None})


def text_file(path: Path) -> None:
    path.write_text("Dear diary,\n" * 500)


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE songs (title)")
        connection.commit()


def folder(path: Path) -> None:
    path.mkdir()


FILES = {
    "a text file": (text_file, ("is not a SQLite database", "name another file, or move this one away")),
    "somebody else's database": (foreign, ("name another",)),
    "a folder": (folder, ("cannot be opened",)),
}


@pytest.mark.parametrize("what", FILES)
def test_what_is_no_journal_is_refused_untouched(desk: Desk, what: str) -> None:
    """Nothing is asked, and what stands in the journal's place is as it was."""
    make, words = FILES[what]
    desk.write_contacts(ROWS)
    make(desk.journal)
    before = desk.journal.read_bytes() if desk.journal.is_file() else None
    refused(desk, str(desk.journal), *words)
    assert before is None or desk.journal.read_bytes() == before


def test_a_truncated_journal_stops_the_spending(desk: Desk) -> None:
    """Half of a file is not taken for a whole one."""
    with_answers(desk)
    with desk.journal.open("r+b") as file:
        file.truncate(desk.journal.stat().st_size // 2)
    refused(desk, str(desk.journal), "is damaged", "restore it from a backup")


def test_a_locked_journal_is_waited_for_and_then_named(desk: Desk) -> None:
    """A process that keeps the file locked is not raced: the run ends, and goes on once the lock is gone."""
    with_answers(desk)
    desk.write_contacts(2 * ROWS)
    with closing(sqlite3.connect(desk.journal, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        refused(desk, str(desk.journal), "is locked by another process", "let that process finish")
    assert desk.run()[0] == 0
    assert desk.audit().rows == 2 * ROWS


@pytest.fixture
def read_only(desk: Desk, require: Callable[[str], NoReturn]) -> Iterator[Callable[[], object]]:
    """Makes the folder of the journal one in which nobody may write."""
    place = desk.journal.parent
    if may_mount():
        mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)]
        if subprocess.run(mount, check=False, capture_output=True).returncode:
            require("this system does not let its administrator mount a tmpfs")
        yield functools.partial(subprocess.run, ["mount", "-o", "remount,ro", str(place)], check=True)
        subprocess.run(["umount", "-l", str(place)], check=True)
    elif os.name == "nt" or os.geteuid() == 0:
        require("root may write everywhere, and this one may not mount")
    else:
        yield lambda: place.chmod(0o500)
        place.chmod(0o700)


@pytest.mark.parametrize("bought", [False, True], ids=["no journal yet", "a journal with answers"])
def test_a_read_only_folder_stops_the_spending(desk: Desk, read_only: Callable[[], object], *, bought: bool) -> None:
    """Where no intent can be written none is acted on."""
    if bought:
        with_answers(desk)
    desk.write_contacts(2 * ROWS)
    read_only()
    refused(desk, str(desk.journal), "write" if bought else "cannot be")


SECRETS = [
    ("sqlite", {"ENRICHCORE_SECRET": ""}, 2, ("ENRICHCORE_SECRET: expected 16 characters or more, got 0",)),
    ("sqlite", {"ENRICHCORE_SECRET": "too short"}, 2, ("ENRICHCORE_SECRET: expected 16 characters or more",)),
    ("sqlite", {"ENRICHCORE_SECRET": "not the one of the file"}, 1, ("another secret", "remove the setting")),
    ("postgres", {"ENRICHCORE_SECRET": ""}, 2, ("ENRICHCORE_SECRET: expected 16 characters or more, got 0",)),
    ("postgres", {"ENRICHCORE_SECRET": None}, 2, ("set [store] secret or ENRICHCORE_SECRET",)),
    ("postgres", {"ENRICHCORE_SECRET": SECRET + "!"}, 1, ("another secret", "give the secret that it was made with")),
    ("postgres", {"ENRICHCORE_STORE_KEY": None}, 2, ("ENRICHCORE_STORE_KEY",)),
    ("postgres", {"ENRICHCORE_STORE_KEY": ""}, 2, ("ENRICHCORE_STORE_KEY", "it is empty")),
    ("postgres", {"ENRICHCORE_STORE_KEY": OTHER_KEY}, 1, ("sealed with key",)),
    ("sqlite encrypted", {"ENRICHCORE_STORE_KEY": None}, 1, ("sealed with key", "no key is given")),
    ("sqlite encrypted", {"ENRICHCORE_STORE_KEY": ""}, 2, ("ENRICHCORE_STORE_KEY", "it is empty")),
    ("sqlite encrypted", {"ENRICHCORE_STORE_KEY": OTHER_KEY}, 1, ("sealed with key",)),
]


@pytest.mark.parametrize(("kind", "changes", "code", "words"), SECRETS)
def test_an_empty_or_wrong_secret_or_key_stops_the_spending(
    new_desk: NewDesk, kind: str, changes: dict[str, str | None], code: int, words: tuple[str, ...]
) -> None:
    """Else every answer would be bought again; with the right ones all is as it was, and nobody is asked."""
    desk = new_desk(kind.split(maxsplit=1)[0], key=KEY if "encrypted" in kind else None)
    with_answers(desk)
    given = [value for value in changes.values() if value]
    wrong = other_environment(desk, **changes)
    refused(wrong, *words, code=code)
    assert not any(value in wrong.run()[1] for value in given)
    calls = desk.vendors.calls()
    assert desk.run()[0] == 0
    assert desk.vendors.calls() == calls


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_two_processes_with_different_budgets_each_keep_their_own(new_desk: NewDesk, kind: str) -> None:
    """Both count in the same month: who may spend less stops first, who may spend more goes on to that limit."""
    desk = new_desk(kind)
    desk.write_contacts(400)
    generous, frugal = desk.folder / "test.toml", desk.folder / "frugal.toml"
    usual = generous.read_text()
    generous.write_text(usual + '[budget]\nmonth = "3.00 USD"\n')
    frugal.write_text(usual + '[budget]\nmonth = "1.00 USD"\n')

    def spent() -> int:
        [(spent, reserved)] = desk.store.query("SELECT spent, reserved FROM budgets WHERE scope LIKE 'month:%'")
        assert reserved == 0
        return int(spent)

    code, said = desk.run("--config", str(frugal), out="one.csv")
    assert (code, "limit 1.00" in said) == (3, True), said
    assert 970_000_000 < spent() <= 1_000_000_000
    runs = [desk.start("--config", str(frugal), out="one.csv"), desk.start(out="two.csv")]
    for run, limit in zip(runs, ("1.00", "3.00"), strict=True):
        said = run.communicate(timeout=300)[1].decode()
        assert (run.returncode, f"limit {limit}" in said) == (3, True), said
    assert 2_970_000_000 < spent() <= 3_000_000_000
    desk.reconcile()
