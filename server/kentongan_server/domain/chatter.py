"""Is a button pressed more often than a person presses? Then its contact chatters, or its key is stuck.

It goes on ringing (`domain.ringing` bounds how often); this only raises the trouble.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field

# Panicking people press some ten times; a firmware takes one press a second and latch at most. Twice what
# a person does, and a third of what a stuck contact does.
PRESSES_MAX = 20
WINDOW_MS = 60_000
CALM_AFTER_MS = 300_000  # without a press: a contact that chatters in the wind is one trouble, not one a gust
REMEMBERED_MAX = 64  # presses of one button whose repeats are counted on: twice what its journal holds


@dataclass(slots=True)
class _Presses:
    counted: deque[tuple[int, int]] = field(default_factory=deque)  # (when, how many)
    total: int = 0
    repeats: OrderedDict[bytes, int] = field(default_factory=OrderedDict)  # by nonce, as last counted
    last_ms: int = 0
    chatters: bool = False


class Chatter:
    """Counts presses of all buttons; times in ms on a clock that never jumps."""

    def __init__(self) -> None:
        self._buttons: dict[int, _Presses] = {}

    def chattered(self, device: int, now_ms: int) -> None:
        """Takes over from a process before: the trouble is open, and ends when the button has been calm."""
        self._buttons[device] = _Presses(last_ms=now_ms, chatters=True)

    def pressed(self, device: int, nonce: bytes, repeats: int, now_ms: int, *, fresh: bool) -> bool:
        """A press arrived; True when that makes its button a chattering one.

        One that is not `fresh` counts by its repeats since it was counted last; when it never was, this process
        did not hear its beginning and does not guess.
        """
        button = self._buttons.setdefault(device, _Presses())
        known = button.repeats.get(nonce)
        more = repeats - known if known is not None else repeats + 1 if fresh else 0
        button.repeats[nonce] = max(repeats, known or 0)
        button.last_ms = now_ms if more > 0 else button.last_ms
        if more <= 0:
            return False
        if len(button.repeats) > REMEMBERED_MAX:
            button.repeats.popitem(last=False)
        button.counted.append((now_ms, more))
        button.total += more
        while button.counted[0][0] <= now_ms - WINDOW_MS:
            button.total -= button.counted.popleft()[1]
        if button.chatters or button.total < PRESSES_MAX:
            return False
        button.chatters = True
        return True

    def calm(self, now_ms: int) -> list[int]:
        """Call it every second: which chattering buttons have been calm for long enough; forgets the calm ones."""
        gone = [device for device, one in self._buttons.items() if now_ms - one.last_ms >= CALM_AFTER_MS]
        return [device for device in gone if self._buttons.pop(device).chatters]
