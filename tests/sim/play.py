"""Play a seed: the loop, the stage, the rules, and what came of it."""

import asyncio
import gc
import hashlib
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import attrs

from enrichcore.engine.retry import RetryBudget
from tests.sim import making, rules_end, scenario
from tests.sim.history import History, Violation
from tests.sim.loop import Stuck, VirtualLoop
from tests.sim.quick import quick
from tests.sim.rules_answers import DEAF_GRACE, GRACE, AnswerRules
from tests.sim.rules_calls import CallRules
from tests.sim.rules_expiry import ExpiryRules
from tests.sim.rules_money import MoneyRules, nothing_over_budget_is_kept, over_budget_is_never_a_miss
from tests.sim.rules_privacy import PrivacyRules
from tests.sim.rules_rates import RateRules
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
        return play_scenario(making.make(seed))
    with tempfile.TemporaryDirectory(dir=SHARED_MEMORY if SHARED_MEMORY.is_dir() else None) as folder:
        return play_scenario(making.make(seed), Path(folder))


def play_scenario(plan: scenario.Scenario, folder: Path | None = None) -> Report:
    """Play one scenario, on SQLite if there is a folder for it; the schedule is decided by its seed."""
    loop = VirtualLoop(random.Random(f"schedule {plan.seed}"), fifo=plan.fifo)
    world = World(plan, loop, folder)
    history = world.history
    deaf = any(
        Fault.DEAF in vendor.kinds or any(Fault.DEAF in o.faults for o in vendor.outages) for vendor in plan.vendors
    )
    latency = plan.latency or 0.0
    CallRules(history, world.ledger, slack=4 * latency + 0.005)
    money = MoneyRules(history, world.ledger, plan, slack=4 * latency + 0.005)
    RateRules(history, world.ledger, slack=12 * latency + 0.005)
    privacy = PrivacyRules(history, world.ledger, slack=4 * latency + 0.005)
    ExpiryRules(history, world.ledger, world.vendors)
    AnswerRules(history, grace=GRACE + 8 * latency + (DEAF_GRACE if deaf else 0.0))
    history.on_end.append(lambda request: over_budget_is_never_a_miss(history, request))
    loop.set_exception_handler(lambda _loop, context: history.broken("the_loop_hears_no_error", _said(context)))
    with quick(history), _reserve(plan.reserve), without_threads():
        collects = gc.isenabled()
        gc.disable()
        try:
            loop.run_until_complete(world.play())
        except Stuck as stuck:
            history.broken("everybody_was_answered", str(stuck))
        finally:
            _check_the_end(world)
            privacy.in_the_end()
            money.the_money_agrees_with_the_invoice(world.vendors)
            _clear_away(world, loop)
            world.ledger.close()
            if collects:
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
    yield from {f"decided {'billed' if billed else 'not billed'}" for billed in history.decided.values()}
    if history.expiries:
        yield "expired"
    for wish in history.wishes:
        if wish.ended is not None:
            yield "taken off"
        if wish.done is not None:
            yield "forgotten" if wish.entry is None else f"listed {wish.entry.kind}"
    yield from {f"strike: {kind}" for kind in history.strikes}
    if history.jumps:
        yield "jumped"


def _check_the_end(world: World) -> None:
    history = world.history
    rules_end.the_journal_agrees_with_the_invoice(history, world.vendors, world.ledger)
    for bulk in history.bulks:
        rules_end.bulk_rows_are_answered_once(history, bulk)
    rules_end.everybody_was_answered(history)
    nothing_over_budget_is_kept(history, world.ledger)
    rules_end.nothing_personal_is_logged(history)
    rules_end.nothing_is_left_behind(history)
    rules_end.knowledge_is_kept(history, world.ledger)


def _clear_away(world: World, loop: VirtualLoop) -> None:
    """End what dead processes have left, without letting it touch anything."""
    history = world.history
    for listeners in (history.on_call, history.on_sent, history.on_row, history.on_event, history.on_end):
        listeners.clear()
    history.on_write.clear()
    history.on_attempt.clear()
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


@contextmanager
def _reserve(retries: float) -> Iterator[None]:
    before, RetryBudget.RESERVE = RetryBudget.RESERVE, retries
    try:
        yield
    finally:
        RetryBudget.RESERVE = before
