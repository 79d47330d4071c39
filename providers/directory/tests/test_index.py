"""The index: built once, reused, built again when anything that matters has changed, and never seen half-built."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from enrichcore_directory import Directory, files, index, source

from enrichcore.errors import ConfigError
from enrichcore.model import Hit, Miss
from enrichcore.testing import run

Ask = Callable[..., Hit | Miss]
Write = Callable[..., Path]
Opened = Callable[..., Directory]

PERSON = 'Ada{n},Lovelace,Engines {n},ada{n}@engines.example,ada-{n},+4477009{n:05d},"notes, {n}"\n'
HEAD = "first_name,last_name,company,email,linkedin_id,mobile,notes\n"


def _people(count: int) -> str:
    return HEAD + "".join(PERSON.format(n=n) for n in range(count))


@pytest.fixture
def big(write: Write, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that is large enough for an index file; the limit is lowered, not the file made large."""
    monkeypatch.setattr(source, "SMALL", 1000)
    return write(_people(200))


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _index_of(path: Path) -> Path:
    return path.parent / f".{path.name}.index.db"


def test_a_small_file_leaves_nothing_behind(write: Write, ask: Ask) -> None:
    path = write(_people(20))
    assert isinstance(ask(path, email="ada7@engines.example"), Hit)
    assert _names(path.parent) == [path.name]


def test_a_large_file_gets_a_private_hidden_index_that_is_reused(big: Path, ask: Ask) -> None:
    assert isinstance(ask(big, email="ada7@engines.example"), Hit)
    assert _names(big.parent) == [f".{big.name}.index.db", big.name]
    before = _index_of(big).stat()
    if os.name == "posix":
        assert stat.S_IMODE(before.st_mode) == 0o600
    os.utime(big)  # touched, but not changed
    assert isinstance(ask(big, linkedin_id="ada-8"), Hit)
    assert _index_of(big).stat().st_ino == before.st_ino


@pytest.mark.parametrize("small", [True, False])
def test_an_edit_changes_the_version_and_the_answer(
    write: Write, ask: Ask, opened: Opened, monkeypatch: pytest.MonkeyPatch, *, small: bool
) -> None:
    """An edited list is asked again, also when neither its size nor its time has changed."""
    monkeypatch.setattr(source, "SMALL", 1_000_000 if small else 1000)
    path = write(_people(200))
    before, times = opened(path).answer_version, path.stat()
    assert opened(path).answer_version == before
    path.write_text(path.read_text().replace("+447700900007", "+447700900999"))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert path.stat().st_size == times.st_size
    assert opened(path).answer_version != before
    answer = ask(path, email="ada7@engines.example")
    assert isinstance(answer, Hit)
    assert answer.numbers[0].raw == "+447700900999"


def test_other_settings_and_another_format_build_again(
    big: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = opened(big)
    other = opened(big, columns={"phone": "notes"})
    assert other.answer_version != first.answer_version
    assert opened(big).answer_version == first.answer_version
    inode = _index_of(big).stat().st_ino
    monkeypatch.setattr(index, "FORMAT", "2")
    opened(big)
    assert _index_of(big).stat().st_ino != inode


@pytest.mark.parametrize("damage", [b"", b"not a database" * 100, None])
def test_a_damaged_index_is_built_again(big: Path, ask: Ask, damage: bytes | None) -> None:
    ask(big, email="ada7@engines.example")
    path = _index_of(big)
    path.write_bytes(path.read_bytes()[:50] if damage is None else damage)
    assert isinstance(ask(big, email="ada7@engines.example"), Hit)


def test_the_index_goes_where_the_settings_say(write: Write, ask: Ask, tmp_path: Path) -> None:
    path = write(_people(20))
    place = tmp_path / "elsewhere" / "my index #1?.db"
    with pytest.raises(ConfigError, match=r"cannot write the index .*name another place with index"):
        ask(path, {"index": str(place)}, email="ada7@engines.example")
    place.parent.mkdir()
    assert isinstance(ask(path, {"index": str(place)}, email="ada7@engines.example"), Hit)
    assert _names(place.parent) == [place.name]


def test_beside_a_file_that_nobody_may_write_to_the_users_cache_is_taken(
    big: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert isinstance(ask(big, email="ada7@engines.example"), Hit)
    [found] = (tmp_path / "cache").rglob("*.index.db")
    assert found.name.startswith("crm.csv-")
    if os.name == "posix":
        assert stat.S_IMODE(found.parent.stat().st_mode) == 0o700


def test_a_build_that_fails_leaves_the_old_index_and_no_other_file(
    big: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(big)
    before = _index_of(big).read_bytes()
    big.write_text(HEAD + "no,one\n")
    monkeypatch.setattr(source, "SMALL", 10)
    with pytest.raises(ConfigError, match="nobody in it can be used"):
        opened(big)
    assert _index_of(big).read_bytes() == before
    assert _names(big.parent) == [f".{big.name}.index.db", big.name]


def test_a_file_that_changes_while_it_is_read_is_read_again(
    big: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise new rows would stand under the digest of the old ones."""
    edits = [_people(300), _people(301)]

    def edited(path: Path, encoding: str, given: files.Given) -> files.Rows:
        if edits:
            big.write_text(edits.pop())
        return files.csv_rows(path, encoding, given)

    monkeypatch.setattr(source, "csv_rows", edited)
    assert opened(big).rows == 300
    edits += [_people(n) for n in (400, 401, 402)]
    big.write_text(_people(399))
    with pytest.raises(ConfigError, match="changed 3 times while it was read"):
        opened(big)


def test_several_builders_do_not_disturb_each_other(big: Path) -> None:
    """Everybody gets whole answers, whoever renames last; nobody sees a file that is not finished."""
    wrong: list[object] = []

    def work() -> None:
        answer = run(Directory, settings={"path": str(big)}, email="ada199@engines.example")
        if not isinstance(answer, Hit):
            wrong.append(answer)

    for _ in range(5):
        _index_of(big).unlink(missing_ok=True)
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not wrong
    assert _names(big.parent) == [f".{big.name}.index.db", big.name]


def test_where_a_file_in_use_cannot_be_replaced_a_private_copy_is_kept(
    big: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows refuses to replace a file that another process reads."""

    def refuse(self: Path, target: Path) -> Path:
        raise PermissionError("in use")

    monkeypatch.setattr(Path, "replace", refuse)
    assert isinstance(ask(big, email="ada7@engines.example"), Hit)
    assert _names(big.parent) == [big.name]


def test_what_a_killed_builder_left_is_removed_after_a_day(big: Path, opened: Opened) -> None:
    old, young = (big.parent / f".{big.name}.index.db.{name}.tmp" for name in ("old", "young"))
    for path in (old, young):
        path.touch()
    os.utime(old, (1_700_000_000, 1_700_000_000))
    opened(big)
    assert (old.exists(), young.exists()) == (False, True)


def test_the_index_is_only_read(big: Path, opened: Opened) -> None:
    opened(big)
    found = index.Index.open(_index_of(big))
    assert found is not None
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        found._connection.execute("DELETE FROM person")
    found.close()


MEASURE = """
import asyncio, json, sys
from pathlib import Path
from enrichcore_directory import Directory, DirectorySettings
from enrichcore.model.subject import email_query

def peak():
    text = Path("/proc/self/status").read_text()
    return int(text.split("VmHWM:")[1].split()[0])

async def main():
    directory = Directory()
    directory.settings = DirectorySettings(path=sys.argv[1])
    before = peak()
    await directory.setup()
    for n in range(0, directory.rows, max(1, directory.rows // 1000)):
        answer = await directory.phone_by_email(email_query(f"ada{n}@engines.example", None, None, None))
        assert answer.person.linkedin_id == f"ada-{n}", n
    print(json.dumps([directory.rows, peak() - before]))
    await directory.aclose()

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process is read from /proc")
@pytest.mark.parametrize(("count", "limit"), [(40_000, 30), pytest.param(1_000_000, 60, marks=pytest.mark.proof)])
def test_a_million_people_are_not_held_in_memory(tmp_path: Path, count: int, limit: int) -> None:
    """Building the index and asking it raises the peak of the process by at most 60 MiB, whatever the size."""
    path = tmp_path / "crm.csv"
    with path.open("w") as file:
        file.write(HEAD)
        file.writelines(PERSON.format(n=n) for n in range(count))
    done = subprocess.run([sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows, kib = map(int, done.stdout.strip("[]\n").split(","))
    assert rows == count
    assert kib <= limit * 1024
