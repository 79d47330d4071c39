"""One call of a provider's code, with everything that can go wrong turned into an answer, a job or a typed error."""

import asyncio
import functools
from typing import Any

from enrichcore.engine.channel import NoHttp
from enrichcore.engine.http import AttemptHttp
from enrichcore.engine.transport import Wire
from enrichcore.errors import MaybeSent, PluginFault, ProviderError, Unreadable, Unsent
from enrichcore.model import Hit, Job, Miss, Number, Person, Query
from enrichcore.plugins import Missed, Provider
from enrichcore.plugins.registry import Lookup
from enrichcore.runtime import Runtime

_READING = (KeyError, IndexError, TypeError, AttributeError, ValueError, AssertionError)


async def ask(
    lookup: Lookup,
    query: Query,
    http: AttemptHttp | NoHttp,
    limit: float,
    runtime: Runtime,
) -> Hit | Miss | Job | ProviderError:
    """Call a lookup hook, for at most `limit` seconds."""
    try:
        async with asyncio.timeout(limit) as scope:
            if lookup.blocking:
                produced = await runtime.run_blocking(functools.partial(lookup.call, query=query, http=http))
                answer = produced[0] if produced else None
            else:
                answer = await lookup.call(query=query, http=http)[0]
    except BaseException as error:  # noqa: BLE001 - sorted in one place; a real cancellation is raised again there
        return _sort(error, http, expired=scope.expired())
    return _checked(answer)


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


def _sort(error: BaseException, http: AttemptHttp | NoHttp, *, expired: bool) -> Miss | ProviderError:
    if isinstance(error, Missed):
        return Miss()
    if isinstance(error, ProviderError):
        return error
    if isinstance(error, TimeoutError) and expired:
        if http.wire is Wire.UNSENT:
            return Unsent("timed out before anything was sent")
        return MaybeSent("timed out before the whole answer came")
    if isinstance(error, _READING) and http.wire is Wire.ANSWERED:
        return Unreadable(f"the plugin could not read the answer ({type(error).__name__})")
    if isinstance(error, Exception | SystemExit):
        return PluginFault(f"the plugin raised {type(error).__name__}")
    raise error


def _checked(answer: Any) -> Hit | Miss | Job | ProviderError:
    kind = type(answer)
    if kind is Miss:
        person = answer.person
    elif kind is Hit:
        for number in answer.numbers:
            if type(number) is not Number:
                return PluginFault(f"Hit takes Number objects, got a {type(number).__name__}")
        if not answer.numbers:
            return Miss(answer.person, credits=answer.credits)
        person = answer.person
    elif kind is Job:
        if not isinstance(answer.id, str) or not answer.id:
            return PluginFault("a Job needs the vendor's id as text")
        return answer  # type: ignore[no-any-return]
    else:
        return PluginFault(f"the lookup returned a {kind.__name__}; expected Hit, Miss or Job")
    if person is not None and not isinstance(person, Person):
        return PluginFault(f"person must be a Person, got a {type(person).__name__}")
    return answer  # type: ignore[no-any-return]
