"""One call of a provider's code, with everything that can go wrong turned into an answer, a job or a typed error."""

import asyncio
import contextlib
import functools
from collections.abc import Awaitable, Callable, Generator
from types import CoroutineType, coroutine
from typing import Any

from enrichcore.engine.channel import NO_HTTP, NoHttp
from enrichcore.engine.hook import Hook
from enrichcore.engine.http import AttemptHttp
from enrichcore.engine.tidy import tidy_error, tidy_hit, tidy_job, tidy_miss
from enrichcore.engine.transport import Wire
from enrichcore.errors import MaybeSent, PluginFault, ProviderError, RequestRefused, Unreadable, Unsent
from enrichcore.model import Hit, Job, Miss, Number, Person, Query
from enrichcore.plugins import Missed, Provider
from enrichcore.runtime import Runtime

_READING = (KeyError, IndexError, TypeError, AttributeError, ValueError, AssertionError)


class Started:
    """A call that has come as far as it could without waiting; `rest` is what is left to await."""

    __slots__ = ("rest",)

    def __init__(self, rest: Awaitable[Any]) -> None:
        self.rest = rest


def start(hook: Hook, query: Query, http: AttemptHttp | NoHttp) -> Hit | Miss | Job | ProviderError | Started:
    """Call a lookup hook as far as it goes without waiting.

    What answers from memory never waits: then there is nothing to time, and a timer costs as much as all the rest.
    """
    try:
        asked = hook(query, http)
        if not isinstance(asked, CoroutineType):
            return Started(asked)
        try:
            waits_for = asked.send(None)
        except StopIteration as ended:
            return _checked(ended.value)
    except BaseException as error:  # noqa: BLE001 - sorted in one place; a real cancellation is raised again there
        return _sort(error, http, expired=False)
    return Started(_resumed(asked, waits_for))


async def ask(
    hook: Hook,
    query: Query,
    http: AttemptHttp | NoHttp,
    limit: float,
    runtime: Runtime,
    *,
    blocking: bool = False,
    started: Started | None = None,
) -> Hit | Miss | Job | ProviderError:
    """Call a lookup hook, or go on with a call that was started, for at most `limit` seconds."""
    if started is None:
        began = runtime.monotonic()
        first = start(functools.partial(runtime.run_blocking, hook) if blocking else hook, query, http)
        if not isinstance(first, Started):
            return first
        started = first
        limit -= runtime.monotonic() - began
    try:
        async with asyncio.timeout(limit) as scope:
            answer = await started.rest
    except BaseException as error:  # noqa: BLE001 - as above
        return _sort(error, http, expired=scope.expired())
    return _checked(answer)


@coroutine
def _resumed(asked: Any, waits_for: Any) -> Generator[Any, Any, Any]:
    """The rest of a coroutine that has been started and waits."""
    while True:
        try:
            yield waits_for
            break
        except BaseException as error:  # noqa: BLE001 - thrown to where it waits: its own to handle
            try:
                waits_for = asked.throw(error)
            except StopIteration as ended:
                return ended.value
    return (yield from asked)


async def collect(
    provider: Provider,
    job: Job,
    query: Query,
    http: AttemptHttp | NoHttp,
    limit: float,
) -> Hit | Miss | Job | ProviderError:
    """Ask once for the answer of a vendor's job, for at most `limit` seconds."""
    try:
        async with asyncio.timeout(limit) as scope:
            answer = await provider.collect(job, query, http)
    except BaseException as error:  # noqa: BLE001 - as above
        return _sort(error, http, expired=scope.expired())
    return _checked(answer)


async def ask_many(
    ask: Callable[[AttemptHttp | NoHttp], Awaitable[Any]], count: int, http: AttemptHttp | NoHttp, limit: float
) -> tuple[list[Hit | Miss | Job | ProviderError], bool]:
    """Ask with one request for `count` answers, for at most `limit` seconds; whether nobody knows whose is whose."""
    try:
        async with asyncio.timeout(limit) as scope:
            answers = await ask(http)
    except BaseException as error:  # noqa: BLE001 - as above
        sorted_out = _sort(error, http, expired=scope.expired())
        if isinstance(sorted_out, Miss):  # a status that means "nobody known" for one person says nothing of many
            sorted_out = RequestRefused("the vendor answered a whole batch with a status that is a miss for one")
        return [sorted_out] * count, False
    if not isinstance(answers, list | tuple) or len(answers) != count:
        came = f"{len(answers)} answers" if isinstance(answers, list | tuple) else f"a {type(answers).__name__}"
        return [PluginFault(f"the plugin was asked {count} queries at once and returned {came}")] * count, True
    return [tidy_error(one) if isinstance(one, ProviderError) else _checked(one) for one in answers], False


def wire_of(outcome: object, http: AttemptHttp | NoHttp) -> Wire:
    """The verdict on the wire that stands beside an outcome; it is asked only of an error."""
    if not isinstance(outcome, ProviderError):
        return Wire.ANSWERED
    if http is NO_HTTP and isinstance(outcome, Unsent):
        return Wire.UNSENT  # the provider's own word is all there is
    return http.wire


def polled(_outcome: object, http: AttemptHttp | NoHttp) -> Wire:
    """The same of a poll: however far it came, the vendor has the job."""
    return Wire.ANSWERED if http.wire is Wire.ANSWERED else Wire.MAYBE_SENT


def end(task: asyncio.Task[Any]) -> None:
    """End a task whose plugin ignores its cancellation: otherwise the loop that it lives in could never close."""
    task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    coroutine: Any = task.get_coro()
    with contextlib.suppress(BaseException):  # a plugin may raise anything
        coroutine.close()
    task.cancel()


def _sort(error: BaseException, http: AttemptHttp | NoHttp, *, expired: bool) -> Miss | ProviderError:
    if isinstance(error, Missed):
        return Miss()
    if isinstance(error, ProviderError):
        return tidy_error(error)
    if isinstance(error, TimeoutError) and expired:
        if http.wire is Wire.UNSENT:
            return Unsent("timed out before anything was sent")
        return MaybeSent("timed out before the whole answer came")
    if isinstance(error, _READING) and http.wire is Wire.ANSWERED:
        return Unreadable(f"the plugin could not read the answer ({type(error).__name__})")
    if isinstance(error, KeyboardInterrupt | GeneratorExit) or (
        isinstance(error, asyncio.CancelledError) and _is_cancelled()
    ):
        raise error
    return PluginFault(f"the plugin raised {type(error).__name__}")


def _is_cancelled() -> bool:
    """Whether somebody cancelled us: a plugin can raise CancelledError for reasons of its own."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


def _checked(answer: Any) -> Hit | Miss | Job | ProviderError:
    kind = type(answer)
    if kind is Miss:
        person = answer.person
        if person is None and answer.credits is None:
            return answer  # type: ignore[no-any-return]
    elif kind is Hit:
        for number in answer.numbers:
            if type(number) is not Number:
                return PluginFault(f"Hit takes Number objects, got a {type(number).__name__}")
        person = answer.person
    elif kind is Job:
        if not isinstance(answer.id, str) or not answer.id:
            return PluginFault("a Job needs the vendor's id as text")
        return tidy_job(answer)
    else:
        return PluginFault(f"the lookup returned a {kind.__name__}; expected Hit, Miss or Job")
    if person is not None and not isinstance(person, Person):
        return PluginFault(f"person must be a Person, got a {type(person).__name__}")
    if kind is Miss:
        return tidy_miss(answer)
    return tidy_hit(answer) if answer.numbers else tidy_miss(Miss(person, credits=answer.credits))
