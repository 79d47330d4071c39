"""How a run is going, at any moment: rows, money, speed, what slows it down, and how each provider does."""

from collections import Counter, deque
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

import attrs

from enrichcore.model import Outcome, PhoneResult, Status

_SKIPPED: Final = Outcome.SKIPPED
_TRIED: Final = (Status.FOUND, Status.NOT_FOUND, Status.INCOMPLETE)
_LATEST: Final = 128
"""Calls of a provider from which its latency follows."""
_SPAN: Final = 30.0
"""Seconds over which the speed is measured."""


@attrs.define
class Doing:
    """What one provider has answered in this pass; answers that were stored already are not counted."""

    outcomes: Counter[Outcome] = attrs.field(factory=Counter)
    durations: deque[float] = attrs.field(factory=lambda: deque(maxlen=_LATEST))

    def latency(self, share: float) -> float | None:
        """Within how many milliseconds this share of the latest calls was answered; None without any."""
        times = sorted(self.durations)
        return round(times[min(int(len(times) * share), len(times) - 1)], 1) if times else None


@attrs.frozen
class Brake:
    """Whom a run waits for, why, and for how many seconds more."""

    provider: str
    reason: str
    seconds: float


@attrs.frozen(kw_only=True)
class Beat:
    """One moment of a run. Times are seconds; amounts are in `currency`."""

    elapsed: float
    rows: int
    total: int | None
    statuses: Mapping[str, int]
    skipped: int
    fill_rate: float | None
    cost: Decimal
    currency: str
    limit: Decimal | None
    spent: Decimal | None
    """What counts in the budget of the run, earlier passes included."""
    rows_per_second: float
    left: float | None
    brake: Brake | None
    providers: Mapping[str, tuple[str, Doing]]
    """Each with its state."""

    @property
    def found(self) -> int:
        """Rows with a number."""
        return self.statuses.get(Status.FOUND.value, 0)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON: amounts as decimal text."""
        return {
            "elapsed_s": round(self.elapsed, 1),
            "rows": self.rows,
            "total": self.total,
            **{status.value: self.statuses.get(status.value, 0) for status in Status},
            "skipped": self.skipped,
            "fill_rate": None if self.fill_rate is None else round(self.fill_rate, 4),
            "cost": format(self.cost, "f"),
            "currency": self.currency,
            "budget": None if self.limit is None else {"limit": format(self.limit, "f"), "spent": _text(self.spent)},
            "rows_per_s": round(self.rows_per_second, 1),
            "left_s": None if self.left is None else round(self.left, 1),
            "brake": None
            if self.brake is None
            else {
                "provider": self.brake.provider,
                "reason": self.brake.reason,
                "seconds": round(self.brake.seconds, 1),
            },
            "providers": [
                {
                    "name": name,
                    "state": state,
                    "hits": doing.outcomes[Outcome.HIT],
                    "misses": doing.outcomes[Outcome.MISS],
                    "rejects": doing.outcomes[Outcome.REJECTED],
                    "errors": doing.outcomes[Outcome.ERROR],
                    "latency_ms": {"p50": doing.latency(0.5), "p95": doing.latency(0.95)},
                }
                for name, (state, doing) in self.providers.items()
            ],
        }


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else format(amount, "f")


class Pulse:
    """Takes the results of a run as they come, in any order, and says at any moment how it is going.

    `passed_over` says how many of the rows that were read are not looked up; to the engine they are invalid.
    """

    def __init__(self, *, total: int | None, clock: Callable[[], float], passed_over: Callable[[], int]) -> None:
        self.total = total
        self.currency = ""
        self.limit: Decimal | None = None
        """What the run may spend; None without a limit."""
        self.before = Decimal(0)
        """What earlier passes of the run have spent."""
        self._clock = clock
        self._passed_over = passed_over
        self._began = clock()
        self._statuses: Counter[Status] = Counter()
        self._cost = Decimal(0)
        self._doing: dict[str, Doing] = {}
        self._waits: dict[tuple[str, str], float] = {}
        self._marks: deque[tuple[float, int]] = deque([(self._began, 0)])

    def add(self, result: PhoneResult) -> None:
        """One more row is done."""
        self._statuses[result.status] += 1
        for attempt in result.attempts:
            if attempt.outcome is not _SKIPPED and not attempt.cached:
                doing = self._doing.get(attempt.provider)
                if doing is None:
                    doing = self._doing[attempt.provider] = Doing()
                doing.outcomes[attempt.outcome] += 1
                doing.durations.append(attempt.duration_ms)
                if attempt.cost is not None:
                    self._cost += attempt.cost

    def waiting(self, provider: str, reason: str, seconds: float) -> None:
        """The run waits for a provider."""
        self._waits[provider, reason] = self._clock() + seconds

    def beat(self, states: Mapping[str, str]) -> Beat:
        """This moment; `states` are those of the providers that take part."""
        now, rows = self._clock(), self._statuses.total()
        while len(self._marks) > 1 and now - self._marks[0][0] > _SPAN:
            self._marks.popleft()
        since, then = self._marks[0]
        speed = (rows - then) / (now - since) if now > since else 0.0
        if now - self._marks[-1][0] >= 1.0:
            self._marks.append((now, rows))
        skipped = min(self._passed_over(), self._statuses[Status.INVALID])
        statuses = {status.value: self._statuses[status] for status in Status}
        statuses[Status.INVALID.value] -= skipped
        tried = sum(self._statuses[status] for status in _TRIED)
        return Beat(
            elapsed=now - self._began,
            rows=rows,
            total=self.total,
            statuses=statuses,
            skipped=skipped,
            fill_rate=self._statuses[Status.FOUND] / tried if tried else None,
            cost=self._cost,
            currency=self.currency,
            limit=self.limit,
            spent=None if self.limit is None else self.before + self._cost,
            rows_per_second=speed,
            left=None if self.total is None or speed <= 0 else max(self.total - rows, 0) / speed,
            brake=self._brake(now),
            providers={name: (state, self._doing.get(name) or Doing()) for name, state in states.items()},
        )

    def _brake(self, now: float) -> Brake | None:
        """The longest of the waits that are not over; None where the answers themselves decide."""
        waits = [(until, *who) for who, until in self._waits.items() if until > now]
        if not waits:
            return None
        until, provider, reason = max(waits)
        return Brake(provider, reason, until - now)
