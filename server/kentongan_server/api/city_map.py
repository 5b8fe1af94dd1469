"""The city's map for browsers: what there is, and the file itself by parts (range requests), from our own origin."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from kentongan_server.api.access import authorise
from kentongan_server.domain.errors import NotFoundError
from kentongan_server.domain.pmtiles import Described

DESCRIPTION, FILE = "/api/map", "/map/city.pmtiles"
MEDIA_TYPE = "application/vnd.pmtiles"
ASK_AGAIN = "private, no-cache"  # the file can be replaced at any time; its tag says whether it was


class CityMap(Protocol):
    """The city's map in the state folder."""

    path: Path

    def look(self) -> Described | None:
        """What is there; None without a map."""


def routes(city_map: CityMap) -> list[Route]:
    """`GET /api/map` and `GET /map/city.pmtiles` (also HEAD)."""

    async def describe(request: Request) -> Response:
        authorise(request, DESCRIPTION)
        found = await run_in_threadpool(city_map.look)
        if found is None:
            nothing = dict.fromkeys(("etag", "min_zoom", "max_zoom", "bounds"))
            return JSONResponse({"available": False, **nothing, "layers": []})
        told = {
            "available": True,
            "etag": f'"{found.tag}"',
            "min_zoom": found.head.min_zoom,
            "max_zoom": found.head.max_zoom,
            "bounds": list(found.head.bounds),
            "layers": list(found.layers),
        }
        return JSONResponse(told)

    async def file(request: Request) -> Response:
        authorise(request, FILE)
        found = await run_in_threadpool(city_map.look)
        if found is None:
            raise NotFoundError("this centre has no map of the city.", "Give it one: kentongan map use FILE.")
        tag = f'"{found.tag}"'
        headers = {"ETag": tag, "Cache-Control": ASK_AGAIN}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return FileResponse(city_map.path, media_type=MEDIA_TYPE, headers=headers)

    return [Route(DESCRIPTION, describe), Route(FILE, file)]
