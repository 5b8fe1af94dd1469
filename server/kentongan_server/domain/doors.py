"""Whose door at the broker is shut for a while: senders of more useless messages than any gateway of ours sends."""

from __future__ import annotations

from collections import Counter

SECOND_MS = 1_000
# Messages of one sender in a second that brought no new alarm. A gateway passes on 20 refused frames
# and, with 500 buttons pressed and no answer getting down, 250 repeats; four times that is no gateway's.
USELESS_A_SECOND = 1_000
SHUT_FIRST_MS = 30_000  # then twice as long each time: one that was merely confused is heard again soon
SHUT_MAX_MS = 600_000  # a flood that goes on reaches the lane for about a second in each ten minutes
FORGIVEN_AFTER_MS = 600_000  # of being open and quiet: the next time counts as the first


class Doors:
    """Counts what each sender wastes and says whose door is shut; new alarms are never counted, at any rate."""

    def __init__(self) -> None:
        self._second_began_ms = 0
        self._useless: Counter[str] = Counter()
        self._until_ms: dict[str, int] = {}
        self._times: dict[str, tuple[int, int]] = {}  # how often in a row, and when it opens or opened again

    @property
    def shut(self) -> frozenset[str]:
        """Whose door is shut."""
        return frozenset(self._until_ms)

    def useless(self, sender: str, now_ms: int) -> bool:
        """Counts a message that brought no new alarm; whether the door is shut because of this one."""
        if sender in self._until_ms:
            return False  # what was on its way when it was shut
        if now_ms - self._second_began_ms >= SECOND_MS:
            self._second_began_ms = now_ms
            self._useless.clear()
        self._useless[sender] += 1
        if self._useless[sender] <= USELESS_A_SECOND:
            return False
        times, opened_ms = self._times.get(sender, (0, now_ms))
        if now_ms - opened_ms >= FORGIVEN_AFTER_MS:
            times = 0
        until_ms = now_ms + min(SHUT_FIRST_MS << times, SHUT_MAX_MS)
        self._times[sender] = (times + 1, until_ms)
        self._until_ms[sender] = until_ms
        del self._useless[sender]
        return True

    def open_again(self, now_ms: int) -> bool:
        """Opens those whose time is over; whether there were any."""
        over = [sender for sender, until_ms in self._until_ms.items() if until_ms <= now_ms]
        for sender in over:
            del self._until_ms[sender]
        for sender, (_, opened_ms) in tuple(self._times.items()):
            if now_ms - opened_ms >= FORGIVEN_AFTER_MS:
                del self._times[sender]
        return bool(over)
