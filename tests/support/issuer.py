"""A little OpenID Connect issuer with keys of its own; a test says who logs in there and what its tokens say."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kentongan_sim.ports import free_port

CLIENT_ID = "kentongan"

Key: TypeAlias = RSAKey | ECKey | OctKey


class Issuer:
    """What it says of the one person who logs in there.

    Attributes:
        says: claims over those that a right token has.
        algorithm: by which it signs.
        asked: how often a token was asked for.
        described: how often its description was.
        answers: it answers for tokens while this is set.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.says: dict[str, Any] = {}
        self.algorithm = "RS256"
        self.asked = 0
        self.described = 0
        self.answers = asyncio.Event()
        self.answers.set()
        self.name = self.address
        self.keys: dict[str, Key] = {
            "RS256": RSAKey.generate_key(2048, {"kid": "r"}),
            "ES256": ECKey.generate_key("P-256", {"kid": "e"}),
            "HS256": OctKey.generate_key(256, {"kid": "o"}),
        }
        self.strange = RSAKey.generate_key(2048, {"kid": "r"})
        self.signs_with: Key | None = None
        self._codes: dict[str, dict[str, str]] = {}

    def log_in(self, location: str) -> dict[str, str]:
        """What its page does once somebody has logged in: the parameters with which it sends the browser back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        code = f"code-{len(self._codes)}"
        self._codes[code] = asked
        return {"code": code, "state": asked["state"]}

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        config = uvicorn.Config(self._app(), host="127.0.0.1", port=self.port, log_config=None, lifespan="off")
        server = uvicorn.Server(config)
        running = asyncio.create_task(server._serve())
        while not server.started:  # noqa: ASYNC110 - uvicorn tells it in no other way
            await asyncio.sleep(0.01)
        try:
            yield
        finally:
            server.should_exit = True
            await running

    def _app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._described),
                Route("/keys", self._keys),
                Route("/token", self._token, methods=["POST"]),
            ]
        )

    async def _described(self, _request: Request) -> Response:
        self.described += 1
        return JSONResponse(
            {
                "issuer": self.name,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
            }
        )

    async def _keys(self, _request: Request) -> Response:
        public = KeySet([self.keys["RS256"], self.keys["ES256"]])
        return JSONResponse(public.as_dict(private=False))

    async def _token(self, request: Request) -> Response:
        self.asked += 1
        await self.answers.wait()
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        asked = self._codes.pop(form["code"], None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
        if asked is None or proof != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        now_s = int(time.time())
        claims = {
            "iss": self.address, "sub": "person-1", "aud": CLIENT_ID, "iat": now_s, "exp": now_s + 300,
            "nonce": asked["nonce"], "email": "sari@kota.example", "email_verified": True,
        } | self.says  # fmt: skip
        key = self.signs_with or self.keys[self.algorithm]
        header = {"alg": self.algorithm, "kid": key.kid}
        token = jwt.encode(header, {k: v for k, v in claims.items() if v is not None}, key, [self.algorithm])
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "id_token": token})
