"""Event names, the keys an event may carry, and the logger: what enrichcore says while it works.

No event ever holds a name, an email, a phone, a record_id, a URL or a secret: keys that are not on the list are
dropped before they reach structlog. A host that has not configured structlog gets the events through the standard
library's logger `enrichcore` instead, because an unconfigured structlog prints to standard output.
"""

import logging
from collections.abc import Callable
from typing import Any, Protocol

import structlog

ENRICHMENT_STARTED = "enrichcore.enrichment_started"
ENRICHMENT_FINISHED = "enrichcore.enrichment_finished"
ATTEMPT_FINISHED = "enrichcore.attempt_finished"
PROVIDER_STATE_CHANGED = "enrichcore.provider_state_changed"
PLUGIN_LOADED = "enrichcore.plugin_loaded"
PLUGIN_FAILED = "enrichcore.plugin_failed"

EVENTS: dict[str, frozenset[str]] = {
    ENRICHMENT_STARTED: frozenset({"enrichment_id", "methods"}),
    ATTEMPT_FINISHED: frozenset(
        {
            "enrichment_id", "attempt_id", "provider", "method", "outcome", "reason", "billed", "credits", "cost",
            "duration_ms", "tries", "cached", "match_score",
        }
    ),
    ENRICHMENT_FINISHED: frozenset(
        {"enrichment_id", "status", "reason", "provider", "method", "duration_ms", "attempts", "cost", "cached"}
    ),
    PROVIDER_STATE_CHANGED: frozenset({"provider", "state", "previous", "reason", "until_s"}),
    PLUGIN_LOADED: frozenset({"provider", "distribution", "version", "methods"}),
    PLUGIN_FAILED: frozenset({"provider", "distribution", "version", "error_class"}),
}  # fmt: skip
"""What each event may carry. A key that is not listed here never leaves the process."""


class Emitter(Protocol):
    """Anything with the logging methods of structlog that we use."""

    def debug(self, event: str, **keys: Any) -> Any: ...  # noqa: D102
    def info(self, event: str, **keys: Any) -> Any: ...  # noqa: D102
    def warning(self, event: str, **keys: Any) -> Any: ...  # noqa: D102


class _StandardLibrary:
    """The same methods over `logging.getLogger("enrichcore")`."""

    def __init__(self) -> None:
        self._logger = logging.getLogger("enrichcore")

    def is_enabled_for(self, level: int) -> bool:
        return self._logger.isEnabledFor(level)

    def debug(self, event: str, **keys: Any) -> None:
        self._emit(logging.DEBUG, event, keys)

    def info(self, event: str, **keys: Any) -> None:
        self._emit(logging.INFO, event, keys)

    def warning(self, event: str, **keys: Any) -> None:
        self._emit(logging.WARNING, event, keys)

    def _emit(self, level: int, event: str, keys: dict[str, Any]) -> None:
        if self._logger.isEnabledFor(level):
            text = " ".join(f"{key}={value}" for key, value in keys.items() if value is not None)
            self._logger.log(level, "%s %s", event, text, extra={"enrichcore": {"event": event, **keys}})


class EventLog:
    """Writes allow-listed events and never lets a failing log sink reach the caller."""

    def __init__(self, emitter: Emitter | None = None) -> None:
        if emitter is None:
            emitter = structlog.get_logger("enrichcore").bind() if structlog.is_configured() else _StandardLibrary()
        self._emitter = emitter
        self._is_enabled_for: Callable[[int], bool] = getattr(emitter, "is_enabled_for", lambda _level: True)
        self.failures = 0

    def enabled(self) -> bool:
        """Whether an event at level INFO would be written: asked once per record, so that silence costs nothing."""
        return self._is_enabled_for(logging.INFO)

    def detailed(self) -> bool:
        """Whether an event at level DEBUG would be written, too."""
        return self._is_enabled_for(logging.DEBUG)

    def debug(self, event: str, **keys: Any) -> None:
        """Write what only matters to somebody who looks for what hangs."""
        try:
            self._emitter.debug(event, **_allowed(event, keys))
        except Exception:  # noqa: BLE001 - a log sink that fails must not fail the work
            self.failures += 1

    def info(self, event: str, **keys: Any) -> None:
        """Write one fact."""
        self.tell(event, keys)

    def tell(self, event: str, keys: dict[str, Any]) -> None:
        """Write one fact whose keys are in a dictionary already: what the hot path does."""
        if not keys.keys() <= EVENTS[event]:
            keys = _allowed(event, keys)
        try:
            self._emitter.info(event, **keys)
        except Exception:  # noqa: BLE001 - a log sink that fails must not fail the work
            self.failures += 1

    def warning(self, event: str, **keys: Any) -> None:
        """Write one fact that a person should see."""
        try:
            self._emitter.warning(event, **_allowed(event, keys))
        except Exception:  # noqa: BLE001 - likewise
            self.failures += 1


def _allowed(event: str, keys: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in keys.items() if key in EVENTS[event]}
