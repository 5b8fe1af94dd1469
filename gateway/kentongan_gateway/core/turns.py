"""Devices take turns: nobody's flood stands before another's press. No I/O."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Item = TypeVar("Item")

WAITING_MAX = 64  # messages of one device that wait for us: four times what a whole journal sends at once
UNDERWAY_MAX = 16  # of those, at work at once (disk, hop answer): bounds what stands before another's press


class Turns(Generic[Key]):
    """A queue of many devices: first in, first out for one device, and the devices in turn.

    With one key a device it is a plain queue. A device with a thousand keys delays each other one
    by one key a round.
    """

    def __init__(self) -> None:
        self._lines: OrderedDict[int, OrderedDict[Key, None]] = OrderedDict()

    def __len__(self) -> int:
        return sum(len(line) for line in self._lines.values())

    def __bool__(self) -> bool:
        return bool(self._lines)

    def __iter__(self) -> Iterator[Key]:
        """All keys, in no order that means anything."""
        for line in self._lines.values():
            yield from line

    def put(self, device: int, key: Key) -> None:
        """Queues a key at its device's end; one that waits already keeps its place."""
        self._lines.setdefault(device, OrderedDict())[key] = None

    def pop(self) -> Key:
        """The next key.

        Raises:
            KeyError: nothing waits.
        """
        device, line = self._lines.popitem(last=False)
        key, _ = line.popitem(last=False)
        if line:
            self._lines[device] = line
        return key

    def discard(self, device: int, key: Key) -> None:
        """Takes a key out, if it is there."""
        line = self._lines.get(device)
        if line is not None:
            line.pop(key, None)
            if not line:
                del self._lines[device]

    def clear(self) -> None:
        """Takes all out."""
        self._lines.clear()


class Admission(Generic[Item]):
    """Messages of the site's buttons on their way in.

    Attributes:
        dropped: how many found no room since the start; their button keeps its press and tries again.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self._lines: OrderedDict[int, deque[Item]] = OrderedDict()
        self._underway: Counter[int] = Counter()

    def put(self, device: int, item: Item) -> bool:
        """Queues a message; False when too many of that device wait already."""
        line = self._lines.setdefault(device, deque())
        if len(line) >= WAITING_MAX:
            self.dropped += 1
            return False
        line.append(item)
        return True

    def take(self) -> Item | None:
        """The next message of the next device that is not busy; None when there is none."""
        for device, line in self._lines.items():
            if self._underway[device] < UNDERWAY_MAX:
                item = line.popleft()
                self._lines.move_to_end(device)
                if not line:
                    del self._lines[device]
                return item
        return None

    def begun(self, device: int) -> None:
        """Something of this device is at work."""
        self._underway[device] += 1

    def ended(self, device: int) -> None:
        """It is done: `take` may have more."""
        self._underway[device] -= 1
        if not self._underway[device]:
            del self._underway[device]
