"""The site's end of a button's hop: the gateway's own broker with its access list, and a hand that answers.

The hand holds all keys, so that a test says what the gateway and the centre would, or what they must not.
"""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from types import TracebackType
from typing import Self

from kentongan_gateway.adapters.buttons import Button
from kentongan_gateway.adapters.site_broker import SiteBroker
from kentongan_host.mqtt import Connection
from kentongan_sim.ports import free_port
from kentongan_wire.command import COMMAND_REPORT_NOW, Command
from kentongan_wire.frame import Frame, parse, seal
from kentongan_wire.keys import ROLE_BUTTON, DeviceKeys
from kentongan_wire.mac import PadKey
from kentongan_wire.press import Press
from kentongan_wire.receipts import Receipt, Stored
from kentongan_wire.record import Payload
from kentongan_wire.supervision import Heartbeat, HeartbeatAnswer
from kentongan_wire.topics import ALARM, BEAT, button_down, button_up
from tests.support.site import MOSQUITTO, PATIENCE_S

SITE = "bank-contoh"
DEVICE = 0x0000A1B2
KEY_ID = 1
ROOT_SECRET = bytes(range(32))
KEYS = DeviceKeys(ROOT_SECRET, ROLE_BUTTON, DEVICE, KEY_ID, SITE)
DOWN_TOPIC = button_down(SITE, DEVICE)
CENTRE_MS = 1_790_000_000_000
INCARNATION = 7


class SiteHop:
    """A broker that knows one button."""

    def __init__(self, directory: Path, *, psk: bytes = KEYS.transport) -> None:
        self.port = free_port()
        button = Button(DEVICE, KEY_ID, psk.hex(), KEYS.hop)
        self.site = SiteBroker(
            program=MOSQUITTO,
            directory=directory / "broker",
            host="127.0.0.1",
            port=self.port,
            site=SITE,
            buttons={DEVICE: button},
        )

    async def __aenter__(self) -> Self:
        await self.site.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.site.__aexit__(kind, error, trace)

    def kill_broker(self) -> None:
        """kill -9; its supervisor starts another one."""
        assert self.site.broker.pid is not None
        os.kill(self.site.broker.pid, signal.SIGKILL)

    async def next_press(self) -> Press:
        """The next alarm frame that arrives, its MAC checked."""
        payload = (await asyncio.wait_for(self._next(self.site.alarms, ALARM, (Press,)), PATIENCE_S)).payload
        assert isinstance(payload, Press)
        return payload

    async def next_beat(self, state: int = 0, not_boot: int = 0) -> Heartbeat:
        """The next heartbeat that arrives with these state bits, and not of that boot; its MAC checked."""
        while True:
            payload = (await asyncio.wait_for(self._next(self.site.beats, BEAT, (Heartbeat,)), PATIENCE_S)).payload
            assert isinstance(payload, Heartbeat)
            if payload.state & state == state and payload.boot_id != not_boot:
                return payload

    async def beat_after(self, uptime_ms: int) -> Heartbeat:
        """A heartbeat of this uptime or later, asked for as often as the button gives one."""
        beat = await self.next_beat()
        while beat.uptime_ms < uptime_ms:
            await self.say(Command(beat.counter, beat.boot_id, beat.uptime_ms + 60_000, COMMAND_REPORT_NOW))
            beat = await self.next_beat()
        return beat

    async def say(self, payload: Payload, key: PadKey = KEYS.down_link) -> None:
        """Send a frame down, made with this key."""
        await self.say_raw(seal(payload, DEVICE, KEY_ID, key))

    async def say_raw(self, raw: bytes) -> None:
        """Send bytes down."""
        await self.site.alarms.publish(DOWN_TOPIC, raw, deadline_s=PATIENCE_S)

    async def store(self, press: Press) -> None:
        """The gateway's hop answer."""
        await self.say(Stored(press.body.sequence, press.body.nonce), KEYS.hop)

    async def answer_beat(self, beat: Heartbeat, centre_ms: int = CENTRE_MS) -> None:
        """The centre's answer to a heartbeat."""
        await self.say(HeartbeatAnswer(beat.counter, beat.boot_id, centre_ms, INCARNATION))

    async def _next(self, connection: Connection, lane: str, accepted: tuple[type[Payload], ...]) -> Frame:
        async for message in connection.messages():
            assert message.topic == button_up(SITE, DEVICE, lane)
            frame = parse(message.payload, accepted)
            assert frame.device == DEVICE
            assert frame.verify(KEYS.up_link), "the button's MAC is wrong"
            return frame
        raise AssertionError("the connection to the broker ended")


def receipt(press: Press, level: int, revision: int, incarnation: int = INCARNATION) -> Receipt:
    """The centre's word about a press."""
    return Receipt(press.identity(DEVICE), level, revision, CENTRE_MS, incarnation, press.sending.repeats)
