"""Telling the world: log events, the caller's `on_attempt`, and observer hooks. None of them can fail the work."""

from collections.abc import Callable

import pluggy

from enrichcore import log
from enrichcore.engine.run import Run
from enrichcore.engine.story import log_attempt
from enrichcore.model import Attempt, Outcome, PhoneResult


class Observers:
    """Everybody who wants to know what happened. `failures` counts what they raised."""

    def __init__(self, manager: pluggy.PluginManager, on_attempt: Callable[[Attempt], object] | None) -> None:
        self.events = log.EventLog()
        self.failures = 0
        self._hook = manager.hook
        self._on_attempt = on_attempt
        self._attempt_hooks = bool(manager.hook.enrichcore_attempt_finished.get_hookimpls())
        self._result_hooks = bool(manager.hook.enrichcore_enrichment_finished.get_hookimpls())
        self._watched = on_attempt is not None or self._attempt_hooks

    def started(self, run: Run) -> None:
        """Tell that an enrichment begins."""
        if self.events.enabled():
            self.events.info(
                log.ENRICHMENT_STARTED, enrichment_id=run.id, methods=[m.value for m in run.subject.queries]
            )

    def hears_results(self) -> bool:
        """Whether anybody wants finished enrichments."""
        return self._result_hooks or self.events.enabled()

    def attempted(self, run: Run, attempt: Attempt) -> None:
        """Tell about one attempt; a skip only when the provider's state is the reason."""
        if self.events.enabled() and (attempt.outcome is not Outcome.SKIPPED or attempt.retry_at is not None):
            log_attempt(self.events, run.id, attempt)
        if not self._watched:
            return
        if self._on_attempt is not None:
            try:
                self._on_attempt(attempt)
            except Exception:  # noqa: BLE001 - an observer that fails must not fail the work
                self.failures += 1
        if self._attempt_hooks:
            try:
                self._hook.enrichcore_attempt_finished(attempt=attempt)
            except Exception:  # noqa: BLE001 - likewise
                self.failures += 1

    def finished(self, result: PhoneResult, run_id: int, duration_ms: float) -> None:
        """Tell about one finished enrichment."""
        if self.events.enabled():
            self.events.info(
                log.ENRICHMENT_FINISHED,
                enrichment_id=run_id,
                status=result.status.value,
                reason=result.reason.split(":", 1)[0] if result.reason else None,
                provider=result.provider,
                method=result.method.value if result.method else None,
                duration_ms=round(duration_ms, 3),
                attempts=sum(a.outcome is not Outcome.SKIPPED for a in result.attempts),
                cost=None if result.cost is None else float(result.cost),
                cached=result.cached,
            )
        if self._result_hooks:
            try:
                self._hook.enrichcore_enrichment_finished(result=result)
            except Exception:  # noqa: BLE001 - an observer that fails must not fail the work
                self.failures += 1
