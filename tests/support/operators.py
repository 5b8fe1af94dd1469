"""Operators in front of a centre's HTTP interface: fixtures and helpers of several test files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from kentongan_server.api.access import CSRF_HEADER
from kentongan_server.service import CentreService
from tests.support.centre_http import http_client, http_of
from tests.support.centre_rig import PASSWORD, CentreRig


@pytest.fixture
async def address(centre: CentreService, rig: CentreRig) -> AsyncIterator[str]:
    rig.add_user("sari")
    rig.add_user("budi", "admin")
    async with http_of(centre) as served:
        yield served


@pytest.fixture
async def anybody(address: str) -> AsyncIterator[httpx.AsyncClient]:
    async with http_client(address) as client:
        yield client


async def log_in(client: httpx.AsyncClient, name: str = "sari", password: str = PASSWORD) -> httpx.Response:
    answer = await client.post("/api/login", json={"name": name, "password": password})
    if answer.is_success:
        client.headers[CSRF_HEADER] = answer.json()["csrf"]
    return answer


@pytest.fixture
async def operator(address: str) -> AsyncIterator[httpx.AsyncClient]:
    async with http_client(address) as client:
        assert (await log_in(client)).is_success
        yield client


async def finish_plan(client: httpx.AsyncClient, incident: int) -> None:
    """Ticks off what is mandatory of an incident's plan, as somebody does who wants to close it."""
    shown = (await client.get(f"/api/incidents/{incident}")).json()
    for step in shown["plan"]["steps"]:
        if step["mandatory"] and step["done_by"] is None:
            done = await client.post(f"/api/incidents/{incident}/step", json={"step": step["key"]})
            assert done.is_success, done.text


def code_of(answer: httpx.Response) -> str:
    told = answer.json()["error"]
    assert told["message"]
    code: str = told["code"]
    return code


def seen_of(incident: dict[str, Any]) -> dict[str, int]:
    """The body of an acknowledgement by an operator who saw the incident as it is told here."""
    return {"version": incident["version"]}
