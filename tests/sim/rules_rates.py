"""Rules of rates: what one process starts, and what all processes of one credential start together."""

from collections import Counter
from typing import Any, Final

import attrs

from enrichcore.plugins import Rate
from tests.sim.history import Call, History
from tests.sim.process import Ledger, Process

SKEW: Final = 1.5
"""Seconds by which the clocks of two processes differ at most."""


@attrs.define(eq=False)
class Lease:
    """Some calls that one process has leased of one rate, until a virtual time."""

    left: int
    ends: float


class RateRules:
    """Listens to a history. `slack` is the time between admission and the call."""

    def __init__(self, history: History, ledger: Ledger, slack: float) -> None:
        self._history = history
        self._ledger = ledger
        self._slack = slack
        self._starts: dict[tuple[int, str], list[float]] = {}
        self._leases: dict[tuple[int, str, float], list[Lease]] = {}
        self._granted: Counter[tuple[str, bytes, float, float]] = Counter()
        self._windows: dict[tuple[str, bytes, float], tuple[float, float]] = {}
        history.on_call.append(self.rates_are_kept)
        history.on_write.append(self.rates_are_shared)

    def rates_are_kept(self, call: Call) -> None:
        """No window holds more starts than the declared rate allows, and every start was leased by its process."""
        name, number, now = call.vendor.name, call.process.number, self._history.now
        rates = call.process.build.rates.get(name, ())
        if not rates:
            return
        starts = self._starts.setdefault((number, name), [])
        starts.append(now)
        parsed = [Rate.parse(text) for text in rates]
        longest = max(rate.seconds for rate in parsed)
        for rate in parsed:
            window = [at for at in starts if at > now - rate.seconds + self._slack]
            if len(window) > rate.calls:
                self._history.broken("rates_are_kept", f"{call} is number {len(window)} within {rate.seconds:g} s")
            leases = self._leases.get((number, name, rate.seconds), [])
            # Leased first, a call may still wait for the longest of its own windows.
            lease = next((one for one in leases if one.left and one.ends + longest + self._slack >= now), None)
            if lease is not None:
                lease.left -= 1
            elif not self._history.jumps:
                self._history.broken("rates_are_shared", f"{call} has no lease for its {rate.seconds:g} s")

    def rates_are_shared(self, process: Process, verb: str, what: Any, answer: Any) -> None:
        """In each window all processes together are granted no more than the rate, and windows do not overlap."""
        if verb != "lease_rate":
            return
        provider, credential, calls, seconds, _, wall = what
        granted, left = answer
        began, _ = self._ledger.rate(provider, credential, seconds)
        self._granted[provider, credential, seconds, began] += granted
        if self._granted[provider, credential, seconds, began] > calls:
            self._history.broken("rates_are_shared", f"more than {calls} calls of {provider} in {seconds:g} s")
        before, at = self._windows.get((provider, credential, seconds), (began, 0.0))
        if before != began:
            jumped = self._history.jumped(at)
            if abs(began - before - jumped) < seconds - SKEW and not jumped:
                text = f"a window of {seconds:g} s of {provider} begins {began - before:.3f} s after the last one"
                self._history.broken("rates_are_shared", text)
        self._windows[provider, credential, seconds] = began, self._history.now
        if granted:
            ends = self._history.now + left - (process.runtime.wall() - wall)
            self._leases.setdefault((process.number, provider, seconds), []).append(Lease(granted, ends))
