"""Provider states that outlive the process: rate windows, parked and suspended accounts."""

import attrs

from enrichcore import log
from enrichcore.engine.breaker import Listener, State
from enrichcore.engine.channel import Channel
from enrichcore.runtime import Runtime
from enrichcore.store import Store, StoredState

_LASTING = (State.PARKED, State.SUSPENDED)


@attrs.define(eq=False)
class States:
    """Tells and keeps changes of state, and takes up where an earlier process left off."""

    _runtime: Runtime
    _store: Store
    _events: log.EventLog

    async def restore(self, channels: dict[str, Channel]) -> None:
        """Fill rate windows from the journal; park and suspend what an earlier process had parked or suspended."""
        wall, now = self._runtime.wall(), self._runtime.monotonic()
        for name, channel in channels.items():
            if channel.limiter.longest >= 1:
                calls = await self._store.calls_since(name, wall - channel.limiter.longest)
                batch = channel.provider.batch
                if batch is not None and batch.counts == "requests":  # those of one batch began at one moment
                    calls = list(dict.fromkeys(calls))
                channel.limiter.seed(now - max(wall - at, 0) for at in calls)
        for state in await self._store.load_states():
            known = channels.get(state.provider)
            if known is not None and known.credential == state.credential and state.state in _LASTING:
                known.health.restore(State(state.state), state.reason, now)

    def listener(self, name: str, credential: bytes) -> Listener:
        """What a provider's health calls when its state changes."""

        def changed(state: State, previous: State, reason: str | None, until: float | None) -> None:
            left = None if until is None else round(max(until - self._runtime.monotonic(), 0), 1)
            self._events.warning(
                log.PROVIDER_STATE_CHANGED,
                provider=name,
                state=state.value,
                previous=previous.value,
                reason=reason,
                until_s=left,
            )
            if (state in _LASTING or previous in _LASTING) and reason != "plugin_fault":
                self._store.save_state(
                    StoredState(
                        provider=name,
                        credential=credential,
                        state=state.value,
                        since=self._runtime.wall(),
                        until=None,
                        reason=reason,
                    )
                )

        return changed
