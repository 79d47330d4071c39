"""The output is complete, or not there at all."""

import asyncio
import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from enrichcore import AsyncEngine
from enrichcore.bulk import FileRun
from enrichcore.bulk.output import Output
from enrichcore.errors import ConfigError

GOOD = b"record_id,email\n1,ada@known.example\n"
Leftovers = Callable[[], Sequence[str]]


def test_nothing_is_there_before_the_commit(tmp_path: Path, leftovers: Leftovers) -> None:
    target = tmp_path / "out.csv"
    with Output(str(target)) as output:
        output.write(b"x")
        assert not target.exists()
        output.commit()
        assert target.read_bytes() == b"x"
    assert target.read_bytes() == b"x"
    assert leftovers() == []


def test_leaving_early_leaves_the_old_file_and_no_trace(tmp_path: Path, leftovers: Leftovers) -> None:
    target = tmp_path / "out.csv"
    target.write_bytes(b"old")
    with Output(str(target)) as output:
        output.write(b"half")
    assert target.read_bytes() == b"old"
    assert leftovers() == []


def test_a_replaced_file_keeps_its_mode_and_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "out.csv", tmp_path / "link.csv"
    target.write_bytes(b"old")
    target.chmod(0o640)
    link.symlink_to(target)
    with Output(str(link)) as output:
        output.write(b"new")
        output.commit()
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_device_is_written_directly(leftovers: Leftovers) -> None:
    with Output(os.devnull) as output:
        output.write(b"x")
        output.commit()
    assert leftovers() == []


@pytest.mark.parametrize(("path", "needle"), [("missing/out.csv", "no folder"), (".", "is a folder")])
def test_a_place_that_cannot_be_written_is_said_before_anything_is_asked(
    tmp_path: Path, path: str, needle: str
) -> None:
    (tmp_path / "in.csv").write_bytes(GOOD)
    with pytest.raises(ConfigError, match=needle):
        FileRun(str(tmp_path / "in.csv"), str(tmp_path / path))


def test_the_input_is_never_the_output_even_through_a_link(tmp_path: Path) -> None:
    source, link = tmp_path / "in.csv", tmp_path / "link.csv"
    source.write_bytes(GOOD)
    link.symlink_to(source)
    for out in (source, link):
        with pytest.raises(ConfigError, match="is the input"):
            FileRun(str(source), str(out))
    assert source.read_bytes() == GOOD


def test_a_missing_input_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.csv: cannot read the input"):
        FileRun(str(tmp_path / "nowhere.csv"), str(tmp_path / "out.csv"))


def test_a_name_that_promises_another_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(GOOD)
    with pytest.raises(ConfigError, match="should be jsonl"):
        FileRun(str(tmp_path / "in.csv"), str(tmp_path / "out.jsonl"))


def test_an_error_in_the_middle_of_a_run_leaves_no_output(tmp_path: Path, leftovers: Leftovers) -> None:
    (tmp_path / "in.csv").write_bytes(GOOD)

    def fail(_: object) -> None:
        raise RuntimeError

    async def work(run: FileRun) -> None:
        async with AsyncEngine(providers=[], store="memory", env={}) as engine:
            await run.enrich(engine, on_result=fail)

    with pytest.raises(RuntimeError), FileRun(str(tmp_path / "in.csv"), str(tmp_path / "out.csv")) as run:
        asyncio.run(work(run))
    assert not (tmp_path / "out.csv").exists()
    assert leftovers() == []


@pytest.mark.skipif(os.name != "posix", reason="the system has no advisory locks")
def test_what_a_killed_run_left_is_removed_and_what_a_living_one_writes_is_not(tmp_path: Path) -> None:
    """The next run to the same output cleans up; a second one at the same time is refused and harms nothing."""
    target = tmp_path / "out.csv"
    killed = tmp_path / ".out.csv.0badc0de.part"
    killed.write_bytes(b"half")
    other = tmp_path / ".other.csv.0badc0de.part"
    other.write_bytes(b"half")
    with Output(str(target)) as living:
        assert not killed.exists()
        with pytest.raises(ConfigError, match=r"another run is writing .*out\.csv at this moment"):
            Output(str(target))
        living.write(b"first")
        living.commit()
    with Output(str(target)) as later:
        later.write(b"second")
        later.commit()
    assert target.read_bytes() == b"second"
    assert sorted(path.name for path in tmp_path.iterdir()) == [other.name, target.name]
