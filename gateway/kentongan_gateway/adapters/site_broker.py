"""The broker of the site: buttons come in by TLS-PSK, each to its own topics only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from kentongan_gateway.adapters.buttons import Button
from kentongan_host.broker import Broker, BrokerConfig, Listener
from kentongan_host.log import logger
from kentongan_host.mqtt import Connection, Endpoint, MqttError
from kentongan_wire.frame import MAX_SIZE
from kentongan_wire.topics import ALARM, BEAT, SITE_ROOT, button_down, device_name

# The first that the button knows is taken (the server's order counts): forward secrecy wherever the
# device has it. AES-CBC is in the list because mbedTLS's ECDHE-PSK suites have no GCM.
FORWARD_SECRET = "ECDHE-PSK-CHACHA20-POLY1305:ECDHE-PSK-AES128-CBC-SHA256"  # noqa: S105 - a list of ciphers
OTHERS = "PSK-AES128-GCM-SHA256:PSK-CHACHA20-POLY1305:PSK-AES256-GCM-SHA384:PSK-AES128-CBC-SHA256"
PACKET_MAX = MAX_SIZE + 128  # bytes: the largest frame and its topic
CONNECTIONS_MAX = 1_000  # a site has at most a few dozen buttons; a flood of connections ends here
DEADLINE_S = 5.0  # for the broker to confirm what we send down

_log = logger("kentongan.site")


class SiteBroker:
    """The site's mosquitto and our two connections to it; an async context manager.

    Attributes:
        outages: how often the broker went away.

    Args:
        program: mosquitto.
        directory: private folder for its files.
        host: address for buttons.
        port: port for buttons.
        site: code of the site.
        buttons: who may connect.
        require_forward_secrecy: refuse buttons without ECDHE-PSK.
        on_change: called when `up` may have changed.
    """

    def __init__(
        self,
        *,
        program: str,
        directory: Path,
        host: str,
        port: int,
        site: str,
        buttons: dict[int, Button],
        require_forward_secrecy: bool = False,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._site = site
        self._buttons = buttons
        self._on_change = on_change
        self._broker_up = False
        self.outages = 0
        self._stack = AsyncExitStack()
        ciphers = FORWARD_SECRET if require_forward_secrecy else f"{FORWARD_SECRET}:{OTHERS}"
        listener = Listener(
            host,
            port,
            (
                ("allow_anonymous", "false"),
                ("psk_hint", "kentongan"),
                ("psk_file", str(directory / "psk")),
                ("use_identity_as_username", "true"),
                ("use_username_as_clientid", "true"),  # nobody ends another button's session by taking its name
                ("tls_version", "tlsv1.2"),
                ("ciphers", ciphers),
                ("acl_file", str(directory / "acl")),
            ),
            setting="[buttons] host and port in gateway.toml",
        )
        config = BrokerConfig(
            program=program,
            directory=directory,
            listeners=(listener,),
            files=_files(site, buttons.values()),
            max_packet_bytes=PACKET_MAX,
            max_connections=CONNECTIONS_MAX,
        )
        self.broker = Broker(config, on_change=self._broker_changed)
        self.alarms = self._connection(ALARM)
        self.beats = self._connection(BEAT)

    @property
    def up(self) -> bool:
        """Whether buttons can reach us."""
        return self._broker_up and self.alarms.up and self.beats.up

    async def __aenter__(self) -> Self:
        """Starts the broker; returns when both our connections stand.

        Raises:
            BrokerError: the broker cannot be started; nothing is left running.
        """
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.broker)
            self._broker_up = True
            for connection in (self.alarms, self.beats):
                await stack.enter_async_context(connection)
            await asyncio.gather(self.alarms.wait_up(), self.beats.wait_up())
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._on_change = lambda: None
        await self._stack.aclose()

    def replace_buttons(self, buttons: dict[int, Button]) -> None:
        """Lets these buttons in from now on, and ends the sessions of those whose key is gone.

        Raises:
            BrokerError: the files cannot be written; the old ones stay in force.
        """
        gone = {button.psk for button in self._buttons.values()} - {button.psk for button in buttons.values()}
        self.broker.reload(_files(self._site, buttons.values()), end_sessions=bool(gone))
        self._buttons = buttons

    async def answer(self, connection: Connection, device: int, frame: bytes) -> bool:
        """Publishes a frame to a button; False (and a line in the log) when the broker did not confirm.

        Nobody repeats it here: the centre and `core/custody` do.
        """
        try:
            await connection.publish(button_down(self._site, device), frame, deadline_s=DEADLINE_S)
        except MqttError as error:
            _log.warning("answer not delivered to the site broker", device=device_name(device), why=error.what)
            return False
        return True

    def _connection(self, lane: str) -> Connection:
        """One connection a lane: a flood of heartbeats cannot stand in front of an alarm."""
        return Connection(
            Endpoint(f"gateway-{lane}", unix_socket=self.broker.socket_path),
            [f"{SITE_ROOT}/{self._site}/+/up/{lane}"],
            on_change=lambda _up, _why: self._on_change(),
        )

    def _broker_changed(self, up: bool) -> None:  # noqa: FBT001 - the broker calls it so
        self._broker_up = up
        self.outages += not up
        self._on_change()


def _files(site: str, buttons: Iterable[Button]) -> dict[str, str]:
    """PSK list and access list. `%u` is the button's name, which its PSK proves."""
    base = f"{SITE_ROOT}/{site}/%u"
    return {
        "psk": "".join(f"{device_name(button.device)}:{button.psk}\n" for button in buttons),
        "acl": f"pattern write {base}/up/{ALARM}\npattern write {base}/up/{BEAT}\npattern read {base}/down/frame\n",
    }
