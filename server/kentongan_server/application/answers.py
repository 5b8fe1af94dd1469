"""The centre's signed word on its way down: receipts, refusals, heartbeat answers and commands."""

from __future__ import annotations

from collections.abc import Iterable

from kentongan_server.application.ports import AlarmRef, Clock, Enrolled, KeyRing, Outbox
from kentongan_server.domain.receipt_level import Standing
from kentongan_server.domain.verdict import REFUSAL_CODES, Reason
from kentongan_wire import frame, topics
from kentongan_wire.command import Command
from kentongan_wire.keys import ROLE_BUTTON
from kentongan_wire.mac import frame_digest
from kentongan_wire.press import PressIdentity
from kentongan_wire.receipts import Receipt, Refusal
from kentongan_wire.record import Payload
from kentongan_wire.supervision import Behind, HeartbeatAnswer


class Answers:
    """Signs and queues what the centre says. Call it only after the commit that makes it true.

    Args:
        incarnation: of this centre's store; devices offer their presses again when it changes.
    """

    def __init__(self, keys: KeyRing, outbox: Outbox, clock: Clock, incarnation: int) -> None:
        self._keys = keys
        self._outbox = outbox
        self._clock = clock
        self._incarnation = incarnation

    def press_taken(
        self,
        identity: PressIdentity,
        standing: Standing,
        repeats: int,
        button: Enrolled,
        gateway: Enrolled | None,
        via: int | None,
    ) -> None:
        """One receipt for the button, by the lane it came on; one that ends the custody of a gateway we believe."""
        if via is None:
            return
        receipt = self._receipt(identity, standing, repeats)
        frames = [sealed(receipt, one) for one in (button, gateway) if one is not None]
        self._outbox.send(via, topics.ALARM, frames)

    def standing_of(self, alarm: AlarmRef, gateways: Iterable[int]) -> None:
        """Tells the button how far the answer to its press has come, through every gateway that may reach it."""
        button = self._keys.find(alarm.identity.device, alarm.key_id)
        # The key epoch was erased, or nobody pressed (the centre's own alarms): nobody is there to read a receipt.
        if button is None or button.role != ROLE_BUTTON:
            return
        receipt = sealed(self._receipt(alarm.identity, alarm.standing, alarm.repeats), button)
        for gateway in gateways:
            self._outbox.send(gateway, topics.ALARM, [receipt])

    def refused(self, raw: bytes, reason: Reason, gateway: Enrolled) -> None:
        """Ends the gateway's custody of exactly these bytes."""
        refusal = Refusal(frame_digest(raw), REFUSAL_CODES[reason])
        self._outbox.send(gateway.device, topics.ALARM, [sealed(refusal, gateway)])

    def heard(self, device: Enrolled, counter: int, boot_id: int) -> bytes:
        """The answer to a heartbeat or site report, for a bundle on the report lane."""
        return sealed(HeartbeatAnswer(counter, boot_id, self._clock.wall_ms(), self._incarnation), device)

    def behind(self, device: Enrolled, counter: int, boot_id: int) -> bytes:
        """Tells a device whose counters were lost above which it must go on; for a bundle on the report lane."""
        return sealed(Behind(counter, boot_id), device)

    def bundle(self, gateway: Enrolled, frames: list[bytes]) -> None:
        """Sends answers made by `heard` and `behind`."""
        self._outbox.send(gateway.device, topics.REPORT, frames)

    def command(self, command: Command, button: Enrolled, gateway: int) -> None:
        """Asks a button for something."""
        self._outbox.send(gateway, topics.REPORT, [sealed(command, button)])

    def receipt(self, identity: PressIdentity, standing: Standing, repeats: int, addressee: Enrolled) -> bytes:
        """A signed receipt for one device, to be carried by another path."""
        return sealed(self._receipt(identity, standing, repeats), addressee)

    def _receipt(self, identity: PressIdentity, standing: Standing, repeats: int) -> Receipt:
        return Receipt(identity, standing.level, standing.revision, self._clock.wall_ms(), self._incarnation, repeats)


def sealed(payload: Payload, addressee: Enrolled) -> bytes:
    """A frame for this device, signed with its down-link key."""
    return frame.seal(payload, addressee.device, addressee.key_id, addressee.keys.down_link)
