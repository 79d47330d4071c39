"""A directory of two people on loopback, for the contract suite: `enrichcore providers test ldap`."""

import contextlib
import socketserver
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from enrichcore.testing import Case, Cases

ADA: Mapping[str, str] = {
    "cn": "Ada Lovelace",
    "givenName": "Ada",
    "sn": "Lovelace",
    "mail": "ada@engines.example",
    "o": "Engines",
    "title": "Analyst",
    "mobile": "+44 7700 900123",
    "telephoneNumber": "+44 20 7946 0123",
}
NOBODY = {
    "first_name": "Nobody",
    "last_name": "Known",
    "company": "Engines",
    "domain": "engines.example",
    "email": "nobody@engines.example",
}
BIND, SEARCH = 0x60, 0x63


def ber(tag: int, *parts: bytes) -> bytes:
    """One element of an LDAP message."""
    body = b"".join(parts)
    size = len(body)
    length = bytes([size]) if size < 0x80 else b"\x82" + size.to_bytes(2, "big")  # noqa: PLR2004 - the short form
    return bytes([tag]) + length + body


def text(value: str) -> bytes:
    """An octet string."""
    return ber(0x04, value.encode())


DONE = ber(0x0A, b"\0") + text("") + text("")
"""Success."""


class Answers(socketserver.StreamRequestHandler):
    """Lets everybody in, and knows Ada by her address, or by both of her names."""

    def handle(self) -> None:
        """Answer until the other side goes."""
        while (message := self._message()) is not None:
            number, kind = message[: 2 + message[1]], message[2 + message[1]]
            said: bytes | None = b""
            if kind == BIND:
                said = ber(0x30, number, ber(0x61, DONE))
            elif kind == SEARCH:
                said = self.search(number, message.lower())
            if said is None:
                return
            self.wfile.write(said)

    def search(self, number: bytes, words: bytes) -> bytes | None:
        """The answer to one search; None closes the connection."""
        entry = b""
        if b"ada@engines.example" in words or (b"lovelace" in words and b"ada" in words):
            listed = [ber(0x30, text(name), ber(0x31, text(value))) for name, value in ADA.items()]
            found = ber(0x64, text("cn=Ada Lovelace,dc=engines,dc=example"), ber(0x30, *listed))
            entry = ber(0x30, number, found)
        return entry + ber(0x30, number, ber(0x65, DONE))

    def _message(self) -> bytes | None:
        head = self.rfile.read(2)
        if len(head) < 2:  # noqa: PLR2004 - a tag and a length
            return None
        size = head[1]
        if size & 0x80:
            size = int.from_bytes(self.rfile.read(size & 0x7F), "big")
        return self.rfile.read(size)


class Listener(socketserver.ThreadingTCPServer):
    """A thread for each connection."""

    daemon_threads = True
    request_queue_size = 64


@contextlib.contextmanager
def listening(answers: type[Answers] = Answers) -> Iterator[str]:
    """The address of a directory that runs meanwhile."""
    with Listener(("127.0.0.1", 0), answers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            host, port = server.server_address[:2]
            yield f"ldap://{host!s}:{port}"
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def settings(folder: Path) -> Iterator[Mapping[str, Any]]:  # noqa: ARG001 - no file is needed
    """How to reach it."""
    with listening() as address:
        yield {"url": address, "base": "dc=engines,dc=example", "start_tls": False}


_KNOWN: dict[str, Any] = {
    "nobody": NOBODY,
    "phones": ("+44 7700 900123", "+44 20 7946 0123"),
    "person": {"name": "Ada Lovelace", "company": "Engines", "title": "Analyst", "email": "ada@engines.example"},
}
CASES = Cases(Case("name", **_KNOWN), Case("email", **_KNOWN), settings=settings)
