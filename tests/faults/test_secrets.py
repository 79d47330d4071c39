"""What the key, the person and the URL never get into: errors, their chains, and anybody's log."""

import asyncio
import gc
import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import httpx
import pytest

from enrichcore import errors
from enrichcore.plugins import Header, Provider, Query

if TYPE_CHECKING:
    from tests.faults.conftest import Action, FaultServer, Probe

CANARIES = ("canary-key-0001", "canary-person", "canary%2Dperson", "/canary-path")
PERSON = {"email": "canary-person@engines.example"}


class InQuery(Provider):
    name = "acme"
    auth = Query("apiId")


class InHeader(Provider):
    name = "acme"
    auth = Header("X-API-Key")


def chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


FAULTS: dict[str, Callable[["FaultServer"], "Action"]] = {
    "reset": lambda s: s.reset(),
    "cut": lambda s: s.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"),
    "not HTTP": lambda s: s.raw(b"canary-person canary-key-0001\r\n\r\n"),
    "refused key": lambda s: s.reply(401, {"error": "canary-key-0001 is no key"}),
    "server error": lambda s: s.reply(500, {"error": "canary-person"}),
    "redirect": lambda s: s.reply(302, headers=[("Location", "/canary-path?apiId=canary-key-0001")]),
    "bad gzip": lambda s: s.reply(200, PERSON, headers=[("Content-Encoding", "gzip")]),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("provider", [InQuery, InHeader])
def test_no_error_holds_the_key_the_person_or_the_url(
    probe: "Probe", server: "FaultServer", fault: str, provider: type[Provider]
) -> None:
    """Neither in the message nor anywhere in the chain; and no exception of the HTTP library is in the chain."""
    server.script(FAULTS[fault](server))
    outcome = probe.ask(server.url, "/canary-path", json=PERSON, provider=provider)
    assert len(server.requests) == 1
    links = list(chain(outcome.error))
    assert [type(link).__module__ for link in links] == [errors.__name__]
    shown = "".join(f"{link!s}{link!r}{link.args!r}{vars(link)!r}" for link in links)
    assert [canary for canary in (*CANARIES, "127.0.0.1") if canary in shown] == []


def test_an_unsent_request_shows_nothing_either(probe: "Probe") -> None:
    outcome = probe.ask("http://a..localhost/canary-path", json=PERSON, provider=InQuery)
    assert type(outcome.error) is errors.Unsent
    assert len(list(chain(outcome.error))) == 1
    assert "canary" not in repr(outcome.error)


@pytest.mark.parametrize("provider", [InQuery, InHeader])
def test_with_every_logger_open_no_log_line_holds_the_key_the_person_or_the_url(
    probe: "Probe", server: "FaultServer", caplog: pytest.LogCaptureFixture, provider: type[Provider]
) -> None:
    """The host's logging is at its most talkative; httpx, httpcore and pyreqwest say nothing of ours in it."""
    caplog.set_level(1)
    logging.getLogger("proof").debug("the capture works")
    fault = FAULTS["redirect"](server)
    for action in (server.reply(200, PERSON), fault, FAULTS["cut"](server), FAULTS["reset"](server)):
        server.script(action)
        probe.ask(f"{server.url}/canary-path", json=PERSON, provider=provider)
    if probe.kind == "fast":
        from pyreqwest.logging import flush_logs

        flush_logs()
    assert len(server.requests) == 4
    lines = [f"{record.name} {record.getMessage()} {record.args!r}" for record in caplog.records]
    assert "proof the capture works ()" in lines
    assert [line for line in lines if any(canary in line for canary in CANARIES)] == []


def test_the_hosts_own_use_of_httpx_is_logged_as_before(
    server: "FaultServer", caplog: pytest.LogCaptureFixture
) -> None:
    """We silence our own requests, not the library: no level changes, and the host's requests are still logged."""
    from enrichcore.engine.transport_plain import PlainTransport

    names = ("httpx", "httpcore", "httpcore.http11", "httpcore.connection")
    levels = {name: logging.getLogger(name).level for name in names}
    PlainTransport()
    assert {name: logging.getLogger(name).level for name in names} == levels
    caplog.set_level(logging.DEBUG)

    async def run() -> None:
        async with httpx.AsyncClient(trust_env=False) as theirs:
            await theirs.get(server.url)

    asyncio.run(run())
    assert {"httpx", "httpcore.http11", "httpcore.connection"} <= {record.name for record in caplog.records}


def test_the_transport_leaves_no_socket_behind(probe: "Probe", server: "FaultServer") -> None:
    """A socket that is not closed is a ResourceWarning when it is collected, and a warning is an error here."""
    for fault in ("reset", "cut", "redirect"):
        server.script(FAULTS[fault](server))
        probe.ask(server.url, json=PERSON)
    gc.collect()
    assert len(server.requests) == 3
