"""Standing: how every provider stands at this moment, what it charges, and what one lookup can cost at most."""

from decimal import Decimal

import attrs

from enrichcore.engine.breaker import State
from enrichcore.engine.core import AsyncEngine
from enrichcore.runtime import Runtime
from enrichcore.service.operators.words import plain

STATES = tuple(state.value for state in State)


@attrs.frozen(kw_only=True)
class Standing:
    """One provider. `state` is None for one that cannot be asked at all, and `why` says why."""

    name: str
    state: str | None
    why: str | None
    seconds: float | None
    """Until it may be asked, or probed, again; None when time alone does not change it."""
    worst: Decimal | None
    """What one call can cost at most, in money; None when nobody knows."""
    credits: Decimal
    methods: tuple[str, ...]


def standings(engine: AsyncEngine, runtime: Runtime) -> list[Standing]:
    """Every provider that takes part, in the order of their names; none before the engine is open."""
    found = []
    for name, member in sorted(engine.plan.members.items()):
        channel = engine.channels.get(name)
        state: str | None = None
        why: str | None = member.detail or plain(member.skip or "failed_to_start")
        seconds: float | None = None
        if channel is not None:
            health = channel.health
            left = None if health.until is None else max(health.until - runtime.monotonic(), 0.0)
            # Who is paced is asked again as soon as the time is over; nothing happens before somebody asks.
            is_over = health.state is State.PACED and not left
            state = State.CLOSED.value if is_over else health.state.value
            why, seconds = (None, None) if is_over else (plain(health.reason) or None, left)
        methods = [] if member.plugin is None else [method.value for method in member.plugin.lookups]
        found.append(
            Standing(
                name=name,
                state=state,
                why=why,
                seconds=seconds,
                worst=member.worst,
                credits=member.price.credits,
                methods=tuple(methods),
            )
        )
    return found


@attrs.frozen
class Worst:
    """The most that one lookup can cost. `unpriced` names who charges credits whose price nobody knows."""

    money: Decimal
    unpriced: tuple[str, ...]

    @property
    def is_free(self) -> bool:
        """Whether nobody is asked who costs anything."""
        return not self.money and not self.unpriced


def worst(engine: AsyncEngine) -> Worst:
    """What asking everybody by every method costs, when every answer is charged as a hit."""
    money, unpriced = Decimal(0), set()
    for step in engine.plan.steps:
        if step.name in engine.channels and step.paid:
            if step.member.worst is None:
                unpriced.add(step.name)
            else:
                money += step.member.worst
    record = engine.budget.record
    if record is not None:
        money = min(money, record)
    return Worst(money, tuple(sorted(unpriced)))
