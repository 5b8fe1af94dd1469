"""Live streams of those who do not see everything, read from the socket: nothing of anybody else's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from kentongan_server.adapters import register
from kentongan_server.application.troubles import raise_trouble
from kentongan_server.domain.feed import Entry, Kind, canonical
from kentongan_server.domain.roles import NEEDS_AGENCY, NEEDS_SITES, Role
from kentongan_server.domain.trouble import TroubleKind
from kentongan_server.service import CentreService
from tests.support.centre_rig import PATIENCE_S, CentreRig, SmallSite, now_ms
from tests.support.people import add_agency, add_incident, browser_of, change_incident

pytestmark = pytest.mark.both_engines

Events = AsyncIterator[tuple[str, dict[str, Any]]]


async def events(client: httpx.AsyncClient) -> Events:
    """(name, data) of a stream; from now, whatever position is asked for."""
    async with client.stream("GET", "/api/stream", params={"after": 0}) as answer:
        assert answer.status_code == 200, await answer.aread()
        name = ""
        async for line in answer.aiter_lines():
            field, _, value = line.partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                yield name, json.loads(value)


async def begun(stream: Events) -> None:
    """The stream has begun: what is committed from here on comes by it, if it comes at all."""
    assert await anext(stream) == ("reload", {})
    name, tick = await anext(stream)
    assert (name, tick["position"]) == ("tick", 0)


async def until_last(stream: Events, name: str, last: int) -> list[tuple[str, dict[str, Any]]]:
    """Everything but ticks, up to this incident or trouble; ticks tell no position."""
    found = []
    async with asyncio.timeout(PATIENCE_S):
        async for one in stream:
            if one[0] == "tick":
                assert one[1]["position"] == 0
                continue
            found.append(one)
            if one[0] == name and one[1][name]["id"] == last:
                return found
    raise AssertionError(f"the stream ended before {name} {last}: {found}")


def trouble(rig: CentreRig, device: int, kind: TroubleKind) -> int:
    with register.writing(rig.state.database) as book:
        return raise_trouble(book, device, kind, now_ms())


def happened(rig: CentreRig, incident: int, what: str) -> None:
    """A line about it, so that the streams look at it again."""
    with register.writing(rig.state.database) as book:
        book.append(Entry(now_ms(), Kind.INCIDENT, what, str(incident), canonical({})))


async def test_an_agency_desk_is_told_of_its_own_and_when_one_is_its_no_more(
    address: str, rig: CentreRig, bank: SmallSite
) -> None:
    add_agency(rig, "polres")
    add_agency(rig, "damkar")
    async with browser_of(rig, address, "desk", "agency-desk", agency="polres") as desk:
        stream = events(desk)
        await begun(stream)
        trouble(rig, bank.buttons[0].device, TroubleKind.TAMPER)
        add_incident(rig, "bank", agency="damkar")
        add_incident(rig, "bank")
        sent = add_incident(rig, "bank", "dispatched", agency="damkar", dispatched_to="polres")
        assert (await until_last(stream, "incident", sent))[-1][1]["incident"]["dispatched_to"] == "polres"
        change_incident(rig, sent, dispatched_to=None, state="acknowledged")
        happened(rig, sent, "withdrawn")
        last = add_incident(rig, "bank", agency="polres")
        told = await until_last(stream, "incident", last)
    assert [(name, data["incident"]) for name, data in told[:-1]] == [("gone", sent)]


async def test_a_partner_is_told_of_its_faults_and_of_what_is_over(
    address: str, rig: CentreRig, bank: SmallSite
) -> None:
    shop = rig.add_site("shop", buttons=1)
    async with browser_of(rig, address, "bank manager", "partner", sites=("bank",)) as partner:
        stream = events(partner)
        await begun(stream)
        live = add_incident(rig, "bank", owner="sari", note="Dua orang.")
        add_incident(rig, "shop", "closed", outcome="real")
        add_incident(rig, None, "closed", outcome="real", source="call")
        trouble(rig, shop.buttons[0].device, TroubleKind.TAMPER)
        trouble(rig, bank.buttons[0].device, TroubleKind.CHATTERING)
        trouble(rig, 0, TroubleKind.DISK_LOW)
        first = trouble(rig, bank.buttons[0].device, TroubleKind.TAMPER)
        assert [name for name, _ in await until_last(stream, "trouble", first)] == ["trouble"]
        change_incident(rig, live, state="closed", outcome="real", cause="robbery", closed_at_ms=now_ms())
        happened(rig, live, "closed")
        ((name, data),) = await until_last(stream, "incident", live)
    assert (name, data["what"], data["incident"]["outcome"]) == ("incident", "closed", "real")
    assert (data["incident"]["owner"], data["incident"]["note"], data["incident"]["alarms"]) == (None, None, [])


async def test_a_technician_is_told_of_all_faults_and_of_no_incident(
    address: str, rig: CentreRig, bank: SmallSite
) -> None:
    async with browser_of(rig, address, "tono", "technician") as technician:
        stream = events(technician)
        await begun(stream)
        add_incident(rig, "bank")
        add_incident(rig, "bank", "closed", outcome="real")
        last = trouble(rig, bank.buttons[0].device, TroubleKind.CHATTERING)
        assert [name for name, _ in await until_last(stream, "trouble", last)] == ["trouble"]


async def test_a_unit_is_told_of_nothing(address: str, rig: CentreRig, bank: SmallSite) -> None:
    add_agency(rig, "polres")
    async with browser_of(rig, address, "mobil 3", "unit", agency="polres") as unit:
        stream = events(unit)
        await begun(stream)
        add_incident(rig, "bank", "dispatched", agency="polres", dispatched_to="polres")
        trouble(rig, bank.buttons[0].device, TroubleKind.TAMPER)
        for _ in range(3):  # each tick comes after what was committed before it
            name, _data = await anext(stream)
            assert name == "tick"


@pytest.mark.parametrize("role", list(Role))
async def test_only_a_console_that_can_answer_whatever_rings_counts_as_one(
    address: str, rig: CentreRig, bank: SmallSite, centre: CentreService, role: Role
) -> None:
    """With a partner's page open, or an auditor's, an alarm that nobody answers still reaches whoever is on duty."""
    add_agency(rig, "polres")
    bound: dict[str, Any] = {"agency": "polres"} if role in NEEDS_AGENCY else {}
    bound |= {"sites": ("bank",)} if role in NEEDS_SITES else {}
    async with browser_of(rig, address, "somebody", role, **bound) as browser:
        stream = events(browser)
        await anext(stream)
        assert centre.live.clients == 1
        answers = role in {Role.ADMIN, Role.SUPERVISOR, Role.OPERATOR}
        assert centre._surroundings().consoles() == answers
