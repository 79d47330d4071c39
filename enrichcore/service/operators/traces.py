"""Traces: one span for every enrichment, with a span in it for every attempt that was made, told to OpenTelemetry.

Add it to an engine that is not open yet: `engine.registry.add(Traces())`. A span says what the events of the log say,
under the same allow-list, so it holds nothing of a person. Where no SDK is set up, OpenTelemetry does nothing.

Spans are made when an enrichment is over, with the times at which things happened. One that never ends, because its
process was killed, leaves none; it is in the journal.
"""

import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Final

from opentelemetry import trace
from opentelemetry.trace import SpanKind, Status, StatusCode

from enrichcore import log
from enrichcore.engine.story import attempt_keys, result_keys
from enrichcore.model import Attempt, Outcome, PhoneResult
from enrichcore.plugins import hookimpl
from enrichcore.version import __version__

ENRICHMENT: Final = "enrichcore.enrichment"
ATTEMPT: Final = "enrichcore.attempt"
_NANO: Final = 1_000_000_000
_MILLI: Final = 1_000_000


class Traces:
    """Observers that make spans.

    Args:
        provider: where spans go; None for the one that the process has set up.
        wall: seconds since 1970.
    """

    def __init__(self, provider: trace.TracerProvider | None = None, *, wall: Callable[[], float] = time.time) -> None:
        self._tracer = trace.get_tracer("enrichcore", __version__, provider)
        self._wall = wall
        self._ends: ContextVar[dict[int, int] | None] = ContextVar("enrichcore_ends", default=None)
        """When the attempts of the enrichment of this task were over: its context is that of its hooks."""

    @hookimpl
    def enrichcore_attempt_finished(self, attempt: Attempt) -> None:
        """Note when an attempt that was made is over."""
        if _is_call(attempt):
            ends = self._ends.get()
            if ends is None:
                ends = {}
                self._ends.set(ends)
            ends[id(attempt)] = self._now()

    @hookimpl
    def enrichcore_enrichment_finished(self, result: PhoneResult) -> None:
        """Make the spans of one enrichment. It is part of whatever span its caller was in."""
        now = self._now()
        ends = self._ends.get() or {}
        self._ends.set(None)
        spans = []
        for attempt in filter(_is_call, result.attempts):
            end = ends.get(id(attempt), now)  # one that was given up by somebody else is told here first
            spans.append((attempt, end - round(attempt.duration_ms * _MILLI), end))
        began = min([now - result.processing_time_ms * _MILLI, *(start for _, start, _ in spans)])
        span = self._tracer.start_span(ENRICHMENT, start_time=began)
        if span.is_recording():
            span.set_attributes(_allowed(log.ENRICHMENT_FINISHED, result_keys(None, result, (now - began) / _MILLI)))
            inside = trace.set_span_in_context(span)
            for attempt, start, end in spans:
                part = self._tracer.start_span(ATTEMPT, context=inside, kind=SpanKind.CLIENT, start_time=start)
                part.set_attributes(_allowed(log.ATTEMPT_FINISHED, attempt_keys(None, attempt)))
                if attempt.outcome is Outcome.ERROR:
                    part.set_status(Status(StatusCode.ERROR, attempt.reason))
                part.end(end_time=end)
        span.end(end_time=now)

    def _now(self) -> int:
        return round(self._wall() * _NANO)


def _is_call(attempt: Attempt) -> bool:
    return attempt.outcome is not Outcome.SKIPPED and not attempt.cached


def _allowed(event: str, keys: dict[str, Any]) -> dict[str, Any]:
    """What the log may say of the same thing, as attributes; what is not known is left out."""
    return {f"enrichcore.{key}": value for key, value in keys.items() if key in log.EVENTS[event] and value is not None}
