"""Checks: one named fact of the contract each, and what came of them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NoReturn

import attrs

if TYPE_CHECKING:
    from enrichcore.testing.bench import Bench

GUIDE: Final = "docs/how-to/write-a-provider.md"


class Broken(Exception):
    """The provider breaks the contract: what was expected, and what came."""

    def __init__(self, expected: str, came: str) -> None:
        super().__init__(f"expected {expected}, got {came}")


class Inapplicable(Exception):
    """The check says nothing about this provider; the text says why."""


@attrs.frozen
class Check:
    """One fact: its name, a sentence, the part of the guide that explains it, and the function that tries it."""

    name: str
    says: str
    see: str
    run: Callable[["Bench"], None] = attrs.field(repr=False)


CHECKS: Final[dict[str, Check]] = {}
"""All checks by name, in the order in which they run."""


def check(name: str, see: str) -> Callable[[Callable[["Bench"], None]], Callable[["Bench"], None]]:
    """Make a function a check; the first line of its docstring is the fact."""

    def register(function: Callable[["Bench"], None]) -> Callable[["Bench"], None]:
        says = (function.__doc__ or "").strip().partition("\n")[0]
        CHECKS[name] = Check(name, says, f"{GUIDE}#{see}", function)
        return function

    return register


def skip(reason: str) -> NoReturn:
    """This check says nothing about this provider."""
    raise Inapplicable(reason)


def expect(fine: object, expected: str, came: str) -> None:
    """Go on only if it is fine."""
    if not fine:
        raise Broken(expected, came)


@attrs.frozen
class Result:
    """What came of one check: `passed`, `failed` or `skipped`, and why."""

    check: Check
    status: str
    text: str = ""
    seconds: float = 0.0

    def __str__(self) -> str:
        said = f": {self.text}" if self.text else ""
        return f"{self.check.name} {self.status}{said}" + (
            f" (see {self.check.see})" if self.status == "failed" else ""
        )


@attrs.frozen
class Report:
    """What the contract suite found out about one provider."""

    provider: str
    results: tuple[Result, ...]

    def of(self, status: str) -> list[Result]:
        """The results that are `passed`, `failed` or `skipped`."""
        return [result for result in self.results if result.status == status]

    @property
    def ok(self) -> bool:
        """Whether no check failed and at least one passed."""
        return not self.of("failed") and bool(self.of("passed"))

    @property
    def seconds(self) -> float:
        """How long all checks took."""
        return sum(result.seconds for result in self.results)

    def __str__(self) -> str:
        counts = ", ".join(f"{len(self.of(status))} {status}" for status in ("passed", "failed", "skipped"))
        return "\n".join([f"{self.provider}: {counts}", *map(str, self.of("failed"))])

    def assert_ok(self) -> None:
        """Do nothing if the provider keeps the contract.

        Raises:
            AssertionError: it does not; the message names every check that failed, and why.
        """
        if not self.ok:
            raise AssertionError(str(self))
