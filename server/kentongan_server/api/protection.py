"""What every response says to browsers, and how much a request may bring."""

from __future__ import annotations

import asyncio
import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kentongan_server.api.errors import answer

BODY_S = 20.0  # for a body to come in whole: 64 KiB over a bad mobile line take some 5 s
BODY_MAX = 64 * 1024  # bytes: a note of 4,000 characters and a password fit many times over
# Routes that read a larger body by themselves, bounded, after they have seen who brings it.
STREAMED = re.compile(r"/api/sites/[^/]+/picture")

_OWN = (
    "script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; "
    "manifest-src 'self'; media-src 'self'"
)
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; {_OWN}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
HTTPS_ONLY = "max-age=31536000"  # a year, once a browser has seen us over HTTPS


class Protection:
    """Adds the headers to every response and refuses large bodies before they are read."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        self._headers = HEADERS | ({"Strict-Transport-Security": HTTPS_ONLY} if secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        if STREAMED.fullmatch(scope["path"]):
            await self._app(scope, receive, send_with_headers)
            return
        try:
            async with asyncio.timeout(BODY_S):
                body = await _body(receive, scope)
        except TimeoutError:
            late = answer(408, "too-slow", f"a request must be whole within {BODY_S:.0f} s.", {"Connection": "close"})
            await late(scope, receive, send_with_headers)
            return
        if body is None:
            refused = answer(413, "too-large", f"a request may bring {BODY_MAX} bytes at most.")
            await refused(scope, receive, send_with_headers)
            return
        await self._app(scope, _replay(body, receive), send_with_headers)


async def _body(receive: Receive, scope: Scope) -> bytes | None:
    """The whole body; None when it is too large. GET requests bring none."""
    if scope["method"] in {"GET", "HEAD"}:
        return b""
    body: bytes = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return body
        part: bytes = message.get("body", b"")
        body += part
        if len(body) > BODY_MAX:
            return None
        if not message.get("more_body", False):
            return body


def _replay(body: bytes, receive: Receive) -> Receive:
    """Hands a body on that was read already; afterwards the connection's own messages."""
    handed_on = False

    async def replay() -> Message:
        nonlocal handed_on
        if not handed_on:
            handed_on = True
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return replay
