"""The two lanes to the gateways over MQTT: alarms and reports, one connection each way of working.

What arrives is handed to the application, many messages at a time but never more than a bound:
gateways take turns, so that one that floods delays the others by a message each, and reports give
way while alarms wait. What goes out is bundled by whatever waits, without a timer.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from types import TracebackType
from typing import Any, Self

from kentongan_host.log import logger
from kentongan_host.mqtt import Connection, Endpoint, Message, MqttError
from kentongan_server.application.ports import StoreError
from kentongan_server.domain.turns import Turns
from kentongan_wire import bundle, topics

HANDLED_MAX = 2_000  # messages of a lane in work at once: two group commits; more wait in the inbox
BUNDLE_BYTES_MAX = 6_000  # frames of one message down: well below a gateway's packet limit
PUBLISHES_MAX = 500  # confirmations awaited at once
# Alarms begun before the event loop looks at anything else: some 2 ms of verification. Reports, of
# up to 64 heartbeats each, are begun one by one.
ALARM_SLICE = 16
# How long a report waits while alarms do: they are begun within milliseconds, and a flood of forged
# ones must not silence supervision.
GIVE_WAY_S, LOOK_S = 0.05, 0.002
PROBE = "centre"  # sender of our own probes; no gateway's certificate has this name
PROBE_SIZE = 8  # bytes: less than any frame, so that no press can pass for one
PROBE_S = 2.0  # for a probe to come back: an alarm that takes longer is answered by SMS already (NUMBERS)
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
        gives_way_to: the lane whose messages go first.
        on_dropped: told the sender of each message that found no room.
    """

    def __init__(
        self,
        kind: str,
        endpoint: Endpoint,
        handler: Handler,
        on_change: Callable[[bool, str], None],
        gives_way_to: Lane | None = None,
        on_dropped: Callable[[str], None] = lambda _sender: None,
    ) -> None:
        self._kind = kind
        self._handler = handler
        self._gives_way_to = gives_way_to
        self._on_dropped = on_dropped
        self._turns: Turns[Message] = Turns()
        self._probes: dict[bytes, asyncio.Future[None]] = {}
        self._working = 0
        self._moved_at = 0.0
        self.connection = Connection(endpoint, [f"{topics.CENTRE_ROOT}/+/up/{kind}"], on_change=on_change)
        self._waiting: dict[int, list[bytes]] = {}
        self._waiting_count = 0
        self._something_waits = asyncio.Event()
        self._handled = asyncio.Semaphore(HANDLED_MAX)
        self._publishing = asyncio.Semaphore(PUBLISHES_MAX)
        self._tasks: set[asyncio.Task[None]] = set()
        self._roads: list[asyncio.Task[None]] = []  # in and out; neither ends while the lane is in use

    async def __aenter__(self) -> Self:
        await self.connection.__aenter__()
        self._roads = [self._start(self._receive()), self._start(self._send())]
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

    @property
    def waits(self) -> bool:
        """Whether messages wait that nobody has begun to handle."""
        return bool(self._turns)

    @property
    def still_s(self) -> float:
        """For how long messages have been in work without any of them being done; 0 when none is in work."""
        return asyncio.get_running_loop().time() - self._moved_at if self._working else 0.0

    async def probe(self, by: Connection) -> bool:
        """Whether a message that another connection publishes now gets through to our handlers in time."""
        mark = secrets.token_bytes(PROBE_SIZE)
        arrived = self._probes[mark] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(PROBE_S):
                await by.publish(topics.CENTRE_ROOT + f"/{PROBE}/up/{self._kind}", mark, deadline_s=PROBE_S)
                await arrived
        except (MqttError, TimeoutError):
            return False
        finally:
            del self._probes[mark]
        return True

    async def _receive(self) -> None:
        begun = 0
        async for first in self.connection.messages():
            self._take(first)
            while (message := self._turns.next()) is not None:
                await self._handled.acquire()
                self._begin(message)
                begun += 1
                if self._gives_way_to is not None:
                    await self._give_way(self._gives_way_to)
                elif begun % ALARM_SLICE == 0:
                    await asyncio.sleep(0)
                self._take_all()

    def _take_all(self) -> None:
        while (message := self.connection.inbox.get_nowait()) is not None:
            self._take(message)

    def _take(self, message: Message) -> None:
        sender = _sender(message.topic)
        if self._turns.put(sender, message):
            return
        self._on_dropped(sender)
        if self._turns.dropped.bit_count() == 1:
            _log.error("a sender floods, messages dropped", lane=self._kind, dropped=self._turns.dropped)

    async def _give_way(self, other: Lane) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + GIVE_WAY_S
        await asyncio.sleep(0)
        while other.waits and loop.time() < until:  # noqa: ASYNC110 - bounded, and nothing tells when it ends
            await asyncio.sleep(LOOK_S)

    def _begin(self, message: Message) -> None:
        # Also one that comes too late, through a broker that hung, is ours, and no forged frame to be listed.
        if _sender(message.topic) == PROBE and len(message.payload) == PROBE_SIZE:
            arrived = self._probes.get(message.payload)
            if arrived is not None and not arrived.done():
                arrived.set_result(None)
            self._handled.release()
            return
        if not self._working:
            self._moved_at = asyncio.get_running_loop().time()
        self._working += 1
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
            self._working -= 1
            self._moved_at = asyncio.get_running_loop().time()

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

    async def watch(self) -> None:
        """Returns never; raises what ended the way in or out: a lane that only seems to run must end the centre.

        Raises:
            RuntimeError: one of them ended without an error.
        """
        done, _ = await asyncio.wait(self._roads, return_when=asyncio.FIRST_COMPLETED)
        done.pop().result()
        raise RuntimeError(f"lane {self._kind}: one of its ways ended although nothing stopped it")

    def _start(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

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

    @property
    def still_s(self) -> dict[str, float]:
        """Of each lane: see `Lane.still_s`."""
        return {kind: lane.still_s for kind, lane in self.by_kind.items()}

    async def proven(self) -> bool:
        """Whether a message gets through the broker to the alarm lane now; both connections take part."""
        if not self.up:
            return False
        return await self.by_kind[topics.ALARM].probe(self.by_kind[topics.REPORT].connection)


def _sender(topic: str) -> str:
    """Whose turn a message uses up; the broker lets nobody write on another's topics."""
    return topic.split("/", 2)[1] if "/" in topic else topic


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
