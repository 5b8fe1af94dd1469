"""The two lanes to the gateways over MQTT: alarms and reports, one connection each way of working.

What arrives is handed to the application, many messages at a time but never more than a bound;
what goes out is bundled by whatever waits, without a timer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Self

from kentongan_host.log import logger
from kentongan_host.mqtt import Connection, Endpoint, Message, MqttError
from kentongan_server.application.ports import StoreError
from kentongan_wire import bundle, topics

HANDLED_MAX = 2_000  # messages of a lane in work at once: two group commits; more wait in the inbox
BUNDLE_BYTES_MAX = 6_000  # frames of one message down: well below a gateway's packet limit
PUBLISHES_MAX = 500  # confirmations awaited at once
WAITING_MAX = 50_000  # frames that wait for the broker; beyond it the oldest are asked for again anyway

_log = logger("kentongan.lanes")

Handler = Callable[[str, bytes], Awaitable[object]]


class Lane:
    """Messages of one kind from all gateways, and frames back to them; an async context manager.

    Args:
        kind: `topics.ALARM` or `topics.REPORT`.
        endpoint: where the broker is.
        handler: takes (topic, payload); a `StoreError` of it means that the sender is not answered.
        on_change: called with (up, why).
    """

    def __init__(self, kind: str, endpoint: Endpoint, handler: Handler, on_change: Callable[[bool, str], None]) -> None:
        self._kind = kind
        self._handler = handler
        self.connection = Connection(endpoint, [f"{topics.CENTRE_ROOT}/+/up/{kind}"], on_change=on_change)
        self._waiting: dict[int, list[bytes]] = {}
        self._waiting_count = 0
        self._something_waits = asyncio.Event()
        self._handled = asyncio.Semaphore(HANDLED_MAX)
        self._publishing = asyncio.Semaphore(PUBLISHES_MAX)
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self.connection.__aenter__()
        self._start(self._receive())
        self._start(self._send())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.connection.__aexit__(kind, error, trace)

    def send(self, gateway: int, frames: Sequence[bytes]) -> None:
        """Queues frames for a gateway."""
        if self._waiting_count + len(frames) > WAITING_MAX:
            _log.error("outbox full, frames dropped", lane=self._kind, dropped=len(frames))
            return
        self._waiting.setdefault(gateway, []).extend(frames)
        self._waiting_count += len(frames)
        self._something_waits.set()

    async def _receive(self) -> None:
        async for message in self.connection.messages():
            await self._handled.acquire()
            self._start(self._handle(message))

    async def _handle(self, message: Message) -> None:
        try:
            await self._handler(message.topic, message.payload)
        except StoreError as error:
            _log.error("not stored, not answered", lane=self._kind, why=error.what, remedy=error.remedy)
        except Exception:  # noqa: BLE001 - one message must not end the lane; logged, and its sender repeats it
            _log.exception("message not handled", lane=self._kind)
        finally:
            self._handled.release()

    async def _send(self) -> None:
        while True:
            await self._something_waits.wait()
            self._something_waits.clear()
            waiting, self._waiting, self._waiting_count = self._waiting, {}, 0
            for gateway, frames in waiting.items():
                for payload in bundles(frames):
                    await self._publishing.acquire()
                    self._start(self._publish(topics.gateway_down(gateway, self._kind), payload))

    async def _publish(self, topic: str, payload: bytes) -> None:
        try:
            await self.connection.publish(topic, payload)
        except MqttError as error:  # gateways repeat what is not answered, heartbeats ask for receipts
            _log.warning("answer not sent", topic=topic, why=error.what)
        finally:
            self._publishing.release()

    def _start(self, coroutine: Awaitable[None]) -> None:
        task = asyncio.ensure_future(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("lane task failed", lane=self._kind, exc_info=error)


class Lanes:
    """Implements `application.ports.Outbox` over the two lanes, which are set once they exist."""

    def __init__(self) -> None:
        self.by_kind: dict[str, Lane] = {}

    def send(self, gateway: int, lane: str, frames: Sequence[bytes]) -> None:
        self.by_kind[lane].send(gateway, frames)

    @property
    def up(self) -> bool:
        """Whether both lanes are connected."""
        return bool(self.by_kind) and all(lane.connection.up for lane in self.by_kind.values())


def bundles(frames: Sequence[bytes]) -> list[bytes]:
    """Frames as messages of at most `BUNDLE_BYTES_MAX` bytes."""
    packed: list[bytes] = []
    chosen: list[bytes] = []
    size = 0
    for one in frames:
        if chosen and size + len(one) > BUNDLE_BYTES_MAX:
            packed.append(bundle.pack(chosen))
            chosen, size = [], 0
        chosen.append(one)
        size += len(one) + 2
    if chosen:
        packed.append(bundle.pack(chosen))
    return packed
