"""Delivery: a press goes out at once and again until the centre's signed word comes back.

Only a receipt ends it: no PUBACK and no hop answer does. The journal keeps what the centre has
not confirmed, whatever else must go; what it has confirmed stays for a restore of the centre.
"""

from kentongan_button.core.journal import CAPACITY, Entry, Journal
from kentongan_wire.press import (
    NONCE_SIZE,
    PATH_MQTT,
    PATH_SMS,
    SENDING_JOURNAL_OVERFLOW,
    SENDING_OFFERED_AGAIN,
    SIGNAL_UNKNOWN_DBM,
    Press,
    PressBody,
    PressIdentity,
    PressSending,
)
from kentongan_wire.receipts import LEVEL_CLOSED, LEVEL_NONE, LEVEL_RECEIVED, Receipt, Stored
from kentongan_wire.supervision import BUTTON_JOURNAL_OVERFLOW, BUTTON_LATCH_NOT_RESET

RETRY_MS = (2_000, 4_000, 8_000, 10_000)  # without *received*: 2 s, then doubling to 10 s (architecture)
STORED_RETRY_MS = 5_000  # least wait while the gateway holds the press: it retries itself every 2 s
PROVEN_MS = 20_000  # a path without an end-to-end answer for so long is unproven (architecture)
KEEP_MS = 7 * 86_400_000  # received presses are offered again after a restore for 7 days (PROTOCOL)
REVIEW_MS = 600_000  # what a restored centre is offered again over a path that it has just proven: no hurry to text it
LAZY_SAVE_MS = 2_000  # what a crash may lose without harm is written together: bounds flash wear
SAVE_RETRY_MS = 10_000  # after a failed write: bounds how often a dying flash stalls us
ATTEMPT_MAX = 0xFFFF  # two bytes on the wire

# What became of a receipt.
RECEIPT_APPLIED = 0  # level or revision changed
RECEIPT_STALE = 1  # nothing newer than what is known
RECEIPT_UNKNOWN = 2  # no such press here, or another device's
RECEIPT_OTHER_INCARNATION = 3  # a replay, or the centre was restored: ask it by a heartbeat


class Delivery:
    """The presses of one device on their way.

    After every call that may change the journal, look at `next_save_ms`: an int asks for
    `journal.pieces()` to be written by then, without holding back what is to be sent.
    """

    def __init__(self, device: int, boot_id: int, journal: Journal) -> None:
        self.journal = journal
        self.next_save_ms: int | None = None
        self._device = device
        self._boot_id = boot_id
        self._proven_ms = -PROVEN_MS - 1

    # --- what the journal says -------------------------------------------------------------

    @property
    def latched(self) -> bool:
        """A press stands that no key has reset."""
        return self.journal.latch is not None

    @property
    def newest(self) -> Entry | None:
        """The entry of the newest press."""
        return self.journal.entries[-1] if self.journal.entries else None

    @property
    def undelivered(self) -> int:
        """Presses that the centre has not confirmed."""
        return len([entry for entry in self.journal.entries if entry.level == LEVEL_NONE])

    @property
    def newest_press(self) -> PressIdentity | None:
        """The press that the lamp follows; None when no press is kept."""
        newest = self.newest
        return newest.identity(self._device) if newest else None

    @property
    def newest_receipt(self) -> tuple[int, bytes, int, int]:
        """(sequence, nonce, level, revision) of the newest press, zeros without one: for the heartbeat."""
        newest = self.newest
        if newest is None:
            return (0, bytes(NONCE_SIZE), 0, 0)
        body = newest.body
        return (body.sequence, body.nonce, newest.level, newest.revision)

    @property
    def flags(self) -> int:
        """`BUTTON_…` bits that delivery knows of."""
        newest = self.newest
        flags = BUTTON_JOURNAL_OVERFLOW if self.journal.overflow else 0
        if self.latched and newest and newest.level >= LEVEL_CLOSED:
            flags |= BUTTON_LATCH_NOT_RESET
        return flags

    # --- presses ---------------------------------------------------------------------------

    def offer(self, body: PressBody, now_ms: int) -> Entry:
        """A new press: due at once, latched. Returns its entry, or the one that it was merged into.

        Room is made by forgetting the oldest received press. When there is none, the newest
        counts one more and every later frame says that the journal overflowed.
        """
        entries = self.journal.entries
        if len(entries) >= CAPACITY:
            received = [entry for entry in entries if not entry.pending()]
            if received:
                entries.remove(received[0])
        if len(entries) < CAPACITY:
            entry = Entry(body)
            entries.append(entry)
        else:
            entry = entries[-1]
            entry.repeat()
            entry.again = 0  # this one is for panic
            self.journal.overflow = True
        entry.next_ms = now_ms
        if not entry.attempt:
            entry.since_ms = now_ms
        if self.journal.latch is None:
            self.journal.latch = (entry.body.sequence, entry.body.nonce)
        self._save_by(now_ms)
        return entry

    def repeat(self, now_ms: int) -> bool:
        """Merge a press again into the newest; False when that is answered for: offer a new one.

        A press that the centre has is sent once more, so that it learns of the count.
        """
        newest = self.newest
        if newest is None or newest.level > LEVEL_RECEIVED or newest.again:
            return False
        newest.repeat()
        if newest.level != LEVEL_NONE:
            newest.next_ms = max(newest.next_ms, now_ms)
        self._save_by(now_ms + LAZY_SAVE_MS)
        return True

    def reset_latch(self, now_ms: int) -> None:
        """The key was turned."""
        self.journal.latch = None
        self._save_by(now_ms)

    # --- sending ---------------------------------------------------------------------------

    def next_send(self, now_ms: int, battery_mv: int = 0, signal_dbm: int = SIGNAL_UNKNOWN_DBM) -> Press | None:
        """The newest press that is due over the main path, as the attempt to send now; None when none is."""
        for entry in reversed(self.journal.entries):
            if entry.pending() and entry.next_ms <= now_ms:
                break
        else:
            return None
        wait_ms = RETRY_MS[min(entry.pace, len(RETRY_MS) - 1)]
        entry.pace += 1
        entry.next_ms = now_ms + (max(wait_ms, STORED_RETRY_MS) if entry.stored else wait_ms)
        return self._attempt(entry, PATH_MQTT, now_ms, battery_mv, signal_dbm)

    def held(self) -> "list[tuple[bytes, int]]":
        """What the second path asks for: (key, since when) of presses without *received*, newest first."""
        return [
            (entry.raw, entry.since_ms + REVIEW_MS * entry.again)
            for entry in reversed(self.journal.entries)
            if entry.level == LEVEL_NONE
        ]

    def text(self, key: bytes, now_ms: int, battery_mv: int, signal_dbm: int) -> Press | None:
        """The press of this key of `held` as the attempt to text now; None when it has been received."""
        entry = self.entry(key)
        if entry is None or entry.level != LEVEL_NONE:
            return None
        return self._attempt(entry, PATH_SMS, now_ms, battery_mv, signal_dbm)

    def entry(self, key: "bytes | None") -> Entry | None:
        """The press of this key of `held`."""
        for entry in self.journal.entries:
            if entry.raw == key:
                return entry
        return None

    def _attempt(self, entry: Entry, path: int, now_ms: int, battery_mv: int, signal_dbm: int) -> Press:
        entry.attempt = min(entry.attempt + 1, ATTEMPT_MAX)
        flags = SENDING_JOURNAL_OVERFLOW if self.journal.overflow else 0
        if entry.again:
            flags |= SENDING_OFFERED_AGAIN
        sending = PressSending(
            now_ms,
            self._boot_id,
            entry.attempt,
            entry.repeats,
            path,
            battery_mv,
            signal_dbm,
            entry.revision,
            flags,
        )
        return Press(entry.body, sending)

    def next_deadline(self) -> int | None:
        """Uptime of the earliest attempt; None when the centre knows everything."""
        waits = [entry.next_ms for entry in self.journal.entries if entry.pending()]
        return min(waits) if waits else None

    def link_up(self, now_ms: int) -> None:
        """A connection stands again: everything undelivered is due, by short retries."""
        for entry in self.journal.entries:
            if entry.pending():
                entry.pace = 0
                entry.stored = False
                entry.next_ms = now_ms

    # --- answers ---------------------------------------------------------------------------

    def handle_stored(self, stored: Stored, now_ms: int) -> bool:
        """The gateway (hop key verified) holds a press: retries slow down, nothing else."""
        entry = self._find(PressIdentity(self._device, stored.sequence, stored.nonce))
        if entry is None or not entry.pending():
            return False
        if not entry.stored:
            entry.stored = True
            entry.next_ms = max(entry.next_ms, now_ms + STORED_RETRY_MS)
        return True

    def handle_receipt(self, receipt: Receipt, now_ms: int) -> int:
        """The centre (MAC verified) says something about a press; returns `RECEIPT_…`."""
        entry = self._find(receipt.press)
        if entry is None or receipt.level == LEVEL_NONE:
            return RECEIPT_UNKNOWN
        if self.journal.incarnation == 0:
            self.journal.incarnation = receipt.incarnation
        if receipt.incarnation != self.journal.incarnation:
            return RECEIPT_OTHER_INCARNATION
        if receipt.repeats > entry.told:
            entry.told = receipt.repeats
            self._save_by(now_ms + LAZY_SAVE_MS)
        if receipt.revision <= entry.revision:
            return RECEIPT_STALE
        entry.level = receipt.level
        entry.revision = receipt.revision
        if self.next_deadline() is None:
            self.journal.overflow = False  # the last frames have told it
        self._save_by(now_ms + LAZY_SAVE_MS)
        return RECEIPT_APPLIED

    def learn_incarnation(self, incarnation: int, wall_ms: int, now_ms: int) -> bool:
        """A heartbeat answer (verified, to a heartbeat of ours) names the centre's incarnation.

        When it changed, the centre was restored from a backup: what it confirmed before may be
        lost, so every press of the last 7 days is offered again. True when it changed.
        """
        journal = self.journal
        if incarnation == journal.incarnation:
            return False
        restored = journal.incarnation != 0
        journal.incarnation = incarnation
        self._save_by(now_ms)
        if not restored:
            return False
        for entry in list(journal.entries):
            pressed_ms = entry.body.wall_ms
            if entry.level != LEVEL_NONE and 0 < pressed_ms < wall_ms - KEEP_MS:
                journal.entries.remove(entry)
                continue
            if entry.level != LEVEL_NONE:
                entry.again = 1
                entry.since_ms = now_ms
            entry.level = LEVEL_NONE
            entry.revision = 0
            entry.told = 0
        self.link_up(now_ms)
        return True

    # --- supervision -----------------------------------------------------------------------

    def heard_answer(self, now_ms: int) -> None:
        """A heartbeat of ours was answered end to end."""
        self._proven_ms = now_ms

    def path_proven(self, now_ms: int) -> bool:
        """True while the path to the centre is known to work."""
        return now_ms - self._proven_ms <= PROVEN_MS

    # --- saving ----------------------------------------------------------------------------

    def saved(self, now_ms: int, failed: bool = False) -> None:
        """What `journal.pieces()` gave since the last change is in the store, or failed to get there."""
        self.next_save_ms = now_ms + SAVE_RETRY_MS if failed else None

    def _save_by(self, at_ms: int) -> None:
        if self.next_save_ms is None or at_ms < self.next_save_ms:
            self.next_save_ms = at_ms

    def _find(self, press: PressIdentity) -> Entry | None:
        for entry in self.journal.entries:
            if entry.identity(self._device) == press:
                return entry
        return None
