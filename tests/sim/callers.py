"""Those who want something of a process: one number, many, or not to be looked up."""

import asyncio
import contextvars
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from decimal import Decimal
from typing import Any

from enrichcore.model import PhoneResult, Status
from tests.sim.history import REQUEST, Bulk, History, Request, Wish
from tests.sim.people import WHO, Case
from tests.sim.process import EVERY_NUMBER, MOBILES, Process
from tests.sim.scenario import Batch, Forget, Look, Suppress, Unsuppress


class Callers:
    """All of them. `on_strike` hears of a process that is to end, and how, while somebody waits for its answer."""

    def __init__(self, history: History, on_strike: Callable[[Process, str], None]) -> None:
        self._history = history
        self._on_strike = on_strike
        self._awaited: dict[Request, asyncio.Task[Any]] = {}
        """Whose strikes are still to come."""

    # --- who does not want it -----------------------------------------------------------------------------------------

    async def wish(self, process: Process, action: Suppress | Forget) -> None:
        """Suppress or forget somebody; it is done when the engine says so, not when that fails."""
        history = self._history
        entry = action.entry if isinstance(action, Suppress) else None
        wish = Wish(process.tenant, entry, action.human, process)
        keyer = process.inside.keyer
        wish.questions = frozenset(
            keyer.query(key) for (_, key), number in WHO.items() if number == action.human.number
        )
        history.wishes.append(wish)
        history.note(f"{process} is to {'forget' if entry is None else entry.kind} person {action.human.number}")

        async def work() -> None:
            if isinstance(action, Suppress):
                await process.face.suppress([action.entry])
            else:
                await process.face.forget(action.contact)
            wish.done = history.now
            history.note(f"{process} has done it for person {action.human.number}")

        done = process.spawn(work())
        error = await process.outcome(done)
        if error is not None and process.store.mishap.failed_at is None:
            history.broken("errors_have_a_cause", f"{process} fails with {error!r}")

    async def unwish(self, process: Process, action: Unsuppress) -> None:
        """Somebody may be looked up again."""
        history, entry = self._history, action.entry
        for wish in history.wishes_for(process, entry):
            wish.ending = history.now
        history.lifting.append((process, entry))
        history.note(f"{process} is to take the {entry.kind} of person {action.human.number} off the list")
        await self._done(process, process.face.unsuppress([entry]))

    async def expire(self, process: Process) -> None:
        """Somebody deletes what is too old."""
        self._history.note(f"{process} is to delete what is too old")
        await self._done(process, process.face.expire())

    async def _done(self, process: Process, work: Coroutine[Any, Any, Any]) -> None:
        error = await process.outcome(process.spawn(work))
        if error is not None and process.store.mishap.failed_at is None:
            self._history.broken("errors_have_a_cause", f"{process} fails with {error!r}")

    async def decide(self, process: Process, invoiced: dict[int, Decimal], worst: dict[str, Decimal]) -> None:
        """A person settles what is in doubt, by the invoices; what is still under way, or half billed, is left."""
        history = self._history

        async def work() -> None:
            for row in await process.face.in_doubt():
                calls = [call for call in history.calls if call.attempt == row.id]
                billed = invoiced.get(row.id, Decimal(0))
                lost = all(call.ended is not None or call.process.dead for call in calls)
                if not calls or not lost or billed not in (Decimal(0), worst.get(row.provider)):
                    continue
                history.decided[row.id] = bool(billed)
                history.note(f"a person says that {row.id & 0xFFFF:x} was {'' if billed else 'not '}billed")
                await process.face.decide(row.id, billed=bool(billed))
            left = {row.id for row in await process.face.in_doubt()} & history.decided.keys()
            if left:
                history.broken("a_decision_stands", f"{left} are in doubt although a person has decided")

        await self._done(process, work())

    # --- one lookup ---------------------------------------------------------------------------------------------------

    def _request(self, process: Process, case: Case, **options: Any) -> Request:
        request = Request(
            number=len(self._history.requests),
            process=process,
            case=case,
            run_id=options.pop("run_id", None) or process.engine.run_id,
            record=process.inside.keyer.record(case.record[0]),
            asked=self._history.now,
            asked_wall=process.runtime.wall(),
            **options,
        )
        self._history.requests.append(request)
        return request

    def look(self, process: Process, look: Look) -> Request:
        """Somebody wants one number."""
        request = self._request(
            process,
            look.case,
            acceptance=MOBILES if look.mobile else EVERY_NUMBER,
            deadline=look.deadline,
            refresh=look.refresh,
            max_age=look.max_age,
            strike=look.strike,
        )
        self._history.note(f"{request} for person {look.case.human and look.case.human.number} within {look.deadline}")
        task = process.spawn(self._ask(request), request)
        task.add_done_callback(lambda _: self._gone(request))
        if look.leaves is not None:
            self._history.loop.call_later(look.leaves, task.cancel)
        if look.strike is not None:
            self._awaited[request] = task
            self._history.loop.on_step = self._step
        return request

    def _step(self, context: contextvars.Context) -> None:
        """Count a step of those who work for a request; at its n-th the strike comes."""
        request = context.get(REQUEST)
        if request is None or request.strike is None:
            return
        request.steps += 1
        if request.steps < request.strike.step:
            return
        kind, request.strike = request.strike.kind, None
        task = self._awaited.pop(request)
        if not self._awaited:
            self._history.loop.on_step = None
        process = request.process
        self._history.strikes.append(kind)
        self._history.note(f"{kind} after step {request.steps} of {request}")
        if kind == "leave":
            task.cancel()
        elif kind == "kill":
            process.kill()
        else:
            self._on_strike(process, kind)

    async def _ask(self, request: Request) -> None:
        try:
            result = await request.process.face.enrich_phone(
                request.contact,
                acceptance=request.acceptance,
                deadline=request.deadline,
                refresh=request.refresh,
                max_age=request.max_age,
            )
        except asyncio.CancelledError:
            self._gone(request)
            raise
        except Exception as error:  # noqa: BLE001 - the rules judge it
            self._history.ended(request, None, error)
        else:
            self._history.ended(request, result, None)

    def _gone(self, request: Request) -> None:
        if not request.over:
            request.left, request.ended = True, self._history.now
            self._history.note(f"{request} leaves")

    # --- many ---------------------------------------------------------------------------------------------------------

    def batch(self, process: Process, batch: Batch) -> Bulk:
        """Somebody wants many."""
        bulk = Bulk(len(self._history.bulks), process, batch.ordered, [], batch.bad, batch.stop_after)
        self._history.bulks.append(bulk)
        self._history.note(f"bulk {bulk.number} of {len(batch.cases)} rows, {batch.concurrency} at once")
        for case in batch.cases:
            policy = MOBILES if batch.mobile else EVERY_NUMBER
            row = self._request(
                process, case, acceptance=policy, deadline=None, refresh=batch.refresh, bulk=bulk, run_id=batch.run
            )
            bulk.rows.append(row)
        process.spawn(self._ask_all(bulk, batch))
        return bulk

    async def _ask_all(self, bulk: Bulk, batch: Batch) -> None:
        items: Any = _Rows(self._history, bulk)
        if batch.as_stream:
            items = _stream(items)
        results = bulk.process.face.enrich_phones(
            items,
            concurrency=batch.concurrency,
            ordered=batch.ordered,
            acceptance=MOBILES if batch.mobile else EVERY_NUMBER,
            refresh=batch.refresh,
            run_id=batch.run,
        )
        try:
            async for result in results:
                self._row_done(bulk, result)
                if bulk.stop_after is not None and len(bulk.answered) > bulk.stop_after:
                    break
                if batch.slow_reader:
                    await asyncio.sleep(batch.slow_reader)
        except Exception as error:  # noqa: BLE001 - the rules judge it
            bulk.error = error
            self._history.note(f"bulk {bulk.number} fails: {type(error).__name__}")
        finally:
            await results.aclose()  # type: ignore[attr-defined]
            bulk.closed = self._history.now
            self._history.note(f"bulk {bulk.number} is closed")

    def _row_done(self, bulk: Bulk, result: PhoneResult) -> None:
        bulk.answered.append(result)
        if result.status is Status.INVALID and not result.record_id:
            return
        for row in bulk.rows:
            if not row.over and row.case.record[0] == result.record_id:
                self._history.ended(row, result, None)
                return
        self._history.broken("bulk_rows_are_answered_once", f"bulk {bulk.number} answers a row twice")


class _Rows(Iterator[Any]):
    """The rows of a bulk run; the worker that takes one works for it from then on."""

    def __init__(self, history: History, bulk: Bulk) -> None:
        self._history, self._bulk = history, bulk
        self._bad = bulk.bad_rows

    def __next__(self) -> Any:
        bulk = self._bulk
        if self._bad:
            self._bad -= 1
            return {"email": 5}
        if bulk.taken == len(bulk.rows):
            raise StopIteration
        row = bulk.rows[bulk.taken]
        bulk.taken += 1
        row.asked, row.asked_wall = self._history.now, bulk.process.runtime.wall()
        REQUEST.set(row)
        return row.contact


async def _stream(rows: Iterator[Any]) -> AsyncIterator[Any]:
    for row in rows:
        await asyncio.sleep(0)
        yield row
