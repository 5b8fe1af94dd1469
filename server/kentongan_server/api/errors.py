"""Errors as people and programs get them: `{"error": {"code": "…", "message": "…"}}`."""

from __future__ import annotations

from typing import Any, cast

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from typing_extensions import TypedDict

from kentongan_host.log import logger
from kentongan_server.application.people import TooManyTriesError
from kentongan_server.application.ports import StoreError
from kentongan_server.domain.errors import CentreError

STATUS = {
    "not-found": 404,
    "invalid": 422,
    "conflict": 409,
    "ringing": 409,
    "stale": 409,
    "unfinished": 409,
    "too-large": 413,
    "owned": 409,
    "not-heard": 409,
    "exists": 409,
    "wrong-login": 401,
    "too-many-tries": 429,
    "login-required": 401,
    "forbidden": 403,
    "csrf": 403,
    "must-change": 403,
    "wrong-password": 403,
    "not-fresh": 403,
    "not-signed": 403,
    "not-set-up": 409,
    "issuer": 502,
    "busy": 503,
}
_HTTP_CODES = {404: "not-found", 405: "method-not-allowed", 408: "too-slow", 413: "too-large"}

_log = logger("kentongan.http")


class Told(TypedDict):
    """What is wrong: a word for programs and a sentence for people."""

    code: str
    message: str


class Refusal(TypedDict):
    """The one form of every answer that is no success."""

    error: Told


# Of every route, for the OpenAPI document: FastAPI's own form of a 422 is never sent.
RESPONSES: dict[int | str, dict[str, Any]] = {
    422: {"model": Refusal, "description": "What was asked cannot be read, or may not be so"},
    "4XX": {"model": Refusal, "description": "Refused"},
    "5XX": {"model": Refusal, "description": "The centre cannot do it now"},
}


class LoginRequiredError(CentreError):
    """Nobody is logged in."""

    code = "login-required"


class ForbiddenError(CentreError):
    """The role does not allow it."""

    code = "forbidden"


class MustChangeError(CentreError):
    """A one-time password must be changed first."""

    code = "must-change"


class NotSetUpError(CentreError):
    """The centre's settings do not have it."""

    code = "not-set-up"


class CsrfError(CentreError):
    """The request does not prove that our own page made it."""

    code = "csrf"


def answer(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """An error as a response."""
    return JSONResponse({"error": {"code": code, "message": message}}, status, headers)


def install(app: FastAPI) -> None:
    """Makes every error of the app answer in the one form."""

    @app.exception_handler(CentreError)
    def _refused(_request: Request, error: Exception) -> JSONResponse:
        refused = cast("CentreError", error)
        headers = {"Retry-After": str(refused.wait_s)} if isinstance(refused, TooManyTriesError) else None
        return answer(STATUS.get(refused.code, 400), refused.code, str(refused), headers)

    @app.exception_handler(StoreError)
    def _store_fails(_request: Request, error: Exception) -> JSONResponse:
        _log.error("store fails", why=str(error))
        return answer(503, "store", str(error), {"Retry-After": "1"})

    @app.exception_handler(RequestValidationError)
    def _invalid(_request: Request, error: Exception) -> JSONResponse:
        mistakes = cast("RequestValidationError", error).errors()
        told = "; ".join(f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in mistakes)
        return answer(422, "invalid", told)

    @app.exception_handler(HTTPException)
    def _http(_request: Request, error: Exception) -> JSONResponse:
        http = cast("HTTPException", error)
        headers = dict(http.headers) if http.headers else None
        return answer(http.status_code, _HTTP_CODES.get(http.status_code, "http"), http.detail, headers)

    @app.exception_handler(Exception)
    def _bug(request: Request, error: Exception) -> JSONResponse:
        _log.error("request failed", path=request.url.path, exc_info=error)
        return answer(500, "internal", "The centre made a mistake; its log says more.")
