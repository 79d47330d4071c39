"""Telling the world: log events, the caller's `on_attempt`, and observer hooks. None of them can fail the work."""

from collections.abc import Callable

import pluggy

from enrichcore import log
from enrichcore.engine.run import Run
from enrichcore.engine.story import log_attempt, result_keys
from enrichcore.model import Attempt, Outcome, PhoneResult

_SKIPPED = Outcome.SKIPPED  # an attribute of an enum costs ten times a global name


class Observers:
    """Everybody who wants to know what happened. `failures` counts what they raised."""

    def __init__(self, manager: pluggy.PluginManager, on_attempt: Callable[[Attempt], object] | None) -> None:
        self.events = log.EventLog()
        self.failures = 0
        self._attempt_watchers: list[Callable[[Attempt], object]] = [] if on_attempt is None else [on_attempt]
        for hook in _each(manager, "enrichcore_attempt_finished"):
            self._attempt_watchers.append(lambda attempt, hook=hook: hook(attempt=attempt))  # type: ignore[misc]
        self.result_hooks = _each(manager, "enrichcore_enrichment_finished")

    def started(self, run: Run) -> None:
        """Tell that an enrichment begins."""
        run.told = self.events.enabled()
        if run.told and self.events.detailed():
            methods = [m._value_ for m in run.subject.queries]
            self.events.debug(log.ENRICHMENT_STARTED, enrichment_id=run.id, methods=methods)

    def hears_results(self) -> bool:
        """Whether anybody wants finished enrichments."""
        return bool(self.result_hooks) or self.events.enabled()

    def attempted(self, run: Run, attempt: Attempt) -> None:
        """Tell about one attempt; a skip only when the provider's state is the reason."""
        if run.told and (attempt.outcome is not _SKIPPED or attempt.retry_at is not None):
            log_attempt(self.events, run.id, attempt)
        for watcher in self._attempt_watchers:
            try:
                watcher(attempt)
            except (Exception, SystemExit):  # noqa: BLE001 - an observer that fails must not fail the work
                self.failures += 1

    def finished(self, result: PhoneResult, run_id: int, duration_ms: float) -> None:
        """Tell about one finished enrichment."""
        if self.events.enabled():
            self.events.tell(log.ENRICHMENT_FINISHED, result_keys(run_id, result, duration_ms))
        for hook in self.result_hooks:
            try:
                hook(result=result)
            except (Exception, SystemExit):  # noqa: BLE001 - likewise
                self.failures += 1


def _each(manager: pluggy.PluginManager, name: str) -> list[Callable[..., object]]:
    """A caller for each plugin that implements the hook, so that one that fails keeps nothing from the others."""
    everyone = list(manager.get_plugins())
    return [
        manager.subset_hook_caller(name, [plugin for plugin in everyone if plugin is not one.plugin])
        for one in getattr(manager.hook, name).get_hookimpls()
    ]
