"""Intake: verify, de-duplicate, commit, and only then answer.

Nothing here rejects a press with a valid MAC: late, moved, rewound or of suspect time, it rings.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from kentongan_host.failpoints import CENTRE_AFTER_COMMIT_BEFORE_RECEIPT, fail_point
from kentongan_host.log import logger
from kentongan_server.application.answers import Answers
from kentongan_server.application.ports import Arrival, Clock, Enrolled, KeyRing, Store
from kentongan_server.application.rejections import Rejections, digest, sent_once
from kentongan_server.application.take import Circumstances, Taken, take_press
from kentongan_server.application.verify import (
    Opened,
    VerifiedPathReport,
    VerifiedPress,
    open_envelope,
    open_press,
    open_sms,
    salvage_press,
    salvage_sms,
)
from kentongan_server.domain.dating import NetworkDelay
from kentongan_server.domain.flags import names
from kentongan_server.domain.verdict import Rejected
from kentongan_wire import topics
from kentongan_wire.press import PressIdentity
from kentongan_wire.supervision import UNKNOWN_MS

# A gateway sends a frame in custody again until it is answered, each time with the time held; two
# tries of one arrival differ by the jitter of the way only.
CUSTODY_ARRIVAL_TOLERANCE_MS = 5_000

_log = logger("kentongan.intake")


class BootClock(Protocol):
    """What supervision knows of boots, to date presses across a reboot, and of paths."""

    def boot_started_ms(self, device: int, boot_id: int) -> int | None:
        """Unix ms at which that boot's uptime was 0; None when no heartbeat told."""

    def via(self, device: int) -> int | None:
        """The gateway of the device's last heartbeat; None when none was heard."""

    def is_proven(self, device: int) -> bool:
        """Whether the device's path by MQTT works now: it has just given a sign of life."""


class ReceiptTexts(Protocol):
    """Receipts by SMS; never waits, never raises."""

    def text(self, identity: PressIdentity, repeats: int, number: str, addressees: Sequence[Enrolled]) -> None:
        """Queues one text for each addressee; call it only after the commit that granted them."""


class Intake:
    """Takes presses, on whatever path they come: the gateways' alarm lanes, and the centre's modems.

    Args:
        on_taken: told (press, what it came to) after each commit, before anything is answered.
        texts: receipts by SMS; without modems nothing comes by SMS and nothing is texted.
        restored_at_ms: Unix ms at which this store was restored from a backup; None when it never was.
    """

    def __init__(
        self,
        keys: KeyRing,
        store: Store,
        answers: Answers,
        clock: Clock,
        boots: BootClock,
        rejections: Rejections,
        on_taken: Callable[[PressIdentity, Taken], None] = lambda _identity, _taken: None,
        texts: ReceiptTexts | None = None,
        restored_at_ms: int | None = None,
    ) -> None:
        self._keys = keys
        self._store = store
        self._answers = answers
        self._clock = clock
        self._boots = boots
        self._rejections = rejections
        self._on_taken = on_taken
        self._texts = texts
        self._restored_at_ms = restored_at_ms

    async def take(self, topic: str, payload: bytes) -> Taken | Rejected:
        """Handles one message of an alarm lane to its end.

        Raises:
            StoreError: nothing was committed and nothing was answered; the gateway sends it again.
        """
        received_at_ms = self._clock.wall_ms()
        opened = open_envelope(self._keys, topic, payload)
        if isinstance(opened, Rejected):
            await self._rejections.list(opened, sent_once(payload, received_at_ms), received_at_ms)
            salvaged = salvage_press(self._keys, topic, payload)
            return await self._accept(salvaged, received_at_ms) if salvaged else opened
        return await self._take_opened(opened, payload, received_at_ms)

    async def take_sms(
        self, raw: bytes, modem: str, sent_at_ms: int | None = None
    ) -> Taken | VerifiedPathReport | Rejected:
        """Handles the frame of one SMS to its end; a path report is only verified and handed back.

        Args:
            raw: the frame, out of its armour.
            modem: the centre's modem that heard it.
            sent_at_ms: Unix ms at which the network says that it took the message.

        Raises:
            StoreError: nothing was committed and nothing was answered; the SMS must stay on its SIM.
        """
        received_at_ms = self._clock.wall_ms()
        opened = open_sms(self._keys, raw, modem)
        if isinstance(opened, VerifiedPathReport):
            return opened
        network = NetworkDelay(sent_at_ms)
        if isinstance(opened, VerifiedPress):
            return await self._accept(opened, received_at_ms, network)
        if isinstance(opened, Rejected):
            await self._rejections.list(opened, sent_once(raw, received_at_ms), received_at_ms)
            salvaged = salvage_sms(self._keys, raw, modem)
            return await self._accept(salvaged, received_at_ms, network) if salvaged else opened
        return await self._take_opened(opened, raw, received_at_ms, network)

    async def _take_opened(
        self, opened: Opened, payload: bytes, received_at_ms: int, network: NetworkDelay | None = None
    ) -> Taken | Rejected:
        press = open_press(self._keys, opened)
        if isinstance(press, Rejected):
            arrival = arrival_of(opened, payload, received_at_ms)
            if await self._rejections.list(press, arrival, received_at_ms) and opened.in_custody:
                self._answers.refused(press.raw, press.reason, opened.gateway)
            return press
        return await self._accept(press, received_at_ms, network)

    async def _accept(self, press: VerifiedPress, received_at_ms: int, network: NetworkDelay | None = None) -> Taken:
        known = Circumstances(
            started_ms=self._boots.boot_started_ms(press.identity.device, press.press.body.boot_id),
            network=network,
            proven=press.texter is not None and self._boots.is_proven(press.texter),
            restored_at_ms=self._restored_at_ms,
        )
        taken = await self._store.submit(partial(take_press, press=press, at_ms=received_at_ms, known=known))
        fail_point(CENTRE_AFTER_COMMIT_BEFORE_RECEIPT)
        self._on_taken(press.identity, taken)
        self._answer(press, taken)
        if taken.fresh:
            device = topics.device_name(press.identity.device)
            _log.info("alarm", alarm_id=taken.alarm, incident=taken.incident, device=device, flags=names(taken.flags))
        return taken

    def _answer(self, press: VerifiedPress, taken: Taken) -> None:
        """By MQTT through whom it came, or through whom its button was heard; by SMS what was granted."""
        via = press.via
        if via is None and press.texted:
            via = self._boots.via(press.identity.device)
        self._answers.press_taken(press.identity, taken.standing, taken.repeats, press.button, press.gateway, via)
        if taken.granted is not None and self._texts is not None:
            known = {one.device: one for one in (press.button, press.gateway) if one is not None}
            addressees = [known[device] for device in taken.granted.devices]
            self._texts.text(press.identity, taken.repeats, taken.granted.number, addressees)


def arrival_of(opened: Opened, payload: bytes, received_at_ms: int) -> Arrival:
    """When the bytes in an envelope reached the gateway, as far as the envelope tells."""
    envelope = opened.envelope
    if not opened.in_custody or envelope.held_ms == UNKNOWN_MS:
        return sent_once(payload, received_at_ms)
    return Arrival(digest(envelope.inner), received_at_ms - envelope.held_ms, CUSTODY_ARRIVAL_TOLERANCE_MS)
