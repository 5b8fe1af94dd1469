"""What the centre asks of buttons."""

from __future__ import annotations

from kentongan_server.application.answers import Answers
from kentongan_server.application.ports import Clock, KeyRing, Store
from kentongan_server.application.roll import Roll
from kentongan_server.domain.errors import CentreError, NotFoundError
from kentongan_wire import topics
from kentongan_wire.command import COMMAND_REPORT_NOW, Command

COMMAND_LIFE_MS = 30_000  # a request for a heartbeat is pointless once three of them came anyway


class NotHeardError(CentreError):
    """A command needs to know in which boot the button is."""

    code = "not-heard"


class Commands:
    """Signs commands, each bound to the boot that was heard last."""

    def __init__(self, keys: KeyRing, store: Store, answers: Answers, clock: Clock, roll: Roll) -> None:
        self._keys = keys
        self._store = store
        self._answers = answers
        self._clock = clock
        self._roll = roll

    async def report_now(self, device: int) -> None:
        """Asks a button for a heartbeat.

        Raises:
            NotFoundError: no such button in service.
            NotHeardError: it has never been heard, so nobody knows its boot.
            StoreError: the command's counter could not be committed.
        """
        member = self._roll.get(device)
        if member is None or member.vitals.via is None:
            raise NotHeardError(
                f"button {topics.device_name(device)} has not been heard yet.", "Connect it to its gateway first."
            )
        watch = member.watch
        button = self._keys.find(device, watch.key_id)
        if button is None:
            raise NotFoundError(f"there is no button {topics.device_name(device)}.")
        counter = await self._store.submit(lambda transaction: transaction.next_command(device))
        uptime_ms = self._clock.monotonic_ms() - watch.boot_started_ms
        command = Command(counter, watch.boot_id, uptime_ms + COMMAND_LIFE_MS, COMMAND_REPORT_NOW)
        self._answers.command(command, button, member.vitals.via)
