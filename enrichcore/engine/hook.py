"""The hook behind a step: a lookup as pluggy found and checked it, called without going through pluggy each time."""

from collections.abc import Callable
from typing import Any

import pluggy

from enrichcore.plugins.registry import Lookup

Hook = Callable[[Any, Any], Any]
"""Takes the query and the client; returns what the hook returns: a coroutine, or the answer of a blocking one."""


def bind(lookup: Lookup) -> Hook:
    """The one implementation that `lookup` reaches, with the arguments that it names.

    Who implements a hook is settled when the engine starts, and so is what pluggy would find out at every call.
    """
    caller = lookup.call
    implementations = caller.get_hookimpls() if isinstance(caller, pluggy.HookCaller) else []
    if len(implementations) != 1:
        return lambda query, http: caller(query=query, http=http)[0]
    [implementation] = implementations
    function = implementation.function
    match tuple(implementation.argnames):
        case ("query", "http"):
            return function
        case ("query",):
            return lambda query, _http: function(query)
        case names:
            return lambda query, http: function(*({"query": query, "http": http}[name] for name in names))
