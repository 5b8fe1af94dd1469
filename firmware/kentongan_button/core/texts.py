"""What this button texts: its presses and the plain sentence by the second path's rule, and its daily report."""

from typing import TYPE_CHECKING

from kentongan_wire.path_report import CAUSE_ASKED, CAUSE_PERIODIC
from kentongan_wire.second_path import TEXT_SENT, TEXT_SENTENCE, TEXT_UNKNOWN, SecondPath, Text

if TYPE_CHECKING:
    from kentongan_button.core.delivery import Delivery

TEXT_REPORT = 2  # beside the kinds of `second_path`

DAY_MS = 86_400_000  # a button's path reports (architecture)
MINUTE_MS = 60_000
MINUTES = 1_440  # of a day; each device has its own, so that no modem of the centre gets all at once
FIRST_REPORT_MS = 120_000  # after the start: a new button's path is proven while the technician is there
FIRST_SPREAD_S = 120  # a site's buttons start together when the power is back
REPORT_RETRY_MS = 600_000  # bounds what reports cost that the network refuses
ZONES = {0: "UTC", 420: "WIB", 480: "WITA", 540: "WIT"}  # minutes before UTC; Indonesia has no summer time


def timed(sentence: str, wall_ms: int, offset: int) -> str:
    """The sentence with the site's time of the press, which is `offset` minutes (of `ZONES`) before UTC.

    Without a time when it is unknown (0).
    """
    if not wall_ms:
        return sentence
    minutes = wall_ms // MINUTE_MS + offset
    return "%s %02d:%02d %s" % (sentence, minutes // 60 % 24, minutes % 60, ZONES[offset])


class Texts:
    """Decides; the modem's task asks `next` while the modem is free and tells what became of it.

    Attributes:
        cause: `CAUSE_…` of the next report.
    """

    def __init__(self, path: SecondPath, delivery: "Delivery", device: int) -> None:
        self._path = path
        self._delivery = delivery
        self._device = device
        self._report_ms = FIRST_REPORT_MS + device % FIRST_SPREAD_S * 1_000
        self._number = 0  # the centre's numbers take turns, so that a report proves both within two days
        self.cause = CAUSE_PERIODIC

    def ask(self, now_ms: int) -> None:
        """A technician wants a report now."""
        self._report_ms = now_ms
        self.cause = CAUSE_ASKED

    def next(self, now_ms: int, centre_numbers: "tuple[str, ...]") -> Text | None:
        """The next text; a report waits while a press does."""
        text = self._path.next_text(self._delivery.held(), self._delivery.path_proven(now_ms), now_ms)
        if text is None and now_ms >= self._report_ms:
            text = Text(None, TEXT_REPORT, centre_numbers[self._number % len(centre_numbers)])
        return text

    def outcome(self, text: Text, outcome: int, now_ms: int, wall_ms: int) -> None:
        """What became of a text (`TEXT_SENT` …); `wall_ms` is the time of day, 0 when unknown."""
        went = outcome in (TEXT_SENT, TEXT_UNKNOWN)
        if text.kind <= TEXT_SENTENCE:
            self._path.outcome(text, outcome, now_ms)
            return
        self._number += 1
        self._report_ms = now_ms + (self._to_own_minute(wall_ms) if went else REPORT_RETRY_MS)
        if went:
            self.cause = CAUSE_PERIODIC

    def _to_own_minute(self, wall_ms: int) -> int:
        """Until this device's minute of the day; a day while nobody knows what time it is."""
        if not wall_ms:
            return DAY_MS
        wait_ms = (self._device % MINUTES * MINUTE_MS - wall_ms) % DAY_MS
        return wait_ms if wait_ms > MINUTE_MS else wait_ms + DAY_MS
