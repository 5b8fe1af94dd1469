"""The board's wires over real sockets: whole state at connect, changes after it, faults named."""

from __future__ import annotations

import asyncio
import json

import pytest

from kentongan_sim.board_link import LINE_MAX, BoardLink
from kentongan_sim.errors import SimError
from kentongan_sim.panel import Panel, wiring

SOON_S = 60.0  # bounds a hang on a loaded machine; all of it takes milliseconds


class Host:
    """What a virtual button is to its board link."""

    def __init__(self):
        self.panel = Panel(wiring("guard-post"))
        self.messages: asyncio.Queue[tuple[dict[str, object], float]] = asyncio.Queue()
        self.faults: asyncio.Queue[SimError] = asyncio.Queue()
        self.link = BoardLink(
            "Pos Satpam",
            self.panel.snapshot,
            lambda message, at_ms: self.messages.put_nowait((message, at_ms)),
            self.faults.put_nowait,
        )


@pytest.fixture
async def host():
    host = Host()
    await host.link.start()
    yield host
    await host.link.stop()


async def connect(host):
    return await asyncio.open_connection("127.0.0.1", host.link.port)


async def read(reader):
    return json.loads(await asyncio.wait_for(reader.readline(), SOON_S))


async def test_a_board_gets_the_whole_state_then_changes(host):
    host.link.send(host.panel.set_lid(opened=True))  # before there is a board
    reader, writer = await connect(host)
    state = await read(reader)
    assert state == host.panel.snapshot()
    assert state["pin"]["14"] == 1
    host.link.send(host.panel.set_wifi(up=False))
    assert await read(reader) == {"wifi": "down"}
    host.link.send(None)
    host.link.send(host.panel.set_key(turned=True))
    assert await read(reader) == {"pin": {"13": 0}}
    writer.close()


async def test_messages_arrive_with_their_time(host):
    reader, writer = await connect(host)
    await read(reader)
    writer.write(b'{"hello":{"boot":3}}\n{"pin":21,"value":1}\n')
    (first, first_ms), (second, second_ms) = [await asyncio.wait_for(host.messages.get(), SOON_S) for _ in range(2)]
    assert (first, second) == ({"hello": {"boot": 3}}, {"pin": 21, "value": 1})
    assert 0 < first_ms <= second_ms
    writer.close()


async def test_a_board_may_come_back_after_a_power_cut(host):
    for _ in range(2):
        reader, writer = await connect(host)
        await read(reader)
        writer.write(b'{"trace":"half a li')
        await writer.drain()
        writer.transport.abort()
    reader, writer = await connect(host)
    await read(reader)
    host.link.send(host.panel.set_mains(lost=True))
    assert await read(reader) == {"pin": {"15": 1}}
    assert host.faults.empty()
    writer.close()


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b"Traceback (most recent call last):\n", "expected a JSON object from its board, got b'Traceback"),
        (b"[1]\n", "expected a JSON object"),
        (b"x" * (LINE_MAX + 2) + b"\n", "exceeds 65536 bytes"),
    ],
)
async def test_what_is_no_message_is_a_fault_with_the_buttons_name(host, line, fault):
    reader, writer = await connect(host)
    await read(reader)
    writer.write(line)
    told = await asyncio.wait_for(host.faults.get(), SOON_S)
    assert "Pos Satpam" in str(told)
    assert fault in str(told)
    writer.close()
