"""What makes thousands of seeds cheap: answers of pure functions are kept, and what nobody looks at is left out.

The same few plugins, people and numbers come in every seed. Nothing that is kept here depends on a seed.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from types import ModuleType
from typing import Any, Final

import pluggy
from pluggy import _manager

from enrichcore import log
from enrichcore.engine import acceptance, numbers, plan
from enrichcore.identity import judge
from enrichcore.model import Attempt
from enrichcore.phone import read_number
from enrichcore.plugins import registry
from tests.sim.history import History

_KEPT: Final = 100_000
_HOOKS: Final[dict[object, list[str]]] = {}


def _by_type(function: Callable[..., Any]) -> Callable[..., Any]:
    """What pluggy finds at an attribute is the same for every plugin of a class."""
    found: dict[Any, Any] = {}

    def look(self: pluggy.PluginManager, plugin: object, name: str) -> Any:
        key = (plugin if isinstance(plugin, ModuleType) else type(plugin), name)
        try:
            return found[key]
        except KeyError:
            return found.setdefault(key, function(self, plugin, name))

    return look


def _hooks(thing: object) -> list[str]:
    """The attributes of a plugin that are hooks: what pluggy would find after a look at all of them."""
    kind = thing if isinstance(thing, ModuleType) else type(thing)
    if kind not in _HOOKS:
        marks = ("enrichcore_impl", "enrichcore_spec")
        _HOOKS[kind] = [name for name in dir(kind) if any(hasattr(getattr(kind, name), mark) for mark in marks)]
    return _HOOKS[kind]


def _checked_once(function: Callable[[object], Any]) -> Callable[[object], Any]:
    """A class whose hooks are right has right hooks in every object of it."""
    found: dict[type, Any] = {}

    def check(plugin: object) -> Any:
        kind = type(plugin)
        if kind not in found:
            found[kind] = function(plugin)
        return dict(found[kind])

    return check


def _hearing(function: Callable[..., Any]) -> Callable[..., Any]:
    """A number is read the same way every time."""
    read = lru_cache(_KEPT)(function)

    def again(raw: object, *, regions: Any = (), **options: Any) -> Any:
        return read(raw, regions=tuple(regions), **options)

    return again


_read = _hearing(read_number)
_KEEPING: Final[tuple[tuple[Any, str, Any], ...]] = (
    (pluggy.PluginManager, "parse_hookimpl_opts", _by_type(pluggy.PluginManager.parse_hookimpl_opts)),
    (pluggy.PluginManager, "parse_hookspec_opts", _by_type(pluggy.PluginManager.parse_hookspec_opts)),
    (_manager, "dir", _hooks),
    (plan, "Attempt", lru_cache(_KEPT)(Attempt)),
    (registry, "_check_hooks", _checked_once(registry._check_hooks)),
    (judge, "judge", lru_cache(_KEPT)(judge.judge)),
    (acceptance, "read_number", _read),
    (numbers, "read_number", _read),
)


@contextmanager
def keeping() -> Iterator[None]:
    """Pure functions are asked once."""
    before = [(target, name, target.__dict__.get(name, dir)) for target, name, _ in _KEEPING]
    for target, name, value in _KEEPING:
        setattr(target, name, value)
    try:
        yield
    finally:
        for target, name, value in before:
            setattr(target, name, value)


@contextmanager
def listening(history: History) -> Iterator[None]:
    """Every log event of the engine goes into the history, and nowhere else."""

    def hear(_emitter: object, event: str, **keys: Any) -> None:
        history.event(event, keys)

    logger, sink = logging.getLogger("enrichcore"), log._StandardLibrary
    level, before = logger.level, (sink.info, sink.warning)
    logger.setLevel(logging.INFO)
    sink.info = sink.warning = hear  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        sink.info, sink.warning = before  # type: ignore[method-assign]
        logger.setLevel(level)


@contextmanager
def quick(history: History) -> Iterator[None]:
    """Both."""
    with ExitStack() as stack:
        stack.enter_context(keeping())
        stack.enter_context(listening(history))
        yield
