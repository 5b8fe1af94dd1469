"""`GET /api/stream`: server-sent events, straight from Starlette because every console holds one open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Send

from kentongan_server.api import access
from kentongan_server.api.errors import answer
from kentongan_server.api.permissions import eyes_of, may_answer_all
from kentongan_server.application.eyes import Eyes
from kentongan_server.application.live import TooManyStreamsError
from kentongan_server.domain.errors import InvalidError
from kentongan_server.domain.roles import DESKS, Scope

PATH = "/api/stream"
SEND_S = 10.0  # how long a console may not read before its connection is given up; it reconnects
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class EventStream(StreamingResponse):
    """A stream that ends when its reader does not read."""

    media_type = "text/event-stream"

    async def stream_response(self, send: Send) -> None:
        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(SEND_S):
                await send(message)

        try:
            await super().stream_response(send_in_time)
        except TimeoutError:  # the server closes the connection of a response that was not ended
            return


async def stream(request: Request) -> Response:
    """The live stream, gapless from behind `after` or `Last-Event-ID`."""
    session = access.authorise(request, PATH)
    assert session is not None
    after = _position(request.headers.get("last-event-id") or request.query_params.get("after"))
    centre, scopes = access.centre(request), {}
    for kind, far in eyes_of(session.role).items():
        scopes[kind] = Scope(far, session.user_id, session.agency)
    eyes = Eyes(
        scopes,
        await centre.views.sites_of(session.user_id),
        session.user_id,
        answers=may_answer_all(session.role),
        desk=session.role in DESKS,
    )
    events = centre.live.stream(after, session.key, session.expires_at_ms, eyes)
    try:
        first = await anext(events)
    except TooManyStreamsError:
        return answer(503, "too-many-streams", "Too many consoles are open.", {"Retry-After": "5"})
    return EventStream(_with_first(first, events), headers=_HEADERS, media_type="text/event-stream")


async def _with_first(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in rest:
        yield chunk


def _position(text: str | None) -> int | None:
    """A position of the history, as browsers hand it back."""
    if text is None or text == "":
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 16):
        raise InvalidError(f"after: expected a position of the history, got {text[:20]!r}.")
    return int(text)
