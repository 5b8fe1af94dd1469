"""When a heartbeat is due, what it says, and whether an answer answers it."""

from kentongan_wire.press import SIGNAL_UNKNOWN_DBM
from kentongan_wire.supervision import Heartbeat, HeartbeatAnswer

HEARTBEAT_MS = 8_000  # docs/architecture.md: two may be lost before 20 s without an answer
SPACING_MS = 1_000  # least time between two: bounds what a flapping input can send
OUTSTANDING_MAX = 4  # heartbeats whose answer still counts
ANSWER_MS = 20_000  # an answer later than this proves nothing any more (path unproven after 20 s)
UNDELIVERED_MAX = 255  # one byte on the wire


class Heartbeats:
    """The schedule, and the memory of what was sent in this boot."""

    def __init__(self, boot_id: int, firmware: int) -> None:
        self._boot_id = boot_id
        self._firmware = firmware
        self._sent: list[tuple[int, int]] = []  # (counter, uptime), oldest first
        self._last_ms = -HEARTBEAT_MS
        self._last_state = -1
        self._asked = False

    def ask(self) -> None:
        """Send the next one as soon as the spacing allows (REPORT_NOW, reconnect, new incarnation)."""
        self._asked = True

    def deadline_ms(self, state: int) -> int:
        """Uptime at which the next heartbeat is due, given the state bits of now."""
        hurry = self._asked or state != self._last_state
        return self._last_ms + (SPACING_MS if hurry else HEARTBEAT_MS)

    def make(
        self,
        counter: int,
        state: int,
        wall: tuple[int, int],
        newest: tuple[int, bytes, int, int],
        undelivered: int,
        now_ms: int,
        battery_mv: int = 0,
        signal_dbm: int = SIGNAL_UNKNOWN_DBM,
    ) -> Heartbeat:
        """The heartbeat to send now.

        Args:
            counter: from the store's heartbeat counter, never used before.
            state: `BUTTON_…` bits.
            wall: what `WallClock.read` gives.
            newest: what `Delivery.newest_receipt` gives: (sequence, nonce, level, revision).
            undelivered: presses without *received*.
            now_ms: uptime.
            battery_mv: 0 when unknown.
            signal_dbm: -128 when unknown.
        """
        self._sent.append((counter, now_ms))
        self._sent = self._sent[-OUTSTANDING_MAX:]
        self._last_ms = now_ms
        self._last_state = state
        self._asked = False
        return Heartbeat(
            counter,
            self._boot_id,
            now_ms,
            wall[0],
            wall[1],
            state,
            battery_mv,
            signal_dbm,
            min(undelivered, UNDELIVERED_MAX),
            newest[0],
            newest[1],
            newest[2],
            newest[3],
            self._firmware,
        )

    def answered(self, answer: HeartbeatAnswer, now_ms: int) -> int | None:
        """The round trip in ms when this (verified) answer is to a heartbeat of ours, else None.

        Each heartbeat is answered once, and an answer to a newer one ends the wait for the older,
        so a replayed or long delayed answer proves no path and sets no clock.
        """
        if answer.boot_id != self._boot_id:
            return None
        for index in range(len(self._sent)):
            counter, sent_ms = self._sent[index]
            if counter == answer.counter:
                self._sent = self._sent[index + 1 :]
                return now_ms - sent_ms if now_ms - sent_ms <= ANSWER_MS else None
        return None
