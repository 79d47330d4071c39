"""Checks of how a provider lives beside others: jobs, cancellation, many at once, opening and closing, transports."""

import asyncio
import functools
import threading
from typing import Final

import attrs

from enrichcore.engine.transport import Kind, make_transport
from enrichcore.errors import ConfigError
from enrichcore.model import Billed, Query
from enrichcore.testing.act import fault
from enrichcore.testing.bench import DEADLINE, Bench, Told
from enrichcore.testing.cases import Case, Exchange
from enrichcore.testing.check_answers import numbered, whole
from enrichcore.testing.checks import check, expect, skip
from enrichcore.testing.server import VendorServer

JOBS: Final = "when-the-answer-comes-later"
LIFE: Final = "what-goes-wrong-and-who-notices"
TOGETHER: Final = 50
A_DAY: Final = 86_400.0


@check("job.pending", JOBS)
def pending(bench: Bench) -> None:
    """A job that runs for ever is `pending` at the deadline: nothing is lost, nothing is bought, nobody hangs."""
    for case in bench.job_cases():
        for running in case.pending:
            for exchange in case.found:
                [looked] = bench.look_up(case, (*exchange[:-1], *running))
                expect(looked.word == "pending", f"`pending` by {case} at the deadline", looked.word)
                due = Billed.UNKNOWN if bench.paid() else Billed.NO
                expect(looked.attempt.billed is due, f"billed {due.value} by {case}", looked.attempt.billed.value)
                most = len(exchange) - 1 + DEADLINE / max(bench.provider.poll.first, 0.1) + 1
                expect(len(looked.asked) <= most, "polls that come ever more rarely", f"{len(looked.asked)} requests")


@check("job.resumed", JOBS)
def resumed(bench: Bench) -> None:
    """The next lookup collects a job that was pending, and submits nothing."""
    for case in bench.job_cases():
        if not bench.paid():
            skip("what is free is asked again instead")
        for exchange in case.found:
            first, second = bench.look_up(case, (*exchange[:-1], *case.pending[0]), (exchange[-1],))
            expect(first.word == "pending", f"`pending` by {case}", first.word)
            wanted = "miss" if case.phones == () else "hit"
            expect(second.word == wanted, f"a {wanted} by {case} from the stored job", second.word)
            expect(len(second.asked) == 1, "one poll and no submission", f"{len(second.asked)} requests")


@check("job.polled_until_it_ends", JOBS)
def polled(bench: Bench) -> None:
    """A job is polled until it answers, and was submitted once."""
    for case in bench.job_cases():
        for exchange in case.found:
            middle = [act for running in case.pending for act in running]
            [looked] = bench.look_up(case, (*exchange[:-1], *middle, exchange[-1]), deadline=A_DAY)
            wanted = "miss" if case.phones == () else "hit"
            expect(looked.word == wanted, f"a {wanted} by {case}", looked.word)
            due = len(exchange) + len(middle)
            expect(len(looked.asked) == due, f"{due} requests by {case}", f"{len(looked.asked)}")


@check("life.cancelled", LIFE)
def cancelled(bench: Bench) -> None:
    """A call that is cancelled ends at once and leaves nothing running."""
    for case in bench.http_cases():
        for exchange in case.found:
            for place in range(len(exchange)):
                bench.run(functools.partial(_cancel, bench, case, (*exchange[:place], fault("never"))))


async def _cancel(bench: Bench, case: Case, exchange: Exchange) -> None:
    before, threads = asyncio.all_tasks(), threading.active_count()
    task = asyncio.create_task(bench.ask(bench.query(case), exchange))
    for _ in range(20):
        await asyncio.sleep(0)
    expect(not task.done(), f"a call by {case} that waits for the vendor", "one that has ended")
    task.cancel()
    for _ in range(20):
        await asyncio.sleep(0)
    expect(task.done(), f"a call by {case} that ends when it is cancelled", "one that goes on")
    expect(task.cancelled(), f"a cancellation that passes through the hook of {case}", "one that was swallowed")
    left = asyncio.all_tasks() - before
    expect(not left, "no task left behind", f"{len(left)}")
    expect(threading.active_count() <= threads, "no thread left behind", f"{threading.active_count() - threads}")


@check("life.many_at_once", LIFE)
def many_at_once(bench: Bench) -> None:
    """Fifty questions at once get fifty answers, each its own: the provider keeps nothing between the lines."""
    phones = [f"+1 212-555-01{number:02d}" for number in range(TOGETHER)]
    for case in bench.cases.cases:
        exchanges = numbered(bench, case, case.found[0] if case.found else (), phones)
        for number, exchange in enumerate(exchanges):
            if case.not_found and number % 5 == 4:  # noqa: PLR2004 - every fifth
                exchanges[number] = whole(case, case.not_found[0])
            elif exchange:
                exchanges[number] = tuple(attrs.evolve(act, after=(7 * number) % 11 / 100) for act in exchange)
        alone = bench.tell_all(case, exchanges)
        query = bench.query(case)

        async def together(query: Query = query, exchanges: list[Exchange] = exchanges) -> list[Told]:
            return list(await asyncio.gather(*(bench.ask(query, exchange) for exchange in exchanges)))

        for one, other in zip(alone, bench.run(together), strict=True):
            expect(one.outcome == other.outcome, f"the answer of {case} when it is asked alone", other.word)


@check("life.setup_and_close", LIFE)
def setup_and_close(bench: Bench) -> None:
    """It opens and closes, twice, and leaves no task behind."""

    async def twice() -> int:
        before = asyncio.all_tasks()
        for _ in range(2):
            async with bench.opened():
                pass
        await bench.provider.aclose()  # once too often is no harm
        return len(asyncio.all_tasks() - before)

    left = bench.clock.run(twice())
    expect(not left, "no task left behind", f"{left}")


@check("life.transports", LIFE)
def transports(bench: Bench) -> None:
    """Over real sockets it finds and does not find, through the plain and, where installed, the fast transport."""
    fast = True
    try:
        make_transport("fast")
    except ConfigError:
        fast = False
    for number, case in enumerate(bench.http_cases()):
        ends: list[tuple[Exchange, Kind]] = [(exchange, "plain") for exchange in case.found[:1]]
        if number == 0:  # opening an engine over sockets takes its time, and the others would say the same
            ends += [(whole(case, exchange), "plain") for exchange in case.not_found[:1]]
            ends += [(exchange, "fast") for exchange in case.found[:1] if fast]
        for exchange, kind in ends:
            scripted, real = _both(bench, case, exchange, kind)
            expect(real == scripted, f"{scripted} by {case} over the {kind} transport", real)


def _both(bench: Bench, case: Case, exchange: Exchange, kind: Kind) -> tuple[str, str]:
    [scripted] = bench.look_up(case, exchange)
    [real] = bench.look_up(case, exchange, deadline=A_DAY, kind=kind, real=lambda acts: VendorServer(*acts))
    return f"{scripted.word} {scripted.attempt.billed}", f"{real.word} {real.attempt.billed}"
