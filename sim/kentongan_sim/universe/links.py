"""Hops with faults, and what the real roads take for an MQTT connection."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial

from kentongan_host.mqtt import PUBLISH_S, Inbox, Message, MqttError
from kentongan_sim.universe.clockwork import Process, VirtualLoop

NOTICE_MS = 22_000  # after which a half-open connection is noticed at the latest: 1.5 keepalives (FACTS)
CONNECT_MS = 3_000  # a connection is tried again within this, and then stands


@dataclass(slots=True)
class Profile:
    """What a hop does to messages; chances in thousandths, times in ms.

    Attributes:
        withhold_ms: everything that passes waits for so long on top (an adversary, or a router).
    """

    loss: int = 0
    double: int = 0
    corrupt: int = 0
    delay_ms: tuple[int, int] = (2, 20)
    withhold_ms: int = 0


class Link:
    """One hop, both directions; loses, doubles, delays, reorders and corrupts as its profile says.

    Attributes:
        up: carries anything at all.
        cuts: how often it went down: what was on the way then is gone.
        taps: called with every message that passes (the adversary listens).
    """

    def __init__(self, name: str, loop: VirtualLoop, draw: random.Random) -> None:
        self.name = name
        self.up = True
        self.cuts = 0
        self.profile = Profile()
        self.lost = 0
        self.carried = 0
        self.taps: list[Callable[[str, bytes], None]] = []
        self.on_change: list[Callable[[bool], None]] = []
        self._loop = loop
        self._draw = draw

    def set_up(self, up: bool) -> None:  # noqa: FBT001 - a switch
        """Cuts or mends it."""
        if up != self.up:
            self.up = up
            self.cuts += not up
            for tell in self.on_change:
                tell(up)

    def carry(self, what: str, raw: bytes, deliver: Callable[[bytes], None]) -> None:
        """Takes a message; `deliver` is called once, twice or never."""
        profile, draw = self.profile, self._draw
        for tap in self.taps:
            tap(what, raw)
        if not self.up or draw.randrange(1000) < profile.loss:
            self.lost += 1
            return
        copies = 2 if profile.double and draw.randrange(1000) < profile.double else 1
        for _ in range(copies):
            delay_ms = draw.randint(*profile.delay_ms) + profile.withhold_ms
            arriving = raw
            if profile.corrupt and raw and draw.randrange(1000) < profile.corrupt:
                at = draw.randrange(len(raw))
                arriving = raw[:at] + bytes([raw[at] ^ (1 << draw.randrange(8))]) + raw[at + 1 :]
            self._loop.after(delay_ms, self._loop.nature, self._arrive, self.cuts, arriving, deliver)

    def _arrive(self, cuts: int, raw: bytes, deliver: Callable[[bytes], None]) -> None:
        if cuts == self.cuts or self.profile.withhold_ms:  # what was withheld outlives the cut
            self.carried += 1
            deliver(raw)
        else:
            self.lost += 1


class VirtualConnection:
    """Stands in for `kentongan_host.mqtt.Connection` of one process.

    Args:
        send: takes (topic, payload, confirm) and calls `confirm` when the broker has it.
        on_change: as the real one's.
    """

    def __init__(
        self,
        loop: VirtualLoop,
        process: Process,
        send: Callable[[str, bytes, Callable[[], None]], None],
        on_change: Callable[[bool, str], None] = lambda _up, _why: None,
    ) -> None:
        self.inbox = Inbox()
        self._loop = loop
        self._process = process
        self._send = send
        self._on_change = on_change
        self._up = asyncio.Event()
        self._session = 0

    @property
    def up(self) -> bool:
        return self._up.is_set()

    async def wait_up(self) -> None:
        await self._up.wait()

    def set_up(self, up: bool) -> None:  # noqa: FBT001 - a switch
        """What the process notices of its connection; call it as the process."""
        if up == self.up:
            return
        self._session += 1
        if up:
            self._up.set()
        else:
            self._up.clear()
        self._on_change(up, "connected" if up else "the link is gone")

    async def messages(self) -> AsyncIterator[Message]:
        while True:
            yield await self.inbox.get()

    async def publish(self, topic: str, payload: bytes, *, deadline_s: float = PUBLISH_S) -> None:
        """As the real one: returns when the broker has confirmed, raises when it did not."""
        if not self.up:
            raise MqttError("no connection.")
        confirmed: asyncio.Future[bool] = self._loop.create_future()
        self._send(topic, payload, partial(self._settle_soon, confirmed))
        self._loop.call_later(deadline_s, _settle, confirmed, False)
        if not await confirmed:
            raise MqttError(f"not confirmed within {deadline_s} s.")

    def _settle_soon(self, confirmed: asyncio.Future[bool]) -> None:
        self._loop.after(0, self._process, _settle, confirmed, True)

    def put(self, message: Message) -> None:
        """A message arrives; call it as the process."""
        if self.up:
            self.inbox.put(message)


def _settle(future: asyncio.Future[bool], value: bool) -> None:  # noqa: FBT001
    if not future.done():
        future.set_result(value)


class Session:
    """Keeps a connection's idea of being up behind the truth, as keepalives and back-off do.

    Attributes:
        number: of the connection that stands, or stood last; what is missed on one ends no other.

    Args:
        truth: whether a connection could stand now.
        apply: called with the new idea, as the process.
        draw: for how long it takes to notice.
    """

    def __init__(
        self,
        loop: VirtualLoop,
        process: Process,
        truth: Callable[[], bool],
        apply: Callable[[bool], None],
        draw: random.Random,
    ) -> None:
        self._loop = loop
        self._process = process
        self._truth = truth
        self._apply = apply
        self._draw = draw
        self._believed = False
        self.number = 0

    def look(self, _changed: object = None) -> None:
        """Something changed, or the process has just started."""
        if not self._process.alive:
            return
        truth = self._truth()
        if truth == self._believed:
            # It may have been away in between: the session then ends and begins again.
            return
        wait_ms = self._draw.randint(50, CONNECT_MS) if truth else self._draw.choice((10, 500, 5_000, NOTICE_MS))
        self._loop.after(wait_ms, self._process, self._settle, truth)

    def broken(self, number: int) -> None:
        """Our own side ended this connection (a deadline passed), and connects again."""
        if self._believed and number == self.number:
            self._believed = False
            self._apply(False)
            self.look()

    def _settle(self, wanted: bool) -> None:  # noqa: FBT001
        truth = self._truth()
        if truth != wanted:
            return
        if truth != self._believed:
            self._believed = truth
            self.number += truth
            self._apply(truth)
