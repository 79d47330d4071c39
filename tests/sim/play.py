"""Play a seed: the loop, the stage, the rules, and what came of it."""

import asyncio
import gc
import hashlib
import logging
import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import attrs
import pluggy

from enrichcore.engine.retry import RetryBudget
from tests.sim import rules_end, scenario
from tests.sim.history import History, Violation
from tests.sim.loop import Stuck, VirtualLoop
from tests.sim.rules_answers import DEAF_GRACE, GRACE, AnswerRules
from tests.sim.rules_calls import CallRules
from tests.sim.sqlite_journal import without_threads
from tests.sim.vendor import Fault
from tests.sim.world import World

SHARED_MEMORY: Final = Path("/dev/shm")
"""Where the journals are made on systems that have it."""


@attrs.frozen(kw_only=True)
class Report:
    """What a seed led to. `digest` is the hash of the whole trace, `seen` names the situations that it reached."""

    seed: int
    violations: tuple[Violation, ...]
    trace: tuple[str, ...]
    digest: str
    steps: int
    calls: int
    requests: int
    seconds: float
    seen: frozenset[str]


def play(seed: int, *, on_sqlite: bool = False) -> Report:
    """Play one seed."""
    if not on_sqlite:
        return play_scenario(scenario.make(seed))
    with tempfile.TemporaryDirectory(dir=SHARED_MEMORY if SHARED_MEMORY.is_dir() else None) as folder:
        return play_scenario(scenario.make(seed), Path(folder))


def play_scenario(plan: scenario.Scenario, folder: Path | None = None) -> Report:
    """Play one scenario, on SQLite if there is a folder for it; the schedule is decided by its seed."""
    loop = VirtualLoop(random.Random(f"schedule {plan.seed}"), fifo=plan.fifo)
    world = World(plan, loop, folder)
    history = world.history
    deaf = any(Fault.DEAF in vendor.kinds for vendor in plan.vendors)
    latency = plan.latency or 0.0
    CallRules(history, world.ledger, slack=4 * latency + 0.005)
    AnswerRules(history, grace=GRACE + 8 * latency + (DEAF_GRACE if deaf else 0.0))
    loop.set_exception_handler(lambda _loop, context: history.broken("the_loop_hears_no_error", _said(context)))
    with _listening(history), _quick_plugins(), _reserve(plan.reserve), without_threads():
        gc.disable()
        try:
            loop.run_until_complete(world.play())
        except Stuck as stuck:
            history.broken("everybody_was_answered", str(stuck))
        finally:
            _check_the_end(world)
            _clear_away(world, loop)
            world.ledger.close()
            gc.enable()
    text = "\n".join(history.trace)
    return Report(
        seed=plan.seed,
        violations=tuple(history.violations),
        trace=tuple(history.trace),
        digest=hashlib.sha256(f"{text}\n{loop.steps}".encode()).hexdigest(),
        steps=loop.steps,
        calls=len(history.calls),
        requests=len(history.requests),
        seconds=loop.time(),
        seen=frozenset(_seen(history)),
    )


def _seen(history: History) -> Iterator[str]:
    """The reasons of attempts and rows, the statuses of answers, the states of providers, and what befell processes."""
    for row in history.rows.values():
        yield f"row {row.reason if row.reason is not None else row.outcome}"
    for request in history.requests:
        yield "left" if request.left else "answered"
        if request.error is not None:
            yield type(request.error).__name__
        if request.result is not None:
            yield request.result.status.value
            yield from (f"{a.outcome} {a.reason}" for a in request.result.attempts if a.reason is not None)
    for event in history.events:
        if "state" in event.keys:
            yield f"state {event.keys['state']}"
    for process in history.owners.values():
        yield "killed" if process.ended_badly else "ended well"
    if history.jumps:
        yield "jumped"


def _check_the_end(world: World) -> None:
    history = world.history
    rules_end.the_journal_agrees_with_the_invoice(history, world.vendors, world.ledger)
    for bulk in history.bulks:
        rules_end.bulk_rows_are_answered_once(history, bulk)
    rules_end.everybody_was_answered(history)
    rules_end.nothing_personal_is_logged(history)
    rules_end.nothing_is_left_behind(history)
    rules_end.knowledge_is_kept(history, world.ledger)


def _clear_away(world: World, loop: VirtualLoop) -> None:
    """End what dead processes have left, without letting it touch anything."""
    for listeners in (world.history.on_call, world.history.on_sent, world.history.on_row, world.history.on_event):
        listeners.clear()
    world.history.on_end.clear()
    loop.set_exception_handler(lambda _loop, _context: None)
    steps, trace = loop.steps, list(world.history.trace)
    loop.reap()
    for process in world.processes:
        process.dead = True

    async def reap() -> None:
        for _ in range(5):
            left = [task for _, task in loop.tasks if not task.done() and task is not asyncio.current_task()]
            for task in left:
                task.cancel()
            if not left:
                return
            await asyncio.sleep(60.0)

    loop.run_until_complete(reap())
    loop.steps, world.history.trace = steps, trace
    loop.close()


def _said(context: dict[str, Any]) -> str:
    return f"{context.get('message')}: {context.get('exception')!r}"


class _Handler(logging.Handler):
    def __init__(self, history: History) -> None:
        super().__init__(logging.INFO)
        self._history = history

    def emit(self, record: logging.LogRecord) -> None:
        keys = dict(record.enrichcore)  # type: ignore[attr-defined]
        self._history.event(keys.pop("event"), keys)


@contextmanager
def _listening(history: History) -> Iterator[None]:
    """Every log event of the engine goes into the history, and nowhere else."""
    logger = logging.getLogger("enrichcore")
    handler, level, propagate = _Handler(history), logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        logger.propagate = propagate


@contextmanager
def _reserve(retries: float) -> Iterator[None]:
    before, RetryBudget.RESERVE = RetryBudget.RESERVE, retries
    try:
        yield
    finally:
        RetryBudget.RESERVE = before


_SEEN: dict[tuple[type, str, Callable[..., Any]], Any] = {}


@contextmanager
def _quick_plugins() -> Iterator[None]:
    """Pluggy looks at every attribute of every plugin again; here the same few classes come a thousand times."""
    manager = pluggy.PluginManager
    implementation = manager.parse_hookimpl_opts

    def parse(self: pluggy.PluginManager, plugin: object, name: str) -> Any:
        key = (type(plugin), name, implementation)
        if key not in _SEEN:
            _SEEN[key] = implementation(self, plugin, name)
        return _SEEN[key]

    manager.parse_hookimpl_opts = parse  # type: ignore[method-assign]
    try:
        yield
    finally:
        manager.parse_hookimpl_opts = implementation  # type: ignore[method-assign]
