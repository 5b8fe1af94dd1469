"""The console's files, or a page that says how to build them."""

from __future__ import annotations

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

IMMUTABLE = "public, max-age=31536000, immutable"  # a year: their names carry a hash of their content
ASK_AGAIN = "no-cache"
NOT_BUILT = """\
<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Kentongan</title>
<h1>The console is not built</h1>
<p>The centre runs, and takes alarms in, but its pages are missing. In the source folder run:</p>
<pre>make setup-demo</pre>
<p>then load this page again.</p>
"""


class Console(StaticFiles):
    """Files of the built console; what does not carry a hash in its name is asked for again each time."""

    def file_response(self, *arguments: object, **options: object) -> Response:
        response = super().file_response(*arguments, **options)  # type: ignore[arg-type]
        path = str(arguments[0])
        response.headers["Cache-Control"] = IMMUTABLE if "/assets/" in path else ASK_AGAIN
        return response


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
