"""What each fault on the wire comes to: the error, the verdict, and how often the vendor saw the request.

Every test runs over both transports, so that they cannot drift apart.
"""

import asyncio
import gzip
import platform
import socket
import zlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from enrichcore import errors
from enrichcore.engine.transport import Watch, Wire

if TYPE_CHECKING:
    from tests.faults.conftest import Action, Certificates, FaultServer, Probe

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CAP = 64 * 1024


def raw_answer(*lines: bytes, body: bytes = b"") -> bytes:
    return HEAD + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


def packed(body: bytes, encoding: bytes = b"gzip") -> bytes:
    return raw_answer(b"Content-Encoding: " + encoding, b"Content-Length: %d" % len(body), body=body)


def chunks(*parts: bytes) -> bytes:
    return raw_answer(b"Transfer-Encoding: chunked", body=b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in parts))


def endless(piece: bytes) -> Iterator[bytes]:
    """Far more than the cap, and a cap is all that should ever be taken of it."""
    yield raw_answer(b"Transfer-Encoding: chunked")
    for _ in range(4096):
        yield b"%x\r\n%b\r\n" % (len(piece), piece)


DROPPED: dict[str, Callable[["FaultServer"], "Action"]] = {
    "reset after the request": lambda s: s.reset(),
    "closed after the request": lambda s: s.raw(b""),
    "body shorter than its length": lambda s: s.raw(raw_answer(b"Content-Length: 50", body=b'{"a": 1}')),
    "body cut by a reset": lambda s: s.raw(raw_answer(b"Content-Length: 50", body=b'{"a": 1}'), "reset"),
    "headers cut": lambda s: s.raw(HEAD[:30]),
    "chunks cut": lambda s: s.raw(chunks(b'{"a":')),
    "chunk without a size": lambda s: s.raw(raw_answer(b"Transfer-Encoding: chunked", body=b"zz\r\n{}\r\n")),
    "two different lengths": lambda s: s.raw(raw_answer(b"Content-Length: 2", b"Content-Length: 3", body=b"{} ")),
    "negative length": lambda s: s.raw(raw_answer(b"Content-Length: -2", body=b"{}")),
    "not HTTP": lambda s: s.raw(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"),
    "endless headers": lambda s: s.raw([HEAD, b"X-More: 0123456789\r\n" * 100_000]),
}


@pytest.mark.parametrize("fault", DROPPED)
def test_a_connection_lost_after_the_request_left_is_maybe_sent(
    probe: "Probe", server: "FaultServer", fault: str
) -> None:
    """No whole answer after the first byte left: in doubt, and the vendor saw the request once, not twice."""
    server.script(DROPPED[fault](server))
    outcome = probe.ask(server.url, json={"email": "ada@engines.example"})
    assert type(outcome.error) is errors.MaybeSent
    assert outcome.wire is Wire.MAYBE_SENT
    assert len(server.requests) == 1


def test_a_reset_before_the_request_is_read_is_never_called_answered(probe: "Probe", server: "FaultServer") -> None:
    """Whether bytes left before the reset came is a race; the error and the verdict tell the same story of it."""
    server.script(server.reset_on_accept())
    outcome = probe.ask(server.url)
    assert (type(outcome.error), outcome.wire) in (
        (errors.MaybeSent, Wire.MAYBE_SENT),
        (errors.Unsent, Wire.UNSENT),
    )
    assert server.requests == []


HANGING: dict[str, Callable[["FaultServer"], "Action"]] = {
    "accepts and never reads": lambda s: s.hang_on_accept(),
    "reads and never answers": lambda s: s.hang(),
    "hangs after the headers": lambda s: s.raw(raw_answer(b"Content-Length: 2"), "hang"),
    "drips": lambda s: s.raw([raw_answer(b"Content-Length: 9999"), *[b" "] * 9999], every=0.01),
}


@pytest.mark.parametrize("fault", HANGING)
def test_the_engines_timeout_finds_maybe_sent_whatever_hangs(probe: "Probe", server: "FaultServer", fault: str) -> None:
    """One total timeout ends it, although each byte of a dripping answer comes in time."""
    server.script(HANGING[fault](server))
    outcome = probe.ask(server.url, timeout=0.3)
    assert type(outcome.error) is TimeoutError
    assert outcome.wire is Wire.MAYBE_SENT


def test_a_request_that_is_half_written_is_maybe_sent(probe: "Probe", server: "FaultServer") -> None:
    """The verdict turns with the first byte, not with the last."""
    server.script(server.hang_on_accept())
    outcome = probe.ask(server.url, json={"text": "x" * 20_000_000}, timeout=0.5)
    assert type(outcome.error) is TimeoutError
    assert outcome.wire is Wire.MAYBE_SENT


def test_a_closed_port_is_unsent(probe: "Probe") -> None:
    """Connection refused: nothing left."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        outcome = probe.ask(f"http://127.0.0.1:{port}")
    assert type(outcome.error) is errors.Unsent
    assert "refused" in str(outcome.error)
    assert outcome.wire is Wire.UNSENT


def test_a_host_name_that_cannot_exist_is_unsent(probe: "Probe") -> None:
    """A name with an empty label fails in the resolver library, before any query leaves."""
    outcome = probe.ask("http://a..localhost")
    assert type(outcome.error) is errors.Unsent
    assert "host name was not found" in str(outcome.error)
    assert outcome.wire is Wire.UNSENT


@pytest.mark.skipif(platform.system() != "Linux", reason="only Linux drops a SYN when the accept queue is full")
def test_a_connection_that_is_never_accepted_is_unsent(probe: "Probe") -> None:
    """The connect timeout is the transport's own, so that it can say that nothing left."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for sock in waiting:
            sock.setblocking(False)
            sock.connect_ex(full.getsockname())
        outcome = probe.ask(f"http://127.0.0.1:{full.getsockname()[1]}", connect_timeout=0.3)
        for sock in waiting:
            sock.close()
    assert type(outcome.error) is errors.Unsent
    assert str(outcome.error) == "no connection within 0.3 s"
    assert outcome.wire is Wire.UNSENT


@pytest.mark.parametrize("name", ["alone", "expired", "elsewhere"])
def test_a_certificate_that_does_not_hold_is_unsent(
    probe: "Probe", serve: Callable[..., "FaultServer"], certificates: "Certificates", name: str
) -> None:
    """Self-signed, expired, or for another host: the handshake fails before the request, key and all, is written."""
    server = serve(certificates.pair(name))
    outcome = probe.ask(server.url, ca_file=certificates.authority)
    assert type(outcome.error) is errors.Unsent
    assert "TLS" in str(outcome.error)
    assert outcome.wire is Wire.UNSENT
    assert server.requests == []


def test_an_authority_that_is_not_known_is_unsent(
    probe: "Probe", serve: Callable[..., "FaultServer"], certificates: "Certificates"
) -> None:
    server = serve(certificates.pair("good"))
    outcome = probe.ask(server.url)
    assert type(outcome.error) is errors.Unsent
    assert server.requests == []


def test_a_certificate_of_a_named_authority_is_accepted(
    probe: "Probe", serve: Callable[..., "FaultServer"], certificates: "Certificates"
) -> None:
    """`ca_file` adds an authority; without this the tests above would pass over a broken TLS set-up."""
    server = serve(certificates.pair("good"))
    outcome = probe.ask(server.url, ca_file=certificates.authority)
    assert outcome.error is None
    assert outcome.wire is Wire.ANSWERED


def test_https_to_a_server_that_speaks_plain_http_is_unsent(probe: "Probe", server: "FaultServer") -> None:
    server.script(server.raw(b"HTTP/1.1 400 Bad Request\r\n\r\n", on_accept=True))
    outcome = probe.ask(server.url.replace("http:", "https:"))
    assert type(outcome.error) is errors.Unsent
    assert outcome.wire is Wire.UNSENT


def test_a_handshake_that_stalls_is_unsent(probe: "Probe", server: "FaultServer") -> None:
    """The connect timeout covers TLS."""
    server.script(server.hang_on_accept())
    outcome = probe.ask(server.url.replace("http:", "https:"), connect_timeout=0.3)
    assert type(outcome.error) is errors.Unsent
    assert outcome.wire is Wire.UNSENT


LARGE: dict[str, Callable[["FaultServer"], "Action"]] = {
    "declared": lambda s: s.raw([raw_answer(b"Content-Length: 1000000000"), b"x" * 1_000_000]),
    "declared one byte too long": lambda s: s.reply(body=b" " * (CAP + 1)),
    "chunked": lambda s: s.raw(endless(b"x" * 65536)),
    "until close": lambda s: s.raw(raw_answer(body=b"x" * 1_000_000)),
    "gzip bomb": lambda s: s.raw(packed(gzip.compress(bytes(50_000_000)))),
    "deflate bomb": lambda s: s.raw(packed(zlib.compress(bytes(50_000_000)), b"deflate")),
}


@pytest.mark.parametrize("fault", LARGE)
def test_a_body_beyond_the_cap_is_unreadable_and_answered(probe: "Probe", server: "FaultServer", fault: str) -> None:
    """It came, we refuse it, the vendor will bill it."""
    server.script(LARGE[fault](server))
    outcome = probe.ask(server.url, max_body=CAP)
    assert type(outcome.error) is errors.Unreadable
    assert outcome.wire is Wire.ANSWERED
    assert len(server.requests) == 1


def test_a_body_of_exactly_the_cap_is_read(probe: "Probe", server: "FaultServer") -> None:
    body = b'"' + b"x" * (CAP - 2) + b'"'
    server.script(server.reply(body=body), server.raw(chunks(body[:30_000], body[30_000:], b"")))
    for _ in range(2):
        outcome = probe.ask(server.url, max_body=CAP)
        assert outcome.reply is not None
        assert outcome.reply.content == body


DAMAGED: dict[str, Callable[["FaultServer"], "Action"]] = {
    "not gzip": lambda s: s.raw(packed(b'{"a": 1}')),
    "gzip cut short": lambda s: s.raw(packed(gzip.compress(b'{"a": 1}')[:-9])),
    "gzip with a wrong sum": lambda s: s.raw(packed(gzip.compress(b"{}")[:-8] + bytes(8))),
    "gzip with something behind": lambda s: s.raw(packed(gzip.compress(b"{}") + b"{}")),
    "two layers": lambda s: s.raw(packed(gzip.compress(gzip.compress(b"{}")), b"gzip, gzip")),
    "brotli": lambda s: s.raw(packed(b"\x0b\x01\x80{}\x03", b"br")),
}


@pytest.mark.parametrize("fault", DAMAGED)
def test_a_body_that_cannot_be_decoded_is_unreadable(probe: "Probe", server: "FaultServer", fault: str) -> None:
    """All or nothing: no half-decoded answer is parsed."""
    server.script(DAMAGED[fault](server))
    outcome = probe.ask(server.url)
    assert type(outcome.error) is errors.Unreadable
    assert outcome.wire is Wire.ANSWERED


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "raw deflate", "identity"])
def test_one_layer_of_compression_is_read_although_none_was_asked_for(
    probe: "Probe", server: "FaultServer", encoding: str
) -> None:
    """We ask for identity; a server that compresses all the same is understood, and its headers say so no more."""
    plain = b'{"phone": "+442079460000"}'
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    bodies = {
        "gzip": gzip.compress(plain),
        "deflate": zlib.compress(plain),
        "raw deflate": deflater.compress(plain) + deflater.flush(),
        "identity": plain,
    }
    server.script(server.raw(packed(bodies[encoding], encoding.removeprefix("raw ").encode())))
    outcome = probe.ask(server.url)
    assert outcome.reply is not None
    assert outcome.reply.json() == {"phone": "+442079460000"}
    assert "content-encoding" not in outcome.reply.headers
    assert server.requests[0].headers["accept-encoding"] == "identity"


ODD_BUT_READABLE: dict[str, bytes] = {
    "the same length twice": raw_answer(b"Content-Length: 2", b"Content-Length: 2", body=b"{}"),
    "length and chunks": raw_answer(b"Content-Length: 9", b"Transfer-Encoding: chunked", body=b"2\r\n{}\r\n0\r\n\r\n"),
    "no length at all": raw_answer(body=b"{}"),
    "more than its length": raw_answer(b"Content-Length: 2", body=b"{}<html>"),
    "a header that is not ASCII": raw_answer(b"X-City: caf\xe9", b"Content-Length: 2", body=b"{}"),
    "early hints first": b"HTTP/1.1 103 Early Hints\r\n\r\n" + raw_answer(b"Content-Length: 2", body=b"{}"),
}


@pytest.mark.parametrize("oddity", ODD_BUT_READABLE)
def test_an_answer_that_is_odd_but_whole_is_an_answer(probe: "Probe", server: "FaultServer", oddity: str) -> None:
    server.script(server.raw(ODD_BUT_READABLE[oddity]))
    outcome = probe.ask(server.url)
    assert outcome.reply is not None
    assert outcome.reply.json() == {}
    assert outcome.wire is Wire.ANSWERED


UNREADABLE: dict[str, bytes] = {
    "HTML": b"<!doctype html><title>Sign in</title>",
    "empty": b"",
    "cut JSON": b'{"phones": [{"number": "+4420',
    "NaN": b'{"score": NaN}',
    "Infinity": b"[Infinity]",
    "text behind": b"{} trailing",
    "not UTF-8": b'"caf\xe9"',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "a lone surrogate": b'"\\ud800"',
    "1,000,000 deep": b"[" * 1_000_000,
}


@pytest.mark.parametrize("body", UNREADABLE)
def test_a_body_that_is_not_json_is_unreadable_and_never_a_miss(
    probe: "Probe", server: "FaultServer", body: str
) -> None:
    server.script(server.reply(body=UNREADABLE[body]))
    outcome = probe.ask(server.url)
    assert outcome.reply is not None
    with pytest.raises(errors.Unreadable) as caught:
        outcome.reply.json()
    assert caught.value.status == 200
    assert caught.value.__context__ is None
    assert outcome.wire is Wire.ANSWERED


def test_a_byte_order_mark_is_tolerated(probe: "Probe", server: "FaultServer") -> None:
    server.script(server.reply(body=b'\xef\xbb\xbf{"a": 1}'))
    outcome = probe.ask(server.url)
    assert outcome.reply is not None
    assert outcome.reply.json() == {"a": 1}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed(
    probe: "Probe", serve: Callable[..., "FaultServer"], server: "FaultServer", status: int
) -> None:
    """The person asked about and the key go to the vendor and nowhere else."""
    elsewhere = serve()
    server.script(server.reply(status, headers=[("Location", f"{elsewhere.url}/phone")]))
    outcome = probe.ask(server.url, json={"email": "ada@engines.example"})
    assert type(outcome.error) is errors.Unreadable
    assert "redirect" in str(outcome.error)
    assert outcome.wire is Wire.ANSWERED
    assert len(server.requests) == 1
    assert elsewhere.connections == 0


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_proxy_variables_are_not_obeyed(
    probe: "Probe",
    serve: Callable[..., "FaultServer"],
    server: "FaultServer",
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
) -> None:
    proxy = serve()
    monkeypatch.setenv(variable, proxy.url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    outcome = probe.ask(server.url)
    assert outcome.error is None
    assert proxy.connections == 0


def test_connections_are_kept_and_reused(probe: "Probe", server: "FaultServer") -> None:
    """Ten requests one after the other need one connection."""

    async def run() -> None:
        transport = probe.transport()
        http = probe.home(server.url, transport).attempt()
        for number in range(10):
            assert (await probe.attempt(http, json={"n": number})).error is None
        await transport.aclose()

    asyncio.run(run())
    assert len(server.requests) == 10
    assert server.connections == 1


def test_a_kept_connection_that_the_vendor_closed_is_replaced_without_asking_twice(
    probe: "Probe", server: "FaultServer"
) -> None:
    """Closed while idle: a new connection, and each question arrives once."""

    async def run() -> None:
        transport = probe.transport()
        http = probe.home(server.url, transport).attempt()
        server.script(server.reply(200, {}, then="close"), server.reply(200, {}))
        assert (await probe.attempt(http, json={"n": 1})).error is None
        await asyncio.sleep(0.1)
        assert (await probe.attempt(http, json={"n": 2})).error is None
        await transport.aclose()

    asyncio.run(run())
    assert [seen.json()["n"] for seen in server.requests] == [1, 2]
    assert server.connections == 2


def test_a_kept_connection_that_breaks_under_a_request_is_not_tried_again(
    probe: "Probe", server: "FaultServer"
) -> None:
    """The half-open case: the second question may have arrived, so it is asked once and is in doubt."""

    async def run() -> None:
        transport = probe.transport()
        http = probe.home(server.url, transport).attempt()
        server.script(server.reply(200, {}), server.reset(), server.reply(200, {}))
        first, second, third = [await probe.attempt(http, json={"n": n}) for n in (1, 2, 3)]
        assert (first.error, type(second.error), third.error) == (None, errors.MaybeSent, None)
        verdicts = [outcome.wire for outcome in (first, second, third)]
        assert verdicts == [Wire.ANSWERED, Wire.MAYBE_SENT, Wire.MAYBE_SENT], "what was in doubt stays in doubt"
        assert http.requests == 3
        await transport.aclose()

    asyncio.run(run())
    assert [seen.json()["n"] for seen in server.requests] == [1, 2, 3]


def test_the_rest_of_a_refused_answer_is_never_taken_for_the_next_one(probe: "Probe", server: "FaultServer") -> None:
    """What is left of a body that was too long looks like answers here, and none of them is believed."""
    forged = b'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n"forged"' * 20_000

    async def run() -> None:
        transport = probe.transport()
        http = probe.home(server.url, transport, max_body=CAP).attempt()
        server.script(server.raw(raw_answer(b"Content-Length: %d" % len(forged), body=forged), "keep"))
        assert type((await probe.attempt(http)).error) is errors.Unreadable
        outcome = await probe.attempt(http)
        assert outcome.reply is not None
        assert outcome.reply.json() == {}
        await transport.aclose()

    asyncio.run(run())
    assert len(server.requests) == 2


def test_a_hundred_requests_at_once_are_all_answered(probe: "Probe", server: "FaultServer") -> None:
    """More than there are connections: the rest waits for its turn."""
    server.handler = lambda seen: server.reply(200, seen.json())

    async def run() -> None:
        transport = probe.transport()
        home = probe.home(server.url, transport)

        async def one(number: int) -> None:
            http = home.attempt()
            reply = await http.post("/phone", json={"n": number})
            assert reply.json() == {"n": number}
            assert http.wire is Wire.ANSWERED

        await asyncio.gather(*[one(number) for number in range(100)])
        await transport.aclose()

    asyncio.run(run())
    assert len(server.requests) == 100


def test_a_cancelled_request_neither_hangs_nor_spoils_the_next(probe: "Probe", server: "FaultServer") -> None:
    async def run() -> None:
        transport = probe.transport()
        home = probe.home(server.url, transport)
        server.script(*[server.hang() for _ in range(10)])
        cut = await asyncio.gather(*[probe.attempt(home.attempt(), timeout=0.3) for _ in range(10)])
        assert {type(outcome.error) for outcome in cut} == {TimeoutError}
        assert (await probe.attempt(home.attempt())).error is None
        await transport.aclose()

    asyncio.run(run())


def test_a_request_that_waits_for_a_free_connection_is_unsent(server: "FaultServer") -> None:
    """Plain transport only, as only it has a limit: cancelled in the queue, nothing of it left."""
    from enrichcore.engine.reply import Ask
    from enrichcore.engine.transport_plain import PlainTransport

    async def run() -> None:
        transport = PlainTransport(max_connections=1)
        server.script(server.hang())
        first, second = Watch(), Watch()

        async def send(watch: Watch) -> None:
            fields = [("Host", f"127.0.0.1:{server.port}")]
            async with asyncio.timeout(0.3):
                await transport.send(Ask("GET", server.url, fields, b""), watch, connect_timeout=5, max_body=CAP)

        results = await asyncio.gather(send(first), send(second), return_exceptions=True)
        assert [type(result) for result in results] == [TimeoutError, TimeoutError]
        assert (first.wire, second.wire) == (Wire.MAYBE_SENT, Wire.UNSENT)
        await transport.aclose()

    asyncio.run(run())


def test_idle_connections_are_closed_one_by_one(server: "FaultServer", monkeypatch: pytest.MonkeyPatch) -> None:
    """After a burst the plain transport does not keep a hundred dead sockets: each request past the time closes one."""
    from enrichcore.engine import transport_plain
    from enrichcore.engine.reply import Ask

    monkeypatch.setattr(transport_plain, "KEEP_ALIVE", 0.0)

    async def run() -> list[int]:
        transport = transport_plain.PlainTransport()

        async def send() -> None:
            ask = Ask("GET", server.url, [("Host", f"127.0.0.1:{server.port}")], b"")
            await transport.send(ask, Watch(), connect_timeout=5, max_body=CAP)

        await asyncio.gather(*[send() for _ in range(8)])
        (host,) = transport._hosts.values()
        left = [len(host._idle)]
        for _ in range(3):
            await asyncio.sleep(0.01)
            await send()
            left.append(len(host._idle))
        await transport.aclose()
        return left

    left = asyncio.run(run())
    assert left == sorted(left, reverse=True)
    assert left[0] - left[-1] >= min(3, left[0] - 1)


def test_a_connection_that_was_forgotten_is_not_used_again(probe: "Probe", server: "FaultServer") -> None:
    """After a sleep of the machine the other side has hung up, so what was idle before is not trusted."""

    async def run() -> list[int]:
        transport = probe.transport()
        home = probe.home(server.url, transport)
        seen = []
        for _ in range(2):
            for _ in range(2):
                assert (await probe.attempt(home.attempt())).error is None
            seen.append(server.connections)
            await transport.forget()
        await transport.aclose()
        return seen

    assert asyncio.run(run()) == [1, 2]


def test_a_closed_transport_refuses_to_send(probe: "Probe", server: "FaultServer") -> None:
    async def run() -> None:
        transport = probe.transport()
        http = probe.home(server.url, transport).attempt()
        await transport.aclose()
        assert type((await probe.attempt(http)).error) is errors.EngineClosed
        assert http.wire is Wire.UNSENT

    asyncio.run(run())
    assert server.connections == 0
