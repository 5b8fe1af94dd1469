"""An OpenID Connect issuer, asked over HTTPS; its ID tokens are verified by joserfc and Authlib."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from kentongan_host.log import logger
from kentongan_server.application.oidc import IssuerError

ALGORITHMS = ["RS256", "ES256"]  # nothing symmetrical, and never none
SCOPE = "openid email"
ANSWER_S = 10.0  # for one answer of the issuer; somebody waits in front of a blank page
ANSWER_MAX = 256 * 1024  # bytes of an answer: a key set of a large issuer has some ten thousand
KEPT_S = 3_600.0  # how long its description and its keys are believed
AGAIN_S = 10.0  # keys are read again for an unknown one no sooner: tokens with made-up keys must not flood it
# After no answer nobody asks again for so long: who waits behind them would wait `ANSWER_S` each, one after the other.
FAILED_S = 5.0
# Codes asked for at once. Anybody can make one up, and each try holds a file descriptor that an alarm may need.
ASKING_MAX = 20
LEEWAY_S = 60  # how far its clock and ours may be apart
LOCAL = ("localhost", "127.0.0.1")

_log = logger("kentongan.oidc")


@dataclass(frozen=True, slots=True)
class Client:
    """What the issuer knows of this centre."""

    issuer: str
    client_id: str
    secret: str | None
    redirect_uri: str

    def __repr__(self) -> str:
        return f"Client({self.issuer!r}, {self.client_id!r})"


class HttpIssuer:
    """Implements `application.oidc.Issuer`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._described: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None
        self._reading = asyncio.Lock()
        self._failed_at_s: float | None = None
        self._asking = 0

    async def address(self, state: str, nonce: str, verifier: str) -> str:
        described = await self._description()
        address: str = prepare_grant_uri(
            described["authorization_endpoint"],
            self._client.client_id,
            "code",
            redirect_uri=self._client.redirect_uri,
            scope=SCOPE,
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return address

    async def claims(self, code: str, verifier: str, nonce: str) -> Mapping[str, Any]:
        if self._asking >= ASKING_MAX:
            raise IssuerError("too many people log in there at once.", "Try again, or log in in another way.")
        self._asking += 1
        try:
            return await self._claims(code, verifier, nonce)
        finally:
            self._asking -= 1

    async def _claims(self, code: str, verifier: str, nonce: str) -> Mapping[str, Any]:
        described = await self._description()
        answer = await self._token(described["token_endpoint"], code, verifier)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise IssuerError("the issuer gave no ID token.")
        try:
            return self._verified(token, await self._key_set(), nonce)
        except (JoseError, ValueError) as error:
            if not self._keys_are_old():
                raise _refused(error) from error
        try:  # it may have changed its keys since they were read
            return self._verified(token, await self._key_set(again=True), nonce)
        except (JoseError, ValueError) as error:
            raise _refused(error) from error

    def _verified(self, token: str, keys: KeySet, nonce: str) -> Mapping[str, Any]:
        decoded = jwt.decode(token, keys, algorithms=ALGORITHMS)
        wanted = {"iss": self._client.issuer, "aud": self._client.client_id, "nonce": nonce}
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            {name: {"essential": True, "value": value} for name, value in wanted.items()},
            {"nonce": nonce, "client_id": self._client.client_id},
        )
        claims.validate(now=int(time.time()), leeway=LEEWAY_S)
        found: dict[str, Any] = dict(claims)
        return found

    async def _token(self, endpoint: str, code: str, verifier: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._client.redirect_uri,
            "code_verifier": verifier,
            "client_id": self._client.client_id,
        }
        secret = self._client.secret
        auth = httpx.BasicAuth(self._client.client_id, secret) if secret is not None else None
        return await _asked("POST", endpoint, form, auth)

    async def _description(self) -> dict[str, Any]:
        async with self._reading:
            if self._described is None or time.monotonic() - self._described[0] > KEPT_S:
                if self._failed_at_s is not None and time.monotonic() - self._failed_at_s < FAILED_S:
                    raise IssuerError("the issuer did not answer a moment ago.", "Log in in another way.")
                try:
                    found = await self._read_description()
                except IssuerError:
                    self._failed_at_s = time.monotonic()
                    raise
                self._described = (time.monotonic(), found)
            return self._described[1]

    async def _read_description(self) -> dict[str, Any]:
        found = await _asked("GET", f"{self._client.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self._client.issuer:
            raise IssuerError("the issuer calls itself by another name than the settings do.")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            _check_address(found.get(name), name)
        return found

    def _keys_are_old(self) -> bool:
        return self._keys is None or time.monotonic() - self._keys[0] > AGAIN_S

    async def _key_set(self, *, again: bool = False) -> KeySet:
        described = await self._description()
        async with self._reading:
            if again or self._keys is None or time.monotonic() - self._keys[0] > KEPT_S:
                found = await _asked("GET", described["jwks_uri"])
                try:
                    keys = KeySet.import_key_set(found)  # type: ignore[arg-type]  # checked by it
                except (JoseError, ValueError, KeyError, TypeError) as error:
                    raise IssuerError("the issuer's keys cannot be read.") from error
                self._keys = (time.monotonic(), keys)
            return self._keys[1]


async def _asked(
    method: str, address: str, form: dict[str, str] | None = None, auth: httpx.BasicAuth | None = None
) -> dict[str, Any]:
    """A JSON object from the issuer; redirects are not followed."""
    body = b""
    try:
        async with (
            asyncio.timeout(ANSWER_S),
            httpx.AsyncClient(timeout=ANSWER_S, trust_env=False) as http,
            http.stream(method, address, data=form, auth=auth, headers={"Accept": "application/json"}) as answer,
        ):
            if answer.status_code != 200:
                raise IssuerError(f"the issuer answers {answer.status_code}.", "Try again, or log in in another way.")
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > ANSWER_MAX:
                    raise IssuerError("the issuer's answer is too long.")
        found = json.loads(body)
    except (httpx.HTTPError, TimeoutError, ValueError) as error:
        _log.warning("issuer", why=type(error).__name__)
        raise IssuerError("the issuer does not answer as it must.", "Try again, or log in in another way.") from error
    if not isinstance(found, dict):
        raise IssuerError("the issuer does not answer as it must.")
    return found


def _check_address(address: object, name: str) -> None:
    parts = urlsplit(address) if isinstance(address, str) else None
    if parts is None or not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL)):
        raise IssuerError(f"the issuer's {name} is no https address.")


def _refused(error: Exception) -> IssuerError:
    _log.warning("ID token refused", why=str(error))
    return IssuerError("the issuer's ID token is not valid.", "Begin again.")
