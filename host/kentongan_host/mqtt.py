"""One MQTT 5 connection that mends itself, over aiomqtt: TCP, TLS or a Unix socket.

Messages that arrive stay in one inbox across reconnections; publishing either is confirmed by
the broker within its deadline or raises. What must survive a lost connection is custody's job.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self, cast

import aiomqtt
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from kentongan_host.errors import HostError
from kentongan_host.log import logger
from kentongan_host.tasks import end_task

KEEPALIVE_S = 15  # a half-open connection is noticed within 1.5 times this (FACTS: at most 20 s)
CONNECT_S = 5.0  # for CONNACK and SUBACK each; a cold TLS connection takes 2 s on a bad day
PUBLISH_S = 5.0  # default for PUBACK: three lost TCP segments
FAREWELL_S = 1.0  # for DISCONNECT to be taken: a peer that is gone must not hold up our end
BACKOFF_FIRST_S = 0.1  # before the first reconnection: somebody may be pressing now
BACKOFF_MAX_S = 5.0  # a centre that was away for an hour is found again within this
RECEIVE_MAXIMUM = 200  # messages that the broker may have unconfirmed with us
# Packets read before the event loop looks at anything else, some 8 ms: all that the broker may have unconfirmed
# with us. Read one by one, what a flood sends would wait in the broker's queue, where nobody takes turns.
READ_AT_ONCE = RECEIVE_MAXIMUM
INBOX_MAX = 20_000  # messages that wait for us; beyond it they are counted and dropped, senders repeat

_log = logger("kentongan.mqtt")
_paho_log = logging.getLogger("kentongan.mqtt.client")
_paho_log.setLevel(logging.WARNING)  # below that it writes a line for every packet


class MqttError(HostError):
    """Not connected, or the broker did not confirm in time. Nothing is known about what was sent."""


@dataclass(frozen=True)
class Endpoint:
    """Where a broker is and who we are there.

    Attributes:
        host: name or address; unused with `unix_socket`.
        port: TCP port; unused with `unix_socket`.
        unix_socket: path of the broker's socket instead of TCP.
        tls: context for TLS with the centre's CA and our certificate; None for plain.
        client_id: must be unique at the broker.
        username: None when the certificate says who we are.
        password: never logged.
    """

    client_id: str
    host: str = ""
    port: int = 0
    unix_socket: Path | None = None
    tls: ssl.SSLContext | None = None
    username: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        return f"Endpoint({self.name})"

    @property
    def name(self) -> str:
        """For messages."""
        return str(self.unix_socket) if self.unix_socket else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Message:
    """What a broker delivered."""

    topic: str
    payload: bytes


class Inbox:
    """Messages in order of arrival, bounded; the newest is dropped and counted when it is full."""

    def __init__(self, size: int = INBOX_MAX) -> None:
        self._queue: asyncio.Queue[Message] = asyncio.Queue(size)
        self.dropped = 0

    def put(self, message: Message) -> None:
        try:
            self._queue.put_nowait(message)
        except asyncio.QueueFull:
            self.dropped += 1
            if self.dropped.bit_count() == 1:  # 1, 2, 4, 8 …: a flood must not flood the log
                _log.error("inbox full, messages dropped", dropped=self.dropped)

    async def get(self) -> Message:
        """The next message."""
        return await self._queue.get()

    def get_nowait(self) -> Message | None:
        """The next message, or None when none waits."""
        try:
            return self._queue.get_nowait()
        except asyncio.QueueEmpty:
            return None


class _Tap(asyncio.Queue[aiomqtt.Message]):
    """What aiomqtt takes for its message queue: passes all on, so that its iterator only tells the end."""

    def __init__(self, inbox: Inbox) -> None:
        super().__init__()
        self._inbox = inbox

    def put_nowait(self, item: aiomqtt.Message) -> None:
        payload = item.payload
        self._inbox.put(Message(str(item.topic), payload if isinstance(payload, bytes) else b""))


class _TidySocket(ssl.SSLSocket):
    """Closes itself when the handshake fails, which paho leaves to the garbage collector."""

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 - ssl's signature
        try:
            super().do_handshake(block)
        except BaseException:
            self.close()
            raise


def _connect_unix(path: str) -> socket.socket:
    """As paho's, but closed when it fails."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(path)
    except OSError:
        connection.close()
        raise
    return connection


class _Client(aiomqtt.Client):
    """A client that leaves no socket behind: aiomqtt forgets to close one on which CONNACK never came."""

    def use_unix_socket(self, path: str) -> None:
        """Connects to this path; paho drops a socket that was refused without closing it."""
        self._client._create_unix_socket_connection = partial(_connect_unix, path)  # type: ignore[method-assign]  # noqa: SLF001

    def read_in_batches(self) -> None:
        """Reads whatever has arrived, up to a bound; paho reads one packet each time the socket is readable."""
        self._client.loop_read = self._read_batch  # type: ignore[method-assign]

    def _read_batch(self, max_packets: int = READ_AT_ONCE) -> MQTTErrorCode:
        client = self._client
        for _ in range(max_packets):
            if client.socket() is None:
                return MQTTErrorCode.MQTT_ERR_NO_CONN
            result = client._packet_read()  # noqa: SLF001 - as paho's own `loop_read`, which tells nobody that it is empty
            if result == MQTTErrorCode.MQTT_ERR_AGAIN:
                break
            if result > 0:
                return client._loop_rc_handle(result)  # noqa: SLF001
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    async def __aenter__(self) -> Self:
        try:
            return await super().__aenter__()
        except BaseException:
            self._abandon()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.timeout = FAREWELL_S
        try:
            with contextlib.suppress(aiomqtt.MqttError):
                await super().__aexit__(kind, error, trace)
        finally:
            self._abandon()

    def _abandon(self) -> None:
        self._client._sock_close()  # noqa: SLF001 - the only way to it without a handshake; tests hold it


def _refused(code: int | ReasonCode) -> bool:
    return (code if isinstance(code, int) else code.value) >= 0x80


class Connection:
    """A connection that is kept up while the context is open; entering does not wait for it.

    Args:
        endpoint: where to.
        subscriptions: topic filters, taken with QoS 1 (no-local) at each connection.
        on_change: called with (up, why) at every change; `why` is for people.
        inbox_size: messages that may wait.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        subscriptions: Sequence[str] = (),
        *,
        on_change: Callable[[bool, str], None] = lambda _up, _why: None,
        inbox_size: int = INBOX_MAX,
    ) -> None:
        self.endpoint = endpoint
        self.inbox = Inbox(inbox_size)
        self._subscriptions = tuple(subscriptions)
        self._on_change = on_change
        self._client: aiomqtt.Client | None = None
        self._up = asyncio.Event()
        self._why = "not connected yet"
        self._confirmations: set[asyncio.Timeout] = set()
        self._keeper: asyncio.Task[None] | None = None
        self._closing = False

    @property
    def up(self) -> bool:
        """Connected and subscribed."""
        return self._up.is_set()

    async def wait_up(self) -> None:
        """Returns when connected and subscribed."""
        await self._up.wait()

    async def __aenter__(self) -> Self:
        self._keeper = asyncio.create_task(self._keep(), name=f"mqtt {self.endpoint.name}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing = True
        await end_task(self._keeper)

    async def messages(self) -> AsyncIterator[Message]:
        """Every message of all connections, for ever."""
        while True:
            yield await self.inbox.get()

    async def publish(self, topic: str, payload: bytes, *, deadline_s: float = PUBLISH_S) -> None:
        """Publishes with QoS 1 and returns when the broker has confirmed.

        Raises:
            MqttError: not connected, connection lost meanwhile, or not confirmed within `deadline_s`.
        """
        client = self._client
        if client is None:
            raise MqttError(f"no connection to {self.endpoint.name}: {self._why}.")
        try:
            async with asyncio.timeout(deadline_s) as confirmation:
                self._confirmations.add(confirmation)
                try:
                    await client.publish(topic, payload, qos=1, timeout=float("inf"))
                finally:
                    self._confirmations.discard(confirmation)
        except TimeoutError:
            why = f"not confirmed within {deadline_s} s" if client is self._client else "connection lost"
            raise MqttError(f"publishing at {self.endpoint.name}: {why}.") from None
        except (aiomqtt.MqttError, ValueError) as error:  # ValueError: paho's, for a payload over 256 MB
            raise MqttError(f"publishing at {self.endpoint.name}: {error}.") from error

    async def _keep(self) -> None:
        loop = asyncio.get_running_loop()
        backoff_s = BACKOFF_FIRST_S
        while not self._closing:  # an error while a cancelled session ends must not hide the cancelling
            began = loop.time()
            try:
                await self._one_session()
            except Exception as error:  # noqa: BLE001 - whatever it is, the link must mend
                if not isinstance(error, aiomqtt.MqttError | OSError | ValueError | MqttError):
                    _log.exception("unexpected, connecting again", endpoint=self.endpoint.name)
                if self.up and loop.time() - began > BACKOFF_MAX_S:  # else two of us may be fighting for one name
                    backoff_s = BACKOFF_FIRST_S
                self._went_down(str(error) or type(error).__name__)
            finally:
                self._went_down("closed")
            await asyncio.sleep(backoff_s)
            backoff_s = min(backoff_s * 2, BACKOFF_MAX_S)

    async def _one_session(self) -> None:
        async with self._make_client() as client:
            if self._subscriptions:
                options = SubscribeOptions(qos=1, noLocal=True)
                granted = await client.subscribe([(topic, options) for topic in self._subscriptions])
                codes: list[int | ReasonCode] = [*granted]
                refused = [topic for topic, code in zip(self._subscriptions, codes, strict=True) if _refused(code)]
                if refused:
                    raise MqttError(f"{self.endpoint.name} refused to subscribe us to {', '.join(refused)}.")
            self._client = client
            self._up.set()
            self._on_change(True, "connected")
            async for _ in client.messages:  # yields nothing (see `_Tap`), raises at the end
                pass

    def _went_down(self, why: str) -> None:
        self._client = None
        if not self._up.is_set():
            if why not in {self._why, "closed"}:
                self._why = why
                self._on_change(False, why)
            return
        self._up.clear()
        self._why = why
        now = asyncio.get_running_loop().time()
        for confirmation in self._confirmations:
            confirmation.reschedule(now)  # they will never come
        self._on_change(False, why)

    def _make_client(self) -> _Client:
        endpoint = self.endpoint
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.ReceiveMaximum = RECEIVE_MAXIMUM
        tcp = endpoint.unix_socket is None
        client = _Client(
            endpoint.host if tcp else str(endpoint.unix_socket),
            endpoint.port if tcp else 1,  # paho insists on a port; a socket path has none
            identifier=endpoint.client_id,
            username=endpoint.username,
            password=endpoint.password,
            protocol=aiomqtt.ProtocolVersion.V5,
            transport="tcp" if tcp else "unix",
            clean_start=True,
            keepalive=KEEPALIVE_S,
            timeout=CONNECT_S,
            properties=properties,
            tls_context=endpoint.tls,
            queue_type=cast("type[asyncio.Queue[aiomqtt.Message]]", lambda maxsize: _Tap(self.inbox)),  # noqa: ARG005
            max_inflight_messages=RECEIVE_MAXIMUM,
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)] if tcp else [],
            logger=_paho_log,
        )
        client.read_in_batches()
        if endpoint.unix_socket:
            client.use_unix_socket(str(endpoint.unix_socket))
        if endpoint.tls is not None:
            endpoint.tls.sslsocket_class = _TidySocket
        client.pending_calls_threshold = INBOX_MAX  # many unconfirmed at once is our way of working
        return client
