"""Receive deadlines and header limits, which uvicorn lacks: who sends or reads too slowly loses the connection.

ASGI begins when the headers are there, which is too late for whoever never finishes them. So this is a protocol of
uvicorn that looks at its watch.
"""

import asyncio
import json
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

HEADERS: Final = 5.0
"""Seconds for the headers of a request, from the connection or from its first byte on."""
BODY: Final = 10.0
"""Seconds for the body of a request, from the end of its headers on."""
READER: Final = 30.0
"""Seconds that a client may leave bytes of an answer unread."""
LAST: Final = 1.0
"""Seconds that whoever has connected and sent nothing yet may take to ask, when the server ends."""
MAX_HEAD: Final = 16_384
"""Bytes of request line and headers."""
MAX_FIELDS: Final = 100


class TooMuch(Exception):
    """The headers of a request are too many or too long."""


class Patient(HttpToolsProtocol):
    """uvicorn's protocol over httptools, with deadlines and with limits of the headers."""

    headers_within = HEADERS
    body_within = BODY
    read_within = READER
    _clock: asyncio.TimerHandle | None = None
    _reader: asyncio.TimerHandle | None = None
    _reading = "head"
    """What the clock runs for: `head`, `body`, or nothing: `idle`."""
    _part = "idle"
    """Where the parser is."""
    _head = 0
    """Bytes of the headers that the parser has told of."""
    _raw = 0
    """Bytes that came while headers were unfinished."""
    _ending = False
    """Whether the server ends: the next request of this connection is its last."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """The first request may begin at once, and has to be there soon."""
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(high=0)  # so that we hear of every byte that is left unread
        self._expect("head", self.headers_within)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._stop()
        if self._reader is not None:
            self._reader.cancel()
            self._reader = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Some bytes of a request."""
        if self._reading == "idle":
            self._expect("head", self.headers_within)
        super().data_received(data)
        if not self.transport.is_closing():
            self._follow(len(data))

    def shutdown(self) -> None:
        """The server ends. What was sent on a connection that it has taken, and not read yet, is still answered."""
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None:
            self._ending = True
            self.loop.call_later(LAST, super().shutdown)
        else:
            super().shutdown()

    def pause_writing(self) -> None:
        """The client leaves bytes unread."""
        super().pause_writing()
        if self._reader is None:
            self._reader = self.loop.call_later(self.read_within, self.transport.abort)

    def resume_writing(self) -> None:
        """The client has read everything."""
        super().resume_writing()
        if self._reader is not None:
            self._reader.cancel()
            self._reader = None

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP is answered in the form of every other error, and the connection ends."""
        body = json.dumps(
            {
                "success": False,
                "error": msg,
                "details": {"code": "invalid_request"},
                "request_id": None,
                "credits_required": None,
                "credits_remaining": None,
                "retry_after": None,
            }
        ).encode()
        head = f"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
        self._stop()
        if not self._is_answering():  # it would stand in the middle of another answer
            self.transport.write(head.encode() + b"connection: close\r\n\r\n" + body)
        self.transport.close()

    # --- what the parser tells ------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A request begins."""
        self._head, self._raw, self._part = 0, 0, "head"
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """A piece of the request line."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field of the headers."""
        self._count(len(name) + len(value) + 4)
        if len(self.headers) >= MAX_FIELDS:
            raise TooMuch
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The body follows."""
        self._part = "body"
        super().on_headers_complete()
        if self._ending:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        """The request is there."""
        self._part = "idle"
        super().on_message_complete()

    def _count(self, size: int) -> None:
        self._head += size
        if self._head > MAX_HEAD:
            raise TooMuch

    # --- clocks ---------------------------------------------------------------------------------------------------

    def _follow(self, size: int) -> None:
        """Go by where the parser is after so many bytes."""
        if self._part == "head":
            self._raw += size
            if self._raw > 2 * MAX_HEAD:  # the parser does not tell of a field that never ends
                self.send_400_response("The headers are too long.")
                return
        self._expect(self._part, self.body_within if self._part == "body" else self.headers_within)

    def _expect(self, part: str, within: float) -> None:
        """The part of a request that has to be there in time; `idle` for none."""
        if part != self._reading or self._clock is None:
            self._stop()
            self._reading = part
            if part != "idle":
                self._clock = self.loop.call_later(within, self._late)

    def _stop(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _late(self) -> None:
        """Too slow. An answer that is under way to this client, to what it asked before, is let through."""
        self._clock = None
        if self._reading == "head" and self._is_answering():
            self._clock = self.loop.call_later(self.headers_within, self._late)
        else:
            self.transport.abort()

    def _is_answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete
