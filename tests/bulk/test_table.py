"""Tables in memory: the same kind comes back, with what was in it as it was, and results beside it."""

import asyncio
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from enrichcore import Acceptance, AsyncEngine, Engine
from enrichcore.bulk import Choice, Reading, enrich_batch, enrich_table
from enrichcore.errors import ConfigError
from enrichcore.model import Price
from enrichcore.testing import FakeProvider

pa = pytest.importorskip("pyarrow")
pandas = pytest.importorskip("pandas")
polars = pytest.importorskip("polars")

COLUMNS: dict[str, list[Any]] = {
    "id": [7, 8, 9, 10],
    "First Name": ["Ada", "Bob", "Ada", "Cleo"],
    "Email": ["ada@known.example", "bob@gone.example", "ada@known.example", "cleo@known.example"],
    "Mobile Phone": [None, None, None, "+1 202-555-0177"],
    "score": [0.5, None, 1.5, 2.0],
}
PHONES = ["+12025550143", None, "+12025550143", None]
STATUS = ["found", "not_found", "found", "skipped"]


def with_engine(**more: Any) -> dict[str, Any]:
    provider = FakeProvider({"ada@known.example": "+1 202-555-0143"}, name="fake", price=Price.per_hit(2))
    settings = {"fake": {"credit_price": "0.05"}}
    accept = Acceptance(allow_fictional=True)
    return {"providers": [provider], "store": "memory", "settings": settings, "acceptance": accept, "env": {}, **more}


@pytest.fixture
def engine() -> Iterator[Engine]:
    """An engine that knows one person, for ten cents."""
    with Engine(**with_engine()) as opened:
        yield opened


def arrow(columns: dict[str, list[Any]] | None = None) -> Any:
    return pa.table(COLUMNS if columns is None else columns)


def as_pandas() -> Any:
    return pandas.DataFrame(COLUMNS, index=["w", "x", "y", "z"])


KINDS: dict[str, Callable[[], Any]] = {
    "pyarrow table": arrow,
    "pyarrow batch": lambda: arrow().to_batches()[0],
    "polars": lambda: polars.DataFrame(COLUMNS),
    "pandas": as_pandas,
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_kind_comes_back_with_what_was_in_it_as_it_was(engine: Engine, kind: str) -> None:
    table = KINDS[kind]()
    done = enrich_table(table, engine, progress=False)
    assert type(done) is type(table)
    if kind == "pandas":
        pandas.testing.assert_frame_equal(done[list(COLUMNS)], table)
    else:
        own = done.select(list(COLUMNS))
        assert own.equals(table)
        assert own.schema == table.schema

    def column(name: str) -> list[Any]:
        values = done[name].to_pylist() if kind.startswith("pyarrow") else list(done[name])
        return [None if pandas.isna(each) else each for each in values]

    assert column("phone") == PHONES
    assert column("status") == STATUS
    assert column("cost") == [Decimal("0.1"), Decimal(0), Decimal(0), None]
    assert column("cached") == [False, False, True, None]
    assert [at is not None for at in column("found_at")] == [True, False, True, False]


def test_it_works_where_a_loop_runs_already_as_in_a_notebook() -> None:
    async def cell() -> Any:
        with Engine(**with_engine()) as engine:
            return enrich_table(arrow(), engine, progress=False)

    assert asyncio.run(cell()).column("phone").to_pylist() == PHONES


def test_a_cell_that_is_run_twice_buys_nothing_twice(engine: Engine) -> None:
    table = enrich_table(arrow(), engine, progress=False)
    again = enrich_table(arrow(), engine, progress=False)
    assert again.column("phone").equals(table.column("phone"))
    assert again.column("cost").to_pylist()[:3] == [0, 0, 0]
    assert len([row for row in engine.ledger() if row.credits]) == 1


def test_an_enriched_table_is_enriched_again_beside_itself(engine: Engine) -> None:
    """The result columns of the first time are columns like all others by then, and a phone of theirs is known."""
    once = enrich_table(arrow(), engine, progress=False)
    twice = enrich_table(once, engine, progress=False)
    assert twice.select(once.column_names).equals(once)
    assert twice.column("enrichcore_status").to_pylist() == ["skipped", "not_found", "skipped", "skipped"]


def test_the_bar_tells_how_far_it_is(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    told: list[tuple[int, int, int]] = []
    enrich_table(arrow(), engine, progress=lambda *how: told.append(how))
    assert told == [(1, 4, 1), (2, 4, 1), (3, 4, 2), (4, 4, 2)]
    assert capsys.readouterr().err == ""
    enrich_table(arrow(), engine)
    last = capsys.readouterr().err.rpartition("\r")[2]
    assert last == f"[{'#' * 30}] 4 of 4 rows, 2 found\n"


def test_choice_and_reading_are_those_of_files(engine: Engine) -> None:
    done = enrich_table(
        arrow(),
        engine,
        reading=Reading(prefix="e_", namespace="crm"),
        choice=Choice(include_known=True, limit=2),
        progress=False,
    )
    assert done.column("e_status").to_pylist() == ["found", "not_found", "skipped", "skipped"]
    assert done.column("e_record_id").to_pylist()[:2] == ["crm:7", "crm:8"]


def test_columns_of_lists_and_structs_stay_as_they_are(engine: Engine) -> None:
    table = arrow({"email": ["ada@known.example"], "tags": [["a", "b"]], "more": [{"x": 1}]})
    done = enrich_table(table, engine, progress=False)
    assert done.select(table.column_names).equals(table)
    assert done.column("status").to_pylist() == ["found"]


def test_no_rows_are_no_rows(engine: Engine) -> None:
    done = enrich_table(arrow().slice(0, 0), engine)
    assert done.num_rows == 0
    assert done.schema.field("cost").type == pa.decimal128(38, 9)


@pytest.mark.parametrize("rows", [1, 2048, 2049])
def test_a_table_of_any_length_and_of_several_chunks(engine: Engine, rows: int) -> None:
    emails = ["ada@known.example" if n % 3 == 0 else f"p{n}@gone.example" for n in range(rows)]
    half = rows // 2
    table = pa.table({"email": pa.chunked_array([emails[:half], emails[half:]], pa.string())})
    done = enrich_table(table, engine, progress=False)
    found = [
        email for email, status in zip(emails, done.column("status").to_pylist(), strict=True) if status == "found"
    ]
    assert found == [email for email in emails if email.startswith("ada")]


def test_a_batch_is_enriched_by_an_engine_that_is_awaited() -> None:
    async def work() -> Any:
        async with AsyncEngine(**with_engine()) as engine:
            return await enrich_batch(arrow().to_batches()[0], engine.for_tenant("globex"))

    done = asyncio.run(work())
    assert isinstance(done, pa.RecordBatch)
    assert done.column("phone").to_pylist() == PHONES


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (lambda: polars.DataFrame(COLUMNS).lazy(), "got LazyFrame; collect it first"),
        (lambda: {"email": ["a@b.example"]}, "expected a pyarrow, polars or pandas table, got dict"),
        (lambda: arrow({"colour": ["red"]}), "the table"),
        (lambda: pandas.DataFrame({"email": ["a@b.example", {1, 2}]}), "cannot be read as Arrow"),
    ],
)
def test_what_is_no_table_of_contacts_is_refused(engine: Engine, table: Callable[[], Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        enrich_table(table(), engine, progress=False)


def test_an_engine_that_is_awaited_is_sent_to_the_batch() -> None:
    with pytest.raises(TypeError, match="await enrich_batch instead"):
        enrich_table(arrow(), AsyncEngine(providers=[], store="memory", env={}))  # type: ignore[arg-type]


def test_no_frame_library_is_imported_by_it() -> None:
    program = "import sys, enrichcore.bulk.frames; print(sorted({'pandas', 'polars'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_example_of_a_task_may_be_retried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """docs/examples/dag_task.py with the providers of the demo: the second try finds the same and asks nobody."""
    from pyarrow import csv, parquet

    examples = Path(__file__).parents[2] / "docs" / "examples"
    task = runpy.run_path(str(examples / "dag_task.py"))["enrich_contacts"]
    monkeypatch.delenv("ENRICHCORE_CONFIG", raising=False)
    (tmp_path / "enrichcore.toml").write_text(
        f'[engine]\nproviders = ["directory", "echo"]\n[acceptance]\nallow_fictional = true\n'
        f'[store]\nurl = "sqlite:///{(tmp_path / "test.db").as_posix()}"\n'
        f'[providers.directory]\npath = "{(examples / "crm.csv").as_posix()}"\n'
        f'index = "{(tmp_path / "crm.index.db").as_posix()}"\n'
    )
    parquet.write_table(csv.read_csv(examples / "contacts.csv"), tmp_path / "in.parquet")
    paths = [str(tmp_path / name) for name in ("in.parquet", "out.parquet", "enrichcore.toml")]
    first = task(*paths)
    assert first["found"] > 10
    assert task(*paths) == first
    done = parquet.read_table(paths[1])
    assert done.num_rows == sum(first.values())
    asked = [cached for cached in done.column("cached").to_pylist() if cached is False]
    assert len(asked) <= first.get("invalid", 0)
    assert not list(tmp_path.glob("*.part"))
