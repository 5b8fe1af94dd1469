"""The centre's HTTP server, from when its address listens until its last request is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from kentongan_server.adapters.listening import listen
from kentongan_server.api.app import protected
from kentongan_server.service import CentreService

SHUTDOWN_S = 2  # for requests that run when the centre is stopped


class _Server(uvicorn.Server):
    """uvicorn without signal handlers of its own: one place decides when the centre stops."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve_http(service: CentreService, ready: Callable[[str], None]) -> None:
    """Serves browsers until it is cancelled; then ends streams first, requests after.

    Raises:
        HostError: the address cannot be listened on.
    """
    http = service.state.settings.http
    config = uvicorn.Config(
        protected(service.app()),
        host=http.host,
        port=http.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=http.trusted_proxy is not None,
        forwarded_allow_ips=http.trusted_proxy,
        lifespan="off",
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
    listening = listen(http)
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]), name="http")
    try:
        ready(f"http://{http.host}:{http.port}/")
        service.served(True)
        await asyncio.shield(serving)
    finally:
        service.served(False)
        server.should_exit = True
        service.live.close()
        await serving
