"""A running centre's HTTP interface for tests: served, asked patiently, and asked how it does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from kentongan_server.http_service import serve_http
from kentongan_server.service import CentreService
from tests.support.centre_rig import LOOK_S, PATIENCE_S


@asynccontextmanager
async def http_of(service: CentreService) -> AsyncIterator[str]:
    """Serves a running centre's HTTP on its port; the address."""
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve_http(service, ready.set_result))
    try:
        async with asyncio.timeout(PATIENCE_S):
            address = await ready
        yield address.rstrip("/")
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


def http_client(address: str) -> httpx.AsyncClient:
    """A patient client of a centre's HTTP interface: a busy machine hashes a password for seconds."""
    # A kept connection may be closed by the centre, which waits 5 s for the next request, while that one is on its way.
    alone = httpx.Limits(max_keepalive_connections=0)
    return httpx.AsyncClient(base_url=address, trust_env=False, timeout=PATIENCE_S, limits=alone)


async def until_health(client: httpx.AsyncClient, **expected: bool) -> None:
    """Asks `/healthz` until it answers exactly this; each proof has bounds that a busy machine may miss for once."""
    async with asyncio.timeout(PATIENCE_S):
        while (await client.get("/healthz")).json() != expected:  # noqa: ASYNC110 - nothing tells that it is so
            await asyncio.sleep(LOOK_S)
