"""Does our own HTTP server answer? Asked from outside of it, as a browser would."""

from __future__ import annotations

import asyncio
import contextlib

ANSWER_S = 5.0  # consoles take a tick that is older than this for a dead centre
_REQUEST = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}


async def answers(host: str, port: int) -> bool:
    """Whether it answers anything at all in time; what it says about the rest is not asked here."""
    try:
        async with asyncio.timeout(ANSWER_S):
            reader, writer = await asyncio.open_connection(_EVERYWHERE.get(host, host), port)
            try:
                writer.write(_REQUEST)
                return (await reader.readline()).startswith(b"HTTP/1.1 ")
            finally:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
    except (OSError, TimeoutError, ValueError):
        return False
