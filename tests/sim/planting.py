"""How bugs are planted: a registry, and what puts the engine back as it was.

Every bug is a context manager that patches the engine and puts it back; its docstring says what is wrong with it.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

from enrichcore.engine import retry

Bug = Callable[[], AbstractContextManager[None]]

PLANTED: Final[dict[str, Bug]] = {}
"""All of them by name."""


def planted(function: Callable[[], Iterator[None]]) -> Bug:
    """Register a bug."""
    bug = contextmanager(function)
    PLANTED[function.__name__] = bug
    return bug


@contextmanager
def swap(target: Any, name: str, value: Any) -> Iterator[None]:
    """`target.name` is `value` inside."""
    before = target.__dict__[name]
    setattr(target, name, value)
    try:
        yield
    finally:
        setattr(target, name, before)


@contextmanager
def decision(error: type, again: retry.Again, charge: retry.Charge, effect: retry.Effect) -> Iterator[None]:
    """Another row in the table of what an error means."""
    before = retry.DECISIONS[error]
    retry.DECISIONS[error] = retry.Decision(again, charge, effect)
    try:
        yield
    finally:
        retry.DECISIONS[error] = before
