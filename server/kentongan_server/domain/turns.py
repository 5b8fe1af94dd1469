"""Messages of many senders in turns: whoever sends thousands delays the others by one message each."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Generic, TypeVar

Message = TypeVar("Message")

# Messages of one sender that wait. A gateway has at most 256 presses of one button unanswered and
# repeats every one; who sends more than this at once is flooding.
EACH_MAX = 2_000


class Turns(Generic[Message]):
    """A queue that goes round its senders.

    Attributes:
        dropped: messages for which their sender's part was full; senders repeat what is not answered.
    """

    def __init__(self, each_max: int = EACH_MAX) -> None:
        self._waiting: OrderedDict[str, deque[Message]] = OrderedDict()
        self._each_max = each_max
        self._count = 0
        self.dropped = 0

    def __len__(self) -> int:
        return self._count

    def put(self, sender: str, message: Message) -> bool:
        """Queues a message behind those of the same sender; False when there is no room for it."""
        queue = self._waiting.setdefault(sender, deque())
        if len(queue) >= self._each_max:
            self.dropped += 1
            return False
        queue.append(message)
        self._count += 1
        return True

    def next(self) -> Message | None:
        """The message whose turn it is; None when none waits."""
        if not self._waiting:
            return None
        sender, queue = self._waiting.popitem(last=False)
        message = queue.popleft()
        self._count -= 1
        if queue:
            self._waiting[sender] = queue
        return message
