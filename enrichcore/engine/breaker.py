"""Health: the four different states of a provider, and which of them lets a call through.

*paced* (it asks us to slow down), *parked* (out of credits), *suspended* (key refused), *open* (it keeps failing).
A business answer never changes any of them. Times are monotonic seconds.
"""

from collections import deque
from collections.abc import Callable
from enum import StrEnum

from enrichcore.model import SkipReason


class State(StrEnum):
    """What a provider is, for the log and for `providers list`."""

    CLOSED = "closed"
    PACED = "paced"
    PARKED = "parked"
    SUSPENDED = "suspended"
    OPEN = "open"


_CLOSED = State.CLOSED  # an attribute of an enum costs ten times a global name
CONSECUTIVE = 5
"""Failures in a row that open the breaker."""
WINDOW, SHARE = 20, 0.5
"""It also opens when this share of the last so many calls failed, so that a flapping provider is caught."""
FIRST_COOL_DOWN, LONGEST_COOL_DOWN = 5.0, 300.0
FIRST_PARK, LONGEST_PARK = 60.0, 3600.0

TIME_HEALS = frozenset({SkipReason.OPEN, SkipReason.PACED})
"""What passes by itself, soon: a bulk run waits for it rather than go on without an answer."""

Listener = Callable[[State, State, str | None, float | None], None]


class Health:
    """The state of one provider under one credential."""

    def __init__(self, listener: Listener | None = None) -> None:
        self.state = State.CLOSED
        self.reason: str | None = None
        self.until: float | None = None
        """When a paced provider may be asked again, an open or parked one probed. None: not by time alone."""
        self._listener = listener
        self._row = 0
        self._recent: deque[bool] = deque(maxlen=WINDOW)
        self._cool_down = FIRST_COOL_DOWN
        self._park = FIRST_PARK
        self._probing = False
        self._probe_at = float("-inf")
        self._void_before = float("-inf")

    def gate(self, now: float) -> SkipReason | None:
        """Why a call may not start now; None lets it through, as a probe when the state is not closed."""
        if self.state is State.CLOSED:
            return None
        if self.state is State.SUSPENDED:
            return SkipReason.SUSPENDED
        if self.until is not None and now >= self.until and not self._probing:
            if self.state is State.PACED:
                self._move(State.CLOSED, None, None)
            else:
                self._probing, self._probe_at = True, now
            return None
        return SkipReason(self.state.value)

    def succeeded(self, started: float | None = None) -> None:
        """A definite answer came, of a call that was let through at `started` (None: of the probe itself)."""
        if self.state is _CLOSED or self.state is State.PACED:
            self._row = 0
            self._recent.append(True)
        elif self._is_probe(started):  # not a call, or a job, from before the state changed
            self._close()

    def failed(self, now: float, started: float) -> None:
        """A call failed in a way that speaks against the provider's health."""
        if started < self._void_before:
            self.neutral(started)
            return
        if self._is_probe(started):
            self._probing = False
            if self.state is State.OPEN:
                self._cool_down = min(self._cool_down * 2, LONGEST_COOL_DOWN)
                self._move(State.OPEN, self.reason, now + self._cool_down)
            else:
                self.until = now + self._park
            return
        if self.state is not State.CLOSED and self.state is not State.PACED:
            return
        self._row += 1
        self._recent.append(False)
        if self._row >= CONSECUTIVE or self._recent.count(False) >= WINDOW * SHARE:
            # Who is paced has an `until` too: a wait that the vendor asked for is not cut short.
            self._move(State.OPEN, "failing", max(now + self._cool_down, self.until or 0.0))

    def pace(self, until: float, started: float | None = None) -> None:
        """The vendor asks us to slow down until then; `started` as for `succeeded`."""
        if self.state is State.CLOSED or (self.state is State.PACED and until > (self.until or 0)):
            self._move(State.PACED, "rate_limited", until)
        elif self.until is not None:
            self.until = max(self.until, until)  # the next probe comes after the wait that the vendor asked for
        self.neutral(started)

    def park(self, now: float) -> None:
        """The account is out of credits: probe again later, each time later."""
        if self.state is State.PARKED:
            if not self._probing:
                return  # a call from before the state changed
            self._park = min(self._park * 2, LONGEST_PARK)
        self._probing = False
        if self.state is not State.SUSPENDED:
            self._move(State.PARKED, "out_of_credits", now + self._park)

    def suspend(self, reason: str) -> None:
        """The key was refused, or the plugin is unsafe: only a person can change that."""
        self._probing = False
        self._move(State.SUSPENDED, reason, None)

    def restore(self, state: State, reason: str | None, now: float) -> None:
        """Take over a lasting state of an earlier process, without telling it as news."""
        self.state, self.reason = state, reason
        self.until = now + self._park if state is State.PARKED else None

    def resume(self) -> None:
        """A person, or a balance above zero, says that it works again."""
        self._close()

    def neutral(self, started: float | None = None) -> None:
        """A call ended in a way that says nothing of health; its place is free again if it was the probe.

        `started` is when it was let through, None for the probe itself: a call from before is not the probe.
        """
        if started is None or started >= self._probe_at:
            self._probing = False

    def _is_probe(self, started: float | None) -> bool:
        """Whether a call that was let through at `started` is the probe under way."""
        return self._probing and (started is None or started >= self._probe_at)

    def void(self, now: float) -> None:
        """The clocks jumped (a laptop slept): failures of calls that began before say nothing."""
        self._void_before = now

    @property
    def probing(self) -> bool:
        """Whether a probe is under way; just after `gate` let a call through: whether that call is it."""
        return self._probing

    @property
    def probing_account(self) -> bool:
        """Whether the call just let through must first ask for the balance."""
        return self._probing and self.state is State.PARKED

    def _close(self) -> None:
        self._row = 0
        self._recent.clear()
        self._cool_down = FIRST_COOL_DOWN
        self._park = FIRST_PARK
        self._probing = False
        self._move(State.CLOSED, None, None)

    def _move(self, state: State, reason: str | None, until: float | None) -> None:
        previous, self.state, self.reason, self.until = self.state, state, reason, until
        if self._listener is not None and (previous is not state or state is State.OPEN):
            self._listener(state, previous, reason, until)
