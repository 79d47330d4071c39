"""The operators' socket: where it is, and that it stands beside the service without being in its way."""

import asyncio
import socket
from typing import Any

import httpx
import pytest

from enrichcore.config import parse_config
from enrichcore.errors import ConfigError
from enrichcore.service.operators.listener import address_of, beside, is_loopback, listen_all, url_of
from enrichcore.service.server import listen

ADDRESSES = [
    ("127.0.0.1:9100", ("127.0.0.1", 9100)),
    ("9100", ("127.0.0.1", 9100)),
    (":9100", ("127.0.0.1", 9100)),
    ("[::1]:9100", ("::1", 9100)),
    ("0.0.0.0:0", ("0.0.0.0", 0)),
    ("ops.example:80", ("ops.example", 80)),
]


@pytest.mark.parametrize(("text", "address"), ADDRESSES)
def test_an_address_without_a_host_is_on_loopback(text: str, address: tuple[str, int]) -> None:
    assert address_of(text) == address


@pytest.mark.parametrize("text", ["", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "a:b", "127.0.0.1:-1", "a:٣"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"expected an address and a port such as 127\.0\.0\.1:9100"):
        address_of(text)


def test_it_is_off_unless_it_is_configured() -> None:
    """Neither a page, nor another name for it, nor traces."""
    standard = parse_config("").service
    assert (standard.operators, standard.operators_hosts, standard.traces) == (None, (), False)
    text = '[service]\noperators = "127.0.0.1:9100"\noperators_hosts = ["ops.example"]\ntraces = true\n'
    given = parse_config(text).service
    assert (given.operators, given.operators_hosts, given.traces) == ("127.0.0.1:9100", ("ops.example",), True)


def test_workers_have_ports_that_follow_each_other() -> None:
    """So many sockets, from the port on; with port 0 each has a free one."""
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
    made = listen_all(f"127.0.0.1:{port}", 1) + listen_all("127.0.0.1:0", 2)
    try:
        assert made[0].getsockname()[1] == port
        assert len({one.getsockname()[1] for one in made}) == 3
    finally:
        for one in made:
            one.close()


def test_a_port_that_is_taken_frees_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the second cannot be had, the first is not kept."""
    made: list[socket.socket] = []

    def once(host: str, port: int) -> socket.socket:
        if made:
            raise ConfigError(f"cannot listen on {host}:{port}")
        made.append(listen(host, 0))
        return made[0]

    monkeypatch.setattr("enrichcore.service.operators.listener.listen", once)
    with pytest.raises(ConfigError, match=r"cannot listen on 127\.0\.0\.1:9101"):
        listen_all("127.0.0.1:9100", 2)
    assert made[0].fileno() == -1


def test_loopback_is_told_from_the_rest_of_the_world() -> None:
    for host, loopback in (("127.0.0.1", True), ("0.0.0.0", False)):
        with listen(host, 0) as made:
            assert is_loopback(made) is loopback
            assert url_of(made).startswith(f"http://{host}:")


async def hello(scope: Any, receive: Any, send: Any) -> None:
    """An app that says hello."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


def test_it_serves_beside_and_ends_with_what_it_stands_beside() -> None:
    """Inside there is an answer, afterwards nobody listens, and the signals are the other's all the time."""
    import signal

    async def work() -> tuple[str, bool]:
        before = signal.getsignal(signal.SIGTERM)
        listener = listen("127.0.0.1", 0)
        url = url_of(listener)
        async with beside(hello, listener), httpx.AsyncClient() as client:
            said = (await client.get(url)).text
            same = signal.getsignal(signal.SIGTERM) is before
        with pytest.raises(httpx.ConnectError):
            async with httpx.AsyncClient() as client:
                await client.get(url)
        return said, same

    assert asyncio.run(work()) == ("hello", True)


def test_it_ends_at_once_when_the_service_cannot_begin() -> None:
    """An error inside is the error that comes out."""

    async def work() -> None:
        async with beside(hello, listen("127.0.0.1", 0)):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(work())
