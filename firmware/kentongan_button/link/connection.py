"""Driving radio and broker connection: what wifi.py decides is done here, and the way back up."""

import asyncio
import errno
import os
from typing import TYPE_CHECKING

from kentongan_button.link import wifi
from kentongan_button.link.stream import LinkError

if TYPE_CHECKING:
    from typing import Any, Callable

    from kentongan_button.link.mqtt import MqttClient

POLL_MS = 100  # how late a change of the association may be noticed
RETRY_FIRST_MS = 100  # pause before the first reconnect: a restarted broker is back at once
RETRY_MAX_MS = 4_000  # longest pause without a press to deliver: a gateway that returns is found quickly
RETRY_HURRY_MS = 500  # longest pause while a press waits
NO_ROOM = LinkError("memory", "no room", errno.ENOMEM)  # made while there is some
JITTER_PARTS = 256  # each pause is stretched by up to a half, so that a site's buttons spread out


class GatewayLink:
    """The way to the gateway, up as much of the time as it can be.

    Args:
        radio: `hal.esp32.Radio` or what quacks like it.
        client: the MQTT client.
        target: (host, port, topic to subscribe to).
        access: (network name, password).
        uptime_ms: the clock.
        reset: restarts the chip.
        on_change: called with None when the link is up, with the `LinkError` when it is lost
            or could not be made.
    """

    def __init__(
        self,
        radio: "Any",
        client: "MqttClient",
        target: "tuple[str, int, str]",
        access: "tuple[str, str]",
        uptime_ms: "Callable[[], int]",
        reset: "Callable[[], None]",
        on_change: "Callable[[LinkError | None], None]",
    ) -> None:
        self._radio = radio
        self._client = client
        self._target = target
        self._access = access
        self._uptime_ms = uptime_ms
        self._reset = reset
        self._on_change = on_change
        self._wifi = wifi.WifiSupervisor(uptime_ms())
        self._associated = asyncio.Event()
        self._reached_ms = uptime_ms()  # last moment with a broker connection
        self._looks = 0
        self._looks_before = -1
        self._steps_before = -1
        self._failure: "int | None" = None
        self.hurry = False  # a press waits: try again sooner

    def moves(self) -> bool:
        """True when both tasks have moved since this was last true; no for a minute means hung."""
        connecting = self._associated.is_set()
        if self._looks == self._looks_before or (connecting and self._client.steps == self._steps_before):
            return False
        self._looks_before = self._looks
        self._steps_before = self._client.steps
        return True

    def signal_dbm(self) -> int:
        """Strength of the access point; raises OSError while not associated."""
        return self._radio.signal_dbm()

    async def watch_radio(self) -> None:
        """Keep the association; runs for ever."""
        self._try(self._radio.start)
        while True:
            await asyncio.sleep_ms(POLL_MS)
            self._looks += 1
            self._look(self._uptime_ms())

    async def keep_connected(self) -> None:
        """Connect, serve, and again; runs for ever."""
        failures = 0
        while True:
            await self._associated.wait()
            try:
                host, port, topic = self._target
                await self._client.open(host, port, topic, self._radio.name_server())
                failures = 0
                self._wifi.gateway_reached()
                self._on_change(None)
                await self._client.serve()
            except (LinkError, MemoryError) as fault:
                error = fault if isinstance(fault, LinkError) else NO_ROOM
                self._client.drop(error)
                self._on_change(error)
                if error.number == errno.ENOMEM:
                    self._tell(wifi.NO_MEMORY)
                failures += 1
                await self._pause(failures)

    async def _pause(self, failures: int) -> None:
        pause_ms = min(RETRY_FIRST_MS << min(failures - 1, 8), RETRY_MAX_MS)
        pause_ms += pause_ms * os.urandom(1)[0] // (2 * JITTER_PARTS)
        waited_ms = 0
        while waited_ms < pause_ms and not (self.hurry and waited_ms >= RETRY_HURRY_MS):
            await asyncio.sleep_ms(RETRY_FIRST_MS)
            waited_ms += RETRY_FIRST_MS
            self._client.steps += 1

    def _look(self, now_ms: int) -> None:
        connected = self._try(self._radio.connected)
        if self._failure is not None:
            failure, self._failure = self._failure, None
            self._tell(failure)
        elif connected is not None:
            self._tell(wifi.CONNECTED if connected else wifi.DISCONNECTED)
        if self._client.up or self._wifi.state != wifi.UP:
            self._reached_ms = now_ms
        elif now_ms - self._reached_ms >= wifi.USELESS_MS:
            self._reached_ms = now_ms
            self._tell(wifi.USELESS)
        if now_ms >= self._wifi.deadline_ms:
            self._tell(wifi.DEADLINE)

    def _tell(self, event: int) -> None:
        for action in self._wifi.handle(event, self._uptime_ms()):
            self._do(action)
        if self._wifi.state == wifi.UP:
            self._associated.set()
        elif self._associated.is_set():
            self._associated.clear()
            self._client.drop(LinkError("read", "Wi-Fi lost: " + wifi.EVENT_NAMES[event]))

    def _do(self, action: int) -> None:
        if action == wifi.CONNECT:
            self._try(self._radio.connect, *self._access)
        elif action == wifi.DISCONNECT:
            self._try(self._radio.disconnect)
        elif action == wifi.CYCLE:
            self._try(self._radio.cycle)
        else:
            self._reset()

    def _try(self, action: "Callable[..., Any]", *args: str) -> "Any":
        """The result, or None: `_look` will tell of the failure, lest a failing action call itself."""
        try:
            return action(*args)
        except OSError as error:
            self._failure = wifi.NO_MEMORY if error.errno == errno.ENOMEM else wifi.FAILED
        return None
