"""Runs on a Dask cluster of real processes, whose workers share a journal in Postgres, and are killed.

The workers alone have keys. What the vendors billed is the measure.
"""

import csv
import importlib.util
import time
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import attrs
import pytest

from tests.processes.dask_cluster import DaskCluster
from tests.processes.desk import Desk
from tests.processes.killing import BUDGETS

NewDesk = Callable[..., Desk]
Start = Callable[..., DaskCluster]


@pytest.fixture
def cluster(require: Callable[[str], NoReturn]) -> Iterator[Start]:
    """Starts a cluster for a desk; it ends with the test."""
    if importlib.util.find_spec("distributed") is None:
        require("needs distributed (the extra `dask`)")
    made: list[DaskCluster] = []

    def start(desk: Desk, workers: int = 2, **more: Any) -> DaskCluster:
        made.append(DaskCluster(desk.folder, desk.environment))
        made[-1].start(workers, **more)
        return made[-1]

    yield start
    for each in made:
        each.close()


def command(desk: Desk, cluster: DaskCluster, *more: str, **options: Any) -> Any:
    """Start the command where nobody has a key."""
    without = attrs.evolve(desk, environment=cluster.keyless)
    return without.start("--dask", cluster.address, *more, **options)


def finish(process: Any) -> tuple[int, str]:
    said = process.communicate(timeout=900)[1].decode()
    assert "Traceback" not in said, said
    return process.returncode, said


def rows_of(desk: Desk) -> list[dict[str, str]]:
    """The output, row by row; what is in doubt has cost nobody knows what."""
    rows = desk.results()
    for row in rows:
        row["cost"] = row["cost"] or "0"
    return rows


def survive(desk: Desk, cluster: DaskCluster, *, rows: int) -> str:
    """A worker is killed, then the scheduler; the command is run again on another cluster. Audited at its end."""
    desk.write_contacts(rows)
    first = command(desk, cluster)
    while desk.vendors.calls() < rows // 4:
        time.sleep(0.01)
    cluster.kill_worker()
    at_first_kill = desk.vendors.calls()
    while desk.vendors.calls() < at_first_kill + rows // 4:
        assert first.poll() is None
        time.sleep(0.01)
    cluster.kill_scheduler()
    code, said = finish(first)
    assert code == 1, said
    assert "run the same again to go on where it was" in said
    assert not desk.out.exists()
    cluster.close()
    at_second_kill = desk.vendors.calls()
    cluster.start(2)
    code, said = finish(command(desk, cluster))
    figures = desk.audit()
    assert code == (3 if figures.status["incomplete"] else 0), said
    assert (figures.rows, figures.doubles) == (rows, 0)
    calls, written = desk.vendors.calls(), rows_of(desk)
    assert finish(command(desk, cluster))[0] == code
    assert (desk.vendors.calls(), rows_of(desk)) == (calls, written)
    desk.reconcile()
    return (
        f"{rows:,} rows, a worker killed at {at_first_kill:,} calls, the scheduler at {at_second_kill:,}: "
        f"{figures.rows:,} rows out, asked {figures.asked:,}, billed {figures.billed:,}, doubles 0, "
        f"in doubt {figures.in_doubt}"
    )


def test_a_lost_worker_and_a_lost_scheduler_lose_nothing_and_pay_for_nothing_twice(
    new_desk: NewDesk, cluster: Start
) -> None:
    """500 rows; the command, which has no key, is run again on a new cluster and is through."""
    desk = new_desk("postgres", BUDGETS)
    desk.vendors.admin("slowest", 0.5)
    survive(desk, cluster(desk), rows=500)


@pytest.mark.proof
def test_fifty_thousand_rows_survive_a_lost_worker_and_a_lost_scheduler(
    new_desk: NewDesk, cluster: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = new_desk("postgres", BUDGETS)
    desk.vendors.admin("slowest", 0.3)
    began = time.monotonic()
    told = survive(desk, cluster(desk), rows=50_000)
    with capsys.disabled():
        print(f"\n{told}, {time.monotonic() - began:.0f} s")


def test_whole_files_are_enriched_where_the_workers_are(new_desk: NewDesk, cluster: Start) -> None:
    """A folder of partitions in, a folder with an output for each; both workers take part."""
    desk = new_desk("postgres", BUDGETS)
    desk.write_contacts(120)
    (desk.folder / "parts").mkdir()
    rows = desk.contacts()
    for n in range(3):
        with (desk.folder / "parts" / f"part-{n}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows[40 * n : 40 * n + 40])
    running = cluster(desk)
    code, said = finish(command(desk, running, source="parts", out="done"))
    assert code == 0, said
    assert "120 rows" in said
    assert sorted(path.name for path in (desk.folder / "done").iterdir()) == [f"part-{n}.csv" for n in range(3)]
    joined = [line for n in range(3) for line in desk.results(f"done/part-{n}.csv")]
    with desk.out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(joined[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(joined)
    figures = desk.audit()
    assert (figures.rows, figures.doubles, figures.in_doubt) == (120, 0, 0)
    owners = {row.owner for row in desk.attempts()}
    assert len(owners) == 2  # both workers took part


def test_nobody_but_the_workers_needs_a_key_and_money_needs_a_limit(new_desk: NewDesk, cluster: Start) -> None:
    """Without a limit nothing is bought; a worker whose journal nobody shares, and no scheduler, are said in a line."""
    desk = new_desk("postgres")
    desk.write_contacts(5)
    running = cluster(desk, 1)
    code, said = finish(command(desk, running, yes=False))
    assert (code, desk.vendors.calls()) == (2, 0)
    assert "may cost money and no limit is set: nothing was done" in said
    code, said = finish(command(desk, running, "--budget", "1 USD"))
    assert code == 0, said
    assert desk.audit().rows == 5
    running.close()
    config = desk.folder / "test.toml"
    config.write_text(config.read_text().replace(f'url = "{desk.store.url}"', 'url = "sqlite:///own.db"'))
    running.start(1)
    code, said = finish(command(desk, running))
    assert code == 2
    assert "workers need a journal that all of them share" in said
    running.close()
    code, said = finish(command(desk, running))
    assert code == 2
    assert "there is no Dask scheduler at" in said
