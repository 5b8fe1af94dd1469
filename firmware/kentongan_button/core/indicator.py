"""The covert sign that help is coming: a change in the normal blink, or one short pulse.

Nothing flashes or sounds on site: the lamp blinks always, at one brightness and one length; only
its rhythm tells the guard who knows it. The lamp follows the newest press and shows a level only
after the centre's signed receipt for that press.
"""

from kentongan_wire.receipts import LEVEL_ACKNOWLEDGED, LEVEL_NONE

GUARD_POST = "guard-post"
DESK = "desk"

BLINK_ON_MS = 60  # length of every blink; also the shortest time dark
PULSE_MAX_MS = 150  # longest pulse that a bystander does not notice (PROTOCOL, device reality)

# variant → for each shown level (none, received, acknowledged): blink period, pulse on reaching it (ms)
PATTERNS = {
    GUARD_POST: ((3_000, 0), (1_500, 0), (750, 0)),
    DESK: ((3_000, 0), (3_000, 80), (3_000, PULSE_MAX_MS)),
}


class Indicator:
    """Lamp and vibration of one button.

    Args:
        variant: a key of `PATTERNS`.
        now_ms: uptime.
        levels: rows of the pattern to use: 2 shows *received* and everything above as
            *acknowledged*, 1 shows only *received*.
    """

    def __init__(self, variant: str, now_ms: int, levels: int = LEVEL_ACKNOWLEDGED) -> None:
        self._rows = PATTERNS[variant][: levels + 1]
        self._press: object = None
        self._revision = 0
        self.level = LEVEL_NONE  # the shown one
        self._blink_ms = now_ms  # start of the newest blink
        self._pulse_until_ms = now_ms

    def follow(self, press: object, now_ms: int, level: int = LEVEL_NONE, revision: int = 0) -> None:
        """Follow this press from now on (None after the key reset); its level is taken without a pulse."""
        self._press = press
        self._revision = revision
        self._show(level if press is not None else LEVEL_NONE, now_ms)

    def handle_receipt(self, press: object, level: int, revision: int, now_ms: int) -> bool:
        """Show the level of the followed press; True when the pattern changed.

        The highest revision wins, also downwards; another press's receipt shows nothing.
        """
        if press is None or press != self._press or revision <= self._revision:
            return False
        self._revision = revision
        shown = self.level
        self._show(level, now_ms)
        if self.level > shown:
            self._pulse_until_ms = now_ms + self._rows[self.level][1]
        return self.level != shown

    def output(self, now_ms: int) -> tuple[bool, bool]:
        """The (lamp on, pulse on) at this uptime."""
        period_ms = self._rows[self.level][0]
        since_ms = now_ms - self._blink_ms
        if since_ms >= period_ms:  # asked late, or the rhythm just quickened: never a shortened blink
            self._blink_ms = now_ms
            since_ms = 0
        return since_ms < BLINK_ON_MS, now_ms < self._pulse_until_ms

    def next_change(self, now_ms: int) -> int:
        """Uptime at which `output` has to be asked again."""
        lit, pulsing = self.output(now_ms)
        blink_ms = self._blink_ms + (BLINK_ON_MS if lit else self._rows[self.level][0])
        return min(blink_ms, self._pulse_until_ms) if pulsing else blink_ms

    def _show(self, level: int, now_ms: int) -> None:
        self.output(now_ms)
        self.level = min(level, len(self._rows) - 1)
