"""Custody: which presses the gateway must deliver, and when to try again. No I/O.

The store remembers; this module decides. It holds in memory only what is `held`:

    OFFERED by a button   RECEIPT made for us   REFUSAL of the bytes held   RESTORED centre
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from kentongan_gateway.core.moment import Moment, elapsed_ms
from kentongan_gateway.core.turns import Turns
from kentongan_wire.mac import frame_digest
from kentongan_wire.press import PressIdentity
from kentongan_wire.supervision import UNKNOWN_MS

# States of a press at the gateway, and the one table of their changes; a pair that is missing changes nothing.
ABSENT, HELD, RECEIVED, REFUSED = "absent", "held", "received", "refused"
OFFERED, RECEIPT, REFUSAL, RESTORED = "offered", "receipt", "refusal", "restored"
TRANSITIONS: Final = {
    (ABSENT, OFFERED): HELD,
    (HELD, OFFERED): HELD,  # a later attempt: its bytes replace the earlier ones
    (RECEIVED, OFFERED): HELD,  # the button has not heard of it: forward it again, the centre answers again
    (REFUSED, OFFERED): HELD,  # the button may have been enrolled meanwhile
    (HELD, RECEIPT): RECEIVED,
    (HELD, REFUSAL): REFUSED,
    (RECEIVED, RESTORED): HELD,  # the centre came back from a backup that may not know it
}

RETRY_FIRST_MS = 2_000  # after the first forward: the centre answers within 0.2 s (NUMBERS)
RETRY_MAX_MS = 10_000  # between later ones: bounds how long a press waits after the centre lost it
PER_DEVICE_MAX = 256  # held presses of one button: four times its journal; more is a flood that must not fill the disk
AGAIN_SHARE = 4  # of so many forwards one is a repeated one while some wait: a flood of new ones starves nobody's
REVIEW_MS = 600_000  # what a restored centre is offered again over a path that it has just proven: no hurry to text it
KEEP_MS = 7 * 24 * 3600 * 1000  # how long received presses are kept, to offer them to a restored centre


@dataclass(frozen=True, slots=True)
class Copy:
    """The bytes of one attempt as they came, and when."""

    raw: bytes
    arrived: Moment


class HeldRow(NamedTuple):
    """A press as the store held it.

    Attributes:
        identity: of the press.
        first: its first copy.
        latest: its latest copy.
        offered_again: another incarnation of the centre had confirmed it.
    """

    identity: PressIdentity
    first: Copy
    latest: Copy
    offered_again: bool = False


@dataclass(frozen=True, slots=True)
class Forward:
    """A press that is to be sent to the centre now.

    Attributes:
        identity: of the press.
        raw: one attempt of its button.
        held_ms: for how long we have that attempt, so that ages add up.
        offered_again: another incarnation of the centre had confirmed the press.
        arrived: when that attempt came.
    """

    identity: PressIdentity
    raw: bytes
    held_ms: int
    offered_again: bool
    arrived: Moment


@dataclass(slots=True, eq=False)
class _Held:
    """A press in custody.

    The first copy is kept beside the latest: should the latest be refused (forged with a stolen
    transport key, to push the real one out), the first still gets its chance.
    """

    identity: PressIdentity
    first: Copy
    latest: Copy
    arrival: int
    offered_again: bool = False
    retry_ms: int = RETRY_FIRST_MS
    review_ms: int | None = None  # uptime since when an offered again one counts as held for the second path
    turn: int = 0  # raised whenever it is queued anew, so that older entries of the heap mean nothing
    refused: set[bytes] = field(default_factory=set)

    def offered(self) -> Copy:
        """The copy to forward: the latest that was not refused."""
        return self.first if frame_digest(self.latest.raw) in self.refused else self.latest


class Custody:
    """The presses held.

    New ones go in their order of arrival, the devices in turn; what is sent again (no answer yet,
    or the link was down) goes newest first, the devices in turn as well.

    Attributes:
        incarnation: of the centre, as last confirmed by an answer to a report of ours; None before.
    """

    def __init__(self) -> None:
        self.incarnation: int | None = None
        self._held: dict[PressIdentity, _Held] = {}
        self._by_digest: dict[bytes, PressIdentity] = {}
        self._per_device: Counter[int] = Counter()
        self._fresh: Turns[PressIdentity] = Turns()
        self._again: Turns[PressIdentity] = Turns()
        self._retries: list[tuple[int, int, int, PressIdentity]] = []  # heap: due ms, tie-break, turn
        self._ties = 0
        self._arrivals = 0
        self._fresh_in_row = 0

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, identity: PressIdentity) -> bool:
        return identity in self._held

    def holds(self, identity: PressIdentity, raw: bytes) -> bool:
        """Whether these very bytes are held already (a redelivery): nothing to write, nothing to forward anew."""
        held = self._held.get(identity)
        return held is not None and raw in {held.first.raw, held.latest.raw}

    def admits(self, identity: PressIdentity) -> bool:
        """Whether there is room for this press: always for one already held."""
        return identity in self._held or self._per_device[identity.device] < PER_DEVICE_MAX

    def committed(self, identity: PressIdentity, copy: Copy) -> None:
        """The store has this copy on disk: it is ours to deliver, and due at once."""
        held = self._held.get(identity)
        if held is None:
            self._arrivals += 1
            held = self._held[identity] = _Held(identity, first=copy, latest=copy, arrival=self._arrivals)
            self._per_device[identity.device] += 1
        else:
            self._forget_digest(held.latest, unless=held.first)
            held.latest = copy
            held.refused &= {frame_digest(held.first.raw)}
        self._by_digest[frame_digest(copy.raw)] = identity
        self._make_ready(held)

    def load(self, rows: Iterable[HeldRow]) -> None:
        """Takes over what the store held, oldest first."""
        for identity, first, latest, offered_again in rows:
            if identity not in self._held:  # else a button was quicker and brought newer bytes
                self.committed(identity, first)
                if latest.raw != first.raw:
                    self.committed(identity, latest)
                self._held[identity].offered_again = offered_again

    def link_up(self) -> None:
        """The centre can be reached again: everything is due, the newest first."""
        self._fresh.clear()
        self._again.clear()
        self._retries.clear()
        for held in reversed(self._held.values()):
            held.retry_ms = RETRY_FIRST_MS
            held.turn += 1
            self._again.put(held.identity.device, held.identity)

    def due(self, now: Moment, limit: int) -> list[Forward]:
        """Up to `limit` presses to forward now; each comes again after its retry time unless it ends before."""
        self._queue_retries(now.uptime_ms)
        forwards: list[Forward] = []
        while len(forwards) < limit and (held := self._next_ready()) is not None:
            forwards.append(self.forward(held.identity, now))
            self._schedule(held, now.uptime_ms)
        return forwards

    def forward(self, identity: PressIdentity, now: Moment) -> Forward:
        """A press of ours as it would be sent now, by whatever path.

        Raises:
            KeyError: it is not held.
        """
        held = self._held[identity]
        copy = held.offered()
        return Forward(identity, copy.raw, elapsed_ms(copy.arrived, now), held.offered_again, copy.arrived)

    def held_since(self, now: Moment) -> list[tuple[PressIdentity, int]]:
        """(press, uptime of its arrival) of all that is held: the newest of each device, then each one's next.

        One whose age nobody can tell counts from the start of this boot: it has waited long enough.
        One that is offered again counts from `REVIEW_MS` after the first look at it.
        """
        depth: Counter[int] = Counter()
        rounds: list[list[tuple[PressIdentity, int]]] = []
        for held in reversed(self._held.values()):
            device = held.identity.device
            if depth[device] == len(rounds):
                rounds.append([])
            rounds[depth[device]].append((held.identity, _since_ms(held, now)))
            depth[device] += 1
        return [press for one in rounds for press in one]

    def next_due_ms(self) -> int | None:
        """Uptime at which `due` has something; 0 for now, None while nothing waits."""
        if self._fresh or self._again:
            return 0
        return self._next_retry_ms()

    def receipt(self, identity: PressIdentity) -> bool:
        """The centre has it. True when it was held (it is not any more)."""
        held = self._held.pop(identity, None)
        if held is None:
            return False
        for queue in (self._fresh, self._again):
            queue.discard(identity.device, identity)
        self._forget_digest(held.latest)
        self._forget_digest(held.first)
        self._per_device[identity.device] -= 1
        return True

    def refusal(self, digest: bytes) -> PressIdentity | None:
        """The centre will never take these bytes. The press when it has thereby ended, else None."""
        identity = self._by_digest.get(digest)
        held = self._held.get(identity) if identity is not None else None
        if identity is None or held is None:
            return None
        held.refused.add(digest)
        if {frame_digest(held.latest.raw), frame_digest(held.first.raw)} <= held.refused:
            self.receipt(identity)  # out of memory the same way
            return identity
        self._make_ready(held)
        return None

    def oldest_ms(self, now: Moment) -> int:
        """How long the oldest press has been held; 0 when none is, `UNKNOWN_MS` when nobody can tell."""
        ages = [elapsed_ms(held.first.arrived, now) for held in self._held.values()]
        known = [age for age in ages if age != UNKNOWN_MS]
        return max(known) if known else (UNKNOWN_MS if ages else 0)

    def _next_retry_ms(self) -> int | None:
        """When the first of the heap is due, after dropping what ended or was queued anew meanwhile."""
        while self._retries:
            due_ms, _, turn, identity = self._retries[0]
            held = self._held.get(identity)
            if held is not None and held.turn == turn:
                return due_ms
            heapq.heappop(self._retries)
        return None

    def _queue_retries(self, now_ms: int) -> None:
        """Queues what is due once more, the newest first."""
        due: list[_Held] = []
        while (due_ms := self._next_retry_ms()) is not None and due_ms <= now_ms:
            due.append(self._held[heapq.heappop(self._retries)[-1]])
        for held in sorted(due, key=lambda held: -held.arrival):
            self._again.put(held.identity.device, held.identity)

    def _next_ready(self) -> _Held | None:
        """What goes next: the new before the repeated, except for the share that those are sure of."""
        queue = self._fresh if self._fresh and self._fresh_in_row < AGAIN_SHARE - 1 else self._again or self._fresh
        if not queue:
            return None
        self._fresh_in_row = self._fresh_in_row + 1 if queue is self._fresh else 0
        return self._held[queue.pop()]

    def _make_ready(self, held: _Held) -> None:
        held.turn += 1
        self._again.discard(held.identity.device, held.identity)
        self._fresh.put(held.identity.device, held.identity)

    def _schedule(self, held: _Held, now_ms: int) -> None:
        held.turn += 1
        self._ties += 1
        heapq.heappush(self._retries, (now_ms + held.retry_ms, self._ties, held.turn, held.identity))
        held.retry_ms = min(held.retry_ms * 2, RETRY_MAX_MS)

    def _forget_digest(self, copy: Copy, unless: Copy | None = None) -> None:
        if unless is None or copy.raw != unless.raw:
            self._by_digest.pop(frame_digest(copy.raw), None)


def _since_ms(held: _Held, now: Moment) -> int:
    """Uptime since when a press counts as held for the second path."""
    if held.offered_again:
        if held.review_ms is None:
            held.review_ms = now.uptime_ms + REVIEW_MS
        return held.review_ms
    age_ms = elapsed_ms(held.first.arrived, now)
    return 0 if age_ms == UNKNOWN_MS else now.uptime_ms - age_ms
