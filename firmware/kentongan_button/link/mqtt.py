"""A thin asyncio MQTT 3.1.1 client over TLS-PSK: one connection, QoS 1, a deadline on every step.

Use: `await open()`, then run `serve()` in a task of its own; it ends with `LinkError` when the
connection does. `publish()` may be called by several tasks at once: what is
handed to it leaves at once, whatever else waits for a PUBACK.
"""

import asyncio
import os
import struct
import time
from typing import TYPE_CHECKING

from kentongan_button.link import packets
from kentongan_button.link.packets import PacketError, PacketReader
from kentongan_button.link.stream import LinkError, PskStream, look_up, within

if TYPE_CHECKING:
    from typing import Any, Callable

    MessageHandler = Callable[[str, bytes], None]
    Settled = Callable[[bool], None]

KEEPALIVE_S = 15  # half-open connections are noticed by the broker after 1.5 times this (NUMBERS: ≤ 20 s)
QUIET_MS = 5_000  # silence in either direction after which we ask: is anybody there?
ANSWER_MS = 5_000  # bounds PINGRESP, PUBACK, SUBACK, CONNACK and the draining of one packet
RESOLVE_MS = 3_000  # bounds one question to a name server
CONNECT_MS = 5_000  # bounds the TCP connect: three SYNs
HANDSHAKE_MS = 8_000  # bounds the TLS handshake: an ESP32 takes 1-2 s
PACKET_MAX = 512  # bytes of the largest packet that the broker may send; a receipt takes about 130
IN_FLIGHT_MAX = 16  # publishes without PUBACK: bounds what a silent broker can make us keep
_WATCH_MS = 250  # how late a missed deadline may be noticed


class MqttClient:
    """A connection to the gateway's broker; after it ended, `open` makes the next one.

    Args:
        context: from `psk.psk_context`.
        client_id: also the PSK identity: the device as eight hex digits.
        on_message: called with (topic, payload) of every message; must not block.
    """

    def __init__(self, context: "Any", client_id: str, on_message: "MessageHandler") -> None:
        self._context = context
        self._client_id = client_id
        self._on_message = on_message
        self._stream = PskStream(context)
        self._reader = PacketReader(PACKET_MAX)
        self._writing = asyncio.Lock()
        self._pending: "dict[int, tuple[Any, Settled | None]]" = {}  # by packet id: deadline in ticks
        self._packet_id = 0
        self._heard = 0  # ticks of the last packet from the broker
        self._spoke = 0  # ticks of the last packet to it
        self._asked = 0  # ticks of a PINGREQ that nothing has answered
        self._asking = False
        self._lost: "LinkError | None" = None
        self._ended = asyncio.Event()
        self.up = False
        self.steps = 0  # grows while anything moves; one that stands still for a minute is hung

    async def open(self, host: str, port: int, topic: str, name_server: str = "") -> None:
        """Resolve, connect, handshake, CONNECT and subscribe to `topic`.

        Raises:
            LinkError: with the step that failed; `close` has been called.
        """
        self.close()
        try:
            query_id = struct.unpack(">H", os.urandom(2))[0]
            address = await self._step(RESOLVE_MS, "resolve", look_up(host, name_server, query_id))
            await self._step(CONNECT_MS, "connect", self._stream.connect(address, port))
            hello = packets.connect(self._client_id, KEEPALIVE_S)
            await self._step(HANDSHAKE_MS, "handshake", self._stream.first_write(hello))
            await self._step(ANSWER_MS, "connack", self._welcome())
            await self._step(ANSWER_MS, "suback", self._subscribe(topic))
        except BaseException:  # a cancelled attempt must not leave its socket behind either
            self.close()
            raise
        self._heard = self._spoke = time.ticks_ms()
        self.up = True

    async def serve(self) -> None:
        """Read and keep alive until the connection ends.

        Raises:
            LinkError: always, with the reason; `close` has been called.
        """
        tasks = (asyncio.create_task(self._read()), asyncio.create_task(self._watch()))
        try:
            await self._ended.wait()
        finally:
            for task in tasks:
                task.cancel()
            lost = self._lost
            self.close()
        raise lost or LinkError("read", "closed by the button")

    async def publish(self, topic: str, payload: bytes, settled: "Settled | None" = None) -> None:
        """Send a QoS 1 message at once, without waiting for its PUBACK.

        Args:
            topic: where to.
            payload: what.
            settled: called once, with True at the PUBACK or with False when the connection ended first.

        Raises:
            LinkError: not connected, or too many messages wait for their PUBACK.
        """
        if not self.up:
            raise LinkError("write", "not connected")
        if len(self._pending) >= IN_FLIGHT_MAX:
            raise LinkError("puback", "%d messages wait for their PUBACK" % len(self._pending))
        packet_id = self._next_packet_id()
        self._pending[packet_id] = (time.ticks_add(time.ticks_ms(), ANSWER_MS), settled)
        await self._send(packets.publish(packet_id, topic, payload))

    @property
    def in_flight(self) -> int:
        """Messages that wait for their PUBACK."""
        return len(self._pending)

    def drop(self, reason: LinkError) -> None:
        """End the connection: `serve` raises this reason."""
        if self._lost is None:
            self._lost = reason
        self.up = False
        self._ended.set()

    def close(self) -> None:
        """Drop the connection and everything that waited for it; safe at any time."""
        self.up = False
        self._stream.close()
        self._stream = PskStream(self._context)
        self._reader.clear()
        self._asking = False
        self._lost = None
        self._ended.clear()
        waiting = self._pending
        self._pending = {}
        for _, settled in waiting.values():
            if settled is not None:
                settled(False)

    def _next_packet_id(self) -> int:
        self._packet_id = self._packet_id % packets.PACKET_ID_MAX + 1
        return self._packet_id

    async def _step(self, deadline_ms: int, name: str, work: "Any") -> "Any":
        result = await within(deadline_ms, name, work)
        self.steps += 1
        return result

    async def _send(self, packet: bytes) -> None:
        try:
            async with self._writing:
                await self._stream.write(packet, ANSWER_MS)
        except LinkError as error:
            self.drop(error)
            raise
        self._spoke = time.ticks_ms()

    async def _welcome(self) -> None:
        code = packets.read_connack(await self._expect(packets.CONNACK))
        if code:
            raise PacketError("refused: " + packets.connect_refusal(code))

    async def _subscribe(self, topic: str) -> None:
        packet_id = self._next_packet_id()
        await self._send(packets.subscribe(packet_id, topic))
        answered, granted = packets.read_suback(await self._expect(packets.SUBACK))
        if answered != packet_id or granted == packets.SUBACK_REFUSED:
            raise PacketError("the broker refused the subscription to " + topic)

    async def _expect(self, wanted: int) -> bytes:
        while True:
            kind, flags, body = await self._next_packet()
            if kind == wanted:
                return body
            if kind != packets.PUBLISH:  # messages may come before the SUBACK (3.8.4)
                raise PacketError("expected packet type %d, got %d" % (wanted, kind))
            await self._handle(kind, flags, body)

    async def _next_packet(self) -> "tuple[int, int, bytes]":
        while True:
            packet = self._reader.take()
            if packet is not None:
                return packet
            count = await self._stream.readinto(self._reader.room())
            if not count:
                raise PacketError("the broker closed the connection")
            self._reader.add(count)

    async def _read(self) -> None:
        try:
            while True:
                packet = await self._next_packet()
                self._heard = time.ticks_ms()
                self._asking = False
                await self._handle(*packet)
        except LinkError as error:
            self.drop(error)
        except (OSError, PacketError) as error:
            self.drop(LinkError("read", str(error)))

    async def _handle(self, kind: int, flags: int, body: bytes) -> None:
        if kind == packets.PUBLISH:
            topic, payload, packet_id = packets.read_publish(flags, body)
            self._on_message(topic, payload)
            if packet_id:
                await self._send(packets.puback(packet_id))
        elif kind == packets.PUBACK:
            _, settled = self._pending.pop(packets.read_puback(body), (0, None))
            if settled is not None:
                settled(True)
        elif kind != packets.PINGRESP:
            raise PacketError("unexpected packet type %d" % kind)

    async def _watch(self) -> None:
        try:
            while True:
                await asyncio.sleep_ms(_WATCH_MS)
                await self._check(time.ticks_ms())
        except LinkError as error:
            self.drop(error)

    async def _check(self, now: "Any") -> None:
        self.steps += 1
        for deadline, _ in self._pending.values():
            if time.ticks_diff(now, deadline) >= 0:
                raise LinkError("puback", "no answer within %d ms" % ANSWER_MS)
        if self._asking:
            if time.ticks_diff(now, self._asked) >= ANSWER_MS:
                raise LinkError("pingresp", "no answer within %d ms" % ANSWER_MS)
        elif time.ticks_diff(now, self._heard) >= QUIET_MS or time.ticks_diff(now, self._spoke) >= QUIET_MS:
            self._asking = True
            self._asked = now
            await self._send(packets.PINGREQ_PACKET)
