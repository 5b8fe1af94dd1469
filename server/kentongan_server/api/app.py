"""The HTTP application: JSON routes, the live stream, the console's files, health and metrics."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from fastapi import Depends, FastAPI
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from kentongan_server import shapes
from kentongan_server.api import (
    access,
    calls,
    cases,
    drills,
    errors,
    event_stream,
    hand_over,
    incidents,
    oidc,
    passkeys,
    reports,
    session,
    sites,
    users,
)
from kentongan_server.api.access import Centre
from kentongan_server.api.pages import Pages
from kentongan_server.api.protection import Protection
from kentongan_server.api.routes import router
from kentongan_server.application.health import HealthCheck

OPENAPI = "/api/openapi.json"
METRICS = "/metrics"
ROUTERS = (
    *(router, incidents.router, cases.router, sites.router),
    *(calls.router, drills.router, hand_over.router, reports.router),
    *(session.router, users.router, passkeys.router, oidc.router),
)


def protected(app: FastAPI) -> ASGIApp:
    """The application as it meets the world: outside of everything, so that errors are covered as well."""
    centre: Centre = app.state.centre
    return Protection(app, secure=centre.secure_cookie)


def make_app(
    centre: Centre,
    health: HealthCheck,
    registry: CollectorRegistry,
    web_directory: Path,
    describe: Callable[[], Awaitable[shapes.CentreState]],
    map_routes: Sequence[Route],
) -> FastAPI:
    """The application; every route is in the table of permissions.

    `describe` says how the centre does, `map_routes` are those of the city's map.
    """
    app = FastAPI(
        title="Kentongan centre",
        version=version("kentongan"),
        openapi_url=OPENAPI,
        docs_url=None,  # they load scripts from elsewhere
        redoc_url=None,
        responses=errors.RESPONSES,
    )
    app.state.centre = centre
    errors.install(app)
    for one in ROUTERS:
        app.include_router(one)

    @app.get("/api/centre", dependencies=[Depends(access.authorised)])
    async def centre_state() -> shapes.CentreState:
        """How the centre itself does: modems, disk, store."""
        return await describe()

    app.router.routes += [
        Route(event_stream.PATH, event_stream.stream),
        *_of_machines(health, registry),
        *map_routes,
        Mount("/", Pages(web_directory), name="console"),
    ]
    return app


def _of_machines(health: HealthCheck, registry: CollectorRegistry) -> list[Route]:
    """What other programs ask: whether a press could be taken now, and the metrics."""

    async def healthz(_request: Request) -> Response:
        found = await health.check()
        body = {"ok": found.ok, "broker": found.broker, "store": found.store, "moving": found.moving}
        return JSONResponse(body, 200 if found.ok else 503)

    async def metrics(request: Request) -> Response:
        access.authorise(request, METRICS)
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return [Route("/healthz", healthz), Route(METRICS, metrics)]
