"""Rules of the house for every test: no network but loopback, and missing system parts skip or fail on purpose."""

import os
import sys
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import pytest

from tests import browser as browsers

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


@pytest.fixture(scope="session")
def _browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[browsers.Browser | None]:
    if browsers.binary() is None:
        yield None
        return
    made = browsers.Browser(tmp_path_factory.mktemp("browser"))
    yield made
    made.close()


@pytest.fixture
def browser(_browser: browsers.Browser | None, require: Callable[[str], NoReturn]) -> browsers.Browser:
    """A real browser without a window, one for the session; its pages share nothing."""
    if _browser is None:
        require("needs Chromium (Debian's package `chromium`)")
    if not browsers.AXE.exists():
        require("needs axe-core: npm install --no-save --prefix .cache axe-core")
    return _browser
