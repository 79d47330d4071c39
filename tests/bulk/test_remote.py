"""Files that are elsewhere: read, and written when complete, through fsspec."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from enrichcore import Acceptance, AsyncEngine
from enrichcore.bulk import FileRun, Report
from enrichcore.bulk.output import Output, OutputError, is_same_file
from enrichcore.bulk.remote import is_remote, local, stamp
from enrichcore.bulk.source import Source
from enrichcore.errors import ConfigError
from enrichcore.testing import FakeProvider

CSV = b"record_id,email\n1,ada@known.example\n2,bob@other.example\n"
JSONL = b'{"record_id": "1", "email": "ada@known.example"}\n{"record_id": "2", "email": "bob@other.example"}\n'


@pytest.fixture
def cloud() -> Iterator[Any]:
    """A bucket in memory."""
    fs = fsspec.filesystem("memory")
    fs.makedirs("/bucket", exist_ok=True)
    yield fs
    fs.rm("/bucket", recursive=True)


def enrich(source: str, out: str) -> Report:
    async def work(run: FileRun) -> Report:
        phones = FakeProvider({"ada@known.example": "+1 202-555-0143"}, name="book", methods=["email"])
        accept = Acceptance(allow_fictional=True)
        async with AsyncEngine(providers=[phones], store="memory", acceptance=accept, env={}) as engine:
            return await run.enrich(engine)

    with FileRun(source, out) as run:
        return asyncio.run(work(run))


@pytest.mark.parametrize(("name", "data"), [("in.csv", CSV), ("in.jsonl", JSONL)])
def test_text_comes_from_there_and_goes_there(cloud: Any, name: str, data: bytes) -> None:
    cloud.pipe(f"/bucket/{name}", data)
    report = enrich(f"memory://bucket/{name}", f"memory://bucket/out.{name.split('.')[1]}")
    assert (report.rows, report.found) == (2, 1)
    assert b"+12025550143" in cloud.cat(f"/bucket/out.{name.split('.')[1]}")
    assert sorted(Path(path).name for path in cloud.ls("/bucket", detail=False)) == sorted(
        [name, f"out.{name.split('.')[1]}"]
    )


def test_parquet_comes_from_there_and_goes_there(cloud: Any) -> None:
    with cloud.open("/bucket/in.parquet", "wb") as file:
        pq.write_table(pa.table({"record_id": ["1", "2"], "email": ["ada@known.example", "bob@other.example"]}), file)
    enrich("memory://bucket/in.parquet", "memory://bucket/out.parquet")
    with cloud.open("/bucket/out.parquet", "rb") as file:
        assert pq.read_table(file).column("status").to_pylist() == ["found", "not_found"]


def test_here_and_there_can_be_mixed(cloud: Any, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(CSV)
    enrich(str(tmp_path / "in.csv"), "memory://bucket/out.csv")
    enrich("memory://bucket/out.csv", str(tmp_path / "again.csv"))
    assert (tmp_path / "again.csv").read_bytes().startswith(b"record_id,email,phone,")


@pytest.mark.skipif(sys.platform == "win32", reason="paths of POSIX")
def test_a_file_url_is_a_path(tmp_path: Path) -> None:
    folder = tmp_path / "with space"
    folder.mkdir()
    (folder / "in.csv").write_bytes(CSV)
    enrich((folder / "in.csv").as_uri(), (folder / "out.csv").as_uri())
    assert (folder / "out.csv").read_bytes().count(b"\n") == 3
    assert is_same_file((folder / "in.csv").as_uri(), str(folder / "in.csv"))


def test_a_run_that_fails_leaves_nothing_there_and_nothing_here(cloud: Any) -> None:
    cloud.pipe("/bucket/out.csv", b"old")
    with Output("memory://bucket/out.csv") as output:
        output.write(b"half")
        kept = output.temporary
    assert kept is not None
    assert not kept.exists()
    assert cloud.cat("/bucket/out.csv") == b"old"


def test_storage_that_refuses_is_an_output_error(cloud: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("no rights in this bucket")

    with Output("memory://bucket/out.csv") as output:
        output.write(b"whole")
        monkeypatch.setattr(type(cloud), "_open", refuse)
        with pytest.raises(OutputError, match="no rights in this bucket"):
            output.commit()


@pytest.mark.parametrize(
    ("url", "needle"),
    [
        ("memory://bucket/nowhere.csv", "cannot read the input: no such file"),
        ("nosuch://bucket/in.csv", "Protocol not known: nosuch"),
    ],
)
def test_what_cannot_be_read_is_refused(cloud: Any, url: str, needle: str) -> None:
    with pytest.raises(ConfigError, match=needle):
        Source.open(url)


@pytest.mark.parametrize(
    ("url", "needle"), [("memory://bucket", "is a folder"), ("nosuch://bucket/out.csv", "Protocol not known: nosuch")]
)
def test_what_cannot_be_written_is_refused_before_anybody_is_asked(cloud: Any, url: str, needle: str) -> None:
    with pytest.raises(ConfigError, match=needle):
        Output(url)


def test_without_fsspec_it_is_said_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(ConfigError, match=r"pip install 'enrichcore\[files\]'"):
        Source.open("memory://bucket/in.csv")
    with pytest.raises(ConfigError, match=r"pip install 'enrichcore\[files\]'"):
        Output("memory://bucket/out.csv")


def test_a_change_there_is_seen(cloud: Any) -> None:
    cloud.pipe("/bucket/in.csv", CSV)
    before = stamp("memory://bucket/in.csv")
    assert before is not None
    assert stamp("memory://bucket/in.csv") == before
    cloud.pipe("/bucket/in.csv", CSV + b"3,cyd@known.example\n")
    assert stamp("memory://bucket/in.csv") != before
    assert stamp("memory://bucket/nowhere.csv") is None


@pytest.mark.parametrize(
    ("path", "remote"),
    [
        ("s3://bucket/in.csv", True),
        ("zip://in.csv::s3://bucket/a.zip", True),
        ("in.csv", False),
        ("C:\\in.csv", False),
        ("C://in.csv", False),
        ("file:///in.csv", False),
        ("-", False),
        ("a:b.csv", False),
    ],
)
def test_a_url_is_told_from_a_path(path: str, remote: bool) -> None:
    assert is_remote(path) is remote
    assert local(path) == path.removeprefix("file://")
