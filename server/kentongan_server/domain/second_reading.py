"""A text with our mark that does not read as a frame: torn on the way, or only misread by a modem that babbles?

It stays on its SIM and is read once more before it is given up. Few at once, because a SIM has room for
some twenty messages, and nobody who texts junk with our mark may fill it.
"""

from __future__ import annotations

WAITING_MAX = 4  # texts kept at once, of all modems: a fifth of one SIM's room
FORGOTTEN_MS = 300_000  # modems hand out again what they kept within two minutes; later it is another one


class SecondReading:
    """Remembers which texts have been read once."""

    def __init__(self) -> None:
        self._waiting: dict[bytes, int] = {}

    def is_due(self, digest: bytes, now_ms: int) -> bool:
        """Whether the text is to be left where it is, for a second reading; False gives it up.

        Args:
            digest: of the text and of the modem that read it.
            now_ms: monotonic.
        """
        self._waiting = {one: at_ms for one, at_ms in self._waiting.items() if now_ms - at_ms < FORGOTTEN_MS}
        if self._waiting.pop(digest, None) is not None or len(self._waiting) >= WAITING_MAX:
            return False
        self._waiting[digest] = now_ms
        return True
