"""Mutants: a good JSON answer with something else in one place, for every place."""

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

Path = tuple[str | int, ...]

DEEP: Final = 200
NATIONAL: Final = 7
"""Digits at the end of a number that no country code reaches."""
LONG: Final = "x" * 20_000


def _deep() -> list[Any]:
    value: list[Any] = []
    for _ in range(DEEP):
        value = [value]
    return value


WRONG: Final[tuple[Any, ...]] = (
    None, True, False, 0, -1, 3.5, 10**30, "", "canary", " ", "\ud800", LONG, [], [None], [[]], {}, {"a": {}}, _deep(),
)  # fmt: skip
"""What stands where it does not belong."""


def paths(value: Any, at: Path = ()) -> Iterator[Path]:
    """Every place of a JSON value, the whole first."""
    yield at
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from paths(below, (*at, key))
    elif isinstance(value, list):
        for number, below in enumerate(value):
            yield from paths(below, (*at, number))


def get(value: Any, path: Path) -> Any:
    """What stands at a place."""
    for step in path:
        value = value[step]
    return value


def replaced(value: Any, path: Path, by: Any) -> Any:
    """A copy with something else at one place."""
    if not path:
        return by
    made = copy.deepcopy(value)
    get(made, path[:-1])[path[-1]] = by
    return made


def without(value: Any, path: Path) -> Any:
    """A copy without what stands at one place."""
    made = copy.deepcopy(value)
    del get(made, path[:-1])[path[-1]]
    return made


def mapped(value: Any, words: Mapping[str, str]) -> Any:
    """A copy in which every text is changed: words for words, whatever their case, longer ones first."""
    if isinstance(value, str):
        lower = {old.casefold(): new for old, new in words.items()}
        either = "|".join(re.escape(old) for old in sorted(words, key=len, reverse=True))
        return re.sub(either, lambda found: lower.get(found[0].casefold(), found[0]), value, flags=re.IGNORECASE)
    if isinstance(value, Mapping):
        return {key: mapped(below, words) for key, below in value.items()}
    return [mapped(below, words) for below in value] if isinstance(value, list) else value


def texts(value: Any) -> Iterator[str]:
    """Every text and number in a JSON value, as text."""
    if isinstance(value, Mapping):
        for below in value.values():
            yield from texts(below)
    elif isinstance(value, list):
        for below in value:
            yield from texts(below)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield str(value)


def digits(text: str) -> str:
    """The digits of a text."""
    return "".join(filter(str.isdecimal, text))


def holds(values: Sequence[str], number: str) -> bool:
    """Whether the end of a number stands in one of the texts; a country code may have been put before it."""
    whole = digits(number)
    if not whole:
        return False
    if len(whole) < NATIONAL:  # two short values may have been joined
        return any(end and whole.endswith(end) for end in map(digits, values))
    return any(whole[-NATIONAL:] in digits(text) for text in values)
