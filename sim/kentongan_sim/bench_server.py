"""The bench page: virtual buttons that a person can press, served on loopback by the demo itself."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from kentongan_sim.bench_state import ActionError, act, act_on_operator, act_on_uplink, describe, internet_up
from kentongan_sim.errors import SimError
from kentongan_sim.evidence import Identity
from kentongan_sim.link_proxy import LinkProxy
from kentongan_sim.telephones import OPERATORS, Telephones
from kentongan_sim.virtual_button import Trace, VirtualButton
from kentongan_sim.witness import identity_of

PAGE = Path(__file__).parent / "bench_page"
FILES = {
    "/": ("index.html", "text/html"),
    "/bench.css": ("bench.css", "text/css"),
    "/bench.js": ("bench.js", "text/javascript"),
    "/words.js": ("words.js", "text/javascript"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
BODY_MAX = 1_000  # bytes of one action: ten times the longest
QUEUE_MAX = 1_000  # changes that a page may be behind before it is hung up and starts anew
GOODBYE_S = 1  # how long open pages may delay the end of the demo
SMS_LOOK_S = 0.25  # how often it is looked at whether a text has moved: sooner than anybody sees
WAYS = {1: "mqtt", 2: "sms"}  # docs/wire-protocol.md, paths
LOOPBACK = ["127.0.0.1", "localhost"]


@dataclass(frozen=True)
class BenchSite:
    """A site, its buttons, and the link from its gateway to the centre, for the page."""

    code: str
    name: str
    buttons: Sequence[VirtualButton]
    uplink: LinkProxy


class BenchPage:
    """Serves the page while `serve` runs. Feed `note` with every trace of every button.

    Args:
        sites: what to show.
        console_url: where the console is.
        telephones: the SMS network.
        path_of: which path brought a press to the centre, None while it has not come.
    """

    def __init__(
        self,
        sites: Sequence[BenchSite],
        console_url: str,
        telephones: Telephones,
        path_of: Callable[[Identity], int | None],
    ) -> None:
        self._sites = {site.code: site for site in sites}
        self._console_url = console_url
        self._telephones = telephones
        self._path_of = path_of
        self._ways: dict[int, str | None] = {}
        self._buttons = {f"{button.device:08x}": button for site in sites for button in site.buttons}
        self._pages: set[asyncio.Queue[bytes | None]] = set()

    def note(self, button: VirtualButton, trace: Trace) -> None:
        """Something about this button changed: tell every open page."""
        if trace.name == "pressed":
            self._ways[button.device] = None
        elif trace.name == "lamp" and trace.values["level"] and self._ways.get(button.device) is None:
            self._ways[button.device] = WAYS.get(self._path_of(identity_of(button, trace)) or 0)
        if self._pages:
            self._tell(_event("button", self._describe(button)))

    def _describe(self, button: VirtualButton) -> dict[str, Any]:
        return {**describe(button), "way": self._ways.get(button.device)}

    def application(self) -> Starlette:
        """The ASGI application."""
        routes = [Route(path, self._file(*file)) for path, file in FILES.items()]
        routes += [
            Route("/events", self._events),
            Route("/buttons/{device}", self._act_on_button, methods=["POST"]),
            Route("/sites/{code}", self._act_on_site, methods=["POST"]),
            Route("/operators/{number:int}", self._act_on_operator, methods=["POST"]),
        ]
        # A foreign page may reach 127.0.0.1 under its own name (DNS rebinding): only ours is answered.
        return Starlette(routes=routes, middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=LOOPBACK)])

    async def serve(self, port: int, ready: asyncio.Event) -> None:
        """Serve until cancelled; `ready` is set when the port is open.

        Raises:
            SimError: the port is in use.
        """
        try:
            listener = socket.create_server((LOOPBACK[0], port))
        except OSError as error:
            raise SimError(f"port {port} is in use: stop what uses it or choose another with --bench-port") from error
        config = uvicorn.Config(
            self.application(), log_level="warning", lifespan="off", timeout_graceful_shutdown=GOODBYE_S
        )
        server = _Server(config, ready)
        serving = asyncio.create_task(server.serve([listener]))
        watching = asyncio.create_task(self._watch_sms())
        try:
            await asyncio.shield(serving)
        finally:
            watching.cancel()
            self._tell(None)
            server.should_exit = True
            await serving

    @staticmethod
    def _file(name: str, media_type: str) -> Callable[[Request], Awaitable[Response]]:
        async def send(_request: Request) -> Response:
            return FileResponse(PAGE / name, media_type=media_type, headers=HEADERS)

        return send

    async def _act_on_button(self, request: Request) -> Response:
        button = self._buttons.get(request.path_params["device"])
        return await _acted(request, None if button is None else partial(act, button))

    async def _act_on_site(self, request: Request) -> Response:
        site = self._sites.get(request.path_params["code"])
        if site is None:
            return await _acted(request, None)
        answer = await _acted(request, partial(act_on_uplink, site.uplink))
        self._tell(_event("site", _describe_site(site)))
        return answer

    async def _act_on_operator(self, request: Request) -> Response:
        number = request.path_params["number"]
        if number >= len(OPERATORS):
            return await _acted(request, None)
        answer = await _acted(request, partial(act_on_operator, self._telephones, OPERATORS[number]))
        self._tell(_event("sms", self._telephones.describe()))
        return answer

    async def _watch_sms(self) -> None:
        """Tell every open page when a text has moved."""
        before = self._telephones.describe()
        while True:
            await asyncio.sleep(SMS_LOOK_S)
            if self._pages and (now := self._telephones.describe()) != before:
                before = now
                self._tell(_event("sms", now))

    async def _events(self, _request: Request) -> Response:
        return StreamingResponse(self._stream(), media_type="text/event-stream", headers=HEADERS)

    async def _stream(self) -> AsyncIterator[bytes]:
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(QUEUE_MAX)
        self._pages.add(queue)
        try:
            yield _event("city", self._city())
            while (message := await queue.get()) is not None:
                yield message
        finally:
            self._pages.discard(queue)

    def _city(self) -> dict[str, Any]:
        sites = [
            {**_describe_site(site), "buttons": [self._describe(button) for button in site.buttons]}
            for site in self._sites.values()
        ]
        return {"console_url": self._console_url, "sites": sites, "sms": self._telephones.describe()}

    def _tell(self, message: bytes | None) -> None:
        for queue in list(self._pages):
            if queue.full():  # a page that does not read: it reconnects and gets the whole city
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(None)
            else:
                queue.put_nowait(message)


class _Server(uvicorn.Server):
    """Leaves the signals to the demo and says when it listens."""

    def __init__(self, config: uvicorn.Config, ready: asyncio.Event) -> None:
        super().__init__(config)
        self._ready = ready

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: Any = None) -> None:  # noqa: ANN401 - as uvicorn has it
        await super().startup(sockets)
        if self.started:
            self._ready.set()


async def _acted(request: Request, action: Callable[[Any], Awaitable[None]] | None) -> Response:
    """Hands the request's JSON to the action, and its refusal to the page."""
    # JSON cannot be sent across origins without the browser asking first, and we answer no such question.
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        return _refusal(415, "expected application/json")
    if action is None:
        return _refusal(404, "there is no such thing on this bench")
    body = await request.body()
    try:
        if len(body) > BODY_MAX:
            raise ActionError(f"expected at most {BODY_MAX} bytes, got {len(body)}")
        await action(json.loads(body))
    except (ValueError, SimError) as error:
        return _refusal(400, str(error))
    return JSONResponse({}, headers=HEADERS)


def _describe_site(site: BenchSite) -> dict[str, Any]:
    return {"code": site.code, "name": site.name, "internet_up": internet_up(site.uplink)}


def _event(name: str, data: dict[str, Any]) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()


def _refusal(status: int, message: str) -> Response:
    return JSONResponse({"error": {"code": "refused", "message": message}}, status, headers=HEADERS)
