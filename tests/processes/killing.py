"""Killing runs with -9 at random moments, and counting what that did."""

import random
import signal
import statistics
import subprocess
import time
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from enrichcore.model.money import nano
from tests.processes import journals
from tests.processes.desk import PRICES, Books, Desk, Figures
from tests.processes.watching import Watched, watch

if TYPE_CHECKING:
    from collections.abc import Iterator

RECORD, DAY, HOLDFAST = Decimal("0.30"), Decimal(1000), Decimal(500)
"""Limits that leave room: of a record, as a repeat counts once more for as long as the lost call is in doubt."""
BUDGETS = f"""
[budget]
record = "{RECORD} USD"
day = "{DAY} USD"
[budget.providers]
holdfast = "{HOLDFAST} USD"
"""


@attrs.frozen
class Moment:
    """When to kill: after so many more questions to the vendors, and then so many seconds."""

    questions: int
    seconds: float


def moment(rng: random.Random, left: int, kills_left: int) -> Moment:
    """A moment for the next kill; the last ones fall near the end of the run or into its repetition."""
    if left <= 0:
        return Moment(0, rng.uniform(0.2, 1.5))
    if rng.random() < 0.15:
        return Moment(0, rng.uniform(0, 1))
    if kills_left <= 2:
        return Moment(max(left - rng.randrange(20), 1), rng.uniform(0, 0.3))
    return Moment(rng.randint(1, max(2 * left // kills_left, 1)), rng.uniform(0, 0.03))


def kill(desk: Desk, process: "subprocess.Popen[bytes]", when: Moment) -> bool:
    """Kill the process at a moment; whether it still ran then."""
    goal = desk.vendors.calls() + when.questions
    while when.questions and desk.vendors.calls() < goal and process.poll() is None:
        time.sleep(0.002)
    time.sleep(when.seconds)
    process.kill()
    process.communicate()
    return process.returncode == -9


@attrs.define
class Life:
    """One process from its start to its end; `owner` once it has the journal open."""

    process: "subprocess.Popen[bytes]"
    out: str
    owner: int | None = None


@attrs.define
class Ordeal:
    """Several processes on one journal and one input, killed until there were `kills`; and what came of it."""

    desk: Desk
    rows: int
    kills: int
    processes: int
    rng: random.Random
    concurrency: int = 50
    done: int = 0
    in_flight: int = 0
    restarts: list[float] = attrs.field(factory=list)
    lives: list[Life] = attrs.field(factory=list)
    watched: list[Watched] = attrs.field(factory=list)
    restarted: float | None = None
    """When the first process was started after all had died; None once an attempt of theirs was seen to be durable."""

    def survive(self) -> tuple[Figures, Books]:
        """Kill through a run on too small a budget and one on a larger budget, let it end, and audit it."""
        desk = self.desk
        desk.write_contacts(self.rows)
        needed = self._needed()
        # Each process has an output and so a run of its own: together they may spend the small budget once.
        small, large = round(needed * Decimal("0.6") / self.processes, 2), round(needed * 4, 2)
        self._until(self.kills * 6 // 10, small, ended=3)
        assert desk.vendors.calls() < self._questions()
        if not desk.out.exists():
            code, said = desk.run("--budget", f"{small} USD", concurrency=self.concurrency)
            assert code == 3, said
            assert "over budget" in said
        assert {row["reason"] for row in desk.results()} >= {"over_budget"}
        self._until(self.kills, large, ended=None)
        code, said = desk.run("--budget", f"{large} USD")
        figures = desk.audit()
        assert code == (3 if figures.status["incomplete"] else 0), said
        calls, written = desk.vendors.calls(), desk.out.read_bytes()
        assert desk.run("--budget", f"{large} USD")[0] == code
        assert (desk.vendors.calls(), desk.out.read_bytes()) == (calls, written)
        return figures, desk.reconcile()

    def _truth(self) -> "Iterator[list[str | None]]":
        truth = self.desk.vendors.admin("truth", [row["email"] for row in self.desk.contacts()])
        return ([truth[vendor][row["email"]] for vendor in PRICES] for row in self.desk.contacts())

    def _questions(self) -> int:
        return sum(1 + (not first) * (1 + (not second)) for first, second, _ in self._truth())

    def _needed(self) -> Decimal:
        """What the run costs when nothing is in doubt."""
        costs = list(PRICES.values())
        found = (next((n for n, phone in enumerate(phones) if phone), None) for phones in self._truth())
        return sum((costs[n] for n in found if n is not None), Decimal(0))

    def _until(self, kills: int, budget: Decimal, *, ended: int | None) -> None:
        """Kill until there were so many kills, or until all processes have ended by themselves with this code."""
        desk = self.desk
        limits = {"run:": budget, "record": RECORD, "day:": DAY, "provider:holdfast:": HOLDFAST}
        with watch(desk.store, {scope: nano(limit) for scope, limit in limits.items()}) as watched:
            left = self._questions() - desk.vendors.calls()
            if ended is not None:
                left = left * 6 // 10
            gone: list[Life] = []
            while self.done < kills:
                if not self.lives:
                    self.restarted = time.monotonic()
                while len(self.lives) < self.processes:
                    out = next(out for out in self._outs() if out not in {life.out for life in self.lives})
                    process = desk.start("--budget", f"{budget} USD", out=out, concurrency=self.concurrency)
                    self.lives.append(Life(process, out))
                before = desk.vendors.calls()
                self._wait(moment(self.rng, left, kills - self.done))
                left -= desk.vendors.calls() - before
                self._kill(kills - self.done)
                gone = [life for life in self.lives if life.process.returncode not in {None, -9}]
                for life in gone:
                    self._end(life)
                if ended is not None and ended in {life.process.returncode for life in gone}:
                    break
                self.lives = [life for life in self.lives if life.process.returncode is None]
            for life in self.lives:
                if life not in gone and life.process.returncode is None:
                    self._end(life)
            self.lives.clear()
        self.watched.append(watched)

    def _outs(self) -> list[str]:
        return [self.desk.out.name, *(f"out-{number}.csv" for number in range(1, self.processes))]

    def _end(self, life: Life) -> None:
        """Let a process that the kills have left alone come to its own end."""
        said = life.process.communicate(timeout=600)[1].decode()
        assert life.process.returncode in {0, 3}, said
        assert "Traceback" not in said, said

    def _wait(self, when: Moment) -> None:
        goal = self.desk.vendors.calls() + when.questions
        while when.questions and self.desk.vendors.calls() < goal and self._run():
            self._look()
            time.sleep(0.003)
        end = time.monotonic() + when.seconds
        while time.monotonic() < end and self._run():
            self._look()
            time.sleep(0.003)

    def _run(self) -> bool:
        return any(life.process.poll() is None for life in self.lives)

    def _look(self) -> None:
        """Note when a process has its first own row in the journal, after all had died."""
        for life in self.lives:
            if self.restarted is None:
                break
            if life.owner is None:
                life.owner = journals.owner_of(self.desk.store, life.process.pid)
            elif journals.has_written(self.desk.store, life.owner):
                self.restarts.append(time.monotonic() - self.restarted)
                self.restarted = None

    def _kill(self, most: int) -> None:
        """Kill one process or, once in three times, all of them; what they had in flight is counted before."""
        living = [life for life in self.lives if life.process.poll() is None]
        victims = living if self.rng.random() < 1 / 3 else self.rng.sample(living, min(1, len(living)))
        for life in victims[:most]:
            # What it holds can only be told as long as nobody takes it over, so it is stopped first.
            life.process.send_signal(signal.SIGSTOP)
        time.sleep(0.01)
        for life in victims[:most]:
            owner = life.owner or journals.owner_of(self.desk.store, life.process.pid)
            flying = 0 if owner is None else journals.open_intents(self.desk.store, owner)
            life.process.kill()
            life.process.communicate()
            if life.process.returncode == -9:
                self.done += 1
                self.in_flight += flying

    def told(self, name: str, figures: Figures, books: Books) -> str:
        """What was counted, in a line."""
        found = Counter(figures.status)
        times = sorted(self.restarts)
        return (
            f"{name}: rows {figures.rows:,} ({', '.join(f'{k} {v:,}' for k, v in found.items())}), kills {self.done}, "
            f"asked {figures.asked:,}, billed {figures.billed:,}, doubles {figures.doubles}, "
            f"in doubt {figures.in_doubt:,} of {self.in_flight:,} in flight, invoice {books.invoice} USD, "
            f"ledger {books.paid} + in doubt {books.doubt}, budget looked at {sum(w.samples for w in self.watched):,} "
            f"times, at most {max((w.share for w in self.watched), default=0):.4f} of it used, first new row after "
            f"{statistics.median(times):.2f} s (median), {times[-1]:.2f} s (longest of {len(times)})"
        )
