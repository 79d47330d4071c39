"""Voice: what a request that asks for many says of its provider. It counts once, not once for each record."""

from collections.abc import Iterable

from enrichcore.engine.breaker import Health
from enrichcore.engine.retry import RetryBudget
from enrichcore.errors import ProviderError
from enrichcore.model import Job
from enrichcore.runtime import Runtime


class Voice:
    """The health and the retry budget of a provider as the records of one batch use them."""

    def __init__(self, health: Health, retries: RetryBudget) -> None:
        self.health = OneHealth(health)
        self.retries = OneRetry(retries)


class OneHealth:
    """Takes what every record says of the provider's health, and passes it on once."""

    def __init__(self, health: Health) -> None:
        self._health = health
        self._answered = False
        self._said: set[str] = set()

    def hears(self, outcomes: Iterable[object]) -> None:
        """One record that was answered shows that the provider works, whatever became of the others."""
        self._answered = any(not isinstance(outcome, ProviderError | Job) for outcome in outcomes)

    def succeeded(self, started: float) -> None:
        """See `Health.succeeded`."""
        if self._first("succeeded"):
            self._health.succeeded(started)

    def failed(self, now: float, started: float) -> None:
        """See `Health.failed`."""
        if not self._answered and self._first("failed"):
            self._health.failed(now, started)

    def park(self, now: float) -> None:
        """See `Health.park`."""
        if self._first("park"):
            self._health.park(now)

    def pace(self, until: float, started: float) -> None:
        """See `Health.pace`, for which the same word twice is one."""
        self._health.pace(until, started)

    def suspend(self, reason: str) -> None:
        """See `Health.suspend`, likewise."""
        self._health.suspend(reason)

    def neutral(self, started: float) -> None:
        """See `Health.neutral`, likewise."""
        self._health.neutral(started)

    def _first(self, word: str) -> bool:
        first = word not in self._said
        self._said.add(word)
        return first


class OneRetry:
    """Earns and spends for one request, and lets its records come again together."""

    def __init__(self, retries: RetryBudget) -> None:
        self._retries = retries
        self._earned = False
        self._granted: bool | None = None
        self._pause: float | None = None

    def first_attempt(self) -> None:
        """See `RetryBudget.first_attempt`."""
        if not self._earned:
            self._earned = True
            self._retries.first_attempt()

    def take(self) -> bool:
        """See `RetryBudget.take`."""
        if self._granted is None:
            self._granted = self._retries.take()
        return self._granted

    def pause(self, runtime: Runtime, tries: int) -> float:
        """See `RetryBudget.pause`."""
        if self._pause is None:
            self._pause = self._retries.pause(runtime, tries)
        return self._pause
