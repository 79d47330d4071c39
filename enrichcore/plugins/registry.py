"""The registry: finds providers, checks each one alone, and resolves how to call it.

A broken, duplicate, misspelt or key-less plugin is reported by name, distribution and fix, and never stops the others.
"""

import difflib
import importlib.metadata
import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs
import pluggy

from enrichcore.errors import ConfigError, PluginError
from enrichcore.model import Method
from enrichcore.plugins import hookspecs
from enrichcore.plugins.provider import Batch, Provider
from enrichcore.plugins.rate import Rate

GROUP = "enrichcore"
HOOKS: Mapping[Method, str] = {
    Method.NAME: "phone_by_name",
    Method.LINKEDIN: "phone_by_linkedin",
    Method.EMAIL: "phone_by_email",
}
_MODULE_HOOKS = ("enrichcore_providers", "enrichcore_attempt_finished", "enrichcore_enrichment_finished")
_LONGEST_WAIT = 5.0
"""Seconds that the first query of a batch may wait for others."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


@attrs.frozen
class Lookup:
    """How to ask one provider by one method: a pluggy caller that reaches this provider alone."""

    method: Method
    call: Callable[..., list[Any]]
    blocking: bool
    """A plain `def` hook: it runs in a worker thread."""


@attrs.frozen(eq=False)
class Plugin:
    """One provider that passed its checks, and where it came from."""

    provider: Provider
    distribution: str
    version: str
    lookups: Mapping[Method, Lookup]

    @property
    def name(self) -> str:
        """The provider's name."""
        return self.provider.name


@attrs.frozen
class Failure:
    """One plugin that could not be loaded: its name, distribution, and what to do."""

    name: str
    distribution: str
    version: str
    error: str
    error_class: str


class Registry:
    """All plugins of one engine. Loading never raises for one bad plugin; see `failures`."""

    def __init__(self) -> None:
        self.manager = pluggy.PluginManager(hookspecs.PROJECT)
        self.manager.add_hookspecs(hookspecs)
        self.plugins: dict[str, Plugin] = {}
        self.failures: dict[str, Failure] = {}
        self._pending: list[tuple[Provider, str, str]] = []

    def load_installed(
        self, settings: Mapping[str, Any], entry_points: Iterable[importlib.metadata.EntryPoint] | None = None
    ) -> None:
        """Load every installed entry point of the group `enrichcore`, each alone."""
        found = importlib.metadata.entry_points(group=GROUP) if entry_points is None else entry_points
        for entry in sorted(found, key=lambda e: e.name):
            dist = entry.dist.name if entry.dist is not None else "unknown"
            version = entry.dist.version if entry.dist is not None else "0"
            try:
                self._add_loaded(entry.name, entry.load(), settings, dist, version)
            except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin may raise anything at import
                self._fail(entry.name, dist, version, error)

    def add(self, thing: object, *, settings: Mapping[str, Any] | None = None) -> list[Plugin]:
        """Add a provider object, a provider class, or a module with hooks.

        Raises:
            PluginError: it breaks the provider contract.
        """
        if isinstance(thing, type) and issubclass(thing, Provider):
            thing = thing()
        if isinstance(thing, Provider):
            return [self._register(thing, type(thing).__module__, "0")]
        return self._add_module(thing, settings or {}, getattr(thing, "__name__", "module"), "0")

    def _add_loaded(self, name: str, thing: object, settings: Mapping[str, Any], dist: str, version: str) -> None:
        if isinstance(thing, type) and issubclass(thing, Provider):
            thing = thing()
        if isinstance(thing, Provider):
            if thing.name != name:
                raise PluginError(f"the entry point is called {name!r} but the provider's name is {thing.name!r}")
            self._register(thing, dist, version)
        else:
            self._add_module(thing, settings, dist, version)

    def _add_module(self, module: object, settings: Mapping[str, Any], dist: str, version: str) -> list[Plugin]:
        _check_hooks(module)
        label = self.manager.register(module)
        if not self.manager.get_hookcallers(module):
            self.manager.unregister(name=label)
            raise PluginError(f"expected a provider class or a module with hooks, got a {type(module).__name__}")
        offered = self.manager.subset_hook_caller(
            "enrichcore_providers", [p for p in self.manager.get_plugins() if p is not module]
        )
        try:
            providers = [p for batch in offered(settings=settings) for p in batch]
            return [self._register(p() if isinstance(p, type) else p, dist, version) for p in providers]
        except BaseException:
            self.manager.unregister(name=label)
            raise

    def _register(self, provider: object, dist: str, version: str) -> Plugin:
        if not isinstance(provider, Provider):
            raise PluginError(f"expected an enrichcore.plugins.Provider, got a {type(provider).__name__}")
        name: object = provider.name
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise PluginError(f"a provider's name is lower-case letters, digits and underscores, got {name!r}")
        if name in self.plugins:
            raise PluginError(f"another provider is called {name!r} ({self.plugins[name].distribution}): rename one")
        _check_facts(provider)
        methods = _check_hooks(provider)
        if not methods:
            raise PluginError(f"provider {name!r} implements none of {', '.join(HOOKS.values())} (mark it @hookimpl)")
        self.manager.register(provider, name=f"provider:{name}")
        self._pending.append((provider, dist, version))
        plugin = Plugin(provider, dist, version, methods)
        self.plugins[name] = plugin
        return plugin

    def resolve(self) -> None:
        """Bind every lookup to its own caller, once all plugins are in."""
        everyone = list(self.manager.get_plugins())
        for provider, dist, version in self._pending:
            others = [p for p in everyone if p is not provider]
            lookups = {
                method: attrs.evolve(lookup, call=self.manager.subset_hook_caller(HOOKS[method], others))
                for method, lookup in self.plugins[provider.name].lookups.items()
            }
            self.plugins[provider.name] = Plugin(provider, dist, version, lookups)
        self._pending.clear()

    def _fail(self, name: str, dist: str, version: str, error: BaseException) -> None:
        text = str(error) or type(error).__name__
        if not isinstance(error, PluginError | ConfigError):
            text = f"{type(error).__name__} at import: {text}. Fix or uninstall {dist} {version}."
        self.failures[name] = Failure(name, dist, version, text, type(error).__name__)


def _advice(manager: pluggy.PluginManager, plugin: object) -> str:
    """The hook that a misspelt one was meant to be, else where the hooks are described."""
    callers = manager.get_hookcallers(plugin) or []
    known = [*HOOKS.values(), *_MODULE_HOOKS]
    for caller in callers:
        near = difflib.get_close_matches(caller.name, known, 1) if not caller.has_spec() else []
        if near:
            return f"Did you mean {near[0]!r}?"
    return "The hooks and their arguments are in enrichcore/plugins/hookspecs.py."


def _unresolved(**_: object) -> list[Any]:
    raise PluginError("Registry.resolve() was not called")


def _check_facts(provider: Provider) -> None:
    for rate in provider.rate:
        try:
            Rate.parse(rate)
        except ValueError as error:
            raise PluginError(f"provider {provider.name!r}: {error}") from None
    if provider.batch is not None:
        _check_batch(provider, provider.batch)
    unknown = set(provider.requires) - {m.value for m in Method}
    if unknown:
        raise PluginError(f"provider {provider.name!r}: `requires` names no method: {', '.join(sorted(unknown))}")


def _check_batch(provider: Provider, batch: object) -> None:
    if not isinstance(batch, Batch):
        raise PluginError(f"provider {provider.name!r}: `batch` is a Batch(size=...), got a {type(batch).__name__}")
    if batch.size < 1 or not 0 <= batch.wait <= _LONGEST_WAIT or batch.counts not in ("requests", "records"):
        raise PluginError(
            f"provider {provider.name!r}: a Batch has a size of 1 or more, a wait of 0 to {_LONGEST_WAIT:g} seconds, "
            "and counts 'requests' or 'records'"
        )
    if isinstance(batch.methods, str) or not set(batch.methods or ()) <= {m.value for m in Method}:
        raise PluginError(f"provider {provider.name!r}: `methods` of a Batch are some of {', '.join(Method)}")
    own = type(provider).ask_batch
    if own is Provider.ask_batch or not inspect.iscoroutinefunction(inspect.unwrap(own)):
        raise PluginError(
            f"provider {provider.name!r} declares a batch: it needs `async def ask_batch(self, queries, http)`"
        )


def _check_hooks(plugin: object) -> dict[Method, Lookup]:
    """Let pluggy check names and arguments in a manager of its own, so that a bad plugin leaves no trace."""
    if type(plugin).__hash__ is None:  # pluggy keeps plugins in sets
        raise PluginError(f"{type(plugin).__name__} cannot be hashed: make the class compare by identity (eq=False)")
    scratch = pluggy.PluginManager(hookspecs.PROJECT)
    scratch.add_hookspecs(hookspecs)
    label = getattr(plugin, "name", None) or getattr(plugin, "__name__", None)
    try:
        scratch.register(plugin, name=label if isinstance(label, str) else None)
        scratch.check_pending()
    except pluggy.PluginValidationError as error:
        text = " ".join(str(error).split())  # pluggy writes several lines
        raise PluginError(f"{text}. {_advice(scratch, plugin)}") from None
    found: dict[Method, Lookup] = {}
    for method, hook in HOOKS.items():
        for implementation in getattr(scratch.hook, hook).get_hookimpls():
            if implementation.hookwrapper or implementation.wrapper:
                raise PluginError(f"{hook}: wrappers on lookup hooks are refused: the engine owns the call")
            function = implementation.function
            blocking = not inspect.iscoroutinefunction(inspect.unwrap(function))
            found[method] = Lookup(method, _unresolved, blocking)
    return found
