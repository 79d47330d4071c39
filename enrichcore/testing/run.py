"""Ask one provider one question, the way the engine would, but without its cache, retries and judgement."""

import asyncio
import inspect
from collections.abc import Mapping
from typing import Any

from enrichcore.engine.assembly import apply_settings, merged_config
from enrichcore.engine.channel import NO_HTTP
from enrichcore.model import Answer, Contact, Hit, Job, Method, Miss, Query, Subject
from enrichcore.plugins import Http, Missed, Provider
from enrichcore.plugins.registry import HOOKS, Registry

MOST_POLLS = 100


def run(
    provider: Provider | type[Provider],
    *,
    method: Method | str | None = None,
    settings: Mapping[str, Any] | None = None,
    http: Http | None = None,
    **fields: Any,
) -> Answer:
    """What `provider` answers when it is asked about the contact with these fields.

    The query is built from the fields as the engine builds it, and the hook is called through pluggy, alone. Without
    `method` the fields must allow exactly one. `settings` are the provider's own keys of `[providers.<name>]`.
    `http` is what the hook gets; without it every request is refused. A job is collected at once, without waiting.

    Raises:
        LookupError: the fields do not make a query for the method, or the provider does not have the method.
        TypeError: the hook returned something else than Hit, Miss or Job.
        Exception: whatever the provider raised, untouched.
    """
    registry = Registry()
    [plugin] = registry.add(provider)
    registry.resolve()
    plugin = registry.plugins[plugin.name]
    query = _query(method, fields)
    lookup = plugin.lookups.get(query.method)
    if lookup is None:
        has = ", ".join(plugin.lookups)
        raise LookupError(
            f"{plugin.name} has the methods {has}; for {query.method.value!r} implement {HOOKS[query.method]}"
        )
    if settings is not None or plugin.provider.settings is None:
        config = merged_config(None, {plugin.name: settings or {}}, {})
        apply_settings(plugin.provider, config.for_provider(plugin.name), required=False)

    async def ask() -> Answer:
        await plugin.provider.setup()
        try:
            door: Any = NO_HTTP if http is None else http
            try:
                if lookup.blocking:
                    produced = (await asyncio.to_thread(lookup.call, query=query, http=door))[0]
                else:
                    produced = lookup.call(query=query, http=door)[0]
                answer = await produced if inspect.isawaitable(produced) else produced
                for _ in range(MOST_POLLS):
                    if not isinstance(answer, Job):
                        break
                    answer = await plugin.provider.collect(answer, query, door)
            except Missed:
                return Miss()
        finally:
            await plugin.provider.aclose()
        return _checked(answer, plugin.name)

    return asyncio.run(ask())


def _query(method: Method | str | None, fields: Mapping[str, Any]) -> Query:
    subject = Subject.of(Contact(**fields))
    if method is None:
        if len(subject.queries) == 1:
            return next(iter(subject.queries.values()))
        raise LookupError(
            f"these fields allow {len(subject.queries)} methods ({', '.join(subject.queries) or subject.missing()}); "
            "say which: method='email'"
        )
    query = subject.queries.get(Method(method))
    if query is None:
        raise LookupError(f"these fields make no query for the method {method!s}: {subject.missing()}")
    return query


def _checked(answer: object, name: str) -> Answer:
    if not isinstance(answer, Hit | Miss):
        raise TypeError(f"{name}: expected Hit or Miss from the lookup, got a {type(answer).__name__}")
    # The engine reads a hit without a number as a miss.
    return Miss(answer.person, credits=answer.credits) if isinstance(answer, Hit) and not answer.numbers else answer
