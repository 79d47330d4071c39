"""The picture of a cascade: who was asked in which order, what each said, when, for how long and for how much.

It is a list that any reader can follow; what is drawn besides, the marks and the bars of time, says nothing more.
"""

import attrs

from enrichcore.model import Attempt, Outcome, PhoneResult, SkipReason, Status
from enrichcore.service.html import text
from enrichcore.service.operators import words

_MARKS = {
    Outcome.HIT: '<circle cx="12" cy="12" r="10"/><path d="M7 12.5l3.5 3.5L17 9"/>',
    Outcome.MISS: '<circle cx="12" cy="12" r="10"/><path d="M7.5 12h9"/>',
    Outcome.REJECTED: '<rect x="3" y="3" width="18" height="18" rx="3"/><path d="M8.5 8.5l7 7m0-7l-7 7"/>',
    Outcome.ERROR: '<path d="M12 2.5L22 20.5H2z"/><path d="M12 9.5v5m0 2.4v.4"/>',
    Outcome.SKIPPED: '<circle cx="12" cy="12" r="10" stroke-dasharray="3 3"/>',
}
_ASIDE = frozenset(
    {SkipReason.NOT_REACHED, SkipReason.NOT_APPLICABLE, SkipReason.NO_KEY, SkipReason.COUNTRY, SkipReason.OFFLINE}
)
"""Why somebody was not asked who had no part in it."""
_SLIVER = 0.8
"""Of a hundred: the least width of a bar that can be seen."""


@attrs.define
class _Time:
    """The time of all calls, of which one comes after the other, and how much of it is drawn."""

    all: float
    drawn: float = 0.0

    def bar(self, attempt: Attempt) -> str:
        """The part of it in which a call was under way, as a bar."""
        if not _is_call(attempt):
            return '<svg class="time" aria-hidden="true"></svg>'
        left = wide = 100.0
        if self.all:
            left, wide = self.drawn / self.all * 100, max(attempt.duration_ms / self.all * 100, _SLIVER)
        self.drawn += attempt.duration_ms
        return (
            '<svg class="time" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
            '<rect class="track" width="100" height="8"/>'
            f'<rect class="bar" x="{min(left, 100 - wide):.1f}" width="{wide:.1f}" height="8"/></svg>'
        )


def cascade(result: PhoneResult, currency: str, now: float) -> str:
    """The picture, and below it who had no part. `now` is in seconds since 1970."""
    part = [a for a in result.attempts if a.outcome is not Outcome.SKIPPED or a.reason not in _ASIDE]
    aside = [a for a in result.attempts if a.outcome is Outcome.SKIPPED and a.reason in _ASIDE]
    time = _Time(sum(a.duration_ms for a in part if _is_call(a)))
    steps = "".join(_step(attempt, time, now, currency) for attempt in part)
    shown = f'<ol class="cascade" role="list">{steps}{_end(result)}</ol>' if part else "<p>Nobody was asked.</p>"
    if not aside:
        return shown
    rows = "".join(
        f"<li>{text(a.provider)} {text(words.by(a.method.value))}: {text(words.plain(a.reason))}</li>" for a in aside
    )
    head = f"<summary>{len(aside)} more had no part in it</summary>"
    return f'{shown}<details>{head}<ul class="aside">{rows}</ul></details>'


def _step(attempt: Attempt, time: _Time, now: float, currency: str) -> str:
    kind = attempt.outcome.value + (" stored" if attempt.cached else "")
    mark = f'<svg class="mark" viewBox="0 0 24 24" aria-hidden="true">{_MARKS[attempt.outcome]}</svg>'
    method = words.by(attempt.method.value)
    return (
        f'<li class="step {kind}">{mark}<div class="who"><strong>{text(attempt.provider)}</strong> '
        f'<span>{text(method)}</span></div><div class="said">{_said(attempt, now)}</div>{time.bar(attempt)}'
        f'<div class="cost">{text(_cost(attempt, currency))}</div></li>'
    )


def _said(attempt: Attempt, now: float) -> str:
    parts = [f"<strong>{text(words.outcome(attempt))}</strong>"]
    phone = attempt.phone or attempt.refused_phone
    if phone is not None:
        kind = f" {words.plain(attempt.line_type.value)}" if attempt.line_type else ""
        parts.append(f'<span class="number">{text(phone)}</span>{text(kind)}')
    if attempt.match_score is not None and attempt.outcome is not Outcome.MISS:
        parts.append(f'<span class="whole">match {attempt.match_score:.2f}</span>')
    said = " · ".join(parts)
    more = []
    if attempt.cached and attempt.started_at is not None:
        more.append(f"asked at {words.moment(attempt.started_at, now)}")
    if attempt.retry_at is not None:
        more.append(f"again after {words.moment(attempt.retry_at, now)}")
    if attempt.detail:
        more.append(attempt.detail)
    return said + "".join(f"<br><small>{text(one)}</small>" for one in more)


def _cost(attempt: Attempt, currency: str) -> str:
    if attempt.outcome is Outcome.SKIPPED:
        return "no cost"
    if attempt.cached:
        return "stored answer, no cost"
    took = words.duration(attempt.duration_ms / 1000)
    tries = f", {attempt.tries} tries" if attempt.tries > 1 else ""
    return f"{took}{tries} · {words.charged(attempt, currency)}"


def _end(result: PhoneResult) -> str:
    ends = {
        Status.FOUND: "A number was accepted: nobody else is asked.",
        Status.NOT_FOUND: "Everybody who could know has answered: there is no number.",
        Status.INCOMPLETE: "It is not over: somebody who could know has not answered.",
        Status.SUPPRESSED: "The person is on the suppression list: nothing is given.",
    }
    said = ends.get(result.status, "It ended here.")
    return f'<li class="end {result.status.value}"><div class="said">{text(said)}</div></li>'


def _is_call(attempt: Attempt) -> bool:
    return attempt.outcome is not Outcome.SKIPPED and not attempt.cached
