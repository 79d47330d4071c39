"""Rules of the house for every test: no network but loopback, and missing system parts skip or fail on purpose."""

import os
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import pytest

_LOOPBACK = ("127.", "localhost", "::1", "0.0.0.0")


def _loopback_only(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        address = arguments[1]
        if isinstance(address, tuple) and not str(address[0]).startswith(_LOOPBACK):
            raise RuntimeError(f"tests reach no network but loopback; this one asked for {address[0]}")


sys.addaudithook(_loopback_only)


@pytest.fixture
def require() -> Callable[[str], NoReturn]:
    """Skip because a part of the system is missing; fail instead where ENRICHCORE_REQUIRE=all says it must be there."""

    def missing(reason: str) -> NoReturn:
        if os.environ.get("ENRICHCORE_REQUIRE") == "all":
            pytest.fail(f"{reason} (ENRICHCORE_REQUIRE=all)")
        pytest.skip(reason)

    return missing
