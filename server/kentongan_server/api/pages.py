"""The console's files, or a page that says how to build them."""

from __future__ import annotations

import os
from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

IMMUTABLE = "public, max-age=31536000, immutable"  # a year: their names carry a hash of their content
ASK_AGAIN = "no-cache"
PACKED = ".gz"  # beside each file that becomes smaller so; made with the console, not by each request
NOT_BUILT = """\
<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Kentongan</title>
<h1>The console is not built</h1>
<p>The centre runs, and takes alarms in, but its pages are missing. In the source folder run:</p>
<pre>make setup-demo</pre>
<p>then load this page again.</p>
"""


class Console(StaticFiles):
    """Files of the built console, packed for who takes that; what has no hash in its name is asked for each time."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        packed = Path(f"{os.fspath(full_path)}{PACKED}")
        takes = takes_gzip(Headers(scope=scope).get("accept-encoding", "")) and packed.is_file()
        if takes:
            full_path, stat_result = packed, packed.stat()
        response = super().file_response(full_path, stat_result, scope, status_code)
        if takes:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["Cache-Control"] = IMMUTABLE if "/assets/" in str(full_path) else ASK_AGAIN
        return response


def takes_gzip(accepted: str) -> bool:
    """Whether an `Accept-Encoding` names gzip and does not rule it out with a weight of 0 (RFC 9110, 12.5.3)."""
    for one in accepted.lower().replace(" ", "").split(","):
        name, _, weight = one.partition(";")
        if name == "gzip":
            return weight.removeprefix("q=").strip("0.") != "" or not weight
    return False


class Pages:
    """Serves the console as soon as it is built, without a restart."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._console: ASGIApp = Console(directory=directory, html=True, check_dir=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in {"GET", "HEAD"}:
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        if (self._directory / "index.html").is_file():
            await self._console(scope, receive, send)
        elif scope["path"] == "/":
            await HTMLResponse(NOT_BUILT, 503)(scope, receive, send)
        else:
            raise HTTPException(404)
