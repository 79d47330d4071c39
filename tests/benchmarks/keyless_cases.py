"""What a record pays for providers that are installed and have no key: against an engine that knows none of them."""

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from importlib.metadata import entry_points
from typing import Any

from enrichcore_echo import Echo

from enrichcore import AsyncEngine, Contact
from enrichcore.config import Config, ProviderConfig
from enrichcore.model import Acceptance
from tests.benchmarks.pairs import Case, Clock, Measure, in_turn
from tests.benchmarks.yardstick import log_as_it_does

_SECRET = bytes(32)
_RUNS = itertools.count()


def _contacts(count: int) -> Iterator[Contact]:
    """New people every time, each with all that three methods want."""
    run = next(_RUNS)
    for i in range(count):
        yield Contact(
            record_id=f"{run}-{i}", first_name="Ada", last_name="Lovelace", company=f"Engines {run} {i}",
            email=f"ada{i}@engines{run}.example", linkedin_id=f"ada-{run}-{i}",
        )  # fmt: skip


def keyed() -> list[str]:
    """The installed providers that need a key."""
    loaded = [(entry.name, entry.load()) for entry in entry_points(group="enrichcore")]
    return sorted(name for name, kind in loaded if kind.key_env is not None and not kind.first_party)


def lookup_cpu(records: int, providers: Sequence[Any] | None, *, skipped: int) -> Measure:
    """CPU microseconds for a record that echo answers; without `providers` everything installed is loaded."""
    only_echo = Config(provider={"echo": ProviderConfig()})

    async def run() -> float:
        log_as_it_does(events=False)
        async with AsyncEngine(
            providers=providers, config=only_echo if providers is None else None, store="memory", secret=_SECRET,
            env={}, acceptance=Acceptance(allow_fictional=True),
        ) as engine:  # fmt: skip
            assert [*engine.channels] == ["echo"]
            assert len(engine.plan.members) == 1 + skipped
            with Clock() as clock:
                async for result in engine.enrich_phones(_contacts(records), concurrency=100):
                    assert result.status in ("found", "not_found", "incomplete")
        return clock.each(records)

    return lambda: asyncio.run(run())


def cases(*, small: bool) -> list[Case]:
    """The cases."""
    records, names = 200 if small else 4000, keyed()
    alone = lookup_cpu(records, [Echo()], skipped=0)
    return [
        Case(
            "keyless",
            f"a record with all providers installed, {len(names)} of them without their key ÷ with none of them",
            in_turn(lookup_cpu(records, None, skipped=0), alone),
            bar=1.1,
        ),
        Case(
            "keyless-named",
            f"the same where all {len(names)} are named: each is a skip on the record",
            in_turn(lookup_cpu(records, ["echo", *names], skipped=len(names)), alone),
        ),
    ]
