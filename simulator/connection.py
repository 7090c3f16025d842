"""HTTP/1.1 on asyncio transports: h11 reads requests and writes heads, streamed chunks go out as they are.

A streamed token costs one write of ready bytes, without a task switch or an event object: more than 100,000
tokens a second on one core (`benches/simulator_speed.py`).
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

import h11

MAX_BODY = 32 * 1024 * 1024
MAX_AHEAD = 1024 * 1024
"""Bytes that a client may send ahead of the answer it waits for."""
IDLE_S = 60.0


@dataclass(frozen=True)
class Request:
    """One request, read whole."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


Handler = Callable[[Request, "Connection"], None]


class Connection(asyncio.Protocol):
    """One client connection; requests are answered one after the other."""

    def __init__(self, handler: Handler, open_connections: set["Connection"]) -> None:
        self._handler = handler
        self._open = open_connections
        self._h11 = h11.Connection(h11.SERVER)
        self._loop = asyncio.get_running_loop()
        self._head: h11.Request | None = None
        self._body = bytearray()
        self._chunked = True
        self._idle: asyncio.TimerHandle | None = None
        self.closing = False
        self.on_disconnect: Callable[[], None] | None = None

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there."""
        self._transport = cast(asyncio.Transport, transport)
        self._open.add(self)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone: what it asked for ends."""
        self._open.discard(self)
        self._stop_waiting()
        gone, self.on_disconnect = self.on_disconnect, None
        if gone:
            gone()

    def data_received(self, data: bytes) -> None:
        """Bytes of a request, perhaps of the next one already."""
        self._h11.receive_data(data)
        self._read()
        if self.busy and len(self._h11.trailing_data[0]) > MAX_AHEAD:
            self.drop()

    def eof_received(self) -> bool:
        """A client that closes its side does not wait for an answer."""
        return False

    # What handlers call

    @property
    def busy(self) -> bool:
        """Whether a request is being answered."""
        return self._head is not None

    def respond(self, status: int, body: bytes, content_type: str = "application/json", **more: str) -> None:
        """A whole answer; header names in `more` are written with underscores."""
        headers = [("content-type", content_type)] if body else []
        headers += [(name.replace("_", "-"), value) for name, value in more.items()]
        self._send_head(status, [*headers, ("content-length", str(len(body)))])
        payload = self._h11.send(h11.Data(data=body)) or b""
        self._transport.write(self._pending + payload + (self._h11.send(h11.EndOfMessage()) or b""))
        self._next()

    def respond_json(self, status: int, document: Any, **more: str) -> None:
        """A JSON answer."""
        body = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
        self.respond(status, body.encode("utf-8", "replace"), **more)

    def start_stream(self) -> None:
        """The head of a stream of server-sent events."""
        self._chunked = self._h11.their_http_version != b"1.0"
        headers = [("content-type", "text/event-stream; charset=utf-8"), ("cache-control", "no-cache")]
        if self._chunked:
            headers.append(("transfer-encoding", "chunked"))
        self._send_head(200, headers)
        self._transport.write(self._pending)

    def write(self, data: bytes) -> None:
        """One piece of the stream, at once."""
        self._transport.write(b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data)

    def end_stream(self) -> None:
        """The end of the stream."""
        self._transport.write(self._h11.send(h11.EndOfMessage()) or b"")
        self._next()

    def drop(self) -> None:
        """Cut the connection, as a crashed server does."""
        self._transport.abort()

    def close(self) -> None:
        """Close now if nothing is being answered, else after the answer."""
        self.closing = True
        if not self.busy:
            self._transport.close()

    def finish(self) -> None:
        """Close after what has been written is sent."""
        self._transport.close()

    # Reading

    def _read(self) -> None:
        try:
            while not self.busy or self._h11.their_state is h11.SEND_BODY:
                event = self._h11.next_event()
                if event is h11.NEED_DATA:
                    self._continue()
                    return
                if not self._take(event):
                    return
        except h11.RemoteProtocolError as error:
            self._refuse(error.error_status_hint, "The request is not HTTP/1.1.")

    def _take(self, event: Any) -> bool:
        """Use one event; False when there is nothing more to read for now."""
        if isinstance(event, h11.Request):
            self._stop_waiting()
            self._head = event
            self._body.clear()
        elif isinstance(event, h11.Data):
            self._body += event.data
            if len(self._body) > MAX_BODY:
                self._refuse(413, f"The body is larger than {MAX_BODY} bytes.")
                return False
        elif isinstance(event, h11.EndOfMessage):
            self._dispatch()
        else:
            return False
        return True

    def _continue(self) -> None:
        if self._h11.they_are_waiting_for_100_continue:
            informational = h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue")
            self._transport.write(self._h11.send(informational) or b"")

    def _dispatch(self) -> None:
        head = self._head
        assert head is not None
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
        target = head.target.decode("latin-1").partition("?")[0]
        self._handler(Request(head.method.decode("ascii"), target, headers, bytes(self._body)), self)

    def _refuse(self, status: int, message: str) -> None:
        """Answer what could not be read, and close."""
        self.closing = True
        if self._h11.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self.respond_json(status, error_body(status, message))
        else:
            self._transport.close()

    # Writing

    def _send_head(self, status: int, headers: list[tuple[str, str]]) -> None:
        if self.closing:
            headers.append(("connection", "close"))
        reason = HTTPStatus(status).phrase.encode()
        encoded = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers]
        self._pending = (
            self._h11.send(h11.Response(status_code=status, headers=encoded, reason=reason)) or b""
        )

    def _next(self) -> None:
        """The answer is complete: wait for the next request, or close."""
        self._head = None
        self.on_disconnect = None
        if self.closing or self._h11.our_state is h11.MUST_CLOSE:
            self._transport.close()
        elif self._h11.our_state is h11.DONE and self._h11.their_state is h11.DONE:
            self._h11.start_next_cycle()
            self._wait()
            # A pipelined request may be here already; a handler that answers at once must not recurse.
            self._loop.call_soon(self._read)
        elif self._h11.our_state is h11.DONE:
            self._transport.close()

    def _wait(self) -> None:
        self._idle = self._loop.call_later(IDLE_S, self._transport.close)

    def _stop_waiting(self) -> None:
        if self._idle:
            self._idle.cancel()
            self._idle = None


def error_body(
    status: int, message: str, kind: str | None = None, param: str | None = None
) -> dict[str, dict[str, Any]]:
    """The body of an error, as vLLM shapes it: `type` is a class-like name or the HTTP phrase."""
    return {
        "error": {
            "message": message,
            "type": kind or HTTPStatus(status).phrase,
            "param": param,
            "code": status,
        }
    }
