"""The live stream: every change once, in order, without a gap, whatever commits and reconnects at the same time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import socket
from collections.abc import AsyncGenerator
from functools import partial
from typing import Any

import httpx
import pytest

from kentongan_server.adapters import register
from kentongan_server.api import event_stream
from kentongan_server.application import enrol, live
from kentongan_server.application.troubles import raise_trouble
from kentongan_server.domain.trouble import TroubleKind
from kentongan_server.service import CentreService
from tests.support.centre_rig import LOOK_S, PATIENCE_S, CentreRig, SmallGateway, SmallSite, now_ms

pytestmark = pytest.mark.both_engines


async def events(client: httpx.AsyncClient, **how: Any) -> AsyncGenerator[tuple[int | None, str, dict[str, Any]], None]:
    """(id, name, data) of a stream, until it ends."""
    async with client.stream("GET", "/api/stream", **how) as answer:
        assert answer.status_code == 200, await answer.aread()
        assert answer.headers["content-type"].startswith("text/event-stream")
        fields: dict[str, str] = {}
        async for line in answer.aiter_lines():
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif fields:
                position = int(fields["id"]) if "id" in fields else None
                yield position, fields["event"], json.loads(fields["data"])
                fields = {}


async def make_trouble(centre: CentreService, number: int) -> None:
    """One row of the history that streams carry: raised again and again, the same trouble."""
    work = partial(
        raise_trouble, device=0, kind=TroubleKind.MAINS_LOST, at_ms=now_ms(), detail={"code": "note", "number": number}
    )
    await centre.store.submit(work)


async def streamed(rig: CentreRig) -> list[int]:
    """The positions that a stream from 0 must carry."""
    await rig.history_is_placed()
    query = "SELECT position FROM feed WHERE kind IN ('incident', 'trouble', 'rejection') ORDER BY position"
    return [position for (position,) in rig.rows(query)]


async def test_events_carry_position_kind_and_what_changed(
    operator: httpx.AsyncClient, gateway: SmallGateway, bank: SmallSite
) -> None:
    stream = events(operator)
    first = await anext(stream)
    assert first[:2] == (None, "tick")
    assert first[2].keys() == {"position", "at_ms"}
    body = bank.buttons[0].body()
    await gateway.carry(bank.buttons[0].attempt(body))
    while (event := await anext(stream))[1] == "tick":
        pass
    position, name, data = event
    assert name == "incident"
    assert data["position"] == position
    assert data["position"] > first[2]["position"]
    assert data["what"] == "opened"
    assert data["incident"]["alarms"][0]["sequence"] == body.sequence
    assert data["incident"]["ringing"] is True
    await stream.aclose()


async def test_a_list_and_the_stream_behind_it_have_no_gap(
    operator: httpx.AsyncClient, centre: CentreService, rig: CentreRig
) -> None:
    """What is not in the list comes by the stream, although it was committed between the two requests."""
    await make_trouble(centre, 0)
    await rig.history_is_placed()  # what is listed before it has its place comes by the stream as well
    listed = (await operator.get("/api/troubles")).json()
    for number in range(1, 4):
        await make_trouble(centre, number)
    seen = []
    async for position, name, data in events(operator, params={"after": listed["position"]}):
        if name == "trouble":
            seen.append((position, data["what"], data["trouble"]["kind"]))
        if len(seen) == 3:
            break
    expected = [position for position in await streamed(rig) if position > listed["position"]]
    assert seen == [(position, "repeated", "mains-lost") for position in expected]


async def test_nothing_is_skipped_or_doubled_under_commits_and_reconnects(
    operator: httpx.AsyncClient, centre: CentreService, rig: CentreRig
) -> None:
    """Five consoles that lose their connection at random moments, while four writers commit 300 changes."""
    total, start = 300, len(await streamed(rig))
    done = asyncio.Event()

    async def write(share: int) -> None:
        for number in range(share):
            await make_trouble(centre, number)

    async def watch(fate: random.Random) -> list[int]:
        seen: list[int] = []
        while not (done.is_set() and len(seen) == total + start):
            stop_after = fate.randrange(1, 40)
            headers = {"Last-Event-ID": str(seen[-1] if seen else 0)}
            stream = events(operator, headers=headers)
            async for position, _name, data in stream:
                if position is not None:
                    assert position == data["position"]
                    seen.append(position)
                stop_after -= 1
                if stop_after == 0 or len(seen) == total + start:
                    break
            await stream.aclose()
        return seen

    seed = random.randrange(2**32)
    print(f"seed {seed}")
    async with asyncio.timeout(3 * PATIENCE_S):
        watching = [asyncio.create_task(watch(random.Random(seed + number))) for number in range(5)]
        await asyncio.gather(*(write(total // 4) for _ in range(4)))
        done.set()
        seen = await asyncio.gather(*watching)
    there = await streamed(rig)
    assert all(one == there for one in seen)


async def test_what_another_process_commits_is_streamed_too(
    operator: httpx.AsyncClient, centre: CentreService, rig: CentreRig
) -> None:
    stream = events(operator)
    await anext(stream)
    with register.writing(rig.state.database) as writing:
        raise_trouble(writing, 0, TroubleKind.MAINS_LOST, now_ms())
    async with asyncio.timeout(PATIENCE_S):
        while (event := await anext(stream))[1] == "tick":
            pass
    assert event[1] == "trouble"
    await stream.aclose()


async def test_a_console_that_joins_while_the_follower_looks_misses_nothing(
    centre: CentreService, rig: CentreRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The follower asks how far the history is, and before the answer is there the first console comes."""
    position, joined = centre.views.position, asyncio.Event()
    stream = centre.live.stream(0, b"s", now_ms() + 3_600_000)

    async def slow_position() -> int:
        if asyncio.current_task() is not joining:
            await joined.wait()
        return await position()

    async def join() -> bytes:
        await make_trouble(centre, 0)
        first = await anext(stream)
        await make_trouble(centre, 1)
        joined.set()
        return first

    monkeypatch.setattr(centre.views, "position", slow_position)
    joining = asyncio.create_task(join())
    chunks = await joining
    async with asyncio.timeout(PATIENCE_S):
        while chunks.count(b"id: ") < 2:
            chunks += await anext(stream)
    ids = [int(line.removeprefix(b"id: ")) for line in chunks.splitlines() if line.startswith(b"id: ")]
    assert ids == await streamed(rig)
    await stream.aclose()


async def test_logging_out_ends_the_sessions_streams(operator: httpx.AsyncClient, centre: CentreService) -> None:
    stream = events(operator)
    await anext(stream)
    assert (await operator.post("/api/logout")).status_code == 204
    async with asyncio.timeout(PATIENCE_S):
        async for _ in stream:
            pass
    assert centre.live.clients == 0


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "9" * 17, "٣"])
async def test_a_position_that_is_none_is_told(operator: httpx.AsyncClient, after: str) -> None:
    answer = await operator.get("/api/stream", params={"after": after})
    assert answer.status_code == 422


async def test_a_position_from_another_life_begins_with_now(
    operator: httpx.AsyncClient, centre: CentreService, rig: CentreRig
) -> None:
    """After a restore from a backup consoles hold positions that do not exist yet."""
    await rig.history_is_placed()
    stream = events(operator, params={"after": 999_999})
    _, name, data = await anext(stream)
    assert (name, data["position"]) == ("tick", await centre.views.position())
    await make_trouble(centre, 1)
    async with asyncio.timeout(PATIENCE_S):
        while (event := await anext(stream))[1] == "tick":
            pass
    assert event[2]["trouble"]["kind"] == "mains-lost"
    await stream.aclose()


async def test_a_console_that_does_not_read_is_let_go(
    address: str, operator: httpx.AsyncClient, centre: CentreService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "SEND_S", 0.3)
    monkeypatch.setattr(live, "WAITING_BYTES_MAX", 50_000)
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.socket() as lazy:
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        lazy.setblocking(False)
        await asyncio.get_running_loop().sock_connect(lazy, (host, int(port)))
        cookie = f"kentongan_session={operator.cookies['kentongan_session']}"
        request = f"GET /api/stream HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n"
        await asyncio.get_running_loop().sock_sendall(lazy, request.encode())

        async def flood() -> None:
            for number in range(10**6):
                await make_trouble(centre, number)
                work = partial(
                    raise_trouble, device=0, kind=TroubleKind.TAMPER, at_ms=now_ms(), detail={"code": "x" * 20_000}
                )
                await centre.store.submit(work)

        await until_listeners(centre, 1)
        flooding = asyncio.create_task(flood())
        await until_listeners(centre, 0)
        flooding.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await flooding


async def until_listeners(centre: CentreService, count: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while centre.live.clients != count:  # noqa: ASYNC110 - nothing tells that one came or went
            await asyncio.sleep(LOOK_S)


async def test_the_tick_stops_when_the_history_cannot_be_read(
    centre: CentreService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A console must turn red when the centre cannot read what rings, even though its process lives."""
    stream = centre.live.stream(None, b"s", now_ms() + 3_600_000)
    await anext(stream)
    works = centre.views.events
    failures = asyncio.Queue[None]()

    async def fails(after: int, through: int | None = None) -> Any:
        failures.put_nowait(None)
        raise OSError("disk gone")

    monkeypatch.setattr(centre.views, "events", fails)
    await failures.get()
    silent, tries_since = asyncio.create_task(anext(stream)), 0
    async with asyncio.timeout(PATIENCE_S):
        while tries_since < 4:  # longer than a tick: the follower tries again every half second
            await failures.get()
            tries_since += 1
            if silent.done():  # a tick of before still waited in the stream
                silent, tries_since = asyncio.create_task(anext(stream)), 0
    monkeypatch.setattr(centre.views, "events", works)
    async with asyncio.timeout(PATIENCE_S):
        assert b"event: tick" in await silent
    await stream.aclose()


async def test_the_stream_of_an_expired_session_ends(centre: CentreService) -> None:
    async with asyncio.timeout(PATIENCE_S):
        chunks = [chunk async for chunk in centre.live.stream(None, b"s", now_ms())]
    assert len(chunks) <= 2


async def test_streams_are_bounded(
    operator: httpx.AsyncClient, centre: CentreService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "CLIENTS_MAX", 1)
    stream = events(operator)
    await anext(stream)
    refused = await operator.get("/api/stream")
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "too-many-streams")
    await stream.aclose()


async def test_enrolment_is_in_the_history_but_not_in_the_stream(rig: CentreRig, bank: SmallSite) -> None:
    assert await streamed(rig) == []
    with register.writing(rig.state.database) as writing:
        enrol.retire(writing, bank.buttons[0].device, now_ms())
        assert writing._connection.execute("SELECT count(*) FROM feed WHERE kind = 'enrolment'").fetchone()[0] >= 5
