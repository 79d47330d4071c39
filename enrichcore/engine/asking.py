"""What the options of a bulk run mean: from when on an answer counts, and what is waited for."""

from collections.abc import Collection
from typing import Any, Final, Literal, get_args

from enrichcore.engine.run import NOTHING_ANEW, Anew, Options
from enrichcore.errors import ConfigError
from enrichcore.model import Acceptance

Retry = Literal["incomplete", "errors", "misses"]
WhenPaced = Literal["wait", "skip"]
WhenParked = Literal["continue", "pause"]
RETRIES: Final[tuple[Retry, ...]] = get_args(Retry)
WHEN_PACED: Final[tuple[WhenPaced, ...]] = get_args(WhenPaced)
WHEN_PARKED: Final[tuple[WhenParked, ...]] = get_args(WhenParked)
_ALWAYS: Final = float("-inf")


def seconds(age: float | str | None) -> float | None:
    """A duration in seconds, from a number or from text such as `30d`, `12h`, `90s`.

    Raises:
        ConfigError: the text has another form.
    """
    if age is None:
        return None
    units = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 7 * 86400.0}
    try:
        found = float(age[:-1]) * units[age[-1:].lower()] if isinstance(age, str) else float(age)
    except (KeyError, ValueError, TypeError):
        found = -1.0
    if not 0 <= found < float("inf"):
        raise ConfigError(f"expected an age such as '30d', '12h' or seconds as a number, got {age!r}")
    return found


def asked_anew(*, refresh: bool, retry: Collection[str], since: float) -> Anew:
    """From when on an answer counts for a run that began at the wall second `since`.

    What is incomplete is always asked for the rest. A hit is asked for again by `refresh` alone.

    Raises:
        ConfigError: there is nothing of that name to ask again.
    """
    kinds = {retry} if isinstance(retry, str) else set(retry)
    for kind in sorted(kinds - set(RETRIES)):
        raise ConfigError(f"retry: expected {', '.join(RETRIES)}, got {kind!r}")
    if refresh:
        return Anew(since, since, since)
    if kinds.isdisjoint(("misses", "errors")):
        return NOTHING_ANEW
    return Anew(misses=since if "misses" in kinds else _ALWAYS, errors=since if "errors" in kinds else _ALWAYS)


def bulk_options(
    *,
    acceptance: Acceptance,
    max_age: float | str | None,
    anew: Anew,
    when_paced: str = "wait",
    when_parked: str = "continue",
    **more: Any,
) -> Options:
    """How each row of a bulk run is asked for.

    Raises:
        ConfigError: an option has a value that it cannot have.
    """
    for name, value, possible in (
        ("when_paced", when_paced, WHEN_PACED),
        ("when_parked", when_parked, WHEN_PARKED),
    ):
        if value not in possible:
            raise ConfigError(f"{name}: expected {' or '.join(possible)}, got {value!r}")
    return Options(
        acceptance=acceptance,
        max_age=seconds(max_age),
        anew=anew,
        patient=True,
        skips_paced=when_paced == "skip",
        waits_for_credits=when_parked == "pause",
        **more,
    )
