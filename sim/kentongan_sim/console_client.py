"""An operator's console without a screen: the same HTTP and stream that the browser uses."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self

import httpx

from kentongan_sim.errors import SimError
from kentongan_sim.evidence import StreamSeen, now_ms
from kentongan_sim.sse import EventReader

REQUEST_S = 30.0  # bounds one request on a loaded machine: an acknowledge that takes longer is a fault
KEPT_S = 1.0  # idle connections: far less than the 5 s after which the centre closes them, perhaps under a request
SILENCE_S = 5.0  # the stream ticks every second; after this silence it is dead (NUMBERS.md: red within 5 s)
RETRY_S = 0.2  # pause before the stream is asked for again while the centre restarts
TICK = "tick"

Incident = dict[str, Any]


class ConsoleError(SimError):
    """The centre answered, and the answer was no.

    Attributes:
        status: the HTTP status.
    """

    def __init__(self, what: str, status: int, text: str) -> None:
        super().__init__(f"the console could not {what}: HTTP {status}: {text}")
        self.status = status


class UnreachableError(SimError):
    """The centre did not answer; nobody knows what it did."""


class ConsoleClient:
    """Logged in as one operator.

    `streamed_to` is the feed position up to which everything has been seen; it survives
    reconnections, so that a gap or a repetition shows.
    """

    def __init__(self, base_url: str, name: str, password: str) -> None:
        self._name = name
        self._password = password
        self._csrf = ""
        kept = httpx.Limits(keepalive_expiry=KEPT_S)
        self._http = httpx.AsyncClient(base_url=base_url, timeout=REQUEST_S, trust_env=False, limits=kept)
        self.streamed_to = 0
        self.reconnects = 0

    async def __aenter__(self) -> Self:
        await self.login()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def login(self) -> None:
        """Start a session.

        Raises:
            ConsoleError: the centre did not let us in.
        """
        answer = await self._http.post("/api/login", json={"name": self._name, "password": self._password})
        self._csrf = _checked(answer, "log in")["csrf"]

    async def incidents(self, state: str) -> tuple[int, list[Incident]]:
        """The feed position that the list is true for, and the open or closed incidents."""
        body = _checked(await self._http.get("/api/incidents", params={"state": state}), "list incidents")
        return body["position"], body["incidents"]

    async def incident(self, incident: int) -> Incident:
        """One incident with its time line.

        Raises:
            ConsoleError: refused.
            UnreachableError: no answer.
        """
        path = f"/api/incidents/{incident}"
        return await self._answered(path, self._http.get(path))

    async def list(self, name: str) -> Any:  # noqa: ANN401 - JSON
        """One of the lists of the same name: troubles, rejections, devices."""
        return _checked(await self._http.get(f"/api/{name}"), f"list {name}")

    async def acknowledge(self, incident: int, version: int) -> Incident:
        """Answer all alarms of an incident as they were shown with this `version`.

        Raises:
            ConsoleError: refused.
            UnreachableError: no answer.
        """
        return await self._post(f"/api/incidents/{incident}/acknowledge", {"version": version})

    async def finish_plan(self, incident: int) -> Incident:
        """Tick off what is mandatory of the incident's plan and still open.

        Raises:
            ConsoleError: refused.
            UnreachableError: no answer.
        """
        shown = await self.incident(incident)
        for step in (shown["plan"] or {"steps": []})["steps"]:
            if step["mandatory"] and step["done_by"] is None:
                shown = await self._post(f"/api/incidents/{incident}/step", {"step": step["key"]})
        return shown

    async def close(self, incident: int, version: int, outcome: str, cause: str, note: str = "") -> Incident:
        """Close an incident with its outcome and cause.

        Raises:
            ConsoleError: for example while an alarm of it rings.
        """
        body = {"version": version, "outcome": outcome, "cause": cause, "note": note}
        return await self._post(f"/api/incidents/{incident}/close", body)

    async def follow(self, on_event: Callable[[StreamSeen], None], connected: asyncio.Event | None = None) -> None:
        """Follow the stream for ever, from `streamed_to`, across reconnections.

        `connected` is set at the first sign of life of each connection.
        """
        while True:
            # The centre restarts, or its network is cut: exactly what the position is for.
            with contextlib.suppress(httpx.TransportError):
                await self._follow_once(on_event, connected)
            self.reconnects += 1
            await asyncio.sleep(RETRY_S)

    async def _follow_once(self, on_event: Callable[[StreamSeen], None], connected: asyncio.Event | None) -> None:
        timeout = httpx.Timeout(REQUEST_S, read=SILENCE_S)
        parameters = {"after": self.streamed_to}
        async with self._http.stream("GET", "/api/stream", params=parameters, timeout=timeout) as answer:
            if answer.status_code == httpx.codes.UNAUTHORIZED:
                await self.login()
                return
            if answer.status_code != httpx.codes.OK:
                return  # asked again: what the browser does too
            reader = EventReader()
            async for line in answer.aiter_lines():
                at_ms = now_ms()
                event = reader.feed(line)
                if event is None:
                    continue
                if connected is not None:
                    connected.set()
                if event.event != TICK:
                    data = json.loads(event.data)
                    position = int(event.id if event.id is not None else data["position"])
                    on_event(StreamSeen(position, event.event, data, at_ms))
                    self.streamed_to = max(self.streamed_to, position)

    async def _post(self, path: str, body: dict[str, Any]) -> Incident:
        return await self._answered(path, self._http.post(path, json=body, headers={"X-CSRF-Token": self._csrf}))

    @staticmethod
    async def _answered(path: str, request: Awaitable[httpx.Response]) -> Incident:
        try:
            answer = await request
        except httpx.TransportError as error:
            raise UnreachableError(f"{path}: {type(error).__name__}: {error}") from error
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            raise UnreachableError(f"{path}: {answer.text[:300]}")
        told: Incident = _checked(answer, path)
        return told


def _checked(answer: httpx.Response, what: str) -> Any:  # noqa: ANN401 - JSON
    if answer.is_success:
        return answer.json()
    raise ConsoleError(what, answer.status_code, answer.text[:300])
