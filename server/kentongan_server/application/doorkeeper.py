"""Shuts the broker's door to a sender that floods, before its messages can stand in front of anybody's alarm.

A shut door costs no press: custody sends again until it is answered, and texts after two seconds.
Judged is what a message came to, never that it came: new alarms shut no door, however many they are.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from kentongan_host.log import logger
from kentongan_server.application.ports import Clock
from kentongan_server.application.take import Taken
from kentongan_server.domain.doors import Doors

_log = logger("kentongan.doors")


class Doorkeeper:
    """Watches what messages come to.

    Args:
        shut: makes the broker refuse what these senders, and no others, publish; never raises.
    """

    def __init__(self, clock: Clock, shut: Callable[[frozenset[str]], None]) -> None:
        self._clock = clock
        self._shut = shut
        self._doors = Doors()

    @property
    def shut(self) -> frozenset[str]:
        """Whose door is shut."""
        return self._doors.shut

    def watch(self, take: Callable[[str, bytes], Awaitable[object]]) -> Callable[[str, bytes], Awaitable[None]]:
        """The same handler of an alarm lane, watched."""

        async def watched(topic: str, payload: bytes) -> None:
            taken = await take(topic, payload)
            if not (isinstance(taken, Taken) and taken.fresh):
                self.useless(topic.split("/", 2)[1])

        return watched

    def useless(self, sender: str) -> None:
        """Counts a message that brought no new alarm; also a report that found no room."""
        if self._doors.useless(sender, self._clock.monotonic_ms()):
            _log.error("a sender floods, its door is to be shut for a while", source=sender)
            self._shut(self._doors.shut)

    def tick(self) -> None:
        """Call it every second: opens doors again."""
        if self._doors.open_again(self._clock.monotonic_ms()):
            self._shut(self._doors.shut)
