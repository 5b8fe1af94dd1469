"""What the centre texts, by which modem, and when. No I/O.

Duty texts go before receipts, and a part of every modem's minute is theirs alone. Among equals the
number that was texted least within the last minute goes first. What a modem
could not send, one of another operator tries next. The centre never texts more than
`MINUTE_MAX` messages a minute and modem.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import Enum, IntEnum

MINUTE_MS = 60_000
MINUTE_MAX = 20  # texts a minute and modem: one takes some 3 s, and operators block SIMs that send far more
RECEIPTS_MINUTE_MAX = 15  # of them for receipts: whoever is on duty is told whatever else happens
WAITING_MAX = 500  # receipts that wait: two modems send 300 in the 10 min after which one is pointless
# Of them to one number. A gateway hears some 20 a minute; one stolen or chattering button must not fill the queue.
WAITING_OF_ONE_MAX = 100
RETRY_MS = 5_000  # before the same message again: a modem's passing trouble, as in `second_path`
WAIT_MS = 30_000  # before a modem whose network takes nothing now is used again


class Priority(IntEnum):
    """What goes first."""

    DUTY = 0
    RECEIPT = 1


# priority → (how often it is tried, after how long it is pointless in ms). A holder of a press texts
# it again within 10 min; who is on duty wants to know for longer.
PATIENCE = {Priority.DUTY: (6, 1_800_000), Priority.RECEIPT: (3, 600_000)}


class Outcome(Enum):
    """What became of one try."""

    SENT = "sent"
    RETRY = "retry"  # the same may work in a moment
    REROUTE = "reroute"  # this operator does not take it
    WAIT = "wait"  # the network takes nothing now
    UNKNOWN = "unknown"  # it may have gone out


@dataclass(slots=True, eq=False)
class Job:
    """One message to one number; `refused_by` are operators that did not take it."""

    number: str
    text: str
    priority: Priority
    at_ms: int
    due_ms: int
    tries: int = 0
    refused_by: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Minute:
    """When one modem has sent, by priority, and from when it may send again."""

    sent: deque[tuple[int, Priority, str]] = field(default_factory=deque)
    pause_until_ms: int = 0

    def forget(self, now_ms: int) -> None:
        while self.sent and now_ms - self.sent[0][0] >= MINUTE_MS:
            self.sent.popleft()

    def room(self, priority: Priority) -> bool:
        receipts = sum(one is Priority.RECEIPT for _, one, _ in self.sent)
        return len(self.sent) < MINUTE_MAX and (priority is not Priority.RECEIPT or receipts < RECEIPTS_MINUTE_MAX)


class SmsQueue:
    """Messages that wait for a modem. All times are monotonic ms.

    Attributes:
        dropped: messages that were never sent: too many waited, or they became pointless.
    """

    def __init__(self) -> None:
        self._waiting: list[Job] = []
        self._minutes: dict[str, _Minute] = {}
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, number: str, text: str, priority: Priority, now_ms: int) -> bool:
        """Queues a message; False when there is no room for another receipt, or the same one waits already."""
        if any(job.number == number and job.text == text for job in self._waiting):
            return False
        if priority is Priority.RECEIPT and self._is_full(number):
            self.dropped += 1
            return False
        self._waiting.append(Job(number, text, priority, now_ms, now_ms))
        return True

    def next(self, modem: str, operator: str, working: Collection[str], now_ms: int) -> Job | None:
        """Takes what this modem sends now; None when nothing.

        Args:
            modem: its name.
            operator: its SIM's.
            working: operators of all modems that work, this one's as well.
            now_ms: monotonic ms.
        """
        self._forget_pointless(now_ms)
        minute = self._minutes.setdefault(modem, _Minute())
        minute.forget(now_ms)
        if now_ms < minute.pause_until_ms:
            return None
        chosen = [
            job
            for job in self._waiting
            if job.due_ms <= now_ms and minute.room(job.priority) and _takes(job, operator, working)
        ]
        if not chosen:
            return None
        # Numbers take turns: whose button never stops keeps nobody else's receipt waiting behind its own.
        had = Counter(number for one in self._minutes.values() for _, _, number in one.sent)
        job = min(chosen, key=lambda one: (one.priority, had[one.number], one.at_ms))
        self._waiting.remove(job)
        return job

    def ended(self, job: Job, outcome: Outcome, modem: str, operator: str, now_ms: int) -> None:
        """Says what became of a job that `next` gave out."""
        minute = self._minutes.setdefault(modem, _Minute())
        if outcome in (Outcome.SENT, Outcome.UNKNOWN):
            minute.sent.append((now_ms, job.priority, job.number))
        if outcome is Outcome.SENT or (outcome is Outcome.UNKNOWN and job.priority is Priority.RECEIPT):
            return  # a receipt that may have gone out is not repeated: its quota is counted, its holder asks again
        if outcome is not Outcome.WAIT:  # a network that takes nothing is no fault of the message: time alone ends that
            job.tries += 1
        if job.tries >= PATIENCE[job.priority][0]:
            self.dropped += 1
            return
        if outcome is Outcome.WAIT:
            minute.pause_until_ms = now_ms + WAIT_MS
        at_once = outcome in (Outcome.REROUTE, Outcome.WAIT) and operator not in job.refused_by
        if outcome is not Outcome.UNKNOWN:
            job.refused_by.add(operator)
        job.due_ms = now_ms + (0 if at_once else RETRY_MS)
        self._waiting.append(job)

    def sent_last_minute(self, modem: str, now_ms: int) -> int:
        """How many messages this modem has sent within a minute."""
        minute = self._minutes.get(modem)
        if minute is None:
            return 0
        minute.forget(now_ms)
        return len(minute.sent)

    def _is_full(self, number: str) -> bool:
        waiting = len(self._waiting)
        return waiting >= WAITING_MAX or (
            waiting >= WAITING_OF_ONE_MAX and sum(job.number == number for job in self._waiting) >= WAITING_OF_ONE_MAX
        )

    def _forget_pointless(self, now_ms: int) -> None:
        kept = [job for job in self._waiting if now_ms - job.at_ms < PATIENCE[job.priority][1]]
        self.dropped += len(self._waiting) - len(kept)
        self._waiting = kept


def _takes(job: Job, operator: str, working: Collection[str]) -> bool:
    """Whether this operator is next for the job: one that has not refused it, or any when all have."""
    return operator not in job.refused_by or all(one in job.refused_by for one in working)
