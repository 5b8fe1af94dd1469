"""The buttons of a site as one client of its broker, and a gateway that runs as long as a test needs it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from types import TracebackType
from typing import Self

from kentongan_host.mqtt import Connection, Endpoint
from kentongan_wire.frame import Frame, parse
from kentongan_wire.receipts import Receipt, Stored
from kentongan_wire.record import Payload
from kentongan_wire.supervision import HeartbeatAnswer
from kentongan_wire.topics import ALARM, BEAT, button_down, button_up, device_name
from tests.support.site import PATIENCE_S, SITE, TestButton, TestGateway


class SiteClient:
    """Stands for all buttons of a site on the broker's own socket, where no PSK is asked."""

    def __init__(self, socket_path: Path) -> None:
        self.connection = Connection(
            Endpoint("test-buttons", unix_socket=socket_path), [button_down(SITE, 1).replace(device_name(1), "+")]
        )

    async def __aenter__(self) -> Self:
        await self.connection.__aenter__()
        await asyncio.wait_for(self.connection.wait_up(), PATIENCE_S)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.connection.__aexit__(kind, error, trace)

    async def press(self, button: TestButton, raw: bytes) -> None:
        await self.publish(ALARM, button, raw)

    async def beat(self, button: TestButton, raw: bytes) -> None:
        await self.publish(BEAT, button, raw)

    async def publish(self, lane: str, button: TestButton, raw: bytes) -> None:
        """Returns when the broker has it."""
        await self.connection.publish(button_up(SITE, button.device, lane), raw, deadline_s=PATIENCE_S)

    async def down(self, kind: type[Payload]) -> Frame:
        """The next frame of that kind to any button; others before it are passed over."""
        while True:
            frame = await self.next_frame()
            if isinstance(frame.payload, kind):
                return frame

    async def next_frame(self) -> Frame:
        """The next frame of any kind to any button."""
        async with asyncio.timeout(PATIENCE_S):
            message = await self.connection.inbox.get()
        frame = parse(message.payload, (Stored, Receipt, HeartbeatAnswer))
        assert message.topic == button_down(SITE, frame.device)
        return frame


@contextlib.asynccontextmanager
async def running(gateway: TestGateway) -> AsyncIterator[SiteClient]:
    """A started gateway with a client for its buttons; stopped at the end."""
    await gateway.start()
    try:
        async with SiteClient(gateway.own_socket) as buttons:
            yield buttons
    finally:
        await gateway.stop()


async def alarm_lane_stands(gateway: TestGateway, site: SiteClient, button: TestButton) -> None:
    """Returns when a press of this button has gone up the alarm lane and its receipts have come down.

    A site report says nothing of that lane, which is another connection with another subscription: what the centre
    sends down before it stands is lost, and what is held goes up newest first when it does. Nothing of this press is
    left for the test to find but its row in the store.
    """
    centre, body = gateway.centre, button.new_press()
    raw, answers = button.attempt(body), centre.answers
    centre.answers = True
    await site.press(button, raw)
    await centre.envelope_of(raw)
    receipt = (await site.down(Receipt)).payload
    assert isinstance(receipt, Receipt)
    assert receipt.press == button.identity(body)
    await centre.new_report(lambda report: report.custody_count == 0)
    centre.answers = answers
    centre.forget()
